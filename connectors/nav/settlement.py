"""What happens to a posted entry: applied, unapplied, taken back."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import date

from connectors.nav.company import Company
from connectors.nav.errors import rejected
from connectors.nav.ledger import Ledger
from documents.key import Key
from documents.posting import Posting, PostingState

Lookup = Callable[[Key], Awaitable[Posting]]


class Settlement:
    """Applications and reversals by our keys. Every step may be repeated: it looks first."""

    def __init__(self, company: Company, ledger: Ledger, lookup: Lookup) -> None:
        self._company = company
        self._ledger = ledger
        self._lookup = lookup

    async def apply(self, entry: Key, invoice: Key, document_type: str) -> Posting:
        """Apply an open posted entry to a posted document."""
        operation = "apply entry"
        target = await self._lookup(invoice)
        if target.state is not PostingState.POSTED or target.number is None:
            raise rejected(operation, "applies-to-absent", document=invoice.text())
        present = await self._lookup(entry)
        if target.number in present.applied_to:
            return present
        if present.state is not PostingState.POSTED:
            raise rejected(operation, "not-posted", entry=entry.text())
        await self._company.codeunit.call(
            "ApplyEntry",
            operation,
            externalKey=entry.text(),
            appliesToDocType=document_type,
            appliesToDocNo=target.number,
        )
        return await self._lookup(entry)

    async def unapply(self, entry: Key) -> Posting:
        """Take back every application of an entry."""
        await self._company.codeunit.call("UnapplyEntry", "unapply entry", externalKey=entry.text())
        return await self._lookup(entry)

    async def reverse(self, original: Key, reversal: Key, posting_date: date) -> Posting:
        """Unapply a posted payment and reverse it under the reversal's own key."""
        operation = "reverse payment"
        done = await self._ledger.lookup(reversal)
        if done.state is not PostingState.ABSENT:
            return done
        present = await self._ledger.lookup(original)
        if present.state is PostingState.ABSENT:
            raise rejected(operation, "not-posted", entry=original.text())
        if present.applied_to:
            await self._company.codeunit.call(
                "UnapplyEntry", operation, externalKey=original.text()
            )
        answer = await self._company.codeunit.call(
            "ReversePayment",
            operation,
            externalKey=original.text(),
            reversalKey=reversal.text(),
            postingDate=posting_date,
        )
        return await self._reversed(reversal, present, answer.get("return_value", ""), posting_date)

    async def _reversed(
        self, reversal: Key, original: Posting, number: str, posting_date: date
    ) -> Posting:
        """The reversal as the ledger shows it under its key, else what the codeunit answered."""
        found = await self._ledger.lookup(reversal)
        if found.state is not PostingState.ABSENT:
            return found
        return Posting(
            key=reversal.text(),
            kind=reversal.kind,
            state=PostingState.POSTED,
            number=number,
            party=original.party,
            figures=original.figures,
            posting_date=posting_date,
        )
