"""Expenses in NAV: one key, wherever it stands, over HTTP against the stand-in."""

from __future__ import annotations

from collections.abc import AsyncIterator
from decimal import Decimal

import pytest

from connectors.errors import ConnectorError, Misconfigured
from connectors.listings import Scope
from connectors.nav.adapter import NavTarget
from documents.key import Kind
from documents.ledger import BookKind, LedgerLine, Mark, match_of_key
from documents.money import Money
from documents.posting import PostingState
from documents.record import FieldValue, Figures, MappedRecord
from tests.connectors.nav_books import DAY, Books, connected, key, nav_books

_KEY = key(Kind.EXPENSE)
_BACK = _KEY.of_kind(Kind.EXPENSE_REVERSAL)
_TOTAL = Money.of("113.00", "USD")
_FIGURES = Figures(net=_TOTAL, tax=Money.zero("USD"), total=_TOTAL)


@pytest.fixture
async def books() -> AsyncIterator[Books]:
    async with nav_books() as found:
        vendor = {
            "No": "V-ERIN",
            "Name": "Erin",
            "Gen_Bus_Posting_Group": "DOMESTIC",
            "Vendor_Posting_Group": "VENDORS",
        }
        await found.clerk("Vendors", vendor)
        yield found


@pytest.fixture
async def nav(books: Books) -> AsyncIterator[NavTarget]:
    async with connected(books) as found:
        yield found


def _line(account: str, amount: str) -> dict[str, FieldValue]:
    return {
        "Type": "G/L Account",
        "No": account,
        "Quantity": "1",
        "Direct_Unit_Cost": amount,
        "VAT_Prod_Posting_Group": "NOVAT",
    }


def _purchase(entity: str = "purchase_invoice", **header: FieldValue) -> MappedRecord:
    fields: dict[str, FieldValue] = {
        "Buy_from_Vendor_No": "V-ERIN",
        "Posting_Date": DAY.isoformat(),
        "Your_Reference": "1000001",
        **header,
    }
    lines = (_line("6000", "100.00"), _line("1400", "13.00"))
    return MappedRecord(
        kind=Kind.EXPENSE, entity=entity, header=fields, lines=lines, expected=_FIGURES
    )


def _journal() -> MappedRecord:
    def line(kind: str, account: str, amount: str) -> dict[str, FieldValue]:
        return {
            "Posting_Date": DAY.isoformat(),
            "Document_No": _KEY.text(),
            "Account_Type": kind,
            "Account_No": account,
            "Amount": amount,
        }

    lines = (
        line("Bank Account", "CARDS", "-113.00"),
        line("G/L Account", "6000", "100.00"),
        line("G/L Account", "1400", "13.00"),
    )
    return MappedRecord(
        kind=Kind.EXPENSE, entity="journal", header={}, lines=lines, expected=_FIGURES
    )


@pytest.mark.parametrize("record", [_purchase(), _journal()], ids=["purchase", "journal"])
async def test_an_expense_is_created_posted_and_found_by_its_key(
    nav: NavTarget, record: MappedRecord
) -> None:
    assert (await nav.lookup(_KEY)).state is PostingState.ABSENT
    for _ in range(2):
        created = await nav.create(_KEY, record)
        assert (created.state, created.figures) == (PostingState.CREATED, _FIGURES)
    posted = await nav.post(_KEY)
    assert posted.state is PostingState.POSTED
    assert (await nav.post(_KEY)).number == posted.number
    assert (await nav.create(_KEY, record)).number == posted.number


async def test_a_key_that_is_posted_as_a_journal_is_no_purchase_invoice_any_more(
    nav: NavTarget,
) -> None:
    await nav.create(_KEY, _journal())
    posted = await nav.post(_KEY)
    assert (await nav.create(_KEY, _purchase())).number == posted.number


async def test_a_changed_record_changes_the_lines_of_the_draft(nav: NavTarget) -> None:
    await nav.create(_KEY, _journal())
    less = Money.of("100.00", "USD")
    shorter = _journal().model_copy(
        update={
            "lines": ({**_journal().lines[0], "Amount": "-100.00"}, _journal().lines[1]),
            "expected": Figures(net=less, tax=Money.zero("USD"), total=less),
        }
    )
    created = await nav.create(_KEY, shorter)
    assert created.figures is not None
    assert created.figures.total == less
    await nav.discard(_KEY)
    assert (await nav.lookup(_KEY)).state is PostingState.ABSENT


async def test_a_purchase_invoice_is_taken_back_by_a_credit_memo(nav: NavTarget) -> None:
    await nav.create(_KEY, _purchase())
    posted = await nav.post(_KEY)
    credit = _purchase(
        "purchase_credit_memo",
        Applies_to_Doc_Type="Invoice",
        Applies_to_Doc_No=posted.number or "",
    )
    await nav.create(_BACK, credit)
    assert (await nav.post(_BACK)).state is PostingState.POSTED
    assert (await nav.lookup(_KEY)).is_settled
    found = await nav.lookup(_KEY)
    assert await nav.lookup_number(_KEY, posted.number or "") == found
    assert (found.is_settled, found.unpaid) == (True, True)


async def test_a_journal_is_taken_back_once_under_a_key_of_its_own(
    nav: NavTarget, books: Books
) -> None:
    await nav.create(_KEY, _journal())
    await nav.post(_KEY)
    first = await nav.reverse(_KEY, _BACK, DAY)
    assert await nav.reverse(_KEY, _BACK, DAY) == first
    assert first.state is PostingState.POSTED
    assert (await nav.lookup(_KEY)).state is PostingState.REVERSED
    assert await books.journal(kind="expense", state="posted") == []


async def test_a_lost_reply_of_a_line_leaves_the_lines_as_they_should_be(
    nav: NavTarget, books: Books
) -> None:
    await books.fault(method="POST", path=".*GeneralJournal.*", fault="reset_after", times=1)
    with pytest.raises(ConnectorError):
        await nav.create(_KEY, _journal())
    created = await nav.create(_KEY, _journal())
    assert created.figures == _FIGURES
    await nav.post(_KEY)
    assert len(await books.journal(kind="expense")) == 1


async def test_another_document_than_an_expense_can_be_is_a_wrong_mapping(nav: NavTarget) -> None:
    with pytest.raises(Misconfigured, match="an expense is"):
        await nav.create(_KEY, _purchase("invoice"))


async def _listed(nav: NavTarget, listing: str, scope: Scope) -> list[LedgerLine]:
    pages = nav.ledger.entries(listing, scope, None, DAY)
    return [found async for page in pages for found in page.lines]


@pytest.mark.parametrize(
    ("record", "listing", "party", "left"),
    [(_purchase(), "vendor entries", "V-ERIN", "113"), (_journal(), "bank entries", "", "0")],
    ids=["purchase", "journal"],
)
async def test_a_tie_out_finds_an_expense_with_what_is_owed(
    nav: NavTarget, record: MappedRecord, listing: str, party: str, left: str
) -> None:
    await nav.create(_KEY, record)
    posted = await nav.post(_KEY)
    (found,) = await _listed(nav, listing, Scope(tag="FB"))
    assert (found.kind, found.match) == (BookKind.EXPENSE, match_of_key(_KEY))
    assert (found.amount, found.open_amount, found.currency) == (
        Decimal(113), Decimal(left), "USD",
    )  # fmt: skip
    assert (found.party, found.number, found.day) == (party, posted.number, DAY)
    assert await nav.ledger.entries_of(Scope(tag="FB"), found.match, 1) == [found]
    assert await _listed(nav, listing, Scope(tag="OTHR")) == []


async def test_a_tie_out_sees_what_took_a_journal_back(nav: NavTarget) -> None:
    await nav.create(_KEY, _journal())
    await nav.post(_KEY)
    await nav.reverse(_KEY, _BACK, DAY)
    original, back = await _listed(nav, "bank entries", Scope(tag="FB"))
    assert (original.marks, back.marks) == (Mark.REVERSED, Mark.REVERSAL)
    assert (original.match, original.amount + back.amount) == (back.match, Decimal(0))


async def test_what_others_posted_for_those_who_claim_belongs_to_the_tie_out(
    nav: NavTarget,
) -> None:
    await nav.create(_KEY, _purchase())
    await nav.post(_KEY)
    (found,) = await _listed(nav, "vendor entries", Scope(tag="OTHR", vendors=("V-ERIN",)))
    assert (found.match, found.reference, found.party) == ("", _KEY.text(), "V-ERIN")
