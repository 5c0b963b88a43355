"""The OData side of the NAV stand-in: addresses, tags, filters, paging, refusals."""

from __future__ import annotations

from collections.abc import AsyncIterator
from decimal import Decimal

import httpx
import pytest

from sandbox.nav import NavProfile
from tests.sandbox.nav_company import (
    HOME,
    ODATA,
    PASSWORD,
    SOAP,
    USER,
    House,
    decoded,
    open_house,
    revenue,
)


@pytest.fixture
async def house() -> AsyncIterator[House]:
    async with open_house() as found:
        yield found


async def test_a_caller_without_credentials_is_refused(house: House) -> None:
    for auth in (None, (USER, "wrong"), ("nobody", PASSWORD)):
        response = await house.http.get(f"{HOME}/Customer", auth=auth)
        if auth is None:
            request = httpx.Request("GET", f"http://nav{HOME}/Customer")
            response = await house.http.send(request, auth=None)
        assert response.status_code == 401
        assert response.headers["WWW-Authenticate"].startswith("Basic")
        assert response.json()["error"]["code"] == "Authentication_InvalidCredentials"


async def test_a_company_is_found_by_its_exact_name_only(house: House) -> None:
    other = await house.http.get(f"{ODATA}/Company('other')/Customer")
    assert (other.status_code, other.json()["error"]["code"]) == (404, "Internal_CompanyNotFound")


async def test_a_company_of_somebody_else_is_closed(house: House) -> None:
    response = await house.http.get(f"{ODATA}/Company('Other')/Customer")
    assert response.status_code == 403


async def test_a_request_without_a_company_goes_to_the_only_one(house: House) -> None:
    await house.customer()
    response = await house.http.get(f"{ODATA}/Customer")
    assert [row["Name"] for row in response.json()["value"]] == ["Acme"]


async def test_the_company_may_be_a_query_parameter(house: House) -> None:
    params = {"company": "Mc'Duck & Söhne / Ltd."}
    response = await house.http.get(f"{ODATA}/Customer", params=params)
    assert response.status_code == 200


async def test_a_service_that_is_not_published_is_not_found(house: House) -> None:
    status, code, _ = await house.refused("GET", "Unpublished")
    assert (status, code) == (404, "BadRequest_ResourceNotFound")


async def test_services_are_found_under_the_names_a_site_gave_them() -> None:
    profile = NavProfile(service_names={"Customer": "Debitor", "Items": ""})
    async with open_house(profile) as house:
        assert (await house.add("Debitor", Name="Acme"))["No"] == "C1000001"
        assert (await house.refused("GET", "Customer"))[0] == 404
        assert (await house.refused("GET", "Items"))[0] == 404


async def test_codes_are_trimmed_and_in_upper_case(house: House) -> None:
    customer = await house.add("Customer", Name="Acme", Customer_Posting_Group=" domestic ")
    assert customer["Customer_Posting_Group"] == "DOMESTIC"


async def test_a_new_customer_has_number_search_name_and_moment_of_change(house: House) -> None:
    customer = await house.add("Customer", Name="Acme", Blocked="_x0020_")
    assert customer["No"] == "C1000001"
    assert customer["Search_Name"] == "ACME"
    assert customer["Blocked"] == " "
    assert customer["Last_Modified_Date_Time"].endswith("Z")
    assert customer["Last_Date_Modified"] == customer["Last_Modified_Date_Time"][:10]


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"Name": "x" * 51}, "Application_StringExceededLength"),
        ({"Currency_Code": "USD"}, "Internal_InvalidTableRelation"),
        ({"Country_Region_Code": "XX"}, "Internal_InvalidTableRelation"),
        ({"Blocked": "Perhaps"}, "Application_EvaluateException"),
        ({"Last_Date_Modified": "2026-01-01"}, "BadRequest_InvalidOperation"),
        ({"Balance_LCY": 1}, "BadRequest_InvalidOperation"),
        ({"Nickname": "A"}, "BadRequest"),
        ({"Credit_Limit_LCY": "much"}, "BadRequest"),
        ({"Name": 7}, "BadRequest"),
        ({"Global_Dimension_1_Code": "NOWHERE"}, "Internal_InvalidTableRelation"),
    ],
)
async def test_a_wrong_value_is_refused(house: House, values: dict[str, object], code: str) -> None:
    assert (await house.refused("POST", "Customer", **values))[1] == code
    assert await house.records("Customer") == []


async def test_a_taken_number_is_refused(house: House) -> None:
    await house.add("Customer", No="KNOWN", Name="Acme")
    refusal = await house.refused("POST", "Customer", No="known", Name="Acme")
    assert refusal[1] == "Internal_EntityWithSameKeyExists"


async def test_a_number_by_hand_needs_a_series_that_allows_it(house: House) -> None:
    refusal = await house.refused("POST", "SalesInvoice", No="MINE")
    assert "Manual Nos. in No. Series S-INV" in refusal[2]


async def test_malformed_json_is_refused(house: House) -> None:
    for body in (b"{", b"[]", b"\xff", b'{"Name": NaN}'):
        response = await house.http.post(f"{HOME}/Customer", content=body)
        assert (response.status_code, response.json()["error"]["code"]) == (400, "BadRequest")


async def test_a_change_needs_the_present_tag(house: House) -> None:
    record = f"{HOME}/Customer('{await house.customer()}')"
    tag = (await house.http.get(record)).headers["ETag"]
    missing = await house.http.patch(record, json={"City": "Bonn"})
    assert missing.json()["error"]["code"] == "BadRequest_InvalidToken"
    done = await house.http.patch(record, json={"City": "Bonn"}, headers={"If-Match": tag})
    assert decoded(done)["City"] == "Bonn"
    assert decoded(done)["@odata.etag"] == done.headers["ETag"] != tag
    stale = await house.http.patch(record, json={"City": "Ulm"}, headers={"If-Match": tag})
    assert (stale.status_code, stale.json()["error"]["code"]) == (409, "Request_EntityChanged")


async def test_the_status_of_a_stale_tag_can_be_412() -> None:
    async with open_house(NavProfile(stale_status=412)) as house:
        record = f"{HOME}/Customer('{await house.customer()}')"
        stale = await house.http.patch(record, json={}, headers={"If-Match": 'W/"old"'})
        assert stale.status_code == 412


async def test_a_balance_that_moves_changes_the_tag_where_that_is_set() -> None:
    async with open_house(NavProfile(flow_tags=True)) as house:
        customer = await house.customer()
        before = (await house.one(f"Customer('{customer}')"))["@odata.etag"]
        await house.invoice("K1", customer, revenue(10))
        assert (await house.one(f"Customer('{customer}')"))["@odata.etag"] != before


async def test_a_record_can_be_deleted_once(house: House) -> None:
    record = f"{HOME}/Customer('{await house.customer()}')"
    missing = await house.http.delete(record)
    assert missing.json()["error"]["code"] == "BadRequest_InvalidToken"
    done = await house.http.delete(record, headers={"If-Match": "*"})
    assert done.status_code == 204
    again = await house.http.delete(record, headers={"If-Match": "*"})
    assert again.json()["error"]["code"] == "Internal_RecordNotFound"


async def test_a_customer_with_entries_cannot_be_deleted(house: House) -> None:
    customer = await house.customer()
    await house.invoice("K1", customer, revenue(10))
    refusal = await house.refused("DELETE", f"Customer('{customer}')")
    assert "ledger entries" in refusal[2]


async def test_lines_live_inside_their_header(house: House) -> None:
    number = await house.draft("K1", await house.customer(), revenue(10), revenue("2.5", 2))
    record = f"SalesInvoice(Document_Type='Invoice',No='{number}')"
    line = await house.one(
        f"{record}/SalesInvoiceSalesLines(Document_Type='Invoice',Document_No='{number}',"
        "Line_No=20000)"
    )
    assert line["Line_Amount"] == 5
    assert await house.one(f"{record}/SalesInvoiceSalesLines(Line_No=20000)") == line
    positional = await house.one(f"SalesInvoice('Invoice','{number}')")
    assert positional["Amount_Including_VAT"] == 15
    expanded = await house.records(
        "SalesInvoice", expand="SalesInvoiceSalesLines($select=Line_No,Amount)"
    )
    lines = expanded[0]["SalesInvoiceSalesLines"]
    assert [(one["Line_No"], one["Amount"]) for one in lines] == [(10000, 10), (20000, 5)]
    both = await house.records("SalesInvoiceSalesLines", filter=f"Document_No eq '{number}'")
    assert len(both) == 2


async def test_a_header_takes_no_lines_with_it(house: House) -> None:
    refusal = await house.refused("POST", "SalesInvoice", SalesInvoiceSalesLines=[])
    assert "Deep insert" in refusal[2]


@pytest.mark.parametrize(
    ("method", "record"),
    [
        ("POST", "GLEntries"),
        ("POST", "PostedSalesInvoice"),
        ("PATCH", "Customer"),
        ("PUT", "Customer('C1')"),
        ("DELETE", "GeneralLedgerSetup('')"),
    ],
)
async def test_what_a_page_does_not_allow_is_refused(
    house: House, method: str, record: str
) -> None:
    status, code, _ = await house.refused(method, record)
    assert (status, code) == (405, "BadRequest_MethodNotAllowed")


async def test_a_journal_page_shows_the_templates_of_its_kind_only(house: House) -> None:
    await house.line("P1", await house.customer(), -5)
    assert len(await house.records("CashReceiptJournal")) == 1
    assert await house.records("GeneralJournal") == []


async def test_old_versions_open_a_journal_on_its_first_batch() -> None:
    async with open_house(NavProfile(journal_filter=True)) as house:
        line = await house.add("CashReceiptJournal", Document_No="D1")
        assert line["Journal_Batch_Name"] == "DEFAULT"
        assert [row["Document_No"] for row in await house.records("CashReceiptJournal")] == ["D1"]


async def test_decimals_come_back_with_every_digit(house: House) -> None:
    body = b'{"Credit_Limit_LCY": 123456789.012345678901}'
    response = await house.http.post(f"{HOME}/Customer", content=body)
    assert decoded(response)["Credit_Limit_LCY"] == Decimal("123456789.012345678901")


@pytest.mark.parametrize(("odata", "root"), [(False, ODATA), (True, SOAP)])
async def test_a_disabled_kind_of_service_answers_405(odata: bool, root: str) -> None:
    async with open_house(NavProfile(odata_enabled=odata, soap_enabled=not odata)) as house:
        assert (await house.http.get(f"{root}/SystemService")).status_code == 405
