"""The same order to cash on Dynamics AX 2012: other protocol, other sign-in, same process."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import pytest

from documents.key import Key, Kind
from documents.posting import PostingState
from tests.e2e.house import TODAY, House
from tests.e2e.plants import Case, found_and_put_right
from tests.e2e.tie_outs import at_the_client
from workers.connections import AxTarget, load_connections
from workers.demo.people import Line
from workers.opening import open_store
from workers.wiring import target_of


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
    """What a person types where we write our key."""

    words: str = ""

    def text(self) -> str:
        return self.words


@dataclass(frozen=True)
class AxHands:
    """Somebody at the AX client."""

    house: House
    tag: str = "DAX"

    @asynccontextmanager
    async def wrong_rate(self) -> AsyncIterator[None]:
        await self._rate("130")
        try:
            yield
        finally:
            await self._rate("125")

    async def enter_again(self, case: Case) -> None:
        await self._entered(Kind.INVOICE, case.invoice, case.number)

    async def receive(self, case: Case) -> str:
        words = f"HAND {case.payment}"
        number = await self._entered(Kind.PAYMENT, case.payment, words)
        await self.unapply(words)
        return number

    async def take_back(self, number: str) -> None:
        await self.reverse(number)

    async def unapply(self, reference: str) -> None:
        await at_the_client(self.house, "unsettle", one=reference)

    async def reverse(self, reference: str) -> None:
        contra = f"UNDO {reference}"[:20]
        await at_the_client(self.house, "reverse", **{"one": reference, "as": contra})

    async def rename(self, customer: str, to: str) -> None:
        await at_the_client(self.house, "rename", **{"account": customer, "as": to})

    async def _rate(self, rate: str) -> None:
        given = {"currency": "GBP", "rate": rate, "from": TODAY.isoformat()}
        await at_the_client(self.house, "rate", **given)

    async def _entered(self, kind: Kind, source_id: int, words: str) -> str:
        """What we posted is posted once more under other words; returns AX's number of it."""
        key = Key(tag=self.tag, kind=kind, source_id=str(source_id))
        typed = _Typed.model_construct(**key.model_dump(), words=words)
        settings = load_connections(self.house.settings.connections)[self.house.connection].target
        assert isinstance(settings, AxTarget)
        async with open_store(self.house.settings) as store:
            secret = await store.credentials.get(self.house.connection, settings.secret_name)
            kept = await store.postings.get(key.text())
        assert kept is not None
        assert kept.record is not None
        header = {n: words if v == key.text() else v for n, v in kept.record.header.items()}
        async with target_of(settings, secret or "") as target:
            await target.create(typed, kept.record.model_copy(update={"header": header}))
            async with asyncio.timeout(30):
                while (found := await target.lookup(typed)).state is not PostingState.POSTED:  # noqa: ASYNC110
                    await asyncio.sleep(0.1)
        return found.number or ""


@pytest.mark.timeout(280)
async def test_what_is_planted_beside_the_books_of_ax_is_found_and_then_they_tie(
    ax: House,
) -> None:
    """Breaks of every type while traffic and faults go on; then it ties again."""
    await found_and_put_right(ax, AxHands(ax))
