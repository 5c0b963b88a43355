"""The holds of order to cash, in words a bookkeeper understands, with the differing values."""

from __future__ import annotations

from documents.cash import Payment
from documents.hold import Hold, HoldClass
from documents.invoice import Invoice
from policies.facts import Record


def disputed(invoice: Invoice) -> Hold:
    return Hold(
        cause="disputed",
        hold_class=HoldClass.POLICY,
        reason=f"Invoice {invoice.number} is disputed at the source.",
        remedy="Resolve the dispute in FreshBooks; the document goes on by itself.",
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


def other_currency(invoice: Invoice, payment: Payment) -> Hold:
    return Hold(
        cause="payment-currency",
        hold_class=HoldClass.DATA,
        reason=(
            f"Payment {payment.source_id} is in {payment.amount.currency}, "
            f"its invoice {invoice.number} in {invoice.currency}."
        ),
        remedy="Enter the payment in the invoice's currency in FreshBooks.",
        values={"payment": payment.amount.currency, "invoice": invoice.currency},
    )


def adopted_by_hand(key: str) -> Hold:
    return Hold(
        cause="adopted-reversal",
        hold_class=HoldClass.POLICY,
        reason=f"{key} stands for a posting that people made: what to take back is unknown.",
        remedy="Reverse it in the target by hand, then resolve with skip.",
    )
