"""The holds of order to cash, in words a bookkeeper understands, with the differing values."""

from __future__ import annotations

from datetime import date

from documents.cash import CreditNote, Payment
from documents.hold import Hold, HoldClass
from documents.invoice import Invoice
from documents.posting import Posting
from policies.facts import Record, Source

DRAFT_GONE = "draft-gone"


def disputed(invoice: Invoice) -> Hold:
    return Hold(
        cause="disputed",
        hold_class=HoldClass.POLICY,
        reason=f"Invoice {invoice.number} is disputed at the source.",
        remedy="Resolve the dispute in FreshBooks; the document goes on by itself.",
    )


def paid_without_invoice(source: Source, record: Record, why: str) -> Hold:
    money = [payment for payment in source.payments if not payment.from_credit]
    ids = ", ".join(payment.source_id for payment in money)
    amounts = ", ".join(str(payment.amount) for payment in money)
    number = record.row.source_number
    return Hold(
        cause="paid-without-invoice",
        hold_class=HoldClass.POLICY,
        reason=f"Invoice {number} {why}, and FreshBooks has money for it: {amounts}.",
        remedy="Delete the payment, or send or restore the invoice, in FreshBooks.",
        values={"payments": ids, "amounts": amounts},
    )


def draft_gone(record: Record) -> Hold:
    key = record.invoice_key.text()
    number = record.postings[key].number or key
    return Hold(
        cause=DRAFT_GONE,
        hold_class=HoldClass.DATA,
        reason=(
            f"{number} waited in the target to be posted for invoice {record.row.source_number}, "
            "and was deleted there."
        ),
        remedy="Resolve with retry to create it anew, or with skip to leave the invoice out.",
        values={"key": key, "number": number},
    )


def unsent(record: Record) -> Hold:
    number = record.row.source_number
    return Hold(
        cause="draft-after-posting",
        hold_class=HoldClass.POLICY,
        reason=f"Invoice {number} is posted, and a draft again at the source.",
        remedy="Send the invoice again, or delete it to have the posting reversed.",
    )


def edited(invoice: Invoice, record: Record) -> Hold:
    posted = record.row.amount
    return Hold(
        cause="edited-after-posting",
        hold_class=HoldClass.POLICY,
        reason=(
            f"Invoice {invoice.number} was edited after it was posted as "
            f"{record.row.target_number}: posted {posted}, the invoice now says {invoice.total}."
        ),
        remedy="Undo the edit in FreshBooks, or set the policy 'edits' to 'reverse and repost'.",
        values={"posted": str(posted), "source": str(invoice.total)},
    )


def other_currency(number: str, currency: str, payment: Payment) -> Hold:
    return Hold(
        cause="payment-currency",
        hold_class=HoldClass.DATA,
        reason=(
            f"Payment {payment.source_id} is in {payment.amount.currency}, "
            f"its invoice {number} in {currency}."
        ),
        remedy="Enter the payment in the invoice's currency in FreshBooks.",
        values={
            "payment_id": payment.source_id,
            "payment": payment.amount.currency,
            "invoice": currency,
        },
    )


def payment_edited(invoice: Invoice, payment: Payment) -> Hold:
    return Hold(
        cause="payment-edited-after-posting",
        hold_class=HoldClass.POLICY,
        reason=(
            f"Payment {payment.source_id} of invoice {invoice.number} was changed after it was "
            f"posted: it now says {payment.amount} of {payment.date} by {payment.type}."
        ),
        remedy=(
            "Undo the change in FreshBooks (or delete the payment and enter it anew), or set the "
            "policy 'edits' to 'reverse and repost'."
        ),
        values={"payment_id": payment.source_id, "source": str(payment.amount)},
    )


def reversed_there(what: str, number: str, payment_id: str = "") -> Hold:
    released = "resolve with release to post it again, or " if payment_id else ""
    return Hold(
        cause="reversed-in-target",
        hold_class=HoldClass.POLICY,
        reason=f"{what} {number} was posted, and people reversed that posting in the target.",
        remedy=f"If that is right, delete it in FreshBooks too; {released}resolve with skip.",
        values={"payment_id": payment_id} if payment_id else {},
    )


def source_gone(record: Record) -> Hold:
    row = record.row
    return Hold(
        cause="source-gone",
        hold_class=HoldClass.POLICY,
        reason=(
            f"Invoice {row.source_number} is posted as {row.target_number}, and FreshBooks does "
            "not know it any more: not as a deleted one either."
        ),
        remedy=(
            "See whether the connection still reads the right FreshBooks account. If the invoice "
            "is gone for good, resolve with abandon to have the posting reversed."
        ),
        values={"number": row.source_number, "target": row.target_number},
    )


def apply_by_hand(payment_id: str, number: str, *, refund: bool = False) -> Hold:
    settled = "the payment whose money it gives back" if refund else "the invoice"
    return Hold(
        cause="apply-by-hand",
        hold_class=HoldClass.POLICY,
        reason=(
            f"{number} was posted by hand and adopted as payment {payment_id}; it is not applied "
            f"to {settled}, and does not carry our key."
        ),
        remedy=f"Apply the entry to {settled} in the target, then retry.",
        values={"payment_id": payment_id, "number": number},
    )


def unapply_by_hand(payment_id: str, number: str, document: str) -> Hold:
    return Hold(
        cause="unapply-by-hand",
        hold_class=HoldClass.POLICY,
        reason=(
            f"{number} was posted by hand and adopted for payment {payment_id}; it does not carry "
            f"our key and settles {document}, which is to be taken back."
        ),
        remedy=f"Unapply {number} from {document} in the target; it goes on by itself.",
        values={"payment": payment_id, "number": number, "document": document},
    )


def give_back_by_hand(refund_id: str, refund: str, number: str) -> Hold:
    return Hold(
        cause="apply-by-hand",
        hold_class=HoldClass.POLICY,
        reason=(
            f"Refund {refund_id}, {refund} in the target, gives back money of {number}, which was "
            "posted by hand and does not carry our key."
        ),
        remedy=f"Apply what was given back of {number} to {refund} in the target, then retry.",
        values={"payment_id": refund_id, "number": number, "refund": refund},
    )


def credit_of_other_customer(payment_id: str, entry: Posting, customer: str) -> Hold:
    return Hold(
        cause="credit-of-other-customer",
        hold_class=HoldClass.POLICY,
        reason=(
            f"Payment {payment_id} uses credit that stands in the target as {entry.number} of "
            f"customer {entry.party}; its invoice is one of customer {customer} now."
        ),
        remedy=(
            "Delete that payment in FreshBooks, or give the invoice back to its client; or settle "
            "the two in the target and resolve with skip."
        ),
        values={
            "payment_id": payment_id,
            "credit": entry.number or "",
            "customer": entry.party or "",
            "invoice customer": customer,
        },
    )


def signed_off_application(entry: str, number: str, day: date) -> Hold:
    return Hold(
        cause="application-signed-off",
        hold_class=HoldClass.POLICY,
        reason=(
            f"What {entry} settles of {number} is dated {day} in the target, a period that was "
            "signed off here; a change would post an exchange difference into it."
        ),
        remedy=(
            "Apply or unapply the two by hand in the target, on a day of an open period, and "
            "retry; or close the period there: what is applied then, is dated today."
        ),
        values={"entry": entry, "document": number, "date": str(day)},
    )


def credit_in_use(note: CreditNote) -> Hold:
    return Hold(
        cause="credit-in-use",
        hold_class=HoldClass.POLICY,
        reason=f"Credit {note.number} was deleted although {note.used} of it pays invoices.",
        remedy="Delete the payments that use it in FreshBooks first, or restore the credit.",
        values={"credit": note.number, "used": str(note.used)},
    )


def credit_edited(note: CreditNote, record: Record) -> Hold:
    posted = record.row.amount
    used = bool(note.used)
    policy = "set the policy 'edits' to 'reverse and repost'"
    other = "delete the payments that use it first" if used else policy
    return Hold(
        cause="edited-after-posting",
        hold_class=HoldClass.POLICY,
        reason=(
            f"Credit {note.number} was edited after it was posted as "
            f"{record.row.target_number}: posted {posted}, the credit now says {note.total}"
            + (f", and {note.used} of it pays invoices." if used else ".")
        ),
        remedy=f"Undo the edit in FreshBooks, or {other}.",
        values={"posted": str(posted), "source": str(note.total)},
    )


def adopted_by_hand(key: str) -> Hold:
    return Hold(
        cause="adopted-reversal",
        hold_class=HoldClass.POLICY,
        reason=f"{key} stands for a posting that people made: what to take back is unknown.",
        remedy="Reverse it in the target by hand, then resolve with skip.",
    )
