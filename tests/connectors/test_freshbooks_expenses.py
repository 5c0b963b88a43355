"""Expenses become documents with category, staff and receipt, or say in plain words why not."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from connectors.freshbooks.expenses import kind_of, marked, tags_of
from connectors.freshbooks.families import CATEGORIES, EXPENSES, STAFF
from connectors.ports import Unreadable
from documents.expense import Expense, ExpenseStage, ReceiptRef
from tests.connectors.freshbooks_house import House, open_house


@pytest.fixture
async def house() -> AsyncIterator[House]:
    async with open_house() as found:
        yield found


async def _enter(house: House, amount: str = "113.00", **fields: Any) -> str:
    categories = [row async for page in house.client.pages(CATEGORIES) for row in page]
    travel = next(row for row in categories if row["category"] == "Travel")
    expense = {
        "amount": {"amount": amount, "code": "USD"},
        "date": "2026-02-03",
        "categoryid": travel["id"],
        "staffid": 1,
        **fields,
    }
    return str((await house.client.create(EXPENSES, expense))["id"])


async def _read(house: House, expense_id: str) -> Expense:
    found = await house.source.expense(expense_id)
    assert isinstance(found, Expense), found
    return found


async def test_an_expense_is_read_with_its_category_and_staff(house: House) -> None:
    found = await _read(house, await _enter(house, vendor="SJ", notes="to Lund #project:P1"))
    assert (found.category, found.vendor, str(found.gross)) == ("Travel", "SJ", "113.00 USD")
    assert found.staff.email == "owner@example.test"
    assert (found.tags, found.stage) == ({"project": "P1"}, ExpenseStage.ENTERED)
    assert found.receipt is None


@pytest.mark.parametrize(
    ("taxes", "shown"),
    [
        ({"taxName1": "HST", "taxPercent1": "13"}, ["HST 13.00"]),
        (
            {
                "taxName1": "HST",
                "taxPercent1": "13",
                "taxAmount1": {"amount": "13.00", "code": "USD"},
            },
            ["HST 13.00"],
        ),
        (
            {
                "taxName1": "GST",
                "taxPercent1": "5",
                "taxName2": "PST",
                "taxPercent2": "8",
            },
            ["GST 5.00", "PST 8.00"],
        ),
    ],
)
async def test_taxes_are_taken_as_stated_or_computed_and_add_up(
    house: House, taxes: dict[str, Any], shown: list[str]
) -> None:
    found = await _read(house, await _enter(house, **taxes))
    assert [f"{t.name} {t.amount.amount:.2f}" for t in found.taxes] == shown
    assert found.net.amount == 100


async def test_a_tax_amount_that_is_not_its_percent_is_refused(house: House) -> None:
    wrong: dict[str, Any] = {"taxPercent1": "13", "taxAmount1": {"amount": "20.00", "code": "USD"}}
    found = await house.source.expense(await _enter(house, **wrong))
    assert isinstance(found, Unreadable)
    assert found.hold.cause == "does-not-add-up"


@pytest.mark.parametrize("amount", ["0.00", "-3.00"])
async def test_an_expense_is_more_than_nothing(house: House, amount: str) -> None:
    found = await house.source.expense(await _enter(house, amount))
    assert isinstance(found, Unreadable)
    assert found.hold.cause == "amount-not-positive"


async def test_a_staff_member_who_is_gone_from_freshbooks_is_missed(house: House) -> None:
    found = await house.source.expense(await _enter(house, staffid=987654))
    assert isinstance(found, Unreadable)
    assert found.hold.cause == "no-staff"


async def test_a_deleted_expense_and_an_unknown_one_are_told_apart(house: House) -> None:
    expense = await _enter(house)
    await house.client.update(EXPENSES, expense, {"vis_state": 1})
    assert (await _read(house, expense)).stage is ExpenseStage.DELETED
    assert await house.source.expense("99999999") is None
    assert await house.source.mark_expense(expense, "paid") is False


async def test_the_mark_goes_behind_the_notes_and_is_replaced_not_repeated(house: House) -> None:
    expense = await _enter(house, notes="taxi, see  mail")
    for text in ("posted as A", "posted as A", "paid as B"):
        assert await house.source.mark_expense(expense, text)
    row = await house.client.read(EXPENSES, expense)
    assert row is not None
    assert row["notes"] == "taxi, see  mail\n[Tieout: paid as B]"
    assert (await _read(house, expense)).notes == "taxi, see  mail"


async def test_our_own_mark_is_no_edit(house: House) -> None:
    expense = await _enter(house, notes="#company")
    before = await _read(house, expense)
    await house.source.mark_expense(expense, "paid as PPI1")
    after = await _read(house, expense)
    assert (after.fingerprint(), after.tags) == (before.fingerprint(), {"company": ""})


async def test_a_receipt_that_is_not_there_is_none(house: House) -> None:
    gone = ReceiptRef(attachment_id="1", media_type="image/png", reference="nothing")
    assert await house.source.receipt(gone) is None


async def test_a_new_account_has_a_small_team(house: House) -> None:
    rows = [row async for page in house.client.pages(STAFF) for row in page]
    assert {row["fname"] for row in rows} == {"Owner", "Erin", "Noor"}


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"%PDF-1.7", "pdf"),
        (b"\x89PNG\r\n\x1a\n...", "png"),
        (b"\xff\xd8\xff\xe0", "jpeg"),
        (b"RIFF\x00\x00\x00\x00WEBP", "webp"),
        (b"\x00\x00\x00\x18ftypheic", "heic"),
        (b"MZ", ""),
        (b"", ""),
    ],
)
def test_the_first_bytes_say_what_a_receipt_is(content: bytes, kind: str) -> None:
    assert kind_of(content) == kind


def test_tags_are_words_after_a_hash() -> None:
    assert tags_of("#Company a#b #miles:12.5 [Tieout: #x]") == {"company": "", "miles": "12.5"}
    assert marked("", "paid") == "[Tieout: paid]"


@pytest.mark.parametrize(
    "reference",
    [
        "../../auth/api/v1/users/me", "..", "abc?x=1#y", "..%2f..%2fx", "//evil.example/x",
        "a\\b", "a/b", "a..b", "x\r\nX: y", "x\n", "\u2025", "x" * 2049,
    ],
)  # fmt: skip
async def test_a_receipt_whose_reference_leads_elsewhere_is_held(
    house: House, reference: str
) -> None:
    expense_id = await _enter(house, attachment={"jwt": reference, "media_type": "image/png"})
    found = await house.source.expense(expense_id)
    assert isinstance(found, Unreadable)
    assert "jwt" in found.hold.reason + str(found.hold.values)
    assert reference not in found.hold.reason
