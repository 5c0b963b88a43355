"""More of the story: what is paid too much, in advance and back, and what is edited."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from decimal import Decimal

from workers.demo.operator import Operator
from workers.demo.people import Line
from workers.demo.story import HST, Scene, Story
from workers.refusal import Refusal

Number = Callable[[int], Awaitable[str]]
"""The target's number that the process of an invoice shows."""

Reason = Callable[[int, str], Awaitable[str]]
"""Why an invoice is held, which must be for the cause that is named."""

_PATIENCE_SECONDS = 60.0


@dataclass
class CashStory(Story):
    """The whole story, with over-payment, deposit, refund, an edit that is undone, and a tax that
    the mapping does not know."""

    operator: Operator | None = None
    reason: Reason | None = None

    def scenes(self) -> tuple[Scene, ...]:
        return (
            *super().scenes(),
            self.an_over_payment,
            self.a_deposit,
            self.a_refund,
            self.an_edit_that_is_held,
            self.an_unmapped_tax,
        )

    async def an_over_payment(self) -> None:
        self.tell("Northwind pays 37.00 too much; the credit pays a part of the next invoice")
        first = await self._sent(self.northwind, "USD", [Line("Advice", "1", "100.00", (HST,))])
        await self._paid(first, Decimal("150.00"), "USD", "Check")
        await self._ends(first, "closed")
        second = await self._sent(self.northwind, "USD", [Line("Advice", "1", "50.00")])
        credit = (await self.clerk.credits_of(self.northwind))[-1]
        await self.clerk.enter_payment(
            second, Decimal("37.00"), "USD", self.today, "Credit", creditid=int(credit["id"])
        )
        await self._paid(second, Decimal("13.00"), "USD", "Cash")
        await self._ends(second, "closed")

    async def a_deposit(self) -> None:
        self.tell("a deposit is asked for and paid: a part payment, the rest is waited for")
        deposit = {"amount": "300.00", "code": "USD"}
        lines = [Line("Workshop", "1", "900.00", (HST,))]
        invoice = await self.clerk.write_invoice(
            self.northwind, "USD", self.today, lines, deposit_amount=deposit
        )
        await self.clerk.send_invoice(invoice)
        await self._paid(invoice, Decimal("300.00"), "USD", "Credit Card")
        await self.wait(invoice, "posted")
        self.stages[invoice] = "posted"

    async def a_refund(self) -> None:
        self.tell("Northwind gets 20.00 of a payment back: the invoice is open again by as much")
        invoice = await self._sent(self.northwind, "USD", [Line("Advice", "1", "120.00")])
        await self._paid(invoice, Decimal("120.00"), "USD", "Check")
        await self.wait(invoice, "closed")
        await self._paid(invoice, Decimal("-20.00"), "USD", "Check")
        await self._ends(invoice, "posted")

    async def an_edit_that_is_held(self) -> None:
        self.tell("an invoice is edited after it was posted: held, until the edit is undone")
        line, more = Line("Support", "1", "60.00", (HST,)), Line("Support", "2", "60.00", (HST,))
        invoice = await self._sent(self.northwind, "USD", [line])
        await self.clerk.change_lines(invoice, "USD", [more])
        await self.wait(invoice, "held")
        await self.clerk.change_lines(invoice, "USD", [line])
        await self._ends(invoice, "posted")

    async def an_unmapped_tax(self) -> None:
        assert self.operator and self.reason, "this story is told with somebody at the mapping"
        line = Line("Books", "3", "15.00", (("PST", "7"),))
        invoice = await self.clerk.write_invoice(self.northwind, "USD", self.today, [line])
        await self.clerk.send_invoice(invoice)
        await self.wait(invoice, "held")
        self.tell(f"a new tax is charged. Held: {await self.reason(invoice, 'tax-unmapped')}")
        self.operator.map_tax("PST", "7")
        self.tell("a row for it is added to the mapping file, the invoice tried again: posted")
        await self.operator.retry(invoice, "PST has a row in the mapping now")
        await self._ends(invoice, "posted")


@dataclass
class EditStory(Story):
    """A company that has edits posted again, in books of its own."""

    number: Number | None = None

    def scenes(self) -> tuple[Scene, ...]:
        return (self.an_edit_that_is_posted_again,)

    async def an_edit_that_is_posted_again(self) -> None:
        self.tell("the other policy: a paid invoice is edited, reversed and posted again")
        before, after = Line("Rent", "1", "200.00", (HST,)), Line("Rent", "1", "250.00", (HST,))
        invoice = await self._sent(self.northwind, "USD", [before])
        await self._paid(invoice, Decimal("100.00"), "USD", "Check")
        await self.wait(invoice, "posted")
        await self.clerk.change_lines(invoice, "USD", [after])
        await self._has_another_number(invoice)
        await self._paid(invoice, await self.clerk.outstanding(invoice), "USD", "Check")
        await self._ends(invoice, "closed")

    async def _has_another_number(self, invoice: int) -> None:
        assert self.number is not None, "this story is told with the numbers of the target"
        first = await self.number(invoice)
        try:
            async with asyncio.timeout(_PATIENCE_SECONDS):
                while await self.number(invoice) == first:  # noqa: ASYNC110 - another process
                    await asyncio.sleep(0.1)
        except TimeoutError:
            raise Refusal(f"invoice {invoice} should be posted again by now") from None
