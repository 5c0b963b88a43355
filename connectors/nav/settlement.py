"""What happens to a posted entry: applied, unapplied, taken back."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import date
from decimal import Decimal

from pydantic import BaseModel, ConfigDict, TypeAdapter

from connectors.errors import Rejected, after_write
from connectors.nav.company import Company
from connectors.nav.errors import SYSTEM, rejected
from connectors.nav.ledger import Application, Ledger, document_type, is_our_key
from connectors.nav.odata import Entity
from connectors.nav.values import option
from connectors.ports import Memo
from documents.key import Key, Kind
from documents.money import Money
from documents.posting import Posting, PostingState

Lookup = Callable[[Key], Awaitable[Posting]]


class _Taken(BaseModel):
    """An application that is taken back: of this entry (by our key) on this document."""

    model_config = ConfigDict(frozen=True)

    entry: str
    document_type: str
    number: str
    amount: Decimal
    order: int

    def is_of(self, entry: Key, number: str) -> bool:
        """Whether it is what was asked for: of this entry, on this document or on any."""
        return self.entry == entry.text() and number in ("", self.number)


_NOTED = TypeAdapter(list[_Taken])


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

    async def unapply(self, entry: Key, number: str, memo: Memo | None = None) -> Posting:
        """Take back what an entry settles, all of it or on one document.

        The codeunit takes back everything of an entry, the latest application of a document
        first: what is in the way is taken back too, and settled again at once. What that is, is
        noted before, and what an earlier attempt noted is settled again first of all.
        """
        noted = await memo.read() if memo else ""
        if noted:
            await self._settle_again(_NOTED.validate_json(noted), entry, number)
        if await self._settles(entry, number):
            taken: list[_Taken] = []
            await self._collect(entry, taken, set())
            noted = _NOTED.dump_json(taken).decode()
            if memo:
                await memo.write(noted)
            await self._take_back(taken, entry, number)
        if memo and noted:
            await memo.write("")
        return await self._lookup(entry)

    async def _settles(self, entry: Key, number: str) -> bool:
        found = [n for e in await self._live(entry) for n in await self._ledger.applied_to(e)]
        return number in found if number else bool(found)

    async def _collect(self, entry: Key, taken: list[_Taken], seen: set[str]) -> None:
        """What is to be taken back: of this entry, and before that of those of ours that were
        applied later."""
        if entry.text() in seen:
            return
        seen.add(entry.text())
        live = await self._live(entry)
        for found in live:
            for later in await self._ledger.applied_later(found):
                text = self._ledger.reference(later)
                if is_our_key(text):
                    await self._collect(Key.parse(text), taken, seen)
        applications = [a for e in live for a in await self._ledger.applications(e)]
        taken += [_taken(entry, each) for each in applications]

    async def _take_back(self, taken: list[_Taken], entry: Key, number: str) -> None:
        try:
            for key in dict.fromkeys(each.entry for each in taken):
                await self._company.codeunit.call("UnapplyEntry", "unapply entry", externalKey=key)
        except Rejected:
            await self._settle_all(taken)
            raise
        await self._settle_again(taken, entry, number)

    async def _settle_again(self, taken: list[_Taken], entry: Key, number: str) -> None:
        await self._settle_all([each for each in taken if not each.is_of(entry, number)])

    async def _settle_all(self, taken: list[_Taken]) -> None:
        """In the order of old; what has nothing open any more has been settled otherwise."""
        for each in sorted(taken, key=lambda t: t.order):
            other = await self._ledger.by_document(each.number, each.document_type)
            if other is not None and other.number("Remaining_Amount"):
                key = Key.parse(each.entry)
                await self._call_apply(key, each.document_type, each.number, each.amount)

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

    async def reverse(
        self, original: Key, reversal: Key, posting_date: date, memo: Memo | None = None
    ) -> Posting:
        """Unapply a posted payment and reverse it under the reversal's own key."""
        operation = "reverse payment"
        done = await self._ledger.lookup(reversal)
        if done.state is not PostingState.ABSENT:
            return done
        present = await self._ledger.lookup(original)
        if present.state is PostingState.ABSENT:
            raise rejected(operation, "not-posted", entry=original.text())
        await self.unapply(original, "", memo)
        answer = await self._company.codeunit.call(
            "ReversePayment",
            operation,
            externalKey=original.text(),
            reversalKey=reversal.text(),
            postingDate=posting_date,
        )
        return await self._reversed(reversal, present, answer.get("return_value", ""), posting_date)

    async def reverse_entry(
        self, original: Key, number: str, reversal: Key, posting_date: date
    ) -> Posting:
        """Unapply an entry under NAV's own number and reverse it. The codeunit finds an entry by
        its external document number: one that has none, or shares it, is reversed by people."""
        operation = "reverse entry"
        done = await self._ledger.lookup(reversal)
        if done.state is not PostingState.ABSENT:
            return done
        present = await self._ledger.by_number(original, number)
        if present.state is not PostingState.POSTED:
            raise rejected(operation, "not-posted", entry=number)
        reference = await self._ledger.reference_of(original, number)
        if not reference:
            raise rejected(operation, "reverse-by-hand", entry=number)
        call = self._company.codeunit.call
        await call("UnapplyEntry", operation, externalKey=reference)
        answer = await call(
            "ReversePayment",
            operation,
            externalKey=reference,
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


def _taken(entry: Key, application: Application) -> _Taken:
    return _Taken(
        entry=entry.text(),
        document_type=option(application.other["Document_Type"]),
        number=application.other.text("Document_No"),
        amount=application.amount,
        order=application.order,
    )
