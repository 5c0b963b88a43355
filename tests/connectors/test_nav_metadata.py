"""What NAV says of its pages, what a mapping may write, and a record made ready for it."""

from __future__ import annotations

from decimal import Decimal

import pytest
from pydantic import SecretStr

from connectors.errors import Misconfigured, Rejected, Unavailable
from connectors.nav.metadata import Model, parse_metadata
from connectors.nav.record import ready, without_key
from connectors.nav.schema import target_schema
from connectors.nav.settings import NavSettings, Services
from documents.hold import Hold
from documents.record import FieldValue
from documents.schema import FieldType, TargetSchema

_SETTINGS = NavSettings(
    base_url="http://nav.test",
    instance="NAV",
    company="CRONUS",
    username="tieout",
    secret=SecretStr("key"),
)


def _property(name: str, edm: str = "Edm.String", length: int = 0, note: str = "") -> str:
    limit = f' MaxLength="{length}"' if length else ""
    return f'<Property Name="{name}" Type="{edm}"{limit}>{note}</Property>'


def _type(name: str, keys: str, body: str) -> str:
    refs = "".join(f'<PropertyRef Name="{key}"/>' for key in keys.split())
    return f'<EntityType Name="{name}"><Key>{refs}</Key>{body}</EntityType>'


_COMPUTED = '<Annotation Term="Org.OData.Core.V1.Computed" Bool="true"/>'
_HEADER = (
    _property("Document_Type")
    + _property("No", length=20)
    + _property("Sell_to_Customer_No", length=20)
    + _property("Posting_Date", "Edm.Date")
    + _property("Currency_Code", length=10)
    + _property("External_Document_No", length=35)
    + _property("Your_Reference", length=35)
    + _property("Prices_Including_VAT", "Edm.Boolean")
    + _property("Applies_to_Doc_Type")
    + _property("Amount_Including_VAT", "Edm.Decimal")
    + _property("Stamp", "Edm.DateTimeOffset", note=_COMPUTED)
)
_LINE = (
    _property("Document_Type")
    + _property("Document_No", length=20)
    + _property("Line_No", "Edm.Int32")
    + _property("Type")
    + _property("No", length=20)
    + _property("Description", length=50)
    + _property("Quantity", "Edm.Decimal")
    + _property("Unit_Price", "Edm.Decimal")
)
_JOURNAL = (
    _property("Line_No", "Edm.Int32")
    + _property("Document_Type")
    + _property("Account_Type")
    + _property("Account_No", length=20)
    + _property("Posting_Date", "Edm.Date")
    + _property("Amount", "Edm.Decimal")
    + _property("Currency_Code", length=10)
)


def _document(name: str) -> str:
    part = f"{name}SalesLines"
    contained = (
        f'<NavigationProperty Name="{part}" Type="Collection(NAV.{part})" ContainsTarget="true"/>'
    )
    return _type(name, "Document_Type No", _HEADER + contained) + _type(
        part, "Document_Type Document_No Line_No", _LINE
    )


def _csdl(*sets: str, prolog: str = "") -> bytes:
    types = (
        _type("Customer", "No", _property("No", length=20) + _property("Name", length=50))
        + _document("SalesInvoice")
        + _document("SalesCreditMemo")
        + _type("CashReceiptJournal", "Line_No", _JOURNAL)
    )
    listed = "".join(f'<EntitySet Name="{s}" EntityType="NAV.{s}"/>' for s in sets)
    return (
        f'<?xml version="1.0" encoding="utf-8"?>{prolog}'
        '<edmx:Edmx Version="4.0" xmlns:edmx="http://docs.oasis-open.org/odata/ns/edmx">'
        "<edmx:DataServices>"
        '<Schema Namespace="NAV" xmlns="http://docs.oasis-open.org/odata/ns/edm">'
        f'{types}<EntityContainer Name="NAV">{listed}</EntityContainer></Schema>'
        "</edmx:DataServices></edmx:Edmx>"
    ).encode()


_SETS = ("Customer", "SalesInvoice", "SalesCreditMemo", "CashReceiptJournal")


def _model() -> Model:
    return parse_metadata(_csdl(*_SETS))


def _schema() -> TargetSchema:
    return target_schema(_model(), _SETTINGS)


def test_the_schema_has_the_entities_that_a_mapping_may_name() -> None:
    assert set(_schema().entities) == {
        "customer",
        "invoice",
        "invoice.line",
        "credit_memo",
        "credit_memo.line",
        "payment",
    }
    assert _schema().entities["invoice"].lines == "invoice.line"


def test_a_field_has_its_type_and_length() -> None:
    fields = _schema().entities["invoice"].fields
    assert (fields["Your_Reference"].type, fields["Your_Reference"].max_length) == (
        FieldType.STRING,
        35,
    )
    assert fields["Posting_Date"].type is FieldType.DATE
    assert fields["Prices_Including_VAT"].type is FieldType.BOOLEAN
    assert fields["Applies_to_Doc_Type"].options[:3] == (" ", "Payment", "Invoice")


def test_calculated_and_annotated_fields_are_read_only() -> None:
    fields = _schema().entities["invoice"].fields
    assert [name for name, field in fields.items() if field.read_only] == [
        "Document_Type",
        "No",
        "Amount_Including_VAT",
        "Stamp",
    ]


def test_what_nav_cannot_post_without_is_required() -> None:
    fields = _schema().entities["payment"].fields
    assert {name for name, field in fields.items() if field.required} == {
        "Account_Type",
        "Account_No",
        "Posting_Date",
        "Amount",
    }


def test_a_services_language_other_than_english_leaves_options_open() -> None:
    settings = _SETTINGS.model_copy(update={"english_options": False})
    fields = target_schema(_model(), settings).entities["payment"].fields
    assert fields["Account_Type"].type is FieldType.OPTION
    assert fields["Account_Type"].options == ()


@pytest.mark.parametrize("missing", _SETS)
def test_a_page_that_is_not_published_is_named_with_the_place_to_publish_it(missing: str) -> None:
    model = parse_metadata(_csdl(*(name for name in _SETS if name != missing)))
    with pytest.raises(Misconfigured, match=missing) as raised:
        target_schema(model, _SETTINGS)
    assert "Web Services page" in raised.value.message


def test_a_service_published_under_another_name_is_found_by_that_name() -> None:
    services = Services(customer="CustomerCard")
    settings = _SETTINGS.model_copy(update={"services": services})
    content = _csdl(*_SETS).replace(b'Set Name="Customer"', b'Set Name="CustomerCard"')
    assert "customer" in target_schema(parse_metadata(content), settings).entities


def test_lines_under_another_name_are_a_wrong_set_up() -> None:
    with pytest.raises(Misconfigured, match="no lines called Rows"):
        _model().part("SalesInvoice", "Rows")


def test_a_field_that_the_page_does_not_show_is_named() -> None:
    with pytest.raises(Misconfigured, match="Customer does not show E_Mail, Our_Account_No"):
        _model().require("Customer", "Name", "E_Mail", "Our_Account_No")


def test_a_record_is_addressed_by_the_keys_of_its_page() -> None:
    page = _model().page("SalesInvoice")
    values = {"No": "SI1", "Document_Type": "Invoice", "Posting_Date": "2026-01-01"}
    assert page.address("SalesInvoice", values) == (
        "SalesInvoice(Document_Type='Invoice',No='SI1')"
    )


def test_a_document_type_with_entities_is_refused() -> None:
    prolog = '<!DOCTYPE x [<!ENTITY secret SYSTEM "file:///etc/hostname">]>'
    with pytest.raises(Unavailable, match="document type"):
        parse_metadata(_csdl(*_SETS, prolog=prolog))


@pytest.mark.parametrize("content", [b"", b"<html", b"<html/>", b"{}"])
def test_a_reply_that_is_no_metadata_is_unavailable(content: bytes) -> None:
    with pytest.raises(Unavailable):
        parse_metadata(content)


def _ready(entity: str, values: dict[str, FieldValue], *, whole: bool = True) -> dict[str, object]:
    model = _model()
    pages = {
        "invoice": model.page("SalesInvoice"),
        "invoice.line": model.part("SalesInvoice", "SalesInvoiceSalesLines"),
        "payment": model.page("CashReceiptJournal"),
    }
    schema = _schema().entities[entity]
    return dict(ready(schema, pages[entity], values, _SETTINGS, operation="create", whole=whole))


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


def test_settings_name_an_unknown_target_document() -> None:
    with pytest.raises(ValueError, match="postcard"):
        NavSettings.model_validate(
            {**_SETTINGS.model_dump(), "secret": "x", "entities": {"invoice": "postcard"}}
        )
