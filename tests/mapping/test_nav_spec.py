"""The spec for NAV: what the demo promises, its recorded schema, and its examples."""

from __future__ import annotations

from datetime import date
from importlib.resources import files
from pathlib import Path

import pytest

from documents.cash import Payment
from documents.customer import Address, Customer
from documents.key import Key, Kind
from documents.money import Money
from mapping.loading import load_schema
from mapping.mapper import Mapper
from mapping.preview import NotADocument, hold_table, preview, read_document, tables
from sandbox.nav import chart
from sandbox.nav.pages import PAGES
from sandbox.nav.schema import Field
from tests.mapping.specs import (
    CONFIG,
    CUSTOMER,
    KEY,
    NAV_SPEC,
    ON,
    held,
    invoice,
    line,
    map_invoice,
    tax,
    total,
)
from tests.strategies import PAYMENT_TYPES

_EXAMPLES = sorted((CONFIG / "examples").glob("*.json"))


@pytest.fixture(scope="module")
def nav() -> Mapper:
    return Mapper.load(NAV_SPEC)


def _iso_countries() -> list[tuple[str, str]]:
    """Codes and names that the time zone database, which is kept up to date, knows."""
    text = files("tzdata").joinpath("zoneinfo/iso3166.tab").read_text("utf-8")
    rows = [row for row in text.splitlines() if not row.startswith("#")]
    return [(code, name) for code, name in (row.split("\t") for row in rows)]


def _country(nav: Mapper, country: str) -> object:
    client = Customer(source_id="7", organization="Acme", address=Address(country=country))
    header = nav.map_customer(client, KEY.of_kind(Kind.CUSTOMER)).header
    return header.get("Country_Region_Code")


def test_every_country_is_mapped_by_name_and_by_code(nav: Mapper) -> None:
    countries = _iso_countries()
    assert len(countries) == 249
    for code, name in countries:
        assert (_country(nav, name), _country(nav, code.lower())) == (code, code)


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("United States of America", "US"),
        ("U.S.A.", "US"),
        ("uk", "GB"),
        ("Great Britain", "GB"),
        ("the netherlands", "NL"),
        ("Cote d'Ivoire", "CI"),
        ("Republic of Korea", "KR"),
        ("deu", "DE"),
        ("", None),
    ],
)
def test_countries_are_understood_as_people_type_them(
    nav: Mapper, typed: str, code: str | None
) -> None:
    assert _country(nav, typed) == code


def test_an_unknown_country_is_held(nav: Mapper) -> None:
    assert held(_country, nav, "Narnia").cause == "country-unmapped"


@pytest.mark.parametrize("currency", ["USD", "CAD", "EUR", "GBP", "JPY"])
@pytest.mark.parametrize("kind", [*PAYMENT_TYPES, "something new"])
def test_every_payment_type_goes_to_the_bank_of_its_currency(
    nav: Mapper, kind: str, currency: str
) -> None:
    paid = Payment(
        source_id="5", invoice_id="1", amount=Money.of("10", currency), date=ON, type=kind
    )
    record = nav.map_payment(paid, "C1", KEY.of_kind(Kind.PAYMENT), ON, "PSI1")
    assert record.header["Bal_Account_No"] == f"BANK-{currency}"
    assert record.header["Currency_Code"] == ("" if currency == "USD" else currency)


@pytest.mark.parametrize(
    ("country", "group"), [("", "DOMESTIC"), ("USA", "DOMESTIC"), ("fr", "FOREIGN")]
)
def test_a_customer_gets_the_posting_groups_of_its_market(
    nav: Mapper, country: str, group: str
) -> None:
    client = Customer(source_id="7", organization="Acme", address=Address(country=country))
    header = nav.map_customer(client, KEY.of_kind(Kind.CUSTOMER)).header
    groups = [n for n in header if n.endswith("Posting_Group")]
    assert {header[name] for name in groups} == {group}
    assert len(groups) == 3


def test_any_tax_becomes_a_line_with_the_sources_own_amount(nav: Mapper) -> None:
    taxes = (total("Zollabgabe", "17.5", "17.50"), total("Kurtaxe", "1", "1.18"))
    goods = line(1, "100.00", tax("Zollabgabe", "17.5"), tax("Kurtaxe", "1", compound=True))
    record = map_invoice(nav, invoice(goods, taxes=taxes))
    sent = [(n["No"], n["Unit_Price"], n["VAT_Prod_Posting_Group"]) for n in record.lines]
    assert sent == [
        ("4000", "100.00", "NOVAT"),
        ("2200", "17.50", "NOVAT"),
        ("2200", "1.18", "NOVAT"),
    ]


def test_an_invoice_carries_what_nav_needs(nav: Mapper) -> None:
    document = invoice(line(1, "10.00"), number="0000013", due_date=date(2024, 6, 5))
    record = nav.map_invoice(document, CUSTOMER, "C1000001", KEY, ON)
    assert record.entity == "invoice"
    assert record.header == {
        "Sell_to_Customer_No": "C1000001",
        "External_Document_No": "T-I1234567-1",
        "Posting_Date": "2024-05-07",
        "Document_Date": "2024-05-06",
        "Due_Date": "2024-06-05",
        "Currency_Code": "",
        "Prices_Including_VAT": False,
        "Your_Reference": "0000013",
        "Posting_Description": "FreshBooks invoice 0000013",
    }
    assert record.lines[0] == {
        "Type": "G/L Account",
        "No": "4000",
        "Description": "Thing 1",
        "Quantity": "1",
        "Unit_Price": "10.00",
        "Line_Discount_Percent": "0",
        "VAT_Prod_Posting_Group": "NOVAT",
    }


def test_a_300_character_name_goes_on_in_the_second_field(nav: Mapper) -> None:
    client = Customer(source_id="7", organization="Ä" * 300)
    record = nav.map_customer(client, KEY.of_kind(Kind.CUSTOMER))
    assert (record.header["Name"], record.header["Name_2"]) == ("Ä" * 50, "Ä" * 50)
    cuts = {e.field: e.note for e in record.trace if "cut from" in e.note}
    assert cuts == {
        "Name": "cut from 300 to 50 characters",
        "Name_2": "cut from 250 to 50 characters",
    }


def test_hardware_goes_to_an_account_that_nav_does_not_have_until_corrected(nav: Mapper) -> None:
    document = invoice(line(1, "91.00", name="Hardware sale"))
    account = map_invoice(nav, document).lines[0]["No"]
    numbers = {known.number for known in chart.ACCOUNTS}
    assert (account, account in numbers) == ("4999", False)
    corrected = map_invoice(nav, document, {"account:4999": "4050"}).lines[0]["No"]
    assert (corrected, corrected in numbers) == ("4050", True)


def test_every_other_code_of_the_spec_is_set_up_in_the_demo_company(nav: Mapper) -> None:
    numbers = {known.number for known in chart.ACCOUNTS}
    names = ["Consulting", "Support", "Anything"]
    sent = [map_invoice(nav, invoice(line(1, "1.00", name=n))).lines[0] for n in names]
    rebilled = line(1, "1.00", kind="rebilled expense")
    sent.append(map_invoice(nav, invoice(rebilled)).lines[0])
    assert {str(n["No"]) for n in sent} <= numbers
    assert {str(n["VAT_Prod_Posting_Group"]) for n in sent} <= set(chart.VAT_RATES)
    assert {"2200", "4900"} <= numbers
    assert "30D" in chart.TERMS
    assert {"DOMESTIC", "FOREIGN"} <= set(chart.BUSINESS_GROUPS)


def test_a_voided_invoice_is_a_credit_memo_applied_to_it(nav: Mapper) -> None:
    posted = map_invoice(nav, invoice(line(1, "10.00")))
    record = nav.map_reversal(posted, KEY.of_kind(Kind.INVOICE_REVERSAL), ON, "PSI7")
    assert record.entity == "credit_memo"
    applied = record.header["Applies_to_Doc_Type"], record.header["Applies_to_Doc_No"]
    assert applied == ("Invoice", "PSI7")
    unapplied = nav.map_reversal(posted, KEY.of_kind(Kind.INVOICE_REVERSAL), ON, "")
    assert "Applies_to_Doc_Type" not in unapplied.header


def _page_fields() -> dict[str, dict[str, Field]]:
    pages = {page.name: page for page in PAGES}
    found = {
        "customer": pages["Customer"].fields,
        "payment": pages["CashReceiptJournal"].fields,
        "journal": pages["GeneralJournal"].fields,
    }
    sales = {"invoice": "SalesInvoice", "order": "SalesOrder", "credit_memo": "SalesCreditMemo"}
    sales |= {"purchase_invoice": "PurchaseInvoice", "purchase_credit_memo": "PurchaseCreditMemo"}
    for entity, name in sales.items():
        found[entity] = pages[name].fields
        found[f"{entity}.line"] = pages[name].parts[0].page.fields
    return found


def test_the_recorded_schema_says_what_the_stand_in_publishes() -> None:
    recorded = load_schema(NAV_SPEC.parent / "schemas" / "nav-2018.yaml")
    published = _page_fields()
    assert set(recorded.entities) == set(published)
    for name, entity in recorded.entities.items():
        for field in entity.fields.values():
            there = published[name][field.name]
            kind = "string" if there.kind == "text" else there.kind
            assert (field.type.value, field.max_length or 0) == (kind, there.length), field.name
            assert field.options == there.options, field.name


@pytest.mark.parametrize("path", _EXAMPLES, ids=[path.stem for path in _EXAMPLES])
def test_each_example_can_be_previewed(nav: Mapper, path: Path) -> None:
    document = read_document(path.read_bytes())
    if path.stem == "invoice-unknown-currency":
        hold = held(preview, nav, document)
        rows = {row[0]: row[1] for row in hold_table(hold).rows}
        assert (rows["cause"], rows["key"]) == ("currency-unmapped", "CHF")
        return
    found = tables(preview(nav, document))
    assert found[0].title.endswith(f"({nav.identity})")
    assert found[-1].columns == ("field", "rule", "from", "value", "note")
    assert all(len(row) == len(table.columns) for table in found for row in table.rows)


def test_a_preview_shows_header_lines_figures_and_rules(nav: Mapper) -> None:
    content = (CONFIG / "examples" / "invoice.json").read_bytes()
    header, lines, figures, rules = tables(preview(nav, read_document(content)))
    assert ("Prices_Including_VAT", "no") in header.rows
    assert lines.columns[:3] == ("line", "Type", "No")
    assert [row[2] for row in lines.rows] == ["4100", "4000", "4300", "2200"]
    assert figures.rows == (("503.82 CAD", "0.00 CAD", "503.82 CAD", "0.05"),)
    assert any(row[4] == "cut from 94 to 50 characters" for row in rules.rows)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{", "Invalid JSON"),
        ('{"kind": "bill"}', "kind: Input should be 'invoice'"),
        ('{"kind": "invoice"}', "(top): a preview of kind invoice needs customer and invoice"),
        ('{"kind": "payment", "x": 1}', "x: Extra inputs are not permitted"),
    ],
)
def test_a_file_that_is_no_document_says_why(content: str, message: str) -> None:
    with pytest.raises(NotADocument) as refused:
        read_document(content)
    assert message in str(refused.value)


def test_an_example_that_does_not_add_up_is_refused_with_both_figures() -> None:
    content = (CONFIG / "examples" / "invoice.json").read_text()
    with pytest.raises(NotADocument, match="subtotal less discount"):
        read_document(content.replace('"450.00"', '"449.00"', 1))


def test_the_key_of_a_preview_is_that_of_the_document(nav: Mapper) -> None:
    content = (CONFIG / "examples" / "payment.json").read_bytes()
    record = preview(nav, read_document(content))
    key = Key.parse(str(record.header["External_Document_No"]))
    assert (key.tag, key.kind, key.source_id) == ("DEMO", Kind.PAYMENT, "5550001")
