"""What NAV says of its pages, and what a mapping may write."""

from __future__ import annotations

import pytest

from connectors.errors import Misconfigured, Unavailable
from connectors.nav.metadata import parse_metadata
from connectors.nav.schema import target_schema
from connectors.nav.settings import NavSettings, Services
from documents.schema import FieldType
from tests.connectors.nav_pages import SETS, SETTINGS, csdl, model, schema


def test_the_schema_has_the_entities_that_a_mapping_may_name() -> None:
    assert set(schema().entities) == {
        "customer",
        "invoice",
        "invoice.line",
        "credit_memo",
        "credit_memo.line",
        "payment",
    }
    assert schema().entities["invoice"].lines == "invoice.line"


def test_a_field_has_its_type_and_length() -> None:
    fields = schema().entities["invoice"].fields
    assert (fields["Your_Reference"].type, fields["Your_Reference"].max_length) == (
        FieldType.STRING,
        35,
    )
    assert fields["Posting_Date"].type is FieldType.DATE
    assert fields["Prices_Including_VAT"].type is FieldType.BOOLEAN
    assert fields["Applies_to_Doc_Type"].options[:3] == (" ", "Payment", "Invoice")


def test_calculated_and_annotated_fields_are_read_only() -> None:
    fields = schema().entities["invoice"].fields
    assert [name for name, field in fields.items() if field.read_only] == [
        "Document_Type",
        "No",
        "Amount_Including_VAT",
        "Stamp",
    ]


def test_what_nav_cannot_post_without_is_required() -> None:
    fields = schema().entities["payment"].fields
    assert {name for name, field in fields.items() if field.required} == {
        "Account_Type",
        "Account_No",
        "Posting_Date",
        "Amount",
    }


def test_a_services_language_other_than_english_leaves_options_open() -> None:
    settings = SETTINGS.model_copy(update={"english_options": False})
    fields = target_schema(model(), settings).entities["payment"].fields
    assert fields["Account_Type"].type is FieldType.OPTION
    assert fields["Account_Type"].options == ()


@pytest.mark.parametrize("missing", SETS)
def test_a_page_that_is_not_published_is_named_with_the_place_to_publish_it(missing: str) -> None:
    found = parse_metadata(csdl(*(name for name in SETS if name != missing)))
    with pytest.raises(Misconfigured, match=missing) as raised:
        target_schema(found, SETTINGS)
    assert "Web Services page" in raised.value.message


def test_a_service_published_under_another_name_is_found_by_that_name() -> None:
    services = Services(customer="CustomerCard")
    settings = SETTINGS.model_copy(update={"services": services})
    content = csdl(*SETS).replace(b'Set Name="Customer"', b'Set Name="CustomerCard"')
    assert "customer" in target_schema(parse_metadata(content), settings).entities


def test_lines_under_another_name_are_a_wrong_set_up() -> None:
    with pytest.raises(Misconfigured, match="no lines called Rows"):
        model().part("SalesInvoice", "Rows")


def test_a_field_that_the_page_does_not_show_is_named() -> None:
    with pytest.raises(Misconfigured, match="Customer does not show E_Mail, Our_Account_No"):
        model().require("Customer", "Name", "E_Mail", "Our_Account_No")


def test_a_record_is_addressed_by_the_keys_of_its_page() -> None:
    page = model().page("SalesInvoice")
    values = {"No": "SI1", "Document_Type": "Invoice", "Posting_Date": "2026-01-01"}
    assert page.address("SalesInvoice", values) == (
        "SalesInvoice(Document_Type='Invoice',No='SI1')"
    )


def test_a_document_type_with_entities_is_refused() -> None:
    prolog = '<!DOCTYPE x [<!ENTITY secret SYSTEM "file:///etc/hostname">]>'
    with pytest.raises(Unavailable, match="document type"):
        parse_metadata(csdl(*SETS, prolog=prolog))


@pytest.mark.parametrize("content", [b"", b"<html", b"<html/>", b"{}"])
def test_a_reply_that_is_no_metadata_is_unavailable(content: bytes) -> None:
    with pytest.raises(Unavailable):
        parse_metadata(content)


def test_settings_name_an_unknown_target_document() -> None:
    with pytest.raises(ValueError, match="postcard"):
        NavSettings.model_validate(
            {**SETTINGS.model_dump(), "secret": "x", "entities": {"invoice": "postcard"}}
        )
