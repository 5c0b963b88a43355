"""Breaks of every type, planted by people at the source and in the target."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Any, Protocol

from documents.key import Key, Kind
from documents.tieout import BreakType
from policies.tieout.verdict import COUNTED, verdict
from tests.e2e.house import TODAY, House
from tests.e2e.tie_outs import (
    LEVY,
    SETTLE,
    breaks,
    counts,
    no_sweep,
    reversed_by_two,
    tie_out,
    told_of_taxes_and_rates,
    traffic,
    unnoticed,
    until,
    until_at_rest,
)
from workers.demo.people import Line, line_fields

_HST = ("HST", "13")
_TAXES = {"taxed": LEVY}
_CURRENCIES = {"rate": "GBP"}
_PAID = ("unapplied", "reversed", "received")


class Hands(Protocol):
    """What people do in the target of a connection."""

    @property
    def tag(self) -> str:
        """What our keys of the connection begin with."""
        ...

    def wrong_rate(self) -> AbstractAsyncContextManager[None]:
        """Meanwhile sterling has a rate that somebody entered wrong."""
        ...

    async def enter_again(self, case: Case) -> None:
        """Post the invoice once more."""
        ...

    async def receive(self, case: Case) -> str:
        """Post money of the customer; returns the number it has there."""
        ...

    async def take_back(self, number: str) -> None:
        """Take back what they posted under a number."""
        ...

    async def unapply(self, reference: str) -> None:
        """Take back what the payment with a reference settles."""
        ...

    async def reverse(self, reference: str) -> None:
        """Take back the payment with a reference."""
        ...

    async def rename(self, customer: str, to: str) -> None:
        """Give a customer another number."""
        ...


@dataclass
class Case:
    """One invoice that is posted, and what was planted about it."""

    house: House
    hands: Hands
    invoice: int
    client: int
    number: str
    customer: str
    posted_as: str
    other_client: int = 0
    expected: set[tuple[BreakType, str]] = field(default_factory=set)
    by_hand: list[str] = field(default_factory=list)
    payment: int = 0
    undo: Callable[[], Awaitable[Any]] | None = None

    async def gone_at_the_source(self) -> None:
        await self.house.clerk.void_invoice(self.invoice)
        self.expect(BreakType.ORPHAN)

    async def edited_at_the_source(self) -> None:
        await self._in("USD", Line("Advice", "1", "90.00", (_HST,)))
        self.expect(BreakType.AMOUNT)
        self.undo = self._in_dollars

    async def in_another_currency(self) -> None:
        await self._in("EUR")
        self.expect(BreakType.CURRENCY)
        self.undo = self._in_dollars

    async def taxed_otherwise(self) -> None:
        """The total stays, the tax that the target computed is no longer there."""
        await self._in("USD", Line("Advice", "1", "113.00"))
        self.expect(BreakType.TAX)
        self.undo = lambda: self._in("USD", _line(LEVY))

    async def dated_otherwise(self) -> None:
        day = TODAY.replace(day=1 if TODAY.day > 1 else 2)
        await self._change(create_date=day.isoformat())
        self.expect(BreakType.DATE)
        self.undo = lambda: self._change(create_date=TODAY.isoformat())

    async def of_another_client(self) -> None:
        """Of one that is linked to another customer."""
        await self._change(customerid=self.other_client)
        self.expect(BreakType.PARTY)
        self.undo = lambda: self._change(customerid=self.client)

    async def at_another_rate(self) -> None:
        """It was posted while the rate in the target was wrong; it is written anew."""
        self.expect(BreakType.EXCHANGE_RATE)
        self.undo = lambda: self.house.clerk.void_invoice(self.invoice)

    async def under_another_number(self) -> None:
        """Somebody renames the customer, and all postings with it."""
        other = f"NEW{self.invoice}"
        await self.hands.rename(self.customer, other)
        self.expect(BreakType.ALTERED)
        self.expect(BreakType.MISSING_IN_TARGET, f"customer/{self.client}")
        self.undo = lambda: self.hands.rename(other, self.customer)

    async def entered_twice(self) -> None:
        """The house takes it back itself, once two people said so."""
        await self.hands.enter_again(self)
        self.expect(BreakType.DUPLICATE_IN_TARGET)

    async def received_by_hand(self) -> None:
        self.by_hand.append(await self.hands.receive(self))
        self.expect(BreakType.MISSING_IN_SOURCE, self.by_hand[-1])

    async def unapplied(self) -> None:
        await self.hands.unapply(self.paid_as)
        self.expect(BreakType.APPLICATION, f"payment/{self.payment}")

    async def payment_reversed(self) -> None:
        await self.hands.reverse(self.paid_as)
        self.expect(BreakType.STATUS, f"payment/{self.payment}")
        self.undo = lambda: self.house.clerk.delete_payment(self.payment)

    async def never_posted(self) -> None:
        unknown = await self.house.sent_invoice(client=self.client)
        self.expect(BreakType.MISSING_IN_TARGET, f"invoice/{unknown}")

    async def put_right(self) -> None:
        """What people do about it; the house does the rest."""
        if self.undo is not None:
            await self.undo()
        for number in self.by_hand:
            await self.hands.take_back(number)

    def expect(self, kind: BreakType, document: str = "") -> None:
        self.expected.add((kind, document or f"invoice/{self.invoice}"))

    async def pay(self) -> None:
        """Pay a part of it, the payment posted and applied."""
        payment = self.payment = await self.house.pay(self.invoice, "50.00")

        async def is_posted() -> bool:
            return bool(await self.house.posted("payment", payment))

        await until(is_posted)

    @property
    def paid_as(self) -> str:
        """Our key of the payment."""
        return Key(tag=self.hands.tag, kind=Kind.PAYMENT, source_id=str(self.payment)).text()

    async def _in_dollars(self) -> None:
        await self._in("USD")

    async def _in(self, currency: str, line: Line | None = None) -> None:
        lines = [line_fields(line or _line(), currency)]
        await self._change(currency_code=currency, lines=lines)

    async def _change(self, **fields: Any) -> None:
        await self.house.clerk.change_invoice(self.invoice, **fields)


def _line(tax: tuple[str, str] = _HST) -> Line:
    return Line("Advice", "1", "100.00", (tax,))


Plant = Callable[[Case], Awaitable[None]]
PLANTS: dict[str, Plant] = {
    "gone": Case.gone_at_the_source,
    "edited": Case.edited_at_the_source,
    "currency": Case.in_another_currency,
    "taxed": Case.taxed_otherwise,
    "dated": Case.dated_otherwise,
    "client": Case.of_another_client,
    "rate": Case.at_another_rate,
    "renamed": Case.under_another_number,
    "twice": Case.entered_twice,
    "received": Case.received_by_hand,
    "unapplied": Case.unapplied,
    "reversed": Case.payment_reversed,
    "never posted": Case.never_posted,
}


async def posted_case(house: House, hands: Hands, name: str = "") -> Case:
    """An invoice of a client of its own, as it has to be for what is to be planted."""
    client = await house.new_client(f"Planted {random.random()}")
    lines, currency = [_line(_TAXES.get(name, _HST))], _CURRENCIES.get(name, "USD")
    invoice = await house.sent_invoice(lines, currency, client)
    await house.watch.wait(invoice, "posted")
    number = await house.number(invoice)
    entry = await house.entry("invoice", number)
    return Case(house, hands, invoice, client, number, entry["party"], entry["number"])


async def found_and_put_right(
    house: House, hands: Hands, plants: Mapping[str, Plant] = PLANTS
) -> None:
    """Random breaks on both sides while traffic and faults go on: the tie-out finds all of them
    and nothing else; then they are put right, and it ties to the cent."""
    seed = random.randrange(1_000_000)
    chance = random.Random(seed)
    names = [*plants, chance.choice(list(plants))]
    chance.shuffle(names)
    await told_of_taxes_and_rates(house)
    async with no_sweep(house):
        cases = await _cases(house, hands, names)
        async with unnoticed(house):
            for name, case in zip(names, cases, strict=True):
                await plants[name](case)
            await asyncio.sleep(SETTLE)
        going_on = asyncio.create_task(traffic(house))
        await _faults(house, seed)
        await tie_out(house)
        await going_on
        await house.no_faults()
        wanted = {each for case in cases for each in case.expected}
        assert {kind for kind, _ in wanted} == set(BreakType)
        found = await breaks(house)
        counted = [b for b in found if counts(b)]
        told = [(b.type, b.match or b.target_number) for b in counted]
        shown = [(b.break_id, b.state.value, b.how) for b in found]
        assert sorted(told) == sorted(wanted), f"seed {seed}: {shown}"
        for case in cases:
            await case.put_right()
        for each in counted:
            if each.type is BreakType.DUPLICATE_IN_TARGET:
                await reversed_by_two(house, each)
        await until_at_rest(house)
    again = await tie_out(house)
    left = await breaks(house, *COUNTED)
    assert [(b.break_id, b.cause, b.how) for b in left] == [], f"seed {seed}"
    assert verdict(again).is_tied, verdict(again)
    assert all(total.ties for total in again.totals), again.totals
    assert again.movements_that_differ == 0


async def _cases(house: House, hands: Hands, names: Sequence[str]) -> list[Case]:
    async with hands.wrong_rate():
        spare, *cases = await asyncio.gather(*(posted_case(house, hands, n) for n in ("", *names)))
    for case in cases:
        case.other_client = spare.client
    await asyncio.gather(*(c.pay() for n, c in zip(names, cases, strict=True) if n in _PAID))
    # A late look at what was paid would put right what is planted about it.
    await until_at_rest(house)
    return cases


async def _faults(house: House, seed: int) -> None:
    target = house.ready.connections[house.connection].target.system
    # AX is asked by POST even for what it only tells.
    for system, method in (("freshbooks", "GET"), (target, "GET" if target == "nav" else "POST")):
        await house.fault(
            system=system, method=method, path="(?!/person/).*", fault="status", status=503,
            probability=0.03, seed=seed, times=15,
        )  # fmt: skip
