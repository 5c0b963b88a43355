"""What happens to a posted entry: applied, unapplied, taken back."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import date
from decimal import Decimal

from connectors.nav.company import Company
from connectors.nav.errors import rejected
from connectors.nav.ledger import Ledger
from connectors.nav.odata import Entity
from connectors.nav.values import option
from documents.key import Key
from documents.money import Money
from documents.posting import Posting, PostingState

_INVOICE = "Invoice"

Lookup = Callable[[Key], Awaitable[Posting]]


class Settlement:
    """Applications and reversals by our keys. Every step may be repeated: it looks first."""

    def __init__(self, company: Company, ledger: Ledger, lookup: Lookup) -> None:
        self._company = company
        self._ledger = ledger
        self._lookup = lookup

    async def apply(self, entry: Key, number: str, amount: Money | None) -> Posting:
        """Apply an open posted entry to a posted invoice, all that is open or an amount of it."""
        operation = "apply entry"
        if await self._ledger.by_document(number, _INVOICE) is None:
            raise rejected(operation, "applies-to-absent", document=number)
        present = await self._lookup(entry)
        if number in present.applied_to:
            return present
        if present.state is not PostingState.POSTED:
            raise rejected(operation, "not-posted", entry=entry.text())
        await self._call_apply(entry, _INVOICE, number, amount.amount if amount else None)
        return await self._lookup(entry)

    async def unapply(self, entry: Key, number: str) -> Posting:
        """Take back what an entry settles, all of it or on one invoice.

        The codeunit takes back everything; what another document had settled is applied again
        by its amount at once.
        """
        kept = await self._applied_elsewhere(entry, number)
        if kept is None:
            return await self._lookup(entry)
        await self._company.codeunit.call("UnapplyEntry", "unapply entry", externalKey=entry.text())
        for other, value in kept:
            kind = option(other["Document_Type"])
            await self._call_apply(entry, kind, other.text("Document_No"), value)
        return await self._lookup(entry)

    async def _applied_elsewhere(
        self, entry: Key, number: str
    ) -> list[tuple[Entity, Decimal]] | None:
        """What stays when an entry is unapplied from a document; None: there is nothing to do."""
        live = [e for e in await self._ledger.by_key(entry) if e["Reversed"] is not True]
        applied = [pair for found in live for pair in await self._ledger.applications(found)]
        numbers = {other.text("Document_No") for other, _ in applied}
        if not numbers or (number and number not in numbers):
            return None
        return [pair for pair in applied if number and pair[0].text("Document_No") != number]

    async def _call_apply(self, entry: Key, kind: str, number: str, amount: Decimal | None) -> None:
        limit = {} if amount is None else {"amount": amount}
        await self._company.codeunit.call(
            "ApplyEntry" if amount is None else "ApplyAmount",
            "apply entry",
            externalKey=entry.text(),
            appliesToDocType=kind,
            appliesToDocNo=number,
            **limit,
        )

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
