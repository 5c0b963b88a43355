"""Payments, clients and credit notes become documents, or say in plain words why not."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.errors import Rejected
from connectors.freshbooks.clocks import Clock
from connectors.freshbooks.reading import (
    read_credit_note,
    read_customer,
    read_payment,
)
from connectors.ports import Unreadable
from documents.cash import CreditType
from documents.customer import Existence
from tests.connectors.test_freshbooks_reading import HST, line, money

CLOCK = Clock()
Row = dict[str, Any]


PAYMENT: Row = {
    "id": 3000001,
    "logid": 3000001,
    "invoiceid": 2000001,
    "clientid": 1000001,
    "amount": money("10.50"),
    "date": "2026-02-10",
    "type": "Check",
    "gateway": None,
    "note": None,
    "from_credit": None,
    "creditid": None,
    "overpaymentid": 0,
    "vis_state": 0,
    "updated": "2026-02-10 09:00:00",
}


def test_a_payment_is_read_with_unset_ids_as_none() -> None:
    found = read_payment(PAYMENT, CLOCK)
    assert (found.source_id, found.invoice_id, str(found.amount)) == (
        "3000001",
        "2000001",
        "10.50 USD",
    )
    assert (found.credit_id, found.overpayment_id, found.from_credit) == (None, None, False)
    assert found.existence is Existence.ACTIVE


def test_a_payment_from_credit_and_a_deleted_one_say_so() -> None:
    found = read_payment(
        PAYMENT | {"from_credit": True, "creditid": 4000001, "vis_state": 1}, CLOCK
    )
    assert (found.from_credit, found.credit_id) == (True, "4000001")
    assert found.existence is Existence.DELETED


@pytest.mark.parametrize(
    ("fields", "cause"),
    [
        ({"amount": money("1.001")}, "too-many-decimals"),
        ({"amount": money("1.00", "")}, "unknown-currency"),
        ({"amount": None}, "bad-field"),
        ({"date": None}, "missing-field"),
        ({"date": "yesterday"}, "bad-date"),
    ],
)
def test_an_unreadable_payment_is_rejected_with_a_hold(fields: Row, cause: str) -> None:
    with pytest.raises(Rejected) as rejected:
        read_payment(PAYMENT | fields, CLOCK)
    assert rejected.value.hold.cause == cause
    assert "3000001" in rejected.value.hold.reason


def test_a_client_is_read_with_its_billing_address() -> None:
    found = read_customer(
        {
            "id": 1000001,
            "organization": "",
            "fname": "Zoë",
            "lname": "Ng",
            "email": " zoe@example.test ",
            "home_phone": "3",
            "mob_phone": "",
            "p_street": "1 Main St",
            "p_country": "Canada",
            "p_code": None,
            "currency_code": "CAD",
            "vis_state": 2,
        }
    )
    assert (found.name, found.email, found.phone) == ("Zoë Ng", "zoe@example.test", "3")
    assert (found.address.street, found.address.postal_code) == ("1 Main St", "")
    assert (found.currency, found.existence) == ("CAD", Existence.ARCHIVED)


def test_a_client_without_a_known_currency_has_none() -> None:
    assert read_customer({"id": 1, "currency_code": None}).currency is None


CREDIT: Row = {
    "id": 4000001,
    "creditid": 4000001,
    "credit_number": "CN-1",
    "credit_type": "goodwill",
    "clientid": 1000001,
    "currency_code": "USD",
    "create_date": "2026-02-03",
    "amount": money("113.00"),
    "vis_state": 0,
    "lines": [line("100.00", **HST)],
}


def test_a_goodwill_credit_note_has_net_and_taxes() -> None:
    found = read_credit_note(CREDIT)
    assert not isinstance(found, Unreadable)
    assert (found.type, str(found.net), str(found.total)) == (
        CreditType.GOODWILL,
        "100.00 USD",
        "113.00 USD",
    )
    assert str(found.figures.tax) == "13.00 USD"


def test_the_credit_of_an_overpayment_needs_no_lines() -> None:
    found = read_credit_note(CREDIT | {"credit_type": "overpayment", "lines": []})
    assert not isinstance(found, Unreadable)
    assert (str(found.net), found.taxes) == ("113.00 USD", ())


@pytest.mark.parametrize(
    ("fields", "cause"),
    [
        ({"lines": []}, "lines-missing"),
        ({"credit_type": "surprise"}, "unknown-type"),
        ({"amount": money("113.02")}, "does-not-add-up"),
        ({"clientid": 0}, "no-client"),
    ],
)
def test_an_unreadable_credit_note_says_why(fields: Row, cause: str) -> None:
    found = read_credit_note(CREDIT | fields)
    assert isinstance(found, Unreadable)
    assert (found.hold.cause, found.number) == (cause, "CN-1")
