"""Invoices, payments and credits of FreshBooks as lines of its books."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from documents.cash import CreditNote, CreditType, Payment
from documents.invoice import Invoice
from documents.key import Kind
from documents.ledger import BookKind, LedgerLine, Mark, match_of


def line_of_invoice(invoice: Invoice) -> LedgerLine:
    """An invoice by its total."""
    match = match_of(Kind.INVOICE, invoice.source_id)
    return LedgerLine(
        kind=BookKind.INVOICE,
        match=match,
        entry=match,
        number=invoice.number,
        reference=invoice.po_number,
        party=invoice.party_id,
        currency=invoice.currency,
        amount=invoice.total.amount,
        tax=invoice.tax.amount,
        open_amount=invoice.outstanding.amount,
        day=invoice.document_date,
        posted=invoice.document_date,
        changed_at=invoice.changed_at,
    )


def line_of_payment(payment: Payment) -> LedgerLine:
    """What a client paid, or was given back."""
    kind = Kind.REFUND if payment.is_refund else Kind.PAYMENT
    match = match_of(kind, payment.source_id)
    overpaid = bool(payment.overpayment_id)
    return LedgerLine(
        kind=BookKind.PAYMENT,
        match=match,
        entry=match,
        number=payment.source_id,
        reference=payment.invoice_id,
        party=payment.party_id,
        currency=payment.amount.currency,
        amount=payment.amount.amount,
        tax=None,
        # What became credit is open in the target, or was used on other invoices since.
        open_amount=None if overpaid or payment.is_refund else Decimal(0),
        day=payment.date,
        posted=payment.date,
        applied_to="" if payment.is_refund else match_of(Kind.INVOICE, payment.invoice_id),
        marks=Mark.OVERPAID if overpaid else Mark.NONE,
        changed_at=payment.changed_at,
    )


def line_of_credit(note: CreditNote, changed_at: datetime | None) -> LedgerLine:
    """A goodwill credit or a prepayment."""
    prepaid = note.type is CreditType.PREPAYMENT
    match = match_of(Kind.PREPAYMENT if prepaid else Kind.CREDIT_NOTE, note.source_id)
    tax = sum((t.amount.amount for t in note.taxes), Decimal(0))
    return LedgerLine(
        kind=BookKind.PAYMENT if prepaid else BookKind.CREDIT_MEMO,
        match=match,
        entry=match,
        number=note.number,
        reference="",
        party=note.party_id,
        currency=note.currency,
        amount=note.total.amount,
        tax=None if prepaid else tax,
        open_amount=note.left.amount,
        day=note.document_date,
        posted=note.document_date,
        changed_at=changed_at,
    )
