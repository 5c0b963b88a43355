"""The holds of bills, in words a bookkeeper understands, with the differing values."""

from __future__ import annotations

from collections.abc import Sequence

from documents.bill import Bill, BillPayment
from documents.hold import Hold, HoldClass
from documents.money import Money
from documents.row import DocumentRow


def vendor_unknown(bill: Bill) -> Hold:
    return Hold(
        cause="vendor-unknown",
        hold_class=HoldClass.SETUP,
        reason=(
            f"Nobody has said which vendor of the target {bill.vendor.name} is, who sent bill "
            f"{bill.number} over {bill.total}."
        ),
        remedy=(
            "Write the vendor's number of the target into the account number of the bill vendor "
            "in FreshBooks, or into `vendors` of the bill policy."
        ),
        values={"vendor": bill.vendor.name, "vendor_id": bill.vendor.source_id},
    )


def duplicate(bill: Bill, others: Sequence[str]) -> Hold:
    ids = ", ".join(others)
    return Hold(
        cause="duplicate-bill",
        hold_class=HoldClass.POLICY,
        reason=(
            f"FreshBooks has bill {bill.number} of {bill.vendor.name} more than once: this one "
            f"over {bill.total}, and {ids}."
        ),
        remedy="Delete the one too many in FreshBooks, or resolve with release if both are owed.",
        values={"number": bill.number, "others": ids},
    )


def posted_by_hand(bill: Bill, number: str) -> Hold:
    return Hold(
        cause="possible-duplicate",
        hold_class=HoldClass.POLICY,
        reason=(
            f"The target has {number} of the same vendor under the vendor's number {bill.number}, "
            "posted by hand: it may be this bill."
        ),
        remedy="Resolve with adopt and the number if it is, or with release if it is not.",
        values={"numbers": number, "amount": str(bill.total)},
    )


def edited(bill: Bill, row: DocumentRow) -> Hold:
    return Hold(
        cause="edited-after-posting",
        hold_class=HoldClass.POLICY,
        reason=(
            f"Bill {bill.number} was edited after it was posted as {row.target_number}: posted "
            f"{row.amount}, the bill now says {bill.total}."
        ),
        remedy="Undo the edit in FreshBooks, or set bills.edits to 'reverse and repost'.",
        values={"posted": str(row.amount), "source": str(bill.total)},
    )


def edited_after_payment(bill: Bill, row: DocumentRow, paid: Money | None) -> Hold:
    return Hold(
        cause="edited-after-payment",
        hold_class=HoldClass.POLICY,
        reason=(
            f"Bill {bill.number} was edited after {paid or 'a part of it'} of it had been paid: "
            f"posted {row.amount} as {row.target_number}, the bill now says {bill.total}."
        ),
        remedy="Undo the edit in FreshBooks; a difference is a bill or a credit of its own.",
        values={"posted": str(row.amount), "source": str(bill.total), "paid": str(paid or "")},
    )


def withdrawn_after_payment(row: DocumentRow, paid: Money | None) -> Hold:
    return Hold(
        cause="withdrawn-after-payment",
        hold_class=HoldClass.POLICY,
        reason=(
            f"The bill posted as {row.target_number} over {row.amount} was deleted after "
            f"{paid or 'a part of it'} of it had been paid in the target."
        ),
        remedy="Take the payment back in the target, then retry; or skip it.",
        values={"posted": str(row.amount), "paid": str(paid or "")},
    )


def settled_unpaid(row: DocumentRow) -> Hold:
    return Hold(
        cause="settled-unpaid",
        hold_class=HoldClass.POLICY,
        reason=(
            f"The bill posted as {row.target_number} over {row.amount} was closed in the target "
            "by a credit memo and not by a payment."
        ),
        remedy="Take the credit memo back in the target, or skip this if nothing is owed any more.",
        values={"posted": str(row.amount)},
    )


def draft_gone(bill: Bill) -> Hold:
    return Hold(
        cause="draft-gone",
        hold_class=HoldClass.DATA,
        reason=f"What waited in the target for bill {bill.number} was deleted there.",
        remedy="Resolve with retry to create it anew, or with skip to leave the bill out.",
    )


def other_currency(bill: Bill, payment: BillPayment) -> Hold:
    return _of_payment(
        "payment-currency",
        payment,
        f"is in {payment.amount.currency}, bill {bill.number} in {bill.currency}.",
        "Enter the payment in the bill's currency in FreshBooks.",
    )


def paid_before(bill: Bill, payment: BillPayment) -> Hold:
    return _of_payment(
        "paid-before-bill",
        payment,
        f"is dated {payment.date}, before bill {bill.number} of {bill.document_date}: the target "
        "applies no payment to a later bill.",
        "Correct one of the two dates in FreshBooks, or book the payment in the target and skip.",
    )


def payment_edited(bill: Bill, payment: BillPayment) -> Hold:
    return _of_payment(
        "payment-edited-after-posting",
        payment,
        f"of bill {bill.number} was changed after it was posted: it now says {payment.amount} of "
        f"{payment.date} by {payment.type}.",
        "Undo the change in FreshBooks, or set bills.edits to 'reverse and repost'.",
    )


def overpaid(bill: Bill, payment: BillPayment, left: Money) -> Hold:
    return _of_payment(
        "bill-overpaid",
        payment,
        f"over {payment.amount} is more than bill {bill.number} leaves open: {left}.",
        "Correct the payment in FreshBooks; an advance to a vendor is booked in the target.",
    )


def _of_payment(cause: str, payment: BillPayment, what: str, remedy: str) -> Hold:
    return Hold(
        cause=cause,
        hold_class=HoldClass.POLICY,
        reason=f"Payment {payment.source_id} {what}",
        remedy=remedy,
        values={"payment_id": payment.source_id, "source": str(payment.amount)},
    )
