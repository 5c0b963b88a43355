"""What happens to a posted transaction: settled, unsettled, taken back.

AX's standard services do none of it after posting; the custom service does. Without it people
do, and the hold says so; what they have done already is recognised.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import date

from connectors.ax.custom import CustomService
from connectors.ax.errors import KeyNotFound, rejected
from documents.key import Key, Kind
from documents.money import Money
from documents.posting import Posting, PostingState

Lookup = Callable[[Key], Awaitable[Posting]]


class Settlement:
    """Settlements and reversals by our keys. Every step may be repeated: it looks first."""

    def __init__(self, custom: CustomService, lookup: Lookup) -> None:
        self._custom = custom
        self._lookup = lookup

    async def apply(self, entry: Key, number: str, amount: Money | None) -> Posting:
        """Settle an open posted transaction against a posted document, named by AX's invoice or
        voucher number: all that both have open, or until an amount is settled."""
        operation = "apply entry"
        if entry.kind is Kind.BILL_PAYMENT:
            return await self._pay(entry, number)
        present = await self._lookup(entry)
        if number in present.applied_to and (amount is None or not self._custom.exists):
            return present
        if present.state is not PostingState.POSTED:
            raise rejected(operation, "not-posted", entry=entry.text())
        if not self._custom.exists:
            raise rejected(operation, "settle-by-hand", entry=present.number or "", document=number)
        try:
            return await self._custom.settle(entry, number, amount)
        except KeyNotFound as error:
            raise rejected(operation, "applies-to-absent", document=number) from error

    async def _pay(self, entry: Key, number: str) -> Posting:
        try:
            return await self._custom.settle_payable(entry, number)
        except KeyNotFound as error:
            raise rejected("apply entry", "applies-to-absent", document=number) from error

    async def unapply(self, entry: Key, number: str) -> Posting:
        """Take back what a transaction settles: with one document, or all; nothing is success."""
        present = await self._lookup(entry)
        if not present.applied_to or (number and number not in present.applied_to):
            return present
        if not self._custom.exists:
            raise rejected(
                "unapply entry", "settle-by-hand", entry=present.number or "", document=number
            )
        return await self._custom.unsettle(entry, number)

    async def reverse(self, original: Key, reversal: Key, posting_date: date) -> Posting:
        """Take back a posted payment under the reversal's own key, unsettled first."""
        operation = "reverse payment"
        done = await self._lookup(reversal)
        if done.state is not PostingState.ABSENT:
            return done
        present = await self._lookup(original)
        if present.state is PostingState.ABSENT:
            raise rejected(operation, "not-posted", entry=original.text())
        if not self._custom.exists:
            raise rejected(operation, "reverse-by-hand", entry=present.number or "")
        return await self._custom.reverse(original.text(), reversal, posting_date)

    async def reverse_entry(
        self, original: Key, number: str, reversal: Key, posting_date: date
    ) -> Posting:
        """Take back a receipt under AX's own voucher. AX reverses payments only: a credit note
        is corrected by people."""
        operation = "reverse entry"
        done = await self._lookup(reversal)
        if done.state is not PostingState.ABSENT:
            return done
        if original.kind is Kind.CREDIT_NOTE:
            raise rejected(operation, "correct-by-hand", document=number)
        if not self._custom.exists:
            raise rejected(operation, "reverse-by-hand", entry=number)
        return await self._custom.reverse(number, reversal, posting_date)
