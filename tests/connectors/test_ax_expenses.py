"""Expenses in AX: one journal under our key, posted by the custom service, over HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date
from decimal import Decimal

import pytest

from connectors.ax.adapter import AxTarget
from connectors.errors import Misconfigured, Rejected
from connectors.listings import Scope
from documents.expense import Expense, ExpenseStage, Payer, Staff
from documents.key import Key, Kind
from documents.ledger import BookKind, Mark, match_of_key
from documents.money import Money
from documents.posting import PostingState
from documents.record import MappedRecord, TaxTotal
from mapping.mapper import Mapper
from tests.connectors.ax_books import Books, ax_books
from tests.connectors.test_ax_mapping import SPEC

_ON = date(2024, 5, 7)
_KEY = Key(tag="T", kind=Kind.EXPENSE, source_id="5000001")
_BACK = _KEY.of_kind(Kind.EXPENSE_REVERSAL)
_GROSS = Money.of("113.00", "USD")
_EXPENSE = Expense(
    source_id="5000001",
    stage=ExpenseStage.ENTERED,
    staff=Staff(source_id="1"),
    category_id="7",
    category="Travel",
    document_date=_ON,
    gross=_GROSS,
    net=Money.of("100.00", "USD"),
    taxes=(
        TaxTotal(
            name="HST",
            percent=Decimal(13),
            basis=Money.of("100.00", "USD"),
            amount=Money.of("13.00", "USD"),
        ),
    ),
    vendor="Harbour Taxi",
    account_name="Company card",
)


@pytest.fixture
async def books() -> AsyncIterator[Books]:
    async with ax_books(posting_after=3600.0) as found:
        await found.person("vendor", account="V-ERIN", name="Erin")
        yield found


@pytest.fixture
async def ax(books: Books) -> AsyncIterator[AxTarget]:
    async with books.target(posting="service") as target:
        yield target


async def _record(ax: AxTarget, payer: Payer = Payer.PERSON) -> MappedRecord:
    mapper = Mapper.load(SPEC, await ax.schema())
    return mapper.map_expense(_EXPENSE, payer, "V-ERIN", _KEY, _ON)


@pytest.mark.parametrize("payer", [Payer.PERSON, Payer.COMPANY])
async def test_an_expense_is_created_posted_and_found_by_its_key(
    ax: AxTarget, payer: Payer
) -> None:
    assert (await ax.lookup(_KEY)).state is PostingState.ABSENT
    record = await _record(ax, payer)
    for _ in range(2):
        created = await ax.create(_KEY, record)
        assert (created.state, created.figures) == (PostingState.CREATED, record.expected)
    posted = await ax.post(_KEY)
    assert (posted.state, posted.figures) == (PostingState.POSTED, record.expected)
    assert (await ax.post(_KEY)).number == posted.number
    assert (await ax.create(_KEY, record)).number == posted.number


async def test_what_a_person_is_owed_is_open_until_it_is_paid(ax: AxTarget, books: Books) -> None:
    await ax.create(_KEY, await _record(ax))
    assert (await ax.post(_KEY)).remaining == _GROSS
    await books.person("pay", key=_KEY.text(), bank="BANK-USD")
    paid = await ax.lookup(_KEY)
    assert (paid.is_settled, paid.party) == (True, "V-ERIN")


async def test_what_the_company_paid_owes_nobody_anything_and_is_taken_back(
    ax: AxTarget,
) -> None:
    await ax.create(_KEY, await _record(ax, Payer.COMPANY))
    assert (await ax.post(_KEY)).remaining is None
    assert (await ax.reverse(_KEY, _BACK, _ON)).state is PostingState.POSTED


async def test_no_number_of_a_customer_invoice_stands_for_an_expense(ax: AxTarget) -> None:
    assert (await ax.lookup_number(_KEY, "FTI-00001")).state is PostingState.ABSENT


async def test_a_withdrawn_expense_is_reversed_once_under_its_own_key(
    ax: AxTarget, books: Books
) -> None:
    await ax.create(_KEY, await _record(ax))
    await ax.post(_KEY)
    for _ in range(2):
        assert (await ax.reverse(_KEY, _BACK, _ON)).state is PostingState.POSTED
    assert (await ax.lookup(_KEY)).state is PostingState.REVERSED
    rows = await books.journal(kind="expense")
    assert sorted(row["state"] for row in rows) == ["posted", "reversed"]
    assert {row["remaining"] for row in rows} == {"0.00"}


async def test_what_is_paid_is_not_reversed(ax: AxTarget, books: Books) -> None:
    await ax.create(_KEY, await _record(ax))
    await ax.post(_KEY)
    await books.person("pay", key=_KEY.text(), bank="BANK-USD")
    with pytest.raises(Rejected, match="applies-to-closed"):
        await ax.reverse(_KEY, _BACK, _ON)
    assert (await ax.lookup(_KEY)).state is PostingState.POSTED


async def test_an_unposted_journal_is_removed_whole(ax: AxTarget, books: Books) -> None:
    await ax.create(_KEY, await _record(ax))
    await ax.discard(_KEY)
    assert (await ax.lookup(_KEY)).state is PostingState.ABSENT
    assert await books.journal(kind="expense") == []


async def test_a_vendor_that_ax_does_not_know_is_a_hold_with_their_account(ax: AxTarget) -> None:
    mapper = Mapper.load(SPEC, await ax.schema())
    record = mapper.map_expense(_EXPENSE, Payer.PERSON, "V-NOBODY", _KEY, _ON)
    with pytest.raises(Rejected) as refused:
        await ax.create(_KEY, record)
    assert "V-NOBODY" in refused.value.hold.reason


async def test_without_the_custom_service_expenses_are_refused_as_a_wrong_set_up(
    books: Books,
) -> None:
    async with books.target(service=False) as ax:
        with pytest.raises(Misconfigured, match="custom service"):
            await ax.lookup(_KEY)


@pytest.mark.parametrize(
    ("payer", "party", "left"), [(Payer.PERSON, "V-ERIN", "113"), (Payer.COMPANY, "", "0")]
)
async def test_a_tie_out_asks_for_an_expense_by_its_key(
    ax: AxTarget, payer: Payer, party: str, left: str
) -> None:
    scope, match = Scope(tag="T"), match_of_key(_KEY)
    assert await ax.ledger.entries_of(scope, match, 1) == []
    await ax.create(_KEY, await _record(ax, payer))
    assert await ax.ledger.entries_of(scope, match, 1) == []
    await ax.post(_KEY)
    (found,) = await ax.ledger.entries_of(scope, match, 1)
    assert (found.kind, found.match, found.amount) == (BookKind.EXPENSE, match, Decimal(113))
    assert (found.open_amount, found.party, found.currency) == (Decimal(left), party, "USD")
    assert (found.day, found.posted) == (None, _ON)
    await ax.reverse(_KEY, _BACK, _ON)
    original, back = await ax.ledger.entries_of(scope, match, 1)
    assert (original.marks, back.marks) == (Mark.REVERSED, Mark.REVERSAL)
    assert original.amount + back.amount == 0
