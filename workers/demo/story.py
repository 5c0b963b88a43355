"""The story: what a small company does in FreshBooks, scene by scene."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from workers.demo.people import Clerk, Line

HST = ("HST", "13")
GST, QST = ("GST", "5"), ("QST", "9.975")

Scene = Callable[[], Awaitable[None]]
Wait = Callable[[int, str], Awaitable[None]]
"""Waits until the process of an invoice reaches a stage."""


@dataclass
class Story:
    """Plays the scenes with one clerk. `stages` is what each invoice must end as."""

    clerk: Clerk
    wait: Wait
    tell: Callable[[str], None]
    today: date
    stages: dict[int, str] = field(default_factory=dict)

    async def play(self) -> None:
        """All scenes in order; each waits for the books before it goes on."""
        self.northwind = await self.clerk.add_client(
            "Northwind Traders", "ap@northwind.example", p_street="1 Harbour Road",
            p_city="Halifax", p_country="Canada", currency_code="USD",
        )  # fmt: skip
        self.soderberg = await self.clerk.add_client(
            "Söderberg & Söner AB", "ekonomi@soderberg.example", p_city="Göteborg",
            p_country="Sweden", currency_code="EUR",
        )  # fmt: skip
        for scene in self.scenes():
            await scene()

    def scenes(self) -> tuple[Scene, ...]:
        """What happens, in this order."""
        return (
            self.paid_in_two_parts,
            self.two_taxes_in_euro,
            self.a_draft,
            self.a_part_payment,
            self.a_void,
            self.an_unknown_account,
        )

    async def paid_in_two_parts(self) -> None:
        self.tell("Northwind is billed in USD with HST and 10 % discount, and pays in two parts")
        lines = [Line("Advice", "12.5", "160.00", (HST,)), Line("Travel", "1", "333.33", (HST,))]
        invoice = await self._sent(self.northwind, "USD", lines, discount="10")
        total = await self.clerk.outstanding(invoice)
        part = (total / 3).quantize(Decimal("0.01"))
        await self._paid(invoice, part, "USD", "Check")
        await self._paid(invoice, total - part, "USD", "Bank Transfer")
        await self._ends(invoice, "closed")

    async def two_taxes_in_euro(self) -> None:
        self.tell("Söderberg is billed in EUR with two taxes, one on top of the other, and pays")
        lines = [
            Line("Design", "3", "249.99", (GST, QST), compound=True),
            Line("Print", "7", "9.95"),
        ]
        invoice = await self._sent(self.soderberg, "EUR", lines)
        await self._paid(invoice, await self.clerk.outstanding(invoice), "EUR", "Credit Card")
        await self._ends(invoice, "closed")

    async def a_draft(self) -> None:
        self.tell("a draft is written and not sent: the books do not move")
        lines = [Line("Not yet", "1", "999.00")]
        await self.clerk.write_invoice(self.northwind, "USD", self.today, lines)

    async def a_part_payment(self) -> None:
        self.tell("Northwind pays a part of an invoice; the process waits for the rest")
        invoice = await self._sent(self.northwind, "USD", [Line("Support", "1", "1200.00", (HST,))])
        await self._paid(invoice, Decimal("500.00"), "USD", "PayPal")
        self.stages[invoice] = "posted"

    async def a_void(self) -> None:
        self.tell("an invoice was sent by mistake and is voided: a credit memo takes it back")
        invoice = await self._sent(self.soderberg, "EUR", [Line("Design", "1", "80.00", (GST,))])
        await self.clerk.void_invoice(invoice)
        await self._ends(invoice, "closed")

    async def an_unknown_account(self) -> None:
        self.tell("a line maps to an account that the books do not have: the invoice is held")
        right = Line("Service call", "2", "45.50")
        invoice = await self._held()
        self.tell("the line is corrected in FreshBooks: the invoice goes on by itself, and is paid")
        await self.clerk.change_lines(invoice, "USD", [right])
        await self.wait(invoice, "posted")
        await self._paid(invoice, Decimal("91.00"), "USD", "Cash")
        await self._ends(invoice, "closed")

    async def leave_one_held(self) -> int:
        """The last scene, for when the books have been compared: its end is left to who looks
        around. Returns the invoice."""
        self.tell("one more line maps to that account: the invoice is held, and left to you")
        return await self._held()

    async def _held(self) -> int:
        wrong = Line("Hardware sale", "2", "45.50")
        invoice = await self.clerk.write_invoice(self.northwind, "USD", self.today, [wrong])
        await self.clerk.send_invoice(invoice)
        await self.wait(invoice, "held")
        return invoice

    async def _sent(
        self, client: int, currency: str, lines: list[Line], discount: str = "0"
    ) -> int:
        invoice = await self.clerk.write_invoice(client, currency, self.today, lines, discount)
        await self.clerk.send_invoice(invoice)
        await self.wait(invoice, "posted")
        return invoice

    async def _paid(self, invoice: int, amount: Decimal, currency: str, kind: str) -> None:
        await self.clerk.enter_payment(invoice, amount, currency, self.today, kind)

    async def _ends(self, invoice: int, stage: str) -> None:
        self.stages[invoice] = stage
        await self.wait(invoice, stage)
