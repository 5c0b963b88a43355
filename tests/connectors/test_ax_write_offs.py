"""Write-offs in AX: a line of the general journal under our key, settled with its invoice."""

from __future__ import annotations

from collections.abc import AsyncIterator
from decimal import Decimal

import pytest

from connectors.ax.adapter import AxTarget
from connectors.errors import Misconfigured
from connectors.listings import Scope
from documents.key import Kind
from documents.ledger import LedgerLine, Mark
from documents.money import Money
from documents.posting import PostingState
from documents.record import MappedRecord
from documents.write_off import WriteOff
from mapping.mapper import Mapper
from tests.connectors.ax_books import DAY, Books, ax_books, customer_record, key
from tests.connectors.test_ax_listing import a_payment, an_invoice
from tests.connectors.test_ax_mapping import SPEC
from workers.commands.check import try_write_offs

KEY = key(Kind.WRITE_OFF, "1000001")
BACK = KEY.of_kind(Kind.WRITE_OFF_REVERSAL)


@pytest.fixture
async def books() -> AsyncIterator[Books]:
    async with ax_books(posting_after=3600.0) as found:
        yield found


@pytest.fixture
async def ax(books: Books) -> AsyncIterator[AxTarget]:
    async with books.target(posting="service") as target:
        yield target


async def _record(ax: AxTarget, customer: str, amount: str, settles: str = "") -> MappedRecord:
    mapper = Mapper.load(SPEC, await ax.schema())
    made = WriteOff(
        number="INV-1", account="6500", amount=Money.of(amount, "EUR"), made_of="a decision"
    )
    return mapper.map_write_off(made, customer, KEY, DAY, settles)


async def _customer(ax: AxTarget) -> str:
    return (await ax.create_customer(key(Kind.CUSTOMER), customer_record())).number


async def _lines(ax: AxTarget) -> list[LedgerLine]:
    """What a tie-out reads of the document, without the invoice itself."""
    found = await ax.ledger.entries_of(Scope(tag="FB"), "invoice/1000001", 1)
    return [line for line in found if line.marks & Mark.WRITTEN_OFF]


async def test_a_credit_settles_its_invoice_as_it_is_posted_and_comes_once(ax: AxTarget) -> None:
    customer = await _customer(ax)
    invoice = await an_invoice(ax, customer, "1000001", "100.00")
    record = await _record(ax, customer, "-0.40", invoice.number or "")
    assert (await ax.lookup(KEY)).state is PostingState.ABSENT
    for _ in range(2):
        created = await ax.create(KEY, record)
        assert (created.state, created.figures) == (PostingState.CREATED, record.expected)
    posted = await ax.post(KEY)
    assert (posted.state, posted.figures) == (PostingState.POSTED, record.expected)
    assert (await ax.post(KEY)).number == posted.number
    assert (posted.is_settled, posted.party) == (True, customer)
    left = (await ax.lookup(key(Kind.INVOICE, "1000001"))).remaining
    assert left == Money.of("118.60", "EUR")
    (line,) = await _lines(ax)
    assert (line.amount, line.open_amount, line.marks) == (
        Decimal("-0.40"),
        Decimal(0),
        Mark.WRITTEN_OFF,
    )


async def test_a_debit_is_settled_with_what_was_received_too_much(ax: AxTarget) -> None:
    customer = await _customer(ax)
    invoice = await an_invoice(ax, customer, "1000001", "100.00")
    paid = await a_payment(ax, customer, "7", "119.40", invoice.number or "")
    assert paid.remaining == Money.of("0.40", "EUR")
    await ax.create(KEY, await _record(ax, customer, "0.40"))
    await ax.post(KEY)
    settled = await ax.apply(KEY, paid.number or "", None, Kind.PAYMENT)
    assert settled.is_settled
    assert (await ax.lookup(key(Kind.PAYMENT, "7"))).is_settled
    (line,) = await _lines(ax)
    assert (line.amount, line.open_amount) == (Decimal("0.40"), Decimal(0))


async def test_a_write_off_is_reversed_under_its_own_key(ax: AxTarget) -> None:
    customer = await _customer(ax)
    invoice = await an_invoice(ax, customer, "1000001", "100.00")
    await ax.create(KEY, await _record(ax, customer, "-0.40", invoice.number or ""))
    await ax.post(KEY)
    for _ in range(2):
        reversed_ = await ax.reverse(KEY, BACK, DAY)
        assert reversed_.state is PostingState.POSTED
    assert (await ax.lookup(KEY)).state is PostingState.REVERSED
    left = (await ax.lookup(key(Kind.INVOICE, "1000001"))).remaining
    assert left == Money.of("119.00", "EUR")
    marks = sorted(line.marks for line in await _lines(ax))
    assert marks == [Mark.WRITTEN_OFF | Mark.REVERSED, Mark.WRITTEN_OFF | Mark.REVERSAL]


async def test_the_check_tells_that_nothing_can_be_written_off_without_the_custom_service(
    books: Books,
) -> None:
    async with books.target() as ax:
        mapper = Mapper.load(SPEC, await ax.schema())
        await try_write_offs(mapper, ax, "FB")
    async with books.target(service=False) as ax:
        with pytest.raises(Misconfigured, match="write-offs need the custom service"):
            await try_write_offs(mapper, ax, "FB")
