"""Requests that no client of ours would send: NAV refuses them and stays on its feet."""

from __future__ import annotations

from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sandbox.nav.errors import NavError
from sandbox.nav.odata.filters import parse_filter
from sandbox.nav.odata.paths import record_key, segments
from sandbox.nav.pages import PAGES
from sandbox.nav.schema import Field, Row
from sandbox.nav.soap.criteria import read_criteria
from sandbox.nav.soap.envelope import read_call
from tests.sandbox.nav_company import HOME, SOAP, UNIT, UNIT_URL, House, open_house

CUSTOMERS = next(page for page in PAGES if page.name == "Customer")
VOCABULARY = """
Name No Credit_Limit_LCY Blocked eq gt and or ( ) , 'x' 'All' 1 -2.5 2026-01-01 true null contains
tolower substring Lines/any : @ |
"""
words = st.lists(st.sampled_from(VOCABULARY.split()), max_size=12).map(" ".join)


def read(row: Row, field: Field) -> Any:
    """A value as the service reads it from a record."""
    return Decimal(row[field.id]) if field.kind == "decimal" else row[field.id]


@pytest.fixture
async def house() -> AsyncIterator[House]:
    async with open_house() as found:
        yield found


@pytest.mark.parametrize(
    "query",
    [
        "$top=-1",
        "$top=many",
        "$skip=1.5",
        "$orderby=Name sideways",
        "$orderby=Nickname",
        "$select=Nickname",
        "$expand=Lines",
        "$apply=aggregate(x)",
        "$filter=substring(Name,1.5) eq 'a'",
        "$filter=(Name eq 'a'",
        "$filter=contains(Name)",
        "$filter=Lines/any(",
        "$skiptoken=!!!",
        "$skiptoken=WzEsMl0=",
        "$skiptoken=WzFd",
        "$skiptoken=eyJhIjoxfQ==",
        "$orderby=Name&$skiptoken=WzFd",
    ],
)
async def test_a_wrong_query_option_is_refused(house: House, query: str) -> None:
    response = await house.http.get(f"{HOME}/Customer?{query}")
    assert (response.status_code, response.json()["error"]["code"]) == (400, "BadRequest_NotFound")


@pytest.mark.parametrize(
    ("record", "status"),
    [
        ("Customer(1)", 400),
        ("Customer('a','b')", 400),
        ("Customer(Name='a')", 400),
        ("Customer('a", 400),
        ("GLEntries('a')", 400),
        ("GLEntries(1)", 404),
        ("AccountingPeriods(2026-13-77)", 404),
        ("SalesInvoice('Invoice','X')/SalesInvoiceSalesLines", 404),
        ("SalesInvoice/SalesInvoiceSalesLines", 404),
        ("SalesInvoice(Document_Type='Nonsense',No='X')", 400),
        ("Customer('A')/$count", 404),
        ("Customer/Lines", 404),
    ],
)
async def test_a_wrong_address_is_refused(house: House, record: str, status: int) -> None:
    assert (await house.refused("GET", record))[0] == status


async def test_text_that_is_no_text_is_refused(house: House) -> None:
    body = b'{"Name": "\\ud800"}'
    response = await house.http.post(f"{HOME}/Customer", content=body)
    assert (response.status_code, response.json()["error"]["code"]) == (400, "BadRequest")


async def test_control_characters_do_not_break_xml(house: House) -> None:
    await house.add("Customer", Name="A\x00B\x0bC")
    envelope = (
        '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>'
        '<Read xmlns="urn:microsoft-dynamics-schemas/page/customer"><No>C1000001</No></Read>'
        "</s:Body></s:Envelope>"
    )
    address = UNIT_URL.replace("Codeunit/TieoutPosting", "Page/Customer")
    response = await house.http.post(address, content=envelope.encode())
    assert response.status_code == 200
    assert "<Name>A?B?C</Name>" in response.text


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<no xml",
        b"<Envelope/>",
        b'<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body/></s:Envelope>',
        b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x>&e;</x>',
        f'<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>'
        f'<PostSalesDocument xmlns="{UNIT}x"/></s:Body></s:Envelope>'.encode(),
    ],
)
async def test_a_wrong_envelope_is_a_fault(house: House, body: bytes) -> None:
    response = await house.http.post(UNIT_URL, content=body)
    assert response.status_code == 500
    assert "<faultstring" in response.text


@pytest.mark.parametrize(
    "path", ["", "/Nowhere/Codeunit/TieoutPosting", "/Other/Page/Customer", "/x/y/z/w"]
)
async def test_a_wrong_soap_address_is_refused(house: House, path: str) -> None:
    assert (await house.http.get(f"{SOAP}{path}")).status_code in (403, 404)


@settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow])
@given(words)
def test_any_filter_is_either_read_or_refused(text: str) -> None:
    try:
        node = parse_filter(text, CUSTOMERS)
    except NavError as error:
        assert error.status == 400
    else:
        blank = CUSTOMERS.table.blank()
        blank["Balance_LCY"] = "0"
        assert node.holds(blank, read) in (True, False)


@given(st.text(alphabet="abc*?@|&<>=.'()12 ", max_size=12))
def test_any_criteria_are_either_read_or_refused(text: str) -> None:
    for name in ("Name", "No", "Credit_Limit_LCY"):
        field = CUSTOMERS.fields[name]
        try:
            test = read_criteria(field, text)
        except NavError as error:
            assert error.code == "Application_FilterErrorException"
        else:
            assert test(field.blank) in (True, False)


@given(st.text(alphabet="Customer()'=,/%2F No1", max_size=20))
def test_any_path_is_either_read_or_refused(text: str) -> None:
    try:
        for step in segments(text):
            record_key(CUSTOMERS.table, step.key or "")
    except NavError as error:
        assert error.status == 400


@given(st.binary(max_size=40))
def test_any_bytes_are_no_call(body: bytes) -> None:
    with pytest.raises(NavError, match="The request"):
        read_call(body)
