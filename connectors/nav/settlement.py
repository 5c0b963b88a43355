"""What happens to a posted entry: applied, unapplied, taken back."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from connectors.errors import Rejected, after_write
from connectors.nav.company import Company
from connectors.nav.errors import SYSTEM, rejected
from connectors.nav.ledger import Application, Ledger, document_type, is_our_key
from connectors.nav.odata import Entity
from connectors.nav.values import option
from documents.key import Key, Kind
from documents.money import Money
from documents.posting import Posting, PostingState

Lookup = Callable[[Key], Awaitable[Posting]]


@dataclass(frozen=True)
class _Taken:
    """An application of ours that was taken back."""

    entry: Key
    application: Application

    def is_of(self, entry: Key, number: str) -> bool:
        """Whether it is what was asked for: of this entry, on this document or on any."""
        document = self.application.other.text("Document_No")
        return self.entry == entry and number in ("", document)


class Settlement:
    """Applications and reversals by our keys. Every step may be repeated: it looks first."""

    def __init__(self, company: Company, ledger: Ledger, lookup: Lookup) -> None:
        self._company = company
        self._ledger = ledger
        self._lookup = lookup

    async def apply(self, entry: Key, number: str, amount: Money | None, kind: Kind) -> Posting:
        """Apply an open posted entry to a posted document: all that is open, or until an amount
        of it settles that document."""
        operation = "apply entry"
        document = document_type(kind)
        if await self._ledger.by_document(number, document) is None:
            raise rejected(operation, "applies-to-absent", document=number)
        present = await self._lookup(entry)
        if number in present.applied_to and await self._is_enough(entry, number, amount):
            return present
        if present.state is not PostingState.POSTED:
            raise rejected(operation, "not-posted", entry=entry.text())
        await self._call_apply(entry, document, number, amount.amount if amount else None)
        return await self._lookup(entry)

    async def _is_enough(self, entry: Key, number: str, amount: Money | None) -> bool:
        if amount is None:
            return True
        applied = [
            each.amount
            for found in await self._live(entry)
            for each in await self._ledger.applications(found)
            if each.other.text("Document_No") == number
        ]
        return sum(applied, Decimal(0)) >= amount.amount

    async def unapply(self, entry: Key, number: str) -> Posting:
        """Take back what an entry settles, all of it or on one document.

        The codeunit takes back everything of an entry, the latest application of a document
        first: what is in the way is taken back too, and settled again at once.
        """
        if await self._settles(entry, number):
            taken: list[_Taken] = []
            try:
                await self._take_back(entry, taken, set())
            except Rejected:
                await self._settle_again(taken)
                raise
            await self._settle_again([t for t in taken if not t.is_of(entry, number)])
        return await self._lookup(entry)

    async def _settles(self, entry: Key, number: str) -> bool:
        found = [n for e in await self._live(entry) for n in await self._ledger.applied_to(e)]
        return number in found if number else bool(found)

    async def _take_back(self, entry: Key, taken: list[_Taken], seen: set[str]) -> None:
        """Unapply an entry, after those of ours that were applied later; keeps what was."""
        if entry.text() in seen:
            return
        seen.add(entry.text())
        for found in await self._live(entry):
            for later in await self._ledger.applied_later(found):
                text = self._ledger.reference(later)
                if is_our_key(text):
                    await self._take_back(Key.parse(text), taken, seen)
        applied = [a for e in await self._live(entry) for a in await self._ledger.applications(e)]
        if applied:
            await self._company.codeunit.call(
                "UnapplyEntry", "unapply entry", externalKey=entry.text()
            )
            taken += [_Taken(entry, application) for application in applied]

    async def _settle_again(self, taken: list[_Taken]) -> None:
        for each in sorted(taken, key=lambda t: t.application.order):
            other, amount = each.application.other, each.application.amount
            kind, number = option(other["Document_Type"]), other.text("Document_No")
            await self._call_apply(each.entry, kind, number, amount)

    async def _live(self, entry: Key) -> list[Entity]:
        return [e for e in await self._ledger.by_key(entry) if e["Reversed"] is not True]

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
            await self.unapply(original, "")
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
        with after_write(SYSTEM, "reverse payment"):
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
