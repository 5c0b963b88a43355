"""Strict documents: schema validation, nil and empty, related tables."""

from __future__ import annotations

from typing import Any

import pytest
from lxml import etree
from zeep.exceptions import Fault

from tests.sandbox.ax_house import House, Refusal, house, refused, running
from tests.sandbox.ax_values import keys

__all__ = ["house", "running"]

_NS = "http://schemas.microsoft.com/dynamics/2008/01/documents/Customer"
_SERVICES = "http://schemas.microsoft.com/dynamics/2008/01/services"
_SHARED = "http://schemas.microsoft.com/dynamics/2008/01/sharedtypes"
_PARTY = (
    '<DirParty xmlns:i="http://www.w3.org/2001/XMLSchema-instance" class="entity" '
    'i:type="AxdEntity_DirParty_DirOrganization"><Name>Acme</Name></DirParty>'
)


async def _create(house: House, customer: str, *, party: str = _PARTY, root: str = "") -> Any:
    """Send a customer as raw XML; returns the reply or raises a Fault as zeep does."""
    opened = root or '<CustTable class="entity">'
    body = (
        f'<CustomerServiceCreateRequest xmlns="{_SERVICES}">'
        f'<Customer xmlns="{_NS}">{opened}{customer}{party}</CustTable></Customer>'
        "</CustomerServiceCreateRequest>"
    )
    content = (
        '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>'
        f"{body}</s:Body></s:Envelope>"
    )
    headers = {
        "content-type": "text/xml; charset=utf-8",
        "soapaction": f'"{_SERVICES}/CustomerService/create"',
    }
    address = f"{house.base}/CustomerService/xppservice.svc"
    reply = await house.http.post(address, content=content.encode(), headers=headers)
    tree = etree.fromstring(reply.content)
    detail = tree.find(".//detail")
    if detail is not None:
        text = str(tree.findtext(".//faultstring"))
        raise Fault(text, detail=detail)  # type: ignore[no-untyped-call]
    return tree.findtext(".//{*}KeyField/{*}Value")


async def _schema_refusal(house: House, customer: str, **parts: str) -> Refusal:
    refusal = await refused(_create(house, customer, **parts))
    assert refusal.code == "SchemaValidation"
    return refusal


async def test_a_raw_document_that_fits_the_schema_is_taken(house: House) -> None:
    number = await _create(house, "<CustGroup>DOM</CustGroup>")
    assert number.startswith("C")


@pytest.mark.parametrize("root", ["<CustTable>", '<CustTable class="None">'])
async def test_the_class_attribute_must_be_entity(house: House, root: str) -> None:
    refusal = await _schema_refusal(house, "<CustGroup>DOM</CustGroup>", root=root)
    assert refusal.xpath == "/Customer/CustTable[1]/@class"


async def test_zeep_without_the_class_is_refused(house: House) -> None:
    card = await house.card()
    del card["CustTable"][0]["class"]
    refusal = await refused(house.call("CustomerService", "create", Customer=card))
    assert "'class' attribute" in refusal.text
    assert "'None'" in refusal.text


@pytest.mark.parametrize(
    ("customer", "xpath"),
    [
        ("<CustGroup>DOM</CustGroup><Currency>USD</Currency>", "/Currency"),
        ("<CustGroup>DOM</CustGroup><Colour>red</Colour>", "/Colour"),
        ("<CustGroup>DOM</CustGroup><CustGroup>DOM</CustGroup>", "/CustGroup"),
        ("<Currency>USD</Currency>", "/DirParty"),
        ('<Currency xmlns="urn:x">USD</Currency><CustGroup>DOM</CustGroup>', "/Currency"),
    ],
)
async def test_order_names_and_required_elements_are_checked(
    house: House, customer: str, xpath: str
) -> None:
    refusal = await _schema_refusal(house, customer)
    assert refusal.xpath == f"/Customer/CustTable[1]{xpath}"
    assert refusal.line == "1"
    assert await house.journal() == []


async def test_a_document_that_ends_too_early_is_incomplete(house: House) -> None:
    refusal = await _schema_refusal(house, "<Currency>USD</Currency>", party="")
    assert "incomplete content" in refusal.text


@pytest.mark.parametrize(
    ("field", "reason"),
    [
        ("<OurAccountNum>" + "x" * 21 + "</OurAccountNum>", "MaxLength"),
        ("<Blocked>Maybe</Blocked>", "Enumeration"),
        ("<CreditMax>lots</CreditMax>", "Decimal"),
        ("<CreditMax>" + "9" * 29 + "</CreditMax>", "Decimal"),
        ("<RecVersion>99999999999</RecVersion>", "Int"),
    ],
)
async def test_values_must_be_of_their_types(house: House, field: str, reason: str) -> None:
    name = field[1 : field.index(">")]
    before = field if name in ("Blocked", "CreditMax") else ""
    after = "" if before else field
    refusal = await _schema_refusal(house, f"{before}<CustGroup>DOM</CustGroup>{after}")
    assert reason in refusal.text
    assert refusal.xpath == f"/Customer/CustTable[1]/{name}[1]"


async def test_a_party_needs_a_concrete_type(house: House) -> None:
    party = '<DirParty class="entity"><Name>Acme</Name></DirParty>'
    refusal = await _schema_refusal(house, "<CustGroup>DOM</CustGroup>", party=party)
    assert "xsi:type" in refusal.text


async def test_dimensions_have_a_value_at_two_levels(house: House) -> None:
    good = (
        f'<DefaultDimension><Values xmlns="{_SHARED}"><Value><Name>Department</Name>'
        "<Value>SALES</Value></Value></Values></DefaultDimension>"
    )
    number = await _create(house, f"<CustGroup>DOM</CustGroup>{good}")
    found = await _read(house, number)
    value = found["DefaultDimension"]["Values"]["Value"][0]
    assert (value["Name"], value["Value"]) == ("Department", "SALES")
    bad = good.replace("<Value><Name>Department</Name><Value>SALES</Value></Value>", "")
    await _schema_refusal(house, f"<CustGroup>DOM</CustGroup>{bad}")


async def test_nil_leaves_defaulting_alone_and_empty_trips_the_mandatory_check(
    house: House,
) -> None:
    nil = '<Currency xmlns:i="http://www.w3.org/2001/XMLSchema-instance" i:nil="true"/>'
    number = await _create(house, f"{nil}<CustGroup>DOM</CustGroup>")
    assert (await _read(house, number))["Currency"] == "USD"
    call = _create(house, "<Currency></Currency><CustGroup>DOM</CustGroup>")
    refusal = await refused(call)
    assert refusal.text == "Field 'Currency' must be filled in."


async def test_numbers_of_automatic_sequences_may_not_be_sent(house: House) -> None:
    card = await house.card(AccountNum="MINE")
    refusal = await refused(house.call("CustomerService", "create", Customer=card))
    assert "number sequence Cust_Account is not manual" in refusal.text


async def test_fields_that_only_the_application_fills_may_not_be_sent(house: House) -> None:
    card = await house.card(Party="P1")
    refusal = await refused(house.call("CustomerService", "create", Customer=card))
    assert refusal.field == "Party"


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"CustGroup": "NOPE"}, "CustGroup"),
        ({"Currency": "XXX"}, "Currency"),
        ({"PaymTermId": "NEVER"}, "PaymTermId"),
        ({"PaymMode": "BARTER"}, "PaymMode"),
        ({"TaxGroup": "NOPE"}, "TaxGroup"),
        ({"InvoiceAccount": "C9"}, "InvoiceAccount"),
        ({"party": {"Name": ""}}, "Name"),
    ],
)
async def test_related_tables_and_mandatory_fields_are_checked(
    house: House, fields: dict[str, Any], field: str
) -> None:
    card = await house.card(**fields)
    refusal = await refused(house.call("CustomerService", "create", Customer=card))
    assert (refusal.code, refusal.field) == ("BusinessRule", field)
    assert await house.journal() == []


async def test_countries_must_exist(house: House) -> None:
    address = {"class": "entity", "CountryRegionId": "ZZ", "Street": "x"}
    card = await house.card(party={"DirPartyPostalAddressView": [address]})
    refusal = await refused(house.call("CustomerService", "create", Customer=card))
    assert refusal.field == "CountryRegionId"


async def test_one_bad_record_undoes_the_whole_document(house: House) -> None:
    good, bad = await house.card(), await house.card(CustGroup="NOPE")
    both = {"CustTable": [*good["CustTable"], *bad["CustTable"]]}
    await refused(house.call("CustomerService", "create", Customer=both))
    assert await house.journal() == []


async def _read(house: House, number: str) -> Any:
    found = await house.call("CustomerService", "read", EntityKeyList=keys("AccountNum", number))
    return found["CustTable"][0]
