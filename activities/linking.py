"""Linking what is dated before the cut-over to the target's own entries: found, never posted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from temporalio import activity

from activities.context import Connection
from activities.credits import CreditEntries
from activities.customers import CustomerDesk
from activities.errands import LinkSteps
from activities.posting import Poster
from activities.signatures import DocumentRef, StepRequest, StepResult
from activities.steps import DocumentSteps, result
from connectors.ports import Unreadable
from documents.cash import CreditNote
from documents.hold import Hold, HoldClass, HoldRequired
from documents.invoice import Invoice
from documents.key import Key, Kind
from documents.money import Money
from documents.posting import Posting, PostingState
from documents.row import DocumentRow
from policies.facts import Source
from policies.opening import open_at_cut_over

_LINKED = "linked to the target's own entry"
_DAYS = 7
"""How near the document's date an entry without its number must be to be shown as a candidate
(policy possible_duplicate_days, where it is set)."""


@dataclass(frozen=True)
class OpeningItem:
    """A document of before the cut-over: what its entry in the target must agree with. An
    opening entry bears the whole amount, or only what was open when it was taken over."""

    number: str
    party_id: str
    total: Money
    open_amount: Money
    on: date

    @classmethod
    def of_invoice(cls, invoice: Invoice, later: Source) -> OpeningItem:
        """An invoice; `later` is the source without the payments of before the cut-over."""
        open_amount = open_at_cut_over(invoice, later)
        return cls(
            invoice.number, invoice.party_id, invoice.total, open_amount, invoice.document_date
        )

    @classmethod
    def of_credit(cls, note: CreditNote) -> OpeningItem:
        return cls(note.number, note.party_id, note.total, note.left, note.document_date)


@dataclass(frozen=True)
class Linker:
    """Finds the entries of one connection. It reads only."""

    poster: Poster

    async def find(self, key: Key, item: OpeningItem) -> Posting:
        """The one entry that stands for a document: number, party, currency and amount agree.
        Money without an invoice has no number to go by: the only such entry is it.

        HoldRequired, with the entries that come near, when there is none.
        """
        connection = self.poster.connection
        desk = CustomerDesk(self.poster, await connection.mapper())
        customer = await desk.known(item.party_id)
        found = await connection.target.lookup_number(key, item.number)
        if _stands_for(found, item, customer.number):
            return found
        near = await self._near(item, customer.number)
        if key.kind is Kind.PREPAYMENT and len(near) == 1:
            return near[0].model_copy(update={"key": key.text(), "kind": key.kind})
        raise HoldRequired(_not_linked(item, customer.number, found, near))

    async def _near(self, item: OpeningItem, customer: str) -> list[Posting]:
        connection = self.poster.connection
        days = connection.policy.possible_duplicate_days or _DAYS
        found: dict[str, Posting] = {}
        for amount in {item.total.amount: item.total, item.open_amount.amount: item.open_amount}:
            money = Money.of(amount, item.total.currency)
            for each in await connection.target.find_similar(customer, money, item.on, days):
                found[each.number or ""] = each
        return [found[number] for number in sorted(found)]


@dataclass(frozen=True)
class LinkActivities(DocumentSteps, LinkSteps):
    """The implementation that the worker registers, for all its connections."""

    @activity.defn(name="link invoice")
    async def link_invoice(self, request: StepRequest) -> StepResult:
        """Link an invoice of before the cut-over to its entry in the target."""
        connection = self.place.connection(request.document.connection)
        invoice = await connection.source.invoice(request.document.source_id)
        if not isinstance(invoice, Invoice):
            return _gone()
        paid = await connection.source.payments(invoice.source_id)
        cut_over = connection.policy.cut_over_date
        later = tuple(p for p in paid if cut_over is None or p.date >= cut_over)
        item = OpeningItem.of_invoice(invoice, Source(invoice=invoice, payments=later))
        posting = await self._link(connection, request, item, invoice.fingerprint())
        return result(_LINKED, posting, settled=posting.is_settled)

    @activity.defn(name="link credit note")
    async def link_credit_note(self, request: StepRequest) -> StepResult:
        """Link a credit of before the cut-over to its entry in the target."""
        connection = self.place.connection(request.document.connection)
        note = await connection.source.credit_note(request.document.source_id)
        if note is None or isinstance(note, Unreadable):
            return _gone()
        posting = await self._link(connection, request, OpeningItem.of_credit(note), "")
        entries = CreditEntries(connection, self.place.store)
        await entries.remember(note.source_id, Key.parse(request.key))
        return result(_LINKED, posting, settled=posting.is_settled)

    async def _link(
        self, connection: Connection, request: StepRequest, item: OpeningItem, fingerprint: str
    ) -> Posting:
        """Find the entry, make it the document's own, and write both numbers down."""
        key, store = Key.parse(request.key), self.place.store
        poster = Poster(connection, store, self.place.now)
        found = await Linker(poster).find(key, item)
        await self._refuse_taken(request.document, found)
        row = await store.postings.open(key, connection.name, None, item.total)
        await store.postings.confirm(key.text(), found, version=row.version)
        await self._write_posting(await self._row(request.document), key, found, fingerprint)
        return found

    async def _refuse_taken(self, document: DocumentRef, found: Posting) -> None:
        """An entry without a number of the source's own could be taken twice."""
        number = found.number or ""
        for row in await self.place.store.documents.find_by_number(document.connection, number):
            same = (row.kind, row.source_id) == (document.kind, document.source_id)
            if row.target_number == number and row.kind is document.kind and not same:
                raise HoldRequired(_taken(number, row))


def _stands_for(found: Posting, item: OpeningItem, customer: str) -> bool:
    if found.state is not PostingState.POSTED or found.figures is None:
        return False
    same_party = (found.party or "").casefold() == customer.casefold()
    return same_party and found.figures.total in (item.total, item.open_amount)


def _gone() -> StepResult:
    return StepResult(how="not linked: the source has changed meanwhile")


def _not_linked(item: OpeningItem, customer: str, found: Posting, near: list[Posting]) -> Hold:
    there = _described(found) if found.state is PostingState.POSTED else "no such entry"
    others = ", ".join(posting.number or "?" for posting in near) or "none"
    return Hold(
        cause="opening-entry-missing",
        hold_class=HoldClass.DATA,
        reason=(
            f"{item.number} over {item.total}, of which {item.open_amount} was open, is of before "
            f"the cut-over; under that number customer {customer} has {there}. "
            f"Entries of that amount near its date: {others}."
        ),
        remedy=(
            "Enter the opening entry under that number in the target, or resolve with adopt and "
            "the number of the entry that stands for it."
        ),
        values={"number": item.number, "amount": str(item.total), "candidates": others},
    )


def _described(found: Posting) -> str:
    total = found.figures.total if found.figures else "an unknown amount"
    return f"an entry over {total} of customer {found.party}"


def _taken(number: str, row: DocumentRow) -> Hold:
    return Hold(
        cause="number-taken",
        hold_class=HoldClass.IN_DOUBT,
        reason=f"The target's {number} already stands for {row.kind.value} {row.source_number}.",
        remedy="Find out in the target which of the two it is, and adopt the right number.",
        values={"number": number},
    )
