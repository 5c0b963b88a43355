"""Credit: money that is in the books already, applied to another invoice.

FreshBooks makes a credit of an over-payment, a prepayment or a goodwill note, and a payment "from
credit" when it is used. The credit's entry in the target is the payment, prepayment or credit
memo that we posted for it; our cross-reference knows which.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from temporalio import activity

from activities.context import Connection, Workplace
from activities.posting import is_adopted
from activities.settling import SettlingDesk
from activities.signatures import StepRequest
from connectors.errors import Unavailable
from documents.cash import Payment
from documents.exchange import Rate
from documents.hold import Hold, HoldClass, HoldRequired
from documents.key import Key, Kind
from documents.posting import Posting, PostingState
from documents.row import DocumentRow
from policies import holds
from policies.facts import Record
from store.store import Store

_PATIENT_ATTEMPTS = 4
"""How often a use of credit waits for the credit's own posting, which is often on its way,
before it is held."""


@dataclass(frozen=True)
class CreditEntries:
    """What our cross-reference knows of credits: the entry of each, and where each is used."""

    connection: Connection
    store: Store

    async def entries(self, payments: Iterable[Payment]) -> dict[str, str]:
        """The keys of the entries of the credits that payments use, by credit id."""
        ids = {payment.credit_id for payment in payments if payment.credit_id}
        found = {credit_id: await self.entry(credit_id) for credit_id in sorted(ids)}
        return {credit_id: key.text() for credit_id, key in found.items() if key}

    async def entry(self, credit_id: str) -> Key | None:
        """Which entry of the target a credit of the source stands for."""
        return await self._key(credit_id)

    async def rates(self, entries: Iterable[str]) -> dict[str, Rate | None]:
        """The rates at which the entries of credits were converted, by key."""
        found = {text: await self.store.postings.get(text) for text in entries}
        made = {text: row.exchange if row else None for text, row in found.items()}
        return {text: exchange.rate if exchange else None for text, exchange in made.items()}

    async def remember(self, credit_id: str, entry: Key) -> None:
        """An entry that was posted is that of a credit."""
        await self._put(credit_id, entry)

    async def remember_all(self, payments: Iterable[Payment], record: Record) -> None:
        """The source made credits of these payments, perhaps after they were posted."""
        for payment in payments:
            key = record.cash_key(payment)
            credit = payment.overpayment_id if record.is_live(key) else None
            if credit and await self.entry(credit) != key:
                await self.remember(credit, key)

    async def used(self, application: str) -> Key | None:
        """The entry that an application of credit (by its key) was made from."""
        return await self._key(f"entry/{application}")

    async def note_use(self, application: str, entry: Key) -> None:
        await self._put(f"entry/{application}", entry)

    async def uses(self, record: Record) -> Mapping[str, Posting]:
        """What the target says of the applications of credit that our record has as made: those
        that are not in force there any more are absent."""
        found = {}
        for row in record.live(Kind.CREDIT_APPLICATION):
            entry = await self.used(row.key)
            if entry is None:
                continue
            applied_to = (await self.posting(entry)).applied_to
            stands = record.row.target_number in applied_to
            state = PostingState.POSTED if stands else PostingState.ABSENT
            found[row.key] = Posting(key=row.key, kind=row.kind, state=state)
        return found

    async def posting(self, entry: Key) -> Posting:
        """What the target says of a credit's entry. One that people made does not carry our key:
        it is found by its number."""
        ours = await self.store.postings.get(entry.text())
        if ours is not None and is_adopted(ours):
            return await self.connection.target.lookup_number(entry, ours.number)
        return await self.connection.target.lookup(entry)

    async def is_adopted(self, entry: Key) -> bool:
        """Whether people made the entry: then we cannot apply it, they have to."""
        ours = await self.store.postings.get(entry.text())
        return ours is not None and is_adopted(ours)

    async def _key(self, source_id: str) -> Key | None:
        reference = await self.store.references.get(
            self.connection.name, Kind.CREDIT_APPLICATION, source_id
        )
        return Key.parse(reference.target_number) if reference else None

    async def _put(self, source_id: str, entry: Key) -> None:
        await self.store.references.put(
            self.connection.name, Kind.CREDIT_APPLICATION, source_id, "", entry.text()
        )


@dataclass(frozen=True)
class CreditDesk:
    """Applies credits of one connection."""

    connection: Connection
    place: Workplace

    @property
    def entries(self) -> CreditEntries:
        return CreditEntries(self.connection, self.place.store)

    @property
    def _settling(self) -> SettlingDesk:
        return SettlingDesk(self.connection, self.place.store)

    async def apply(self, request: StepRequest, invoice: DocumentRow) -> Posting:
        """Apply as much of the credit as the source did. Unavailable, then HoldRequired, while
        the credit itself is not posted."""
        payment = _payment(request)
        entry = await self._entry(payment)
        amount = request.amount or payment.amount
        await self._require_same_customer(entry, payment, invoice)
        if await self.entries.is_adopted(entry):
            posting = await self._applied_by_hand(entry, payment, invoice)
        else:
            posting = await self._settling.apply(entry, invoice.target_number, amount)
        await self._note(request, posting, PostingState.POSTED, invoice.target_number)
        return posting

    async def unapply(self, request: StepRequest, invoice: DocumentRow) -> Posting:
        """Take the application back from this invoice only."""
        entry = await self.entries.used(request.key)
        if entry is None:
            raise LookupError(f"no entry was noted for {request.key}")
        if await self.entries.is_adopted(entry):
            posting = await self._unapplied_by_hand(entry, request, invoice)
        else:
            posting = await self._settling.unapply(entry, invoice.target_number)
        await self._note(request, posting, PostingState.REVERSED, "")
        return posting

    async def _require_same_customer(
        self, entry: Key, payment: Payment, invoice: DocumentRow
    ) -> None:
        found = await self.entries.posting(entry)
        if found.party and invoice.target_party and found.party != invoice.target_party:
            party = invoice.target_party
            raise HoldRequired(holds.credit_of_other_customer(payment.source_id, found, party))

    async def _applied_by_hand(self, entry: Key, payment: Payment, invoice: DocumentRow) -> Posting:
        """An entry of the opening balance, which people apply. HoldRequired until they have."""
        posting = await self.entries.posting(entry)
        if invoice.target_number not in posting.applied_to:
            raise HoldRequired(holds.apply_by_hand(payment.source_id, posting.number or ""))
        return posting.model_copy(update={"key": entry.text()})

    async def _unapplied_by_hand(
        self, entry: Key, request: StepRequest, invoice: DocumentRow
    ) -> Posting:
        """The same the other way round."""
        posting = await self.entries.posting(entry)
        if invoice.target_number in posting.applied_to:
            payment, number = Key.parse(request.key).source_id, posting.number or ""
            raise HoldRequired(holds.unapply_by_hand(payment, number, invoice.target_number))
        return posting.model_copy(update={"key": entry.text()})

    async def _entry(self, payment: Payment) -> Key:
        entry = await self.entries.entry(payment.credit_id or "")
        if entry:
            return entry
        if payment.credit_id and activity.info().attempt < _PATIENT_ATTEMPTS:
            raise Unavailable(
                self.connection.target.system, "apply credit", "the credit is not posted yet"
            )
        raise HoldRequired(_not_posted(payment))

    async def _note(
        self, request: StepRequest, entry: Posting, state: PostingState, applied_to: str
    ) -> None:
        """An application has no number of its own: our row says whether it stands."""
        key, store = Key.parse(request.key), self.place.store
        amount = request.payment.amount if request.payment else None
        await store.postings.open(key, self.connection.name, None, amount)
        await self.entries.note_use(request.key, Key.parse(entry.key))
        note = Posting(key=key.text(), kind=key.kind, state=state, applied_to=(applied_to,))
        await store.postings.confirm(key.text(), note)


def _payment(request: StepRequest) -> Payment:
    if request.payment is None:
        raise LookupError("a credit step comes with the payment")
    return request.payment


def _not_posted(payment: Payment) -> Hold:
    credit = payment.credit_id or "that FreshBooks does not name"
    return Hold(
        cause="credit-not-posted",
        hold_class=HoldClass.SETUP,
        reason=f"Payment {payment.source_id} uses the credit {credit}, which is not in the books.",
        remedy=(
            "See why the payment or credit note that made it is not posted; this document goes on "
            "by itself afterwards."
        ),
        values={"payment_id": payment.source_id, "credit": payment.credit_id or ""},
    )
