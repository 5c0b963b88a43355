"""A mapped record made ready for NAV: checked, typed and in order before anything is sent."""

from __future__ import annotations

from decimal import Decimal

import pytest

from connectors.errors import Rejected
from connectors.nav.odata import Entity
from connectors.nav.record import Body, changes, ready, without_key
from documents.hold import Hold
from documents.record import FieldValue
from tests.connectors.nav_pages import SETTINGS, model, schema


def _ready(entity: str, values: dict[str, FieldValue], *, whole: bool = True) -> dict[str, object]:
    found = model()
    pages = {
        "invoice": found.page("SalesInvoice"),
        "invoice.line": found.part("SalesInvoice", "SalesInvoiceSalesLines"),
        "payment": found.page("CashReceiptJournal"),
    }
    fields = schema().entities[entity]
    return dict(ready(fields, pages[entity], values, SETTINGS, operation="create", whole=whole))


def _held(entity: str, values: dict[str, FieldValue], *, whole: bool = False) -> Hold:
    with pytest.raises(Rejected) as raised:
        _ready(entity, values, whole=whole)
    return raised.value.hold


def test_a_record_is_typed_and_put_in_the_order_nav_validates() -> None:
    body = _ready(
        "payment",
        {
            "Amount": "-12.50",
            "Account_No": "C1",
            "Currency_Code": "EUR",
            "Posting_Date": "2026-02-01",
            "Account_Type": "Customer",
            "Document_Type": "Payment",
        },
    )
    assert list(body.items()) == [
        ("Posting_Date", "2026-02-01"),
        ("Document_Type", "Payment"),
        ("Account_Type", "Customer"),
        ("Account_No", "C1"),
        ("Currency_Code", "EUR"),
        ("Amount", Decimal("-12.50")),
    ]


def test_a_line_names_its_account_before_what_the_account_would_overwrite() -> None:
    body = _ready(
        "invoice.line",
        {"Unit_Price": "1", "Description": "x", "Quantity": "2", "No": "6110", "Type": "Item"},
    )
    assert list(body) == ["Type", "No", "Description", "Quantity", "Unit_Price"]


def test_a_text_beyond_the_field_is_held_with_field_length_and_limit() -> None:
    hold = _held("invoice", {"Your_Reference": "x" * 36})
    assert hold.cause == "text-too-long"
    assert hold.values == {"field": "Your_Reference", "length": "36", "limit": "35"}


def test_a_text_of_exactly_the_field_s_length_passes() -> None:
    assert _ready("invoice", {"Your_Reference": "ü" * 35}, whole=False) == {
        "Your_Reference": "ü" * 35
    }


@pytest.mark.parametrize(
    ("values", "cause"),
    [
        ({"Colour": "red"}, "field-unknown"),
        ({"Amount_Including_VAT": "5"}, "field-read-only"),
        ({"Posting_Date": "tomorrow"}, "value-not-allowed"),
        ({"Applies_to_Doc_Type": "Postcard"}, "value-not-allowed"),
    ],
)
def test_a_field_that_nav_would_refuse_is_held_before_anything_is_sent(
    values: dict[str, FieldValue], cause: str
) -> None:
    assert _held("invoice", values).cause == cause


def test_a_missing_required_field_is_held() -> None:
    hold = _held("invoice", {"Posting_Date": "2026-01-01"}, whole=True)
    assert hold.cause == "value-missing"
    assert hold.values["field"] == "Sell_to_Customer_No"


def test_a_blank_option_is_written_as_the_connection_spells_it() -> None:
    assert _ready("invoice.line", {"Type": ""}, whole=False) == {"Type": " "}


def test_a_mapping_may_not_write_over_our_key() -> None:
    values: dict[str, FieldValue] = {"External_Document_No": "INV-7", "No": "1"}
    with pytest.raises(Rejected) as raised:
        without_key(values, "External_Document_No", "FB-I7-1", "create")
    assert raised.value.hold.cause == "key-overwritten"


def test_a_mapping_that_writes_the_key_itself_is_accepted() -> None:
    values: dict[str, FieldValue] = {"External_Document_No": "FB-I7-1", "No": "1"}
    assert without_key(values, "External_Document_No", "FB-I7-1", "create") == {"No": "1"}


def test_what_comes_after_a_changed_field_is_sent_again_since_nav_may_overwrite_it() -> None:
    line = Entity({"Account_No": "", "Currency_Code": "", "Amount": Decimal(0)}, "W/1")
    wanted: Body = {"Account_No": "C1", "Currency_Code": "", "Amount": Decimal(5)}
    assert changes(line, wanted) == wanted
    filled = Entity({"Account_No": "C1", "Currency_Code": "EUR", "Amount": Decimal(5)}, "W/2")
    assert changes(filled, wanted) == {"Currency_Code": "", "Amount": Decimal(5)}
    assert changes(Entity(wanted, "W/3"), wanted) == {}
