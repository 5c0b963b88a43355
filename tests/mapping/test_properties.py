"""What holds for any invoice the source can make."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from documents.cash import Payment
from documents.customer import Customer
from documents.invoice import Invoice
from documents.key import Key, Kind
from documents.money import Money
from documents.record import MappedRecord
from mapping.amounts import share
from mapping.mapper import Mapper
from mapping.texts import beyond, cut, width
from tests.mapping.specs import (
    NAV_SPEC,
    ON,
    by_role,
    line,
    map_invoice,
    mapper,
    net_of,
    notes,
)
from tests.mapping.specs import invoice as invoice_of
from tests.strategies import CURRENCIES, amounts, customers, invoices, payments, texts

_QUIET = settings(suppress_health_check=[HealthCheck.too_slow], max_examples=150, deadline=None)
_NAV_CURRENCIES = tuple(c for c in CURRENCIES if c != "KWD")


@pytest.fixture(scope="module")
def lined(tmp_path_factory: pytest.TempPathFactory) -> Mapper:
    return mapper(tmp_path_factory.mktemp("lined"))


@pytest.fixture(scope="module")
def summed(tmp_path_factory: pytest.TempPathFactory) -> Mapper:
    return mapper(tmp_path_factory.mktemp("summed"), {"lines": "by account"})


@pytest.fixture(scope="module")
def discounted(tmp_path_factory: pytest.TempPathFactory) -> Mapper:
    return mapper(tmp_path_factory.mktemp("discounted"), {"discount": {"account": "4200"}})


@pytest.fixture(scope="module")
def coded(tmp_path_factory: pytest.TempPathFactory) -> Mapper:
    """HST, VAT and GST by codes, two of them by one; whatever else has a line of its own."""
    rows = [
        {"taxes": [{"name": name, "percent": "*"}], "code": code}
        for name, code in (("HST", "A"), ("VAT", "A"), ("GST", "B"))
    ]
    others = {"taxes": "*", "line": {"account": "2200"}}
    taxes = {"untaxed": {"value": "EXEMPT"}, "zero_code": "ZERO", "rows": [*rows, others]}
    return mapper(tmp_path_factory.mktemp("coded"), {"taxes": taxes})


@pytest.fixture(scope="module")
def nav() -> Mapper:
    return Mapper.load(NAV_SPEC)


@_QUIET
@given(invoice=invoices())
def test_lines_and_tax_lines_add_up_to_the_invoice(lined: Mapper, invoice: Invoice) -> None:
    record = map_invoice(lined, invoice)
    taxes = sum((amount for _, amount in by_role(record, "tax")), Decimal(0))
    assert net_of(record) == invoice.total.amount
    assert taxes == invoice.tax.amount
    assert sum(a for _, a in by_role(record, "revenue")) == invoice.net.amount


@_QUIET
@given(invoice=invoices())
def test_the_taxes_of_the_codes_add_up_to_what_the_target_computes(
    coded: Mapper, invoice: Invoice
) -> None:
    record = map_invoice(coded, invoice)
    assert record.expected is not None
    codes = [part.code for part in record.taxes]
    assert len(codes) == len(set(codes)) != 1
    if codes:
        tax = Money.total((part.tax for part in record.taxes), invoice.currency)
        assert tax == record.expected.tax
        covered = sorted(n for part in record.taxes for n in part.lines)
        assert covered == list(range(1, len(record.lines) + 1))


@_QUIET
@given(invoice=invoices())
def test_a_tax_with_a_line_of_its_own_is_net_to_the_target(lined: Mapper, invoice: Invoice) -> None:
    expected = map_invoice(lined, invoice).expected
    assert expected is not None
    assert (expected.net, expected.total) == (invoice.total, invoice.total)


@_QUIET
@given(invoice=invoices())
def test_adding_up_by_account_keeps_every_total(
    lined: Mapper, summed: Mapper, invoice: Invoice
) -> None:
    single, together = map_invoice(lined, invoice), map_invoice(summed, invoice)
    assert _per_coding(together) == _per_coding(single)
    assert len(together.lines) == len(_per_coding(single))
    assert together.expected == single.expected


def _per_coding(record: MappedRecord) -> dict[tuple[object, ...], Decimal]:
    totals: dict[tuple[object, ...], Decimal] = {}
    for sent in record.lines:
        coding = tuple(sent.get(n, "") for n in ("Role", "Account", "TaxCode", "Department"))
        amount = Decimal(str(sent["Quantity"])) * Decimal(str(sent["Price"]))
        totals[coding] = totals.get(coding, Decimal(0)) + amount
    return totals


@_QUIET
@given(invoice=invoices())
def test_a_discount_account_takes_exactly_the_discount(
    discounted: Mapper, invoice: Invoice
) -> None:
    record = map_invoice(discounted, invoice)
    assert sum(a for _, a in by_role(record, "discount")) == -invoice.discount.amount
    assert sum(a for _, a in by_role(record, "revenue")) == invoice.subtotal.amount
    assert net_of(record) == invoice.total.amount


@_QUIET
@given(invoice=invoices())
def test_the_same_invoice_gives_the_same_bytes(lined: Mapper, invoice: Invoice) -> None:
    once, again = map_invoice(lined, invoice), map_invoice(lined, invoice)
    assert once.model_dump_json() == again.model_dump_json()
    assert MappedRecord.model_validate_json(once.model_dump_json()) == once


@_QUIET
@given(invoice=invoices(currencies=_NAV_CURRENCIES), customer=customers())
def test_nothing_sent_to_nav_is_longer_than_its_field(
    nav: Mapper, invoice: Invoice, customer: Customer
) -> None:
    key = Key(tag="T", kind=Kind.INVOICE, source_id=invoice.source_id)
    record = nav.map_invoice(invoice, customer, "C1", key, ON, {})
    assert width(str(record.header.get("Your_Reference", ""))) <= 35
    assert all(width(str(line.get("Description", ""))) <= 50 for line in record.lines)
    card = nav.map_customer(customer, key.of_kind(Kind.CUSTOMER)).header
    assert all(width(str(card.get(n, ""))) <= m for n, m in {"Name": 50, "City": 30}.items())


@_QUIET
@given(name=texts)
def test_a_text_is_changed_only_with_a_trace(lined: Mapper, name: str) -> None:
    record = map_invoice(lined, invoice_of(line(1, "1.00", name=name)))
    sent = record.lines[0].get("Text", "")
    if sent != name and name.strip():
        assert notes(record, "lines[1].Text")
    assert width(str(sent)) <= 15


@_QUIET
@given(invoice=invoices())
def test_a_reversal_mirrors_what_was_posted(lined: Mapper, invoice: Invoice) -> None:
    posted = map_invoice(lined, invoice)
    key = Key(tag="T", kind=Kind.INVOICE_REVERSAL, source_id=invoice.source_id)
    reversal = lined.map_reversal(posted, key, ON, "P1")
    assert reversal.lines == posted.lines
    assert reversal.expected == posted.expected
    assert {n: reversal.header.get(n) for n in ("Customer", "Currency", "Number")} == {
        n: posted.header.get(n) for n in ("Customer", "Currency", "Number")
    }
    assert reversal.header["Key"] == key.text()


@_QUIET
@given(payment=payments(currencies=_NAV_CURRENCIES))
def test_a_receipt_is_the_payment_with_its_sign_turned(nav: Mapper, payment: Payment) -> None:
    key = Key(tag="T", kind=Kind.PAYMENT, source_id=payment.source_id)
    record = nav.map_payment(payment, "C1", key, payment.date, "PSI1")
    assert Decimal(str(record.header["Amount"])) == -payment.amount.amount
    assert record.header["Bal_Account_No"] == f"BANK-{payment.amount.currency}"


@settings(deadline=None)
@given(data=st.data())
def test_shares_add_up_whatever_the_signs_of_the_weights(data: st.DataObject) -> None:
    currency = data.draw(st.sampled_from(CURRENCIES))
    amount = Money(amount=data.draw(amounts(currency)), currency=currency)
    weights = data.draw(st.lists(st.decimals(-1000, 1000, places=2), min_size=1, max_size=8))
    parts = share(amount, weights)
    assert Money.total(parts, currency) == amount
    assert all(part.is_exact for part in parts)


@settings(deadline=None)
@given(text=st.text(max_size=80), limit=st.integers(1, 60))
def test_a_cut_text_fits_and_with_the_rest_is_whole(text: str, limit: int) -> None:
    head, rest = cut(text, limit), beyond(text, limit)
    assert width(head) <= limit
    assert Counter("".join((head + rest).split())) == Counter("".join(text.split()))
