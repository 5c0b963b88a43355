"""What happens to a posted transaction: settled, unsettled, taken back.

AX's standard services do none of it after posting; the custom service does. Without it people
do, and the hold says so; what they have done already is recognised.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import date

from connectors.ax.custom import CustomService
from connectors.ax.errors import rejected
from documents.key import Key
from documents.posting import Posting, PostingState

Lookup = Callable[[Key], Awaitable[Posting]]


class Settlement:
    """Settlements and reversals by our keys. Every step may be repeated: it looks first."""

    def __init__(self, custom: CustomService, lookup: Lookup) -> None:
        self._custom = custom
        self._lookup = lookup

    async def apply(self, entry: Key, invoice: Key) -> Posting:
        """Settle an open posted transaction against a posted invoice."""
        operation = "apply entry"
        target = await self._lookup(invoice)
        if target.state is not PostingState.POSTED or target.number is None:
            raise rejected(operation, "applies-to-absent", document=invoice.text())
        present = await self._lookup(entry)
        if target.number in present.applied_to:
            return present
        if present.state is not PostingState.POSTED:
            raise rejected(operation, "not-posted", entry=entry.text())
        if not self._custom.exists:
            raise _by_hand(operation, "settle-by-hand", present, target)
        return await self._custom.settle(entry, invoice)

    async def unapply(self, entry: Key) -> Posting:
        """Take back every settlement of a transaction."""
        if self._custom.exists:
            return await self._custom.unsettle(entry)
        present = await self._lookup(entry)
        if present.applied_to:
            raise _by_hand("unapply entry", "settle-by-hand", present)
        return present

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
            raise _by_hand(operation, "reverse-by-hand", present)
        return await self._custom.reverse(original, reversal, posting_date)


def _by_hand(operation: str, cause: str, *postings: Posting) -> Exception:
    numbers = " and ".join(posting.number or posting.key for posting in postings)
    return rejected(operation, cause, transactions=numbers)
