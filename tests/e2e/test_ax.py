"""The same order to cash on Dynamics AX 2012: other protocol, other sign-in, same process."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

import pytest

from documents.key import Key, Kind
from documents.posting import PostingState
from documents.tieout import BreakType
from policies.tieout.verdict import COUNTED, verdict
from tests.e2e.house import TODAY, House
from tests.e2e.tie_outs import (
    SETTLE,
    breaks,
    counts,
    no_sweep,
    reversed_by_two,
    tie_out,
    unnoticed,
    until_at_rest,
)
from workers.connections import AxTarget, load_connections
from workers.demo.people import Line, line_fields
from workers.opening import open_store
from workers.wiring import target_of

TWICE = BreakType.DUPLICATE_IN_TARGET


@pytest.fixture
def ax(house: House) -> House:
    return house.on("demo-ax")


@pytest.mark.parametrize("connection", ["demo-ax", "demo-ax-orders"])
async def test_an_invoice_is_posted_paid_and_closed_on_ax(house: House, connection: str) -> None:
    ax = house.on(connection)
    invoice = await ax.sent_invoice()
    await ax.watch.wait(invoice, "posted")
    payment = await ax.pay(invoice, "113.00")
    await ax.watch.wait(invoice, "closed")
    (posted,) = await ax.posted("invoice", await ax.number(invoice))
    assert (posted["amount"], posted["currency"], posted["remaining"]) == ("113.00", "USD", "0.00")
    (paid,) = await ax.posted("payment", payment)
    assert (paid["amount"], paid["remaining"]) == ("113.00", "0.00")


async def test_a_voided_invoice_is_taken_back_on_ax(ax: House) -> None:
    invoice = await ax.sent_invoice()
    await ax.watch.wait(invoice, "posted")
    number = await ax.number(invoice)
    await ax.clerk.void_invoice(invoice)
    await ax.watch.wait(invoice, "closed")
    assert await ax.posted("invoice", number) == []


async def test_a_deleted_payment_is_reversed_on_ax(ax: House) -> None:
    invoice = await ax.sent_invoice()
    payment = await ax.pay(invoice, "50.00")
    await _until(ax, payment, 1)
    await ax.clerk.delete_payment(payment)
    await _until(ax, payment, 0)


async def test_an_account_that_ax_does_not_know_is_held_and_goes_on_after_a_correction(
    ax: House,
) -> None:
    invoice = await ax.sent_invoice([Line("Hardware sale", "1", "10.00")])
    await ax.watch.wait(invoice, "held")
    status = await ax.watch.status(invoice)
    assert status is not None
    assert status.hold is not None
    assert status.hold.cause == "account-unknown"
    await ax.clerk.change_lines(invoice, "USD", [Line("Service", "1", "10.00")])
    await ax.watch.wait(invoice, "posted")


async def test_what_nobody_posts_waits_and_goes_on_when_the_clerk_is_back(ax: House) -> None:
    await _clerk(ax, "wait")
    try:
        invoice = await ax.sent_invoice()
        await ax.watch.wait(invoice, "created")
        number = await ax.number(invoice)
        assert await ax.posted("invoice", number) == []
    finally:
        await _clerk(ax, "auto")
    await ax.watch.wait(invoice, "posted")
    assert len(await ax.posted("invoice", number)) == 1


async def _clerk(ax: House, posting: str) -> None:
    plan = {"system": "ax", "posting": posting, "after": 0.5}
    response = await ax.http.post(f"{ax.ready.control}/operator", json=plan)
    assert response.status_code < 300, response.text


async def _until(ax: House, payment: int, count: int) -> None:
    async with asyncio.timeout(30):
        while len(await ax.posted("payment", payment)) != count:  # noqa: ASYNC110
            await asyncio.sleep(0.1)


class _Typed(Key):
    """What a person types where we write our key: the number of the invoice."""

    number: str = ""

    def text(self) -> str:
        return self.number


async def _entered_twice(ax: House, invoice: int) -> str:
    """Somebody enters a posted invoice once more; returns AX's number of it."""
    settings = load_connections(ax.settings.connections)[ax.connection].target
    assert isinstance(settings, AxTarget)
    number = await ax.number(invoice)
    key = Key(tag="DAX", kind=Kind.INVOICE, source_id=str(invoice))
    typed = _Typed.model_construct(**key.model_dump(), number=number)
    async with open_store(ax.settings) as store:
        secret = await store.credentials.get(ax.connection, settings.secret_name) or ""
        kept = await store.postings.get(key.text())
    assert kept is not None
    assert kept.record is not None
    header = {n: number if v == key.text() else v for n, v in kept.record.header.items()}
    async with target_of(settings, secret) as target:
        await target.create(typed, kept.record.model_copy(update={"header": header}))
        async with asyncio.timeout(30):
            while (found := await target.lookup(typed)).state is not PostingState.POSTED:  # noqa: ASYNC110
                await asyncio.sleep(0.1)
    return found.number or ""


@dataclass
class Planted:
    """An invoice that is posted in AX, what somebody does about it at the source, and what the
    tie-out has to say of it."""

    ax: House
    client: int
    invoice: int
    elsewhere: int
    kind: BreakType | None = None
    document: str = ""

    async def voided(self) -> None:
        await self.ax.clerk.void_invoice(self.invoice)
        self.kind = BreakType.ORPHAN

    async def edited(self) -> None:
        await self.ax.clerk.change_lines(self.invoice, "USD", [_line("90.00")])
        self.kind = BreakType.AMOUNT

    async def in_euro(self) -> None:
        await self._in("EUR")
        self.kind = BreakType.CURRENCY

    async def dated_otherwise(self) -> None:
        day = TODAY.replace(day=1 if TODAY.day > 1 else 2)
        await self.ax.clerk.change_invoice(self.invoice, create_date=day.isoformat())
        self.kind = BreakType.DATE

    async def of_another_client(self) -> None:
        await self.ax.clerk.change_invoice(self.invoice, customerid=self.elsewhere)
        self.kind = BreakType.PARTY

    async def never_posted(self) -> None:
        self.document = f"invoice/{await self.ax.sent_invoice(client=self.client)}"
        self.kind = BreakType.MISSING_IN_TARGET

    async def put_right(self) -> None:
        """Only what was edited: the house does the rest."""
        if self.kind in (BreakType.AMOUNT, BreakType.CURRENCY):
            await self._in("USD")
        if self.kind is BreakType.DATE:
            day = TODAY.isoformat()
            await self.ax.clerk.change_invoice(self.invoice, create_date=day)
        if self.kind is BreakType.PARTY:
            await self.ax.clerk.change_invoice(self.invoice, customerid=self.client)

    @property
    def expected(self) -> tuple[BreakType | None, str]:
        return self.kind, self.document or f"invoice/{self.invoice}"

    async def _in(self, currency: str) -> None:
        lines = [line_fields(_line("100.00"), currency)]
        await self.ax.clerk.change_invoice(self.invoice, currency_code=currency, lines=lines)


def _line(price: str) -> Line:
    return Line("Advice", "1", price, (("HST", "13"),))


PLANTS = (
    Planted.voided,
    Planted.edited,
    Planted.in_euro,
    Planted.dated_otherwise,
    Planted.of_another_client,
    Planted.never_posted,
)


async def _posted_for(ax: House, name: str) -> tuple[int, int]:
    client = await ax.new_client(name)
    invoice = await ax.sent_invoice(client=client)
    await ax.watch.wait(invoice, "posted")
    return client, invoice


@pytest.mark.timeout(280)
async def test_what_is_planted_beside_the_books_of_ax_is_found_and_then_they_tie(
    ax: House,
) -> None:
    """What was edited at the source is put right there; an invoice that was entered twice is
    taken back once two people said so."""
    invoice = await ax.sent_invoice()
    await ax.watch.wait(invoice, "posted")
    await ax.pay(invoice, "113.00")
    await ax.watch.wait(invoice, "closed")
    posted = await asyncio.gather(*(_posted_for(ax, f"Planted {n}") for n in range(7)))
    number = await _entered_twice(ax, invoice)
    planted = [Planted(ax, *each, elsewhere=posted[-1][0]) for each in posted[:-1]]
    async with no_sweep(ax):
        async with unnoticed(ax):
            for plant, each in zip(PLANTS, planted, strict=True):
                await plant(each)
            await asyncio.sleep(SETTLE)
        await ax.fault(
            system="ax", method="POST", path=".*", fault="status", status=503,
            probability=0.03, times=10,
        )  # fmt: skip
        await tie_out(ax)
        await ax.no_faults()
        found = [b for b in await breaks(ax) if counts(b)]
        wanted = [*(each.expected for each in planted), (TWICE, f"invoice/{invoice}")]
        told = [(b.type, b.match) for b in found]
        assert sorted(told) == sorted(wanted), [(b.break_id, b.state, b.how) for b in found]
        for each in planted:
            await each.put_right()
        (twice,) = [b for b in found if b.type is TWICE]
        assert twice.target_number == number
        await reversed_by_two(ax, twice)
        await until_at_rest(ax)
    summary = await tie_out(ax)
    assert [(b.break_id, b.how) for b in await breaks(ax, *COUNTED)] == []
    assert verdict(summary).is_tied, verdict(summary)
