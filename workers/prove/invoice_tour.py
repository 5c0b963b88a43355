"""The tour of an invoice: sent, paid, edited, paid back, voided."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import ClassVar

from documents.key import Kind
from documents.naming import hint_id, process_id
from workers.demo.people import Line
from workers.prove.tour import Act, Tour, today

_LINES = [Line("Advice", "2", "50.00", (("HST", "13"),)), Line("Travel", "1", "20.00")]
_OTHER_LINES = [Line("Advice", "3", "50.00", (("HST", "13"),)), Line("Travel", "1", "20.00")]
_PART, _CURRENCY = Decimal("40.00"), "USD"


@dataclass
class InvoiceTour(Tour):
    """One invoice with two payments, of which one came before its date."""

    STAGES: ClassVar[tuple[str, ...]] = (
        "send",
        "pay",
        "pay before the invoice",
        "edit",
        "delete the payment",
        "delete the early payment",
        "void",
    )

    invoice: int = 0
    payment: int = 0
    early: int = 0

    async def prepared(self) -> None:
        """A client that is new to the target, and a draft."""
        client = await self.person.add_client(f"Tourist {self.name}", f"{self.name}@tour.example")
        self.invoice = await self.person.write_invoice(client, _CURRENCY, today(), _LINES)
        await self.rested()

    async def ready(self, stage: str) -> None:
        """People do all of it in FreshBooks: nothing more is needed."""

    def acts(self) -> Mapping[str, Act]:
        acts = (
            self._send, self._pay, self._pay_early, self._edit, self._delete,
            self._delete_early, self._void,
        )  # fmt: skip
        return dict(zip(self.STAGES, acts, strict=True))

    def process(self) -> str:
        return process_id(self.lane.name, Kind.INVOICE, str(self.invoice))

    def hints(self) -> list[str]:
        payments = (self.payment, self.early)
        return [hint_id(self.lane.name, "payment", str(each)) for each in payments if each]

    async def _send(self) -> None:
        await self.person.send_invoice(self.invoice)

    async def _pay(self) -> None:
        self.payment = await self.person.enter_payment(self.invoice, _PART, _CURRENCY, today())

    async def _pay_early(self) -> None:
        day = today() - timedelta(days=2)
        self.early = await self.person.enter_payment(self.invoice, _PART, _CURRENCY, day)

    async def _edit(self) -> None:
        """Posted, partly paid, and changed: reversed and posted again with its payments."""
        await self.person.change_lines(self.invoice, _CURRENCY, _OTHER_LINES)

    async def _delete(self) -> None:
        await self.person.delete_payment(self.payment)

    async def _delete_early(self) -> None:
        await self.person.delete_payment(self.early)

    async def _void(self) -> None:
        await self.person.void_invoice(self.invoice)
