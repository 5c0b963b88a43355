"""Credit: money that is in the books already, applied to another invoice.

FreshBooks makes a credit of an over-payment, a prepayment or a goodwill note, and a payment "from
credit" when it is used. The credit's entry in the target is the payment, prepayment or credit
memo that we posted for it; our cross-reference knows which.
"""

from __future__ import annotations

from dataclasses import dataclass

from activities.context import Connection, Workplace
from activities.signatures import StepRequest
from connectors.errors import Unavailable
from documents.cash import Payment
from documents.key import Key, Kind
from documents.posting import Posting, PostingState
from documents.row import DocumentRow


@dataclass(frozen=True)
class CreditDesk:
    """Applies credits of one connection."""

    connection: Connection
    place: Workplace

    async def remember(self, credit_id: str, entry: Key) -> None:
        """Which entry of the target a credit of the source stands for."""
        await self.place.store.references.put(
            self.connection.name, Kind.CREDIT_APPLICATION, credit_id, "", entry.text()
        )

    async def apply(self, request: StepRequest, invoice: DocumentRow) -> Posting:
        """Apply as much of the credit as the source did. Unavailable while the credit's own
        posting is on its way."""
        payment = _payment(request)
        entry = await self._entry(payment)
        posting = await self.connection.target.apply(entry, invoice.target_number, payment.amount)
        await self._note(request, posting, PostingState.POSTED, invoice.target_number)
        return posting

    async def unapply(self, request: StepRequest, invoice: DocumentRow) -> Posting:
        """Take the application back from this invoice only."""
        row = await self.place.store.postings.get(request.key)
        if row is None:
            raise LookupError(f"no application was noted under {request.key}")
        reference = await self.place.store.references.get(
            self.connection.name, Kind.CREDIT_APPLICATION, f"entry/{request.key}"
        )
        if reference is None:
            raise LookupError(f"no entry was noted for {request.key}")
        entry = Key.parse(reference.target_number)
        posting = await self.connection.target.unapply(entry, invoice.target_number)
        await self._note(request, posting, PostingState.REVERSED, "")
        return posting

    async def _entry(self, payment: Payment) -> Key:
        reference = await self.place.store.references.get(
            self.connection.name, Kind.CREDIT_APPLICATION, payment.credit_id or ""
        )
        if reference is None:
            raise Unavailable(
                self.connection.target.system, "apply credit", "the credit is not posted yet"
            )
        return Key.parse(reference.target_number)

    async def _note(
        self, request: StepRequest, entry: Posting, state: PostingState, applied_to: str
    ) -> None:
        """An application has no number of its own: our row says whether it stands."""
        key, store = Key.parse(request.key), self.place.store
        amount = request.payment.amount if request.payment else None
        await store.postings.open(key, self.connection.name, None, amount)
        await store.references.put(
            self.connection.name, Kind.CREDIT_APPLICATION, f"entry/{request.key}", "", entry.key
        )
        note = Posting(key=key.text(), kind=key.kind, state=state, applied_to=(applied_to,))
        await store.postings.confirm(key.text(), note)


def _payment(request: StepRequest) -> Payment:
    if request.payment is None:
        raise LookupError("a credit step comes with the payment")
    return request.payment
