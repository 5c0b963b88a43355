"""What people do in NAV by hand during a life."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from tests.lives.site import Site


class NothingThere(LookupError):
    """There is nothing that the deed could be done to."""


def one_of(things: list[Any], n: int) -> Any:
    if not things:
        raise NothingThere
    return things[n % len(things)]


class ByHand:
    """Deeds in NAV; `settled_by_hand` are the numbers of what people settled there."""

    site: Site
    today: date
    invoices: list[int]
    settled_by_hand: set[str]

    async def receipt_by_hand(self, n: int) -> None:
        """Money of something else altogether, perhaps of the amount of an invoice."""
        amount = (
            await self.site.clerk.outstanding(one_of(self.invoices, n)) if n % 2 else Decimal(77)
        )
        if amount > 0:
            await self.site.books.receipt(await self._customer(), str(amount), self.today)

    async def write_off_by_hand(self, n: int) -> None:
        """People give up what is open on a posted invoice."""
        entry = await self._open_invoice(n)
        if n % 4 == 0:
            number, rest = entry["Document_No"], str(entry["Remaining_Amount"])
            await self.site.books.write_off(entry["Customer_No"], rest, self.today, number)
            self.settled_by_hand.add(number)

    async def settle_by_hand(self, n: int) -> None:
        """Somebody enters the client's money in NAV and applies it to a posted invoice."""
        entry = await self._open_invoice(n)
        number, rest = entry["Document_No"], str(entry["Remaining_Amount"])
        await self.site.books.receipt(entry["Customer_No"], rest, self.today, settles=number)
        self.settled_by_hand.add(number)

    async def credit_by_hand(self, n: int) -> None:
        amount = f"{30 + n}.00" if n % 2 else "12.00"
        await self.site.books.credit(await self._customer(), amount, self.today)

    async def invoice_by_hand(self, n: int) -> None:
        amount = (
            await self.site.clerk.outstanding(one_of(self.invoices, n)) if n % 2 else Decimal(77)
        )
        if amount > 0:
            await self.site.books.invoice(await self._customer(), str(amount), self.today)

    async def refund_by_hand(self, n: int) -> None:
        await self.site.books.refund(await self._customer(), f"{5 + n}.00", self.today)

    async def reverse_by_hand(self, n: int) -> None:
        """Somebody takes a payment of ours back in NAV."""
        entries = await self.site.books.rows("CustomerLedgerEntries", Document_Type="Payment")
        ours = [e for e in entries if not e["External_Document_No"].startswith("BY HAND")]
        entry = one_of([e for e in ours if not e["Reversed"]], n)
        await self.site.books.reverse_payment(entry["External_Document_No"], self.today)

    async def bank_statement(self, n: int) -> None:
        """The bank reconciliation matches a payment."""
        entries = await self.site.books.rows("BankAccountLedgerEntries")
        if n % 4 == 0:
            await self.site.books.reconcile(one_of(entries, n)["Document_No"])

    async def _open_invoice(self, n: int) -> dict[str, Any]:
        entries = await self.site.books.rows("CustomerLedgerEntries", Document_Type="Invoice")
        found: dict[str, Any] = one_of([e for e in entries if e["Remaining_Amount"] > 0], n)
        return found

    async def _customer(self) -> str:
        found = await self.site.books.rows("Customer")
        return str(one_of(found, 0)["No"])
