"""The lives of documents: what people do with an invoice, decided by a seed."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

from documents.money import minor_units
from workers.demo.people import Line, line_fields
from workers.prove.lane import Person

_CURRENCIES = ("USD", "USD", "EUR", "GBP", "CAD", "JPY")
_TAXES = ((), (("HST", "13"),), (("GST", "5"),), (("GST", "5"), ("QST", "9.975")))
_ITEMS = ("Advice", "Design", "Travel", "Support")
_KINDS = ("Check", "Bank Transfer", "Credit Card", "Cash", "PayPal")
_LONGEST_PAUSE = 0.5
_DRAFT, _MOST_ACTS = 0.07, 5

# What may happen to an invoice that was sent, and how often relative to the others.
_ACTS = {
    "pay a part": 5,
    "pay the rest": 4,
    "pay too much": 1,
    "pay before the invoice": 1,
    "delete a payment": 3,
    "edit": 2,
    "void": 2,
}


@dataclass
class Life:
    """One invoice and its client, from the first draft to whatever end. Every decision comes from
    the seed, whatever the systems do meanwhile; only the moments differ between two runs."""

    seed: str
    person: Person
    today: date
    client: int | None = None
    invoice: int = 0
    total: Decimal = Decimal(0)
    paid: dict[int, Decimal] = field(default_factory=dict)
    ended: bool = False

    def __post_init__(self) -> None:
        self._chance = random.Random(self.seed)
        self._currency = self._chance.choice(_CURRENCIES)
        self._acts: dict[str, Callable[[], Awaitable[None]]] = {
            "pay a part": self._pay_a_part,
            "pay the rest": self._pay_the_rest,
            "pay too much": self._pay_too_much,
            "pay before the invoice": self._pay_early,
            "delete a payment": self._delete_a_payment,
            "edit": self._edit,
            "void": self._void,
        }

    async def live(self) -> None:
        """Live it through. Raises httpx.HTTPError when FreshBooks never lets a person do it."""
        client = self.client or await self._new_client()
        self.invoice = await self.person.write_invoice(
            client, self._currency, self.today, self._lines()
        )
        await self._pause()
        if self._chance.random() < _DRAFT:
            return
        self.total = await self.person.sent(self.invoice)
        for _ in range(self._chance.randint(0, _MOST_ACTS)):
            await self._pause()
            if self.ended:
                return
            act = self._chance.choices([*_ACTS], weights=[*_ACTS.values()])[0]
            await self._acts[act]()

    async def _new_client(self) -> int:
        name = f"Client {self.seed}"
        email = f"{self.seed.replace(':', '.')}@clients.example"
        return await self.person.add_client(name, email, currency_code=self._currency)

    def _lines(self) -> list[Line]:
        return [
            Line(
                self._chance.choice(_ITEMS),
                str(self._chance.randint(1, 5)),
                str(self._amount(10, 900)),
                self._chance.choice(_TAXES),
            )
            for _ in range(self._chance.randint(1, 3))
        ]

    def _amount(self, least: int, most: int) -> Decimal:
        digits = minor_units(self._currency)
        units = self._chance.randint(least * 10**digits, most * 10**digits)
        return Decimal(units).scaleb(-digits)

    @property
    def _open(self) -> Decimal:
        return self.total - sum(self.paid.values(), Decimal(0))

    async def _pause(self) -> None:
        await asyncio.sleep(self._chance.uniform(0, _LONGEST_PAUSE))

    async def _pay(self, amount: Decimal, day: date) -> None:
        kind = self._chance.choice(_KINDS)
        if amount > 0:
            payment = await self.person.enter_payment(
                self.invoice, amount, self._currency, day, kind
            )
            self.paid[payment] = amount

    async def _pay_a_part(self) -> None:
        share = Decimal(self._chance.randint(10, 90)) / 100
        digits = Decimal(1).scaleb(-minor_units(self._currency))
        await self._pay((self._open * share).quantize(digits), self.today)

    async def _pay_the_rest(self) -> None:
        await self._pay(self._open, self.today)

    async def _pay_too_much(self) -> None:
        more = self._amount(1, 50)
        if self._open > 0:
            await self._pay(self._open + more, self.today)

    async def _pay_early(self) -> None:
        day = self.today - timedelta(days=self._chance.randint(1, 3))
        await self._pay(self._open, day)

    async def _delete_a_payment(self) -> None:
        position = self._chance.random()
        if self.paid:
            payment = sorted(self.paid)[int(position * len(self.paid))]
            await self.person.delete_payment(payment)
            del self.paid[payment]

    async def _edit(self) -> None:
        """Other lines, and with them another total; only while nothing was paid: what becomes of
        payments beyond the new total is FreshBooks' own affair."""
        lines = self._lines()
        if not self.paid:
            fields = {"lines": [line_fields(line, self._currency) for line in lines]}
            self.total = await self.person.edited(self.invoice, fields)

    async def _void(self) -> None:
        """Paid or not: what was paid becomes unapplied cash."""
        await self.person.void_invoice(self.invoice)
        self.ended = True
