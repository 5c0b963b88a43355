"""Hypothesis strategies for documents: any invoice, payment or customer the source can make."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal

from hypothesis import strategies as st

from documents.cash import CreditNote, CreditType, Payment
from documents.customer import Address, Customer
from documents.invoice import Invoice, InvoiceLine, InvoiceStage, LineKind, LineTax
from documents.money import Money, minor_units, round_to_unit
from documents.record import TaxTotal

CURRENCIES = ("USD", "CAD", "EUR", "GBP", "JPY", "KWD")

TAXES = (
    LineTax(name="GST", percent=Decimal(5)),
    LineTax(name="PST", percent=Decimal(7), compound=True),
    LineTax(name="QST", percent=Decimal("9.975")),
    LineTax(name="HST", percent=Decimal(13)),
    LineTax(name="VAT", percent=Decimal(20)),
    LineTax(name="Zero", percent=Decimal(0)),
)

PAYMENT_TYPES = (
    "Check", "Credit", "Cash", "Bank Transfer", "Credit Card", "Debit", "PayPal", "2Checkout",
    "VISA", "MASTERCARD", "DISCOVER", "AMEX", "DINERS", "JCB", "ACH", "Other",
)  # fmt: skip

ids = st.integers(min_value=1, max_value=999_999_999).map(str)
dates = st.dates(min_value=date(1900, 1, 1), max_value=date(2200, 12, 31))
texts = st.text(max_size=120)
"""Any text: line breaks, right-to-left, emoji, combining accents, nothing at all."""


def amounts(currency: str, low: int = -10_000, high: int = 100_000) -> st.SearchStrategy[Decimal]:
    """Amounts with at most the currency's decimals."""
    return st.decimals(min_value=low, max_value=high, places=minor_units(currency))


@st.composite
def combinations(draw: st.DrawFn) -> tuple[LineTax, ...]:
    """None, one or two taxes; only the second is ever compound, as the source has it."""
    first = draw(st.sampled_from([None, *(t for t in TAXES if not t.compound)]))
    if first is None:
        return ()
    second = draw(st.sampled_from([None, *(t for t in TAXES if t.name != first.name)]))
    return (first,) if second is None else (first, second)


@st.composite
def lines(draw: st.DrawFn, currency: str, number: int, negative: bool = True) -> InvoiceLine:
    """A line whose amount is quantity times price, rounded as invoices are."""
    quantity = draw(st.decimals(min_value=0, max_value=500, places=draw(st.integers(0, 4))))
    price = draw(amounts(currency, -10_000 if negative else 0))
    return InvoiceLine(
        line_id=str(number),
        name=draw(texts),
        description=draw(texts),
        quantity=quantity,
        unit_price=Money(amount=price, currency=currency),
        amount=Money(amount=round_to_unit(quantity * price, currency), currency=currency),
        taxes=draw(combinations()),
        kind=draw(st.sampled_from(LineKind)),
        item_code=draw(st.sampled_from([None, "DESK", "CHAIR"])),
        project_id=draw(st.none() | ids),
    )


@st.composite
def invoices(
    draw: st.DrawFn,
    currencies: Sequence[str] = CURRENCIES,
    negative: bool = True,
    max_lines: int = 6,
) -> Invoice:
    """Any invoice that adds up: several taxes, compound ones, a discount, negative lines."""
    currency = draw(st.sampled_from(list(currencies)))
    count = draw(st.integers(1, max_lines))
    found = tuple(draw(lines(currency, number, negative)) for number in range(1, count + 1))
    percent = draw(st.sampled_from([Decimal(0), Decimal(10), Decimal("33.33"), Decimal(100)]))
    subtotal = Money.total((line.amount for line in found), currency)
    discount = Money.zero(currency)
    if subtotal.amount > 0:
        discount = (subtotal * (percent / 100)).rounded()
    net = subtotal - discount
    taxes = tuple(_totals(found, percent if discount else Decimal(0), currency))
    total = net + Money.total((tax.amount for tax in taxes), currency)
    issued = draw(dates)
    return Invoice(
        source_id=draw(ids),
        number=draw(st.text(max_size=60)),
        stage=InvoiceStage.FINAL,
        party_id=draw(ids),
        currency=currency,
        document_date=issued,
        due_date=draw(st.none() | st.integers(0, 90).map(lambda n: issued + timedelta(days=n))),
        lines=found,
        discount_percent=percent if discount else Decimal(0),
        subtotal=subtotal,
        discount=discount,
        net=net,
        taxes=taxes,
        total=total,
        paid=Money.zero(currency),
        outstanding=total,
        po_number=draw(st.sampled_from(["", "PO-1"])),
    )


def _totals(found: Sequence[InvoiceLine], discount: Decimal, currency: str) -> list[TaxTotal]:
    """One total per tax name and percent, computed on the discounted lines."""
    bases: dict[tuple[str, Decimal], Decimal] = {}
    for line in found:
        net = line.amount.amount * (100 - discount) / 100
        for tax in line.taxes:
            first = line.taxes[0].percent if tax.compound and tax != line.taxes[0] else Decimal(0)
            key = (tax.name, tax.percent)
            bases[key] = bases.get(key, Decimal(0)) + net * (100 + first) / 100
    return [
        TaxTotal(
            name=name,
            percent=percent,
            basis=Money(amount=basis, currency=currency).rounded(),
            amount=Money(amount=basis * percent / 100, currency=currency).rounded(),
        )
        for (name, percent), basis in bases.items()
    ]


@st.composite
def customers(draw: st.DrawFn, countries: Sequence[str] = ("", "Canada", "usa")) -> Customer:
    """Any client, with names and addresses as people type them."""
    return Customer(
        source_id=draw(ids),
        organization=draw(texts.filter(lambda text: any(c.isalnum() for c in text))),
        first_name=draw(texts),
        last_name=draw(texts),
        email=draw(st.sampled_from(["", "a@b.example"])),
        phone=draw(texts),
        address=Address(
            street=draw(texts),
            street2=draw(texts),
            city=draw(texts),
            province=draw(texts),
            postal_code=draw(st.sampled_from(["", "k1a 0b1", "10115"])),
            country=draw(st.sampled_from(list(countries))),
        ),
        currency=draw(st.sampled_from([None, "USD", "EUR"])),
    )


@st.composite
def payments(draw: st.DrawFn, currencies: Sequence[str] = CURRENCIES) -> Payment:
    """Any receipt of money."""
    currency = draw(st.sampled_from(list(currencies)))
    return Payment(
        source_id=draw(ids),
        invoice_id=draw(ids),
        party_id=draw(ids),
        amount=Money(amount=draw(amounts(currency, 1)), currency=currency),
        date=draw(dates),
        type=draw(st.sampled_from(PAYMENT_TYPES)),
        gateway=draw(st.sampled_from(["", "Stripe", "PayPal"])),
    )


@st.composite
def credit_notes(draw: st.DrawFn, currencies: Sequence[str] = CURRENCIES) -> CreditNote:
    """Any goodwill credit note that adds up."""
    currency = draw(st.sampled_from(list(currencies)))
    found = tuple(draw(lines(currency, n)) for n in range(1, draw(st.integers(2, 4))))
    net = Money.total((line.amount for line in found), currency)
    taxes = tuple(_totals(found, Decimal(0), currency))
    return CreditNote(
        source_id=draw(ids),
        number=draw(st.text(max_size=40)),
        type=CreditType.GOODWILL,
        party_id=draw(ids),
        currency=currency,
        document_date=draw(dates),
        lines=found,
        net=net,
        taxes=taxes,
        total=net + Money.total((tax.amount for tax in taxes), currency),
    )
