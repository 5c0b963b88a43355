"""Receipts, reversals, credit notes, customers, journals and roundings."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from pydantic import ValidationError

from documents.cash import CreditNote, CreditType, Payment
from documents.customer import Address, Customer, TargetCustomer
from documents.hold import HoldClass
from documents.key import Key, Kind
from documents.money import Money
from documents.record import MappedRecord
from mapping.mapper import Mapper
from tests.mapping.specs import (
    CUSTOMER,
    KEY,
    ON,
    by_role,
    held,
    invoice,
    line,
    map_invoice,
    mapper,
    net_of,
    tax,
    total,
    usd,
)
from tests.strategies import credit_notes

_PAYMENT_KEY = Key(tag="T", kind=Kind.PAYMENT, source_id="5")


def _paid(amount: str = "10.00", currency: str = "USD", **more: Any) -> Payment:
    values = {"type": "Check", "date": ON, "invoice_id": "1234567", **more}
    return Payment(source_id="5", amount=Money.of(amount, currency), **values)


def _receipt(made: Mapper, paid: Payment, fix: dict[str, str] | None = None) -> MappedRecord:
    return made.map_payment(paid, "C1", _PAYMENT_KEY, ON, "P1", fix)


@pytest.mark.parametrize(
    ("kind", "gateway", "currency", "bank"),
    [
        ("Check", "", "USD", "B1"),
        ("Check", "Stripe", "USD", "B1"),
        ("Check", "Stripe", "EUR", "B3"),
        ("VISA", "Stripe", "USD", "B2"),
    ],
)
def test_the_most_specific_row_gives_the_bank_account(
    tmp_path: Path, kind: str, gateway: str, currency: str, bank: str
) -> None:
    record = _receipt(mapper(tmp_path), _paid("10.00", currency, type=kind, gateway=gateway))
    assert record.header["Bank"] == bank


def test_a_payment_type_has_no_default_bank_account(tmp_path: Path) -> None:
    hold = held(_receipt, mapper(tmp_path), _paid(type="Cash"))
    assert (hold.cause, hold.values["key"]) == ("bank-account-unmapped", "Cash |  | USD")


def test_a_blank_bank_account_is_held(tmp_path: Path) -> None:
    made = mapper(tmp_path, {"payment.bank_account": {"value": ""}})
    assert held(_receipt, made, _paid()).cause == "bank-account-unmapped"


def test_a_use_of_credit_is_never_a_receipt(tmp_path: Path) -> None:
    hold = held(_receipt, mapper(tmp_path), _paid(from_credit=True))
    assert (hold.cause, hold.hold_class) == ("credit-not-cash", HoldClass.POLICY)


def test_a_payment_before_its_invoice_applies_to_nothing(tmp_path: Path) -> None:
    record = mapper(tmp_path).map_payment(_paid(), "C1", _PAYMENT_KEY, ON, None)
    assert "AppliesTo" not in record.header
    assert record.expected is None
    assert record.kind is Kind.PAYMENT


def test_a_reversal_comes_from_the_record_and_not_from_the_source(tmp_path: Path) -> None:
    made = mapper(tmp_path)
    posted = map_invoice(made, invoice(line(1, "10.00"), discount="1.00"))
    key = KEY.of_kind(Kind.INVOICE_REVERSAL)
    reversal = made.map_reversal(posted, key, date(2024, 6, 1), "P1")
    assert reversal.header == {
        "Customer": "C1",
        "Currency": "",
        "Number": "INV-1",
        "Key": "T-R1234567-1",
        "Date": "2024-06-01",
    }
    assert reversal.lines == posted.lines
    assert {e.rule for e in reversal.trace if e.field == "lines[1].Price"} == {"as posted"}


def test_a_reversal_can_turn_signs_and_set_fields(tmp_path: Path) -> None:
    lines = {"copy": ["Account", "Price"], "negate": ["Price"], "set": {"Text": {"value": "back"}}}
    rules = {"from": "record.reverses"}
    made = mapper(
        tmp_path, {"invoice_reversal.lines": lines, "invoice_reversal.header.Number": rules}
    )
    posted = map_invoice(made, invoice(line(1, "10.00")))
    reversal = made.map_reversal(posted, KEY.of_kind(Kind.INVOICE_REVERSAL), ON, "P1")
    assert reversal.lines == ({"Account": "4000", "Price": "-10.00", "Text": "back"},)


def test_a_reversal_can_read_the_posted_header(tmp_path: Path) -> None:
    rule = {"concat": [{"value": "R"}, {"from": "original.Number"}], "truncate": True}
    made = mapper(tmp_path, {"invoice_reversal.header.Number": rule})
    posted = map_invoice(made, invoice(line(1, "10.00")))
    reversal = made.map_reversal(posted, KEY.of_kind(Kind.INVOICE_REVERSAL), ON, "")
    assert reversal.header["Number"] == "R INV-1"


def test_a_record_without_a_reversal_section_is_held(tmp_path: Path) -> None:
    made = mapper(tmp_path)
    paid = _receipt(made, _paid())
    key = _PAYMENT_KEY.of_kind(Kind.PAYMENT_REVERSAL)
    assert held(made.map_reversal, paid, key, ON, "").cause == "not-mapped"
    made = mapper(tmp_path, {"invoice_reversal": None})
    posted = map_invoice(made, invoice(line(1, "10.00")))
    key = KEY.of_kind(Kind.INVOICE_REVERSAL)
    assert held(made.map_reversal, posted, key, ON, "").cause == "not-mapped"


def _credit_note(made: Mapper, note: CreditNote) -> MappedRecord:
    key = Key(tag="T", kind=Kind.CREDIT_NOTE, source_id=note.source_id)
    return made.map_credit_note(note, CUSTOMER, "C1", key, ON)


@pytest.fixture(scope="module")
def crediting(tmp_path_factory: pytest.TempPathFactory) -> Mapper:
    return mapper(tmp_path_factory.mktemp("crediting"))


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(note=credit_notes())
def test_a_credit_note_is_posted_line_by_line_with_its_taxes(
    crediting: Mapper, note: CreditNote
) -> None:
    record = _credit_note(crediting, note)
    assert by_role(record, "revenue") == [("4000", line.amount.amount) for line in note.lines]
    assert net_of(record) == note.total.amount


@given(note=credit_notes())
def test_a_credit_note_edited_in_its_lines_only_is_an_edit(note: CreditNote) -> None:
    lines = (note.lines[0].model_copy(update={"name": "Another thing"}), *note.lines[1:])
    edited = note.model_copy(update={"lines": lines})
    assert (edited.fingerprint() == note.fingerprint()) == (lines == note.lines)


def test_a_credit_note_whose_lines_give_less_than_its_net_is_refused() -> None:
    with pytest.raises(ValidationError, match=r"lines give 5\.00 USD, the note says 6\.00"):
        CreditNote(
            source_id="3",
            number="CN-1",
            type=CreditType.GOODWILL,
            party_id="7",
            currency="USD",
            document_date=ON,
            lines=(line(1, "5.00"),),
            net=usd("6.00"),
            total=usd("6.00"),
        )


def test_a_credit_note_without_a_section_is_held(tmp_path: Path) -> None:
    note = CreditNote(
        source_id="3",
        number="CN-1",
        type=CreditType.GOODWILL,
        party_id="7",
        currency="USD",
        document_date=ON,
        lines=(line(1, "5.00"),),
        net=usd("5.00"),
        total=usd("5.00"),
    )
    made = mapper(tmp_path, {"credit_note": None})
    assert held(_credit_note, made, note).cause == "not-mapped"


def test_a_new_customer_carries_our_key(tmp_path: Path) -> None:
    client = Customer(source_id="7", organization="Acme", currency="EUR")
    key = Key(tag="T", kind=Kind.CUSTOMER, source_id="7")
    record = mapper(tmp_path).map_customer(client, key)
    assert record.header == {"Name": "Acme", "Key": "T-C7-1", "Currency": "EUR"}
    assert (record.kind, record.entity) == (Kind.CUSTOMER, "customer")


def test_a_customer_in_an_unknown_currency_is_held(tmp_path: Path) -> None:
    client = Customer(source_id="7", organization="Acme", currency="CHF")
    key = Key(tag="T", kind=Kind.CUSTOMER, source_id="7")
    assert held(mapper(tmp_path).map_customer, client, key).cause == "currency-unmapped"


def test_an_update_holds_only_listed_fields_that_differ(tmp_path: Path) -> None:
    made = mapper(tmp_path)
    there = TargetCustomer(number="C1", name="Other", fields={"City": "Bonn", "Name": "Other"})
    client = Customer(source_id="7", organization="Acme", address=Address(city="Ulm"))
    record = made.map_customer_update(client, there)
    assert record is not None
    assert record.header == {"City": "Ulm"}
    assert [e.note for e in record.trace] == ["was 'Bonn'"]
    same = there.model_copy(update={"fields": {"City": "Ulm"}})
    assert made.map_customer_update(client, same) is None


def test_an_update_never_clears_a_field_that_the_client_leaves_blank(tmp_path: Path) -> None:
    there = TargetCustomer(number="C1", name="Acme", fields={"City": "Bonn"})
    client = Customer(source_id="7", organization="Acme")
    assert mapper(tmp_path).map_customer_update(client, there) is None


def test_the_mapping_says_how_customers_are_matched(tmp_path: Path) -> None:
    made = mapper(tmp_path, {"customer.match": ["email"], "customer.when_missing": "hold"})
    assert (made.customer_match, made.customer_when_missing) == (("email",), "hold")


_JOURNAL = {
    "document": "journal",
    "entity": "journal",
    "header": {},
    "party_line": {
        "Kind": {"value": "Customer"},
        "Account": {"from": "record.customer"},
        "Amount": {"from": "line.net"},
    },
    "lines": {
        "Kind": {"value": "Ledger"},
        "Account": {"from": "line.account"},
        "Amount": {"from": "line.net", "negate": True},
        "Text": {"from": "line.name", "truncate": True},
    },
}


def test_a_journal_balances_the_customer_against_the_accounts(tmp_path: Path) -> None:
    made = mapper(
        tmp_path,
        {"invoice": _JOURNAL, "lines": "by account", "invoice_reversal.lines": {"copy": []}},
    )
    things = [line(n, "10.00", tax("VAT", "20")) for n in (1, 2)]
    record = map_invoice(made, invoice(*things, taxes=(total("VAT", "20", "4.00"),)))
    assert made.target_document == "journal"
    assert record.header == {}
    assert [(n["Kind"], n["Account"], n["Amount"]) for n in record.lines] == [
        ("Customer", "C1", "24.00"),
        ("Ledger", "4000", "-20.00"),
        ("Ledger", "2200", "-4.00"),
    ]


def test_an_order_is_a_document_of_its_own_kind(tmp_path: Path) -> None:
    made = mapper(tmp_path, {"invoice.document": "order"})
    assert made.target_document == "order"
