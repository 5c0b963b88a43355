"""What each payment settles of its invoice, by example and by property."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from documents.cash import Payment
from documents.invoice import Invoice
from policies.settling import shares
from tests.documents.test_invoice import invoice as an_invoice
from tests.policies.ledger_model import usd


def bill(total: str, outstanding: str) -> Invoice:
    return an_invoice().model_copy(
        update={"total": usd(total), "outstanding": usd(outstanding), "currency": "USD"}
    )


def paid(*amounts: str | Decimal) -> list[Payment]:
    return [
        Payment(
            source_id=str(number),
            invoice_id="1",
            amount=usd(amount),
            date=date(2026, 11, 5),
            type="Check",
        )
        for number, amount in enumerate(amounts, 1)
    ]


def settled(invoice: Invoice, payments: list[Payment]) -> list[Decimal]:
    found = shares(invoice, payments)
    return [found.of(payment).amount for payment in payments]


def test_an_over_payment_settles_what_was_open() -> None:
    assert settled(bill("100", "0"), paid("60", "70", "10")) == [60, 40, 0]


def test_a_refund_opens_what_the_last_payment_settled() -> None:
    assert settled(bill("100", "30"), paid("60", "40", "-30")) == [60, 10, 0]


def test_a_payment_after_a_refund_settles_what_it_opened() -> None:
    assert settled(bill("100", "0"), paid("100", "-30", "30")) == [70, 0, 30]


def test_a_refund_of_an_over_payment_leaves_what_is_settled() -> None:
    found = shares(bill("100", "0"), receipts := paid("150", "-50"))
    assert found.of(receipts[0]) == usd("100")
    assert found.refundable(receipts[0]) == usd("50")


def test_what_the_source_counts_as_paid_is_not_exceeded() -> None:
    assert settled(bill("140", "40"), paid("100", "50")) == [100, 0]


@given(st.lists(st.decimals(1, 100, places=2), max_size=6), st.decimals(1, 200, places=2))
def test_shares_add_up_to_what_is_paid_and_never_exceed_a_payment(
    amounts: list[Decimal], total: Decimal
) -> None:
    payments = paid(*amounts)
    covered = min(sum(amounts, Decimal(0)), total)
    found = settled(bill(str(total), str(total - covered)), payments)
    assert sum(found, Decimal(0)) == covered
    assert all(
        0 <= share <= payment.amount.amount for share, payment in zip(found, payments, strict=True)
    )


def test_what_became_credit_settles_nothing_when_an_edit_opens_the_invoice_again() -> None:
    first, second = paid("150.00", "60.00")
    first = first.model_copy(update={"overpayment_id": "9", "overpaid": usd("50.00")})
    assert settled(bill("200.00", "40.00"), [first, second]) == [Decimal(100), Decimal(60)]
