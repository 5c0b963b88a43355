"""The holds of converted money, with the amounts in both currencies."""

from __future__ import annotations

from documents.cash import Payment
from documents.exchange import Exchange, Rate
from documents.hold import Hold, HoldClass
from documents.invoice import Invoice
from documents.money import Money


def not_converted(payment: Payment, number: str) -> Hold:
    return Hold(
        cause="rate-unknown",
        hold_class=HoldClass.POLICY,
        reason=(
            f"Payment {payment.source_id} over {payment.amount} settles {number}, which was not "
            "converted by us, while the mapping converts that currency."
        ),
        remedy="Post and apply it in the target by hand, then resolve with skip.",
        values={"payment_id": payment.source_id, "amount": str(payment.amount), "number": number},
    )


def rate_unknown(invoice: Invoice, booked: Money, number: str) -> Hold:
    return Hold(
        cause="rate-unknown",
        hold_class=HoldClass.POLICY,
        reason=(
            f"Invoice {invoice.number} is in {invoice.currency}, {number} in {booked.currency}, "
            "and no rate was kept with it: what payments settle of it is not known."
        ),
        remedy="Settle it in the target by hand, then resolve with skip.",
        values={"source": str(invoice.total), "target": str(booked), "number": number},
    )


def rates_differ(payment: Payment, entry: str, theirs: Rate | None, ours: Rate | None) -> Hold:
    return Hold(
        cause="rates-differ",
        hold_class=HoldClass.POLICY,
        reason=(
            f"Payment {payment.source_id} uses {payment.amount} of the credit {entry}, which was "
            f"converted at {theirs or 'no rate'}; the invoice at {ours or 'no rate'}. What they "
            "differ by is a gain or loss that nobody has decided about."
        ),
        remedy=(
            "Apply the credit in the target by hand, post the difference to its account there, "
            "and resolve with skip."
        ),
        values={
            "payment_id": payment.source_id,
            "credit": entry,
            "rate of the credit": str(theirs or ""),
            "rate of the invoice": str(ours or ""),
        },
    )


def converts_to_nothing(payment: Payment, made: Exchange) -> Hold:
    return Hold(
        cause="converts-to-nothing",
        hold_class=HoldClass.DATA,
        reason=f"Payment {payment.source_id} over {made.amount} is {made.booked} at {made.rate}.",
        remedy="Enter it together with another payment in FreshBooks, or resolve with skip.",
        values={"payment_id": payment.source_id, "source": str(made.amount)},
    )


def rounding_remainder(invoice: Invoice, number: str, left: Money) -> Hold:
    return Hold(
        cause="conversion-remainder",
        hold_class=HoldClass.POLICY,
        reason=(
            f"Invoice {invoice.number} is paid in FreshBooks; {left} of {number} is open in the "
            "target, because its payments were converted and rounded one by one."
        ),
        remedy="Write that off in the target to the account for differences; it goes on by itself.",
        values={"number": number, "open": str(left)},
    )


def other_rate(payment: Payment, theirs: Rate, ours: Rate) -> Hold:
    return Hold(
        cause="rates-differ",
        hold_class=HoldClass.POLICY,
        reason=(
            f"Payment {payment.source_id} was converted at {theirs}; its invoice was posted anew "
            f"at {ours}."
        ),
        remedy="Set the policy 'edits' to 'reverse and repost' to have it posted anew as well.",
        values={
            "payment_id": payment.source_id,
            "rate of the payment": str(theirs),
            "rate of the invoice": str(ours),
        },
    )
