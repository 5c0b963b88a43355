"""The holds of late fees, with the differing values."""

from __future__ import annotations

from documents.cash import Payment
from documents.hold import Hold, HoldClass
from documents.invoice import Invoice
from documents.money import Money
from policies.facts import Record


def added(invoice: Invoice, fee: Money, record: Record) -> Hold:
    return Hold(
        cause="late-fee",
        hold_class=HoldClass.POLICY,
        reason=(
            f"FreshBooks added a late fee of {fee} to invoice {invoice.number}, which is posted "
            f"as {record.row.target_number}: posted {record.row.amount}, now {invoice.total}."
        ),
        remedy=(
            "Bill the fee on an invoice of its own in FreshBooks and remove the line, or waive it; "
            "what else was edited, undo. The policy 'late_fees' can make a supplementary invoice "
            "of an untaxed fee on an invoice without a discount."
        ),
        values={"fee": str(fee), "posted": str(record.row.amount), "source": str(invoice.total)},
    )


def reversed_there(fee: Invoice) -> Hold:
    return Hold(
        cause="reversed-in-target",
        hold_class=HoldClass.POLICY,
        reason=(
            f"The late fee of {fee.total} on invoice {fee.number} was posted, and people reversed "
            "that posting in the target."
        ),
        remedy=(
            "If that is right, take the fee off the invoice in FreshBooks too; else resolve with "
            "release to post it again."
        ),
        values={"fee": str(fee.total)},
    )


def paid_with_credit(payment: Payment, fee: Invoice) -> Hold:
    return Hold(
        cause="late-fee-credit",
        hold_class=HoldClass.POLICY,
        reason=(
            f"Payment {payment.source_id} uses {payment.amount} of credit on invoice {fee.number}, "
            f"more than is open without its late fee of {fee.total}."
        ),
        remedy=(
            "Apply the credit to the invoice and to its late fee in the target by hand, then "
            "resolve with skip."
        ),
        values={
            "payment_id": payment.source_id,
            "amount": str(payment.amount),
            "fee": str(fee.total),
        },
    )
