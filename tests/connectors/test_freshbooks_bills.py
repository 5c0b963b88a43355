"""Bills become documents with vendor, lines and taxes, or say in plain words why not."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from connectors.freshbooks.adapter import FreshBooksSource
from connectors.freshbooks.families import BILL_PAYMENTS, BILL_VENDORS, BILLS, CATEGORIES
from connectors.freshbooks.payables import Payables
from connectors.ports import Changed, Unreadable
from documents.bill import Bill
from documents.customer import Existence
from tests.connectors.freshbooks_house import House, open_house

_LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


@pytest.fixture
async def house() -> AsyncIterator[House]:
    async with open_house() as found:
        yield found


async def _enter(house: House, **fields: Any) -> str:
    categories = [row async for page in house.client.pages(CATEGORIES) for row in page]
    by_name = {row["category"]: row["id"] for row in categories}
    vendor = {"vendor_name": "Harbour Paper", "account_number": "V-PAPER"}
    lines = [
        _line(by_name["Supplies"], "2", "50.00", tax_name1="HST", tax_percent1="13"),
        _line(by_name["Travel"], "1", "12.50", description="delivery"),
    ]
    bill = {
        "vendorid": (await house.client.create(BILL_VENDORS, vendor))["vendorid"],
        "issue_date": "2026-02-03",
        "due_offset_days": 30,
        "bill_number": "HP-778",
        "currency_code": "USD",
        "lines": lines,
        **fields,
    }
    return str((await house.client.create(BILLS, bill))["id"])


def _line(category: object, quantity: str, cost: str, **fields: Any) -> dict[str, Any]:
    price = {"amount": cost, "code": fields.pop("code", "USD")}
    return {"categoryid": category, "quantity": quantity, "unit_cost": price, **fields}


async def _read(house: House, bill_id: str) -> Bill:
    found = await house.source.bill(bill_id)
    assert isinstance(found, Bill), found
    return found


async def _pay(house: House, bill_id: str, amount: str) -> str:
    payment = {"billid": int(bill_id), "amount": {"amount": amount, "code": "USD"}}
    payment |= {"paid_date": "2026-02-05", "payment_type": "Check"}
    return str((await house.client.create(BILL_PAYMENTS, payment))["id"])


async def _listed(house: House, kind: str, since: datetime = _LONG_AGO) -> list[Changed]:
    return [row async for page in house.source.changes(kind, since) for row in page.rows]


async def test_a_bill_is_read_with_its_vendor_lines_and_taxes(house: House) -> None:
    found = await _read(house, await _enter(house))
    assert (found.number, found.vendor.name, found.vendor.account_number) == (
        *("HP-778", "Harbour Paper"),
        "V-PAPER",
    )
    assert (str(found.total), str(found.tax), str(found.outstanding)) == (
        *("125.50 USD", "13.00 USD"),
        "125.50 USD",
    )
    assert [(n.line_id, n.category, str(n.gross)) for n in found.lines] == [
        ("1", "Supplies", "113.00 USD"),
        ("2", "Travel", "12.50 USD"),
    ]
    assert (found.document_date, found.due_date) == (date(2026, 2, 3), date(2026, 3, 5))


async def test_payments_of_a_bill_leave_out_those_of_others_and_deleted_ones(house: House) -> None:
    bill, other = await _enter(house), await _enter(house)
    kept = await _pay(house, bill, "25.50")
    await _pay(house, other, "1.00")
    gone = await _pay(house, bill, "2.00")
    await house.client.update(BILL_PAYMENTS, gone, {"vis_state": 1})
    found = await house.source.bill_payments(bill)
    assert [(p.source_id, str(p.amount), p.type) for p in found] == [(kept, "25.50 USD", "Check")]
    assert str((await _read(house, bill)).outstanding) == "100.00 USD"


async def test_a_deleted_bill_stays_readable_and_is_listed_as_deleted(house: House) -> None:
    bill, kept = await _enter(house), await _enter(house)
    await house.client.update(BILLS, bill, {"vis_state": 1})
    assert (await _read(house, bill)).existence is Existence.DELETED
    assert {(r.source_id, r.deleted) for r in await _listed(house, "bill")} == {
        (bill, True),
        (kept, False),
    }


async def test_a_payment_is_listed_with_its_bill_and_gives_the_bill_another_version(
    house: House,
) -> None:
    bill = await _enter(house)
    (before,) = await _listed(house, "bill")
    assert before.version == (await _read(house, bill)).version
    payment = await _pay(house, bill, "25.50")
    (after,) = await _listed(house, "bill")
    assert after.version != before.version
    (row,) = await _listed(house, "bill_payment")
    assert (row.source_id, row.document_id) == (payment, bill)


async def test_bills_and_payments_are_lines_of_the_books(house: House) -> None:
    bill, gone = await _enter(house), await _enter(house)
    payment, _ = await _pay(house, bill, "25.50"), await _pay(house, gone, "1.00")
    await house.client.update(BILLS, gone, {"vis_state": 1})
    await _enter(house, issue_date="2026-01-31")
    assert isinstance(house.source, FreshBooksSource)
    ledger = house.source.ledger
    first, last = date(2026, 2, 1), date(2026, 2, 28)
    (owed,) = [n async for page in ledger.lines("bill", first, last) for n in page.lines]
    assert (owed.match, owed.number, owed.day) == (f"bill/{bill}", "HP-778", date(2026, 2, 3))
    assert (owed.amount, owed.open_amount) == (Decimal("125.50"), Decimal("100.00"))
    (paid,) = [n async for page in ledger.lines("bill_payment", first, last) for n in page.lines]
    assert (paid.match, paid.amount) == (f"bill_payment/{payment}", Decimal("25.50"))
    assert (paid.reference, paid.day) == (bill, date(2026, 2, 5))
    assert paid.billed == owed.billed
    assert owed.billed is not None
    assert owed.billed.vendor.account_number == "V-PAPER"
    assert await ledger.line(owed.match) == owed


async def test_a_bill_that_cannot_be_read_is_a_line_all_the_same(house: House) -> None:
    bill = await _enter(house)
    row = await house.client.read(BILLS, bill)
    assert row is not None
    read = Payables(house.client).bill
    found = await read({**row, "issue_date": None})
    assert isinstance(found, Unreadable)
    assert (found.number, "date" in found.hold.reason) == ("HP-778", True)


async def test_bills_that_have_not_changed_since_are_left_out(house: House) -> None:
    await _enter(house)
    assert await _listed(house, "bill", datetime(2999, 1, 1, tzinfo=UTC)) == []


async def test_bills_are_listed_by_their_own_date(house: House) -> None:
    await _enter(house)
    later = await _enter(house, issue_date="2026-03-01")
    pages = [page async for page in house.source.dated("bill", date(2026, 2, 4))]
    assert [row.source_id for page in pages for row in page.rows] == [later]


@pytest.mark.parametrize(
    ("fields", "cause"),
    [
        ({"lines": []}, "amount-not-positive"),
        ({"lines": [_line(0, "1", "10.00")]}, "no-category"),
        ({"lines": [_line(5_100_001, "1", "-10.00")]}, "amount-not-positive"),
        ({"currency_code": "EUR", "lines": [_line(0, "1", "5.00", code="EUR")]}, "no-category"),
    ],
)
async def test_a_bill_that_lacks_something_says_what(
    house: House, fields: dict[str, Any], cause: str
) -> None:
    found = await house.source.bill(await _enter(house, **fields))
    assert isinstance(found, Unreadable)
    assert found.hold.cause == cause


async def test_an_unknown_bill_is_none(house: House) -> None:
    assert await house.source.bill("1") is None
