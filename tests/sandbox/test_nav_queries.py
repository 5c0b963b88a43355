"""Filters, order and paging of the NAV stand-in."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.sandbox.nav_company import (
    HOME,
    House,
    open_house,
    revenue,
)


@pytest.fixture
async def house() -> AsyncIterator[House]:
    async with open_house() as found:
        yield found


@pytest.mark.parametrize(
    ("condition", "names"),
    [
        ("Name eq 'Beta'", ["Beta"]),
        ("Name ne 'Beta' and Credit_Limit_LCY gt 1.5", ["Gamma"]),
        ("Name eq 'Alpha' or Name eq 'Gamma'", ["Alpha", "Gamma"]),
        ("startswith(Name,'Al')", ["Alpha"]),
        ("endswith(Name,'a') and contains(Name,'mm')", ["Gamma"]),
        ("tolower(E_Mail) eq 'b@example.com'", ["Beta"]),
        ("E_Mail eq 'b@example.com'", []),
        ("substring(Name,1,3) eq 'lph'", ["Alpha"]),
        ("No eq 'c1000002'", ["Beta"]),
        ("No gt 'C1000001' and (No le 'C1000003')", ["Beta", "Gamma"]),
        ("No eq 'C1000003' or No eq 'c1000001' or No eq 'C1'", ["Alpha", "Gamma"]),
        ("No eq 'C1000001' or No gt 'C1000002'", ["Alpha", "Gamma"]),
        ("(No eq 'C1000001' or No eq 'C1000002') and Name ne 'Beta'", ["Alpha"]),
        ("Blocked eq 'All'", ["Gamma"]),
        ("Last_Date_Modified ge 2020-01-01 and Last_Date_Modified lt 2020-01-02", []),
        ("Last_Modified_Date_Time gt 2020-01-01T00:00:00Z", ["Alpha", "Beta", "Gamma"]),
        ("Prices_Including_VAT eq false and Balance_LCY eq 0", ["Alpha", "Beta", "Gamma"]),
        ("Lines/any(line: line/Amount gt 5)", ["Alpha", "Beta", "Gamma"]),
    ],
)
async def test_filters_find_what_they_say(house: House, condition: str, names: list[str]) -> None:
    await house.add("Customer", Name="Alpha", Credit_Limit_LCY=1)
    await house.add("Customer", Name="Beta", Credit_Limit_LCY=2, E_Mail="B@Example.com")
    await house.add("Customer", Name="Gamma", Credit_Limit_LCY=3, Blocked="All")
    found = await house.records("Customer", filter=condition)
    assert [row["Name"] for row in found] == names


@pytest.mark.parametrize(
    ("condition", "code", "words"),
    [
        ("Name eq 'A' or City eq 'B'", "BadRequest_InvalidOperation", "not supported on distinct"),
        ("No eq 'C12345678901234567890'", "Application_FilterErrorException", "must be less than"),
        ("Nickname eq 'A'", "BadRequest_NotFound", "Could not find a property named 'Nickname'"),
        ("Name eq", "BadRequest_NotFound", "Error in query syntax"),
        ("Name is 'A'", "BadRequest_NotFound", "Error in query syntax"),
        ("Name eq 5", "BadRequest_NotFound", "Error in query syntax"),
        ("Blocked eq 'Never'", "Application_EvaluateException", "Option"),
    ],
)
async def test_a_wrong_filter_is_refused(
    house: House, condition: str, code: str, words: str
) -> None:
    response = await house.http.get(f"{HOME}/Customer", params={"$filter": condition})
    error = response.json()["error"]
    assert (response.status_code, error["code"]) == (400, code)
    assert words in error["message"]


async def test_pages_follow_their_next_links_to_the_end(house: House) -> None:
    names = [f"N{number}" for number in range(7)]
    for name in names:
        await house.add("Customer", Name=name)
    seen, link = [], f"{HOME}/Customer?$filter=startswith(Name,'N')&$select=Name"
    while link:
        response = await house.http.get(link, headers={"Prefer": "odata.maxpagesize=3"})
        assert response.headers["Preference-Applied"] == "odata.maxpagesize=3"
        body = response.json()
        assert all(set(row) == {"@odata.etag", "Name"} for row in body["value"])
        seen.append([row["Name"] for row in body["value"]])
        link = body.get("@odata.nextLink", "")
    assert seen == [names[:3], names[3:6], names[6:]]


@pytest.mark.parametrize("order", ["", "Name desc", "City asc,Name desc"])
async def test_order_top_skip_and_count_hold_over_pages(house: House, order: str) -> None:
    for number in range(6):
        await house.add("Customer", Name=f"N{number}", City="AB"[number % 2])
    params = {"$top": "4", "$skip": "1", "$count": "true"}
    if order:
        params["$orderby"] = order
    seen: list[str] = []
    response = await house.http.get(
        f"{HOME}/Customer", params=params, headers={"Prefer": "odata.maxpagesize=3"}
    )
    assert response.json()["@odata.count"] == 6
    while True:
        body = response.json()
        seen += [row["Name"] for row in body["value"]]
        if "@odata.nextLink" not in body:
            break
        response = await house.http.get(
            body["@odata.nextLink"], headers={"Prefer": "odata.maxpagesize=3"}
        )
    wanted = {
        "": ["N1", "N2", "N3", "N4"],
        "Name desc": ["N4", "N3", "N2", "N1"],
        "City asc,Name desc": ["N2", "N0", "N5", "N3"],
    }
    assert seen == wanted[order]


async def test_count_is_a_number_of_its_own(house: House) -> None:
    await house.customer()
    response = await house.http.get(f"{HOME}/Customer/$count")
    assert response.text == "1"


async def test_entry_numbers_can_be_read_from_a_watermark(house: House) -> None:
    await house.invoice("K1", await house.customer(), revenue(10))
    entries = await house.records("GLEntries")
    watermark = entries[0]["Entry_No"]
    later = await house.records("GLEntries", filter=f"Entry_No gt {watermark}")
    again = await house.records("GLEntries", filter=f"Entry_No ge {watermark}")
    assert (later, again) == (entries[1:], entries)
