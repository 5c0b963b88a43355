"""FreshBooks as a source of documents."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date, datetime

from pydantic import ValidationError

from connectors.freshbooks.bills import Bills
from connectors.freshbooks.client import FreshBooksClient, not_understood
from connectors.freshbooks.clocks import Clock
from connectors.freshbooks.errors import SYSTEM, Call
from connectors.freshbooks.expenses import Expenses
from connectors.freshbooks.families import (
    CALLBACKS,
    CLIENTS,
    CREDIT_NOTES,
    INVOICES,
    PAYMENTS,
)
from connectors.freshbooks.ledger import FreshBooksLedger
from connectors.freshbooks.listing import Listing
from connectors.freshbooks.marks import is_deleted
from connectors.freshbooks.models import Row, WireCallback
from connectors.freshbooks.reading import (
    read_credit_note,
    read_customer,
    read_invoice,
    read_payment,
)
from connectors.ports import CallbackState, ChangedPage, Unreadable
from documents.bill import Bill, BillPayment
from documents.cash import CreditNote, Payment
from documents.customer import Customer, Existence
from documents.expense import Expense, Receipt, ReceiptRef
from documents.invoice import Invoice


class FreshBooksSource:
    """The SourcePort of one FreshBooks account; raises the errors of `connectors.errors`.

    Deleted objects stay readable one by one. Filters that FreshBooks does not know it ignores,
    so every row of a search is checked again here.
    """

    system = SYSTEM

    def __init__(
        self, client: FreshBooksClient, *, clock: Clock | None = None, overlap_days: int = 1
    ) -> None:
        self._client = client
        self._clock = clock or Clock()
        self._expenses = Expenses(client, self._clock)
        self._bills = Bills(client)
        self._listing = Listing(client, self._clock, overlap_days)
        self.ledger = FreshBooksLedger(client, self._clock)

    async def invoice(self, invoice_id: str) -> Invoice | Unreadable | None:
        """The invoice with its lines as it is now; Unreadable with the hold when it does not
        add up or cannot be read; None when FreshBooks does not know it."""
        row = await self._client.read(INVOICES, invoice_id, include=("lines",))
        return None if row is None else read_invoice(row, self._clock)

    async def payments(self, invoice_id: str) -> list[Payment]:
        """Payments of an invoice that are not deleted, by date and id.

        Raises Rejected when one of them cannot be read: the others alone would be wrong.
        """
        found: dict[str, Payment] = {}
        async for page in self._client.pages(PAYMENTS, search=(("invoiceid", invoice_id),)):
            ours = [row for row in page if str(row.get("invoiceid")) == invoice_id]
            found |= {p.source_id: p for p in (read_payment(row, self._clock) for row in ours)}
        kept = [
            await self._with_excess(p)
            for p in found.values()
            if p.existence is not Existence.DELETED
        ]
        return sorted(kept, key=lambda p: (p.date, len(p.source_id), p.source_id))

    async def _with_excess(self, payment: Payment) -> Payment:
        """The payment with what its credit says it was too much: edits of the invoice change
        what is open on it, and not what the source counts of an earlier payment."""
        credit = payment.overpayment_id and await self.credit_note(payment.overpayment_id)
        if not isinstance(credit, CreditNote) or credit.total.currency != payment.amount.currency:
            return payment
        return payment.model_copy(update={"overpaid": credit.total})

    async def payment(self, payment_id: str) -> Payment | None:
        """A payment, deleted or not; None when FreshBooks does not know it."""
        row = await self._client.read(PAYMENTS, payment_id)
        return None if row is None else read_payment(row, self._clock)

    async def customer(self, client_id: str) -> Customer | None:
        """A client, deleted or not; None when FreshBooks does not know it."""
        row = await self._client.read(CLIENTS, client_id)
        return None if row is None else read_customer(row)

    async def credit_note(self, credit_id: str) -> CreditNote | Unreadable | None:
        """A credit note with its taxes; None when FreshBooks does not know it."""
        row = await self._client.read(CREDIT_NOTES, credit_id, include=("lines",))
        return None if row is None else read_credit_note(row)

    async def expense(self, expense_id: str) -> Expense | Unreadable | None:
        """An expense with its category, staff member and receipt reference."""
        return await self._expenses.read(expense_id)

    async def receipt(self, reference: ReceiptRef) -> Receipt | None:
        """What the receipt of an expense is: its size, digest and kind."""
        return await self._expenses.receipt(reference)

    async def receipt_file(self, reference: ReceiptRef) -> tuple[str, bytes] | None:
        """The receipt itself and its kind, for a person to see."""
        return await self._expenses.receipt_file(reference)

    async def mark_expense(self, expense_id: str, text: str) -> bool:
        """Write our mark behind the writer's own notes; False when the expense is gone."""
        return await self._expenses.mark(expense_id, text)

    async def bill(self, bill_id: str) -> Bill | Unreadable | None:
        """A bill with its vendor and lines as it is now."""
        return await self._bills.read(bill_id)

    async def bill_payments(self, bill_id: str) -> list[BillPayment]:
        """The payments of a bill that are not deleted, by date and id."""
        return await self._bills.payments(bill_id)

    async def write_reference(self, invoice_id: str, reference: str) -> bool:
        """Write the target's number into an empty PO number, and read whether it is there.

        False when the field holds something else, or the invoice is gone. Nothing but this
        field is sent: a second phase in the same PUT would be dropped without a word.
        """
        before = await self._po_number(invoice_id)
        if before != "":
            return before == reference
        await self._client.update(INVOICES, invoice_id, {"po_number": reference})
        return await self._po_number(invoice_id) == reference

    def changes(self, kind: str, since: datetime, after: str = "") -> AsyncIterator[ChangedPage]:
        """Pages of what changed since a moment, then of what was deleted since.

        `kind` is invoice, payment, credit_note, expense, bill, bill_payment or client; ValueError
        for others. FreshBooks filters by whole days, so older changes of that day and of the day
        before come too; bill payments have no stamp, so that all of them do.
        """
        return self._listing.changed(kind, since, after)

    def dated(self, kind: str, since: date, after: str = "") -> AsyncIterator[ChangedPage]:
        """Pages of invoices, credit notes, expenses or bills of a day and later, not deleted."""
        return self._listing.dated(kind, since, after)

    async def callbacks(self) -> list[CallbackState]:
        """Every webhook registration of the application on this account."""
        found: dict[str, CallbackState] = {}
        async for page in self._client.pages(CALLBACKS):
            states = [_callback(row, Call("list callbacks")) for row in page]
            found |= {state.callback_id: state for state in states}
        return list(found.values())

    async def register_callback(self, event: str, uri: str) -> CallbackState:
        """Register for an event, or for all verbs of a bare noun.

        FreshBooks then posts a verifier to the URI and delivers nothing until it is confirmed.
        There is no idempotency key: list the callbacks before registering again.
        """
        row = await self._client.create(CALLBACKS, {"event": event, "uri": uri})
        return _callback(row, Call("create callback", writes=True))

    async def confirm_callback(self, callback_id: str, verifier: str) -> bool:
        """Send the verifier back; whether the callback is verified now. Rejected if wrong."""
        row = await self._client.update(CALLBACKS, callback_id, {"verifier": verifier})
        return _callback(row, Call("update callback", writes=True)).verified

    async def resend_verification(self, callback_id: str) -> None:
        """Have the verifier posted again."""
        await self._client.update(CALLBACKS, callback_id, {"resend": True})

    async def delete_callback(self, callback_id: str) -> None:
        """End a registration; again is harmless."""
        await self._client.delete(CALLBACKS, callback_id)

    async def _po_number(self, invoice_id: str) -> str | None:
        """The present PO number; None when there is no live invoice to write it to."""
        row = await self._client.read(INVOICES, invoice_id)
        if row is None or is_deleted(row):
            return None
        return str(row.get("po_number") or "").strip()


def _callback(row: Row, call: Call) -> CallbackState:
    try:
        wire = WireCallback.model_validate(row)
    except ValidationError:
        raise not_understood(call) from None
    return CallbackState(wire.id, wire.event, wire.uri, wire.verified)
