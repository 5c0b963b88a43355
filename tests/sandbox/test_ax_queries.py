"""Query criteria, keys, pages and change tracking."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.sandbox.ax_house import House, house, opened, refused, running
from tests.sandbox.ax_values import any_of, keys, line, values_of, where

__all__ = ["house", "running"]


async def _found(house: House, criteria: dict[str, Any]) -> list[str]:
    found = await house.call("CustomerService", "findKeys", QueryCriteria=criteria)
    return values_of(found)


@pytest.mark.parametrize(
    ("operator", "low", "high", "expected"),
    [
        ("Equal", "b", "", ["B"]),
        ("NotEqual", "B", "", ["A", "C"]),
        ("Greater", "A", "", ["B", "C"]),
        ("GreaterOrEqual", "B", "", ["B", "C"]),
        ("Less", "B", "", ["A"]),
        ("LessOrEqual", "B", "", ["A", "B"]),
        ("Range", "A", "B", ["A", "B"]),
    ],
)
async def test_the_seven_operators(
    house: House, operator: str, low: str, high: str, expected: list[str]
) -> None:
    numbers = {key: await house.customer(OrgId=key) for key in "ABC"}
    criteria = where("CustTable", "OrgId", operator, low, high)
    assert await _found(house, criteria) == [numbers[key] for key in expected]


async def test_numbers_and_symbols_compare_as_such(house: House) -> None:
    small = await house.customer(CreditMax="9")
    big = await house.customer(CreditMax="100", Blocked="All")
    assert await _found(house, where("CustTable", "CreditMax", "Greater", "9.5")) == [big]
    assert await _found(house, where("CustTable", "Blocked", "Equal", "No")) == [small]
    refusal = await refused(_found(house, where("CustTable", "CreditMax", "Equal", "x")))
    assert refusal.code == "InvalidRequest"


async def test_elements_are_or_ed(house: House) -> None:
    one = await house.customer(OurAccountNum="K1", OrgId="7")
    two = await house.customer(OurAccountNum="K2", OrgId="7")
    await house.customer(OurAccountNum="K3")
    criteria = any_of(
        ("CustTable", "OurAccountNum", "Equal", "K1", ""),
        ("CustTable", "OrgId", "Equal", "7", ""),
    )
    assert await _found(house, criteria) == [one, two]


async def test_child_data_sources_can_be_searched(house: House) -> None:
    number = await house.customer()
    await house.customer(party={"Name": "Other", "DirPartyContactInfoView": []})
    mail = where("DirPartyContactInfoView", "Locator", "Equal", "PAY@acme.example")
    assert await _found(house, mail) == [number]
    assert await _found(house, where("DirParty", "Name", "Equal", "acme ltd.")) == [number]


async def test_fields_outside_of_the_query_and_no_criteria_are_refused(house: House) -> None:
    for source, field in (("CustTable", "Colour"), ("VendTable", "AccountNum")):
        refusal = await refused(_found(house, where(source, field, "Equal", "x")))
        assert refusal.code == "InvalidRequest"
    refusal = await refused(house.call("CustomerService", "findKeys"))
    assert refusal.text == "The query criteria must be specified."


async def test_find_answers_at_most_the_ports_limit() -> None:
    async with opened(document_limit=2) as house:
        numbers = [await house.customer() for _ in range(3)]
        criteria = where("CustTable", "AccountNum", "Greater", "")
        assert await _found(house, criteria) == numbers[:2]
        rest = where("CustTable", "AccountNum", "Greater", numbers[1])
        assert await _found(house, rest) == numbers[2:]


async def test_a_key_names_the_key_field_and_an_existing_record(house: House) -> None:
    call = house.call("CustomerService", "read", EntityKeyList=keys("RecId", "1"))
    assert (await refused(call)).code == "SchemaValidation"
    call = house.call("CustomerService", "read", EntityKeyList=keys("AccountNum", "C1"))
    refusal = await refused(call)
    assert (refusal.code, refusal.field) == ("KeyNotFound", "AccountNum")


async def test_payments_and_general_journals_do_not_mix(house: House) -> None:
    account = await house.customer()
    number = await house.payment(account, "P1", "5")
    listed = keys("JournalNum", number)
    assert await house.call("CustomerPaymentJournalService", "read", EntityKeyList=listed)
    call = house.call("GeneralJournalService", "read", EntityKeyList=listed)
    assert (await refused(call)).code == "KeyNotFound"


async def _page(
    house: House, size: int, bookmark: str | None = None, since: datetime | None = None
) -> Any:
    paging: dict[str, Any] = {"PageSize": size, "Bookmark": bookmark}
    if since is None:
        return await house.call("CustomerService", "getKeys", DocumentPaging=paging)
    return await house.call(
        "CustomerService", "getChangedKeys", DocumentPaging=paging, _changedDateTime=since
    )


async def test_pages_follow_a_bookmark_until_none_comes(house: House) -> None:
    numbers = [await house.customer() for _ in range(5)]
    seen: list[str] = []
    bookmark = None
    for _ in range(3):
        page = await _page(house, 2, bookmark)
        assert (page["PageStatus"], page["PageStatusDetails"]) == ("Success", "None")
        seen += values_of(page["EntityKeyList"]["EntityKey"])
        bookmark = page["DocumentPaging"] and page["DocumentPaging"]["Bookmark"]
    assert seen == numbers
    assert bookmark is None


async def test_a_made_up_bookmark_and_a_page_without_size_are_refused(house: House) -> None:
    assert (await refused(_page(house, 2, "abc"))).field == "Bookmark"
    assert (await refused(_page(house, 0))).code == "SchemaValidation"


async def test_changed_keys_are_those_of_documents_written_since(house: House) -> None:
    old = await house.customer()
    await house.control.post("/clock", json={"advance": "PT1H"})
    since = datetime.now(UTC) + timedelta(minutes=30)
    assert (await _page(house, 10, since=since))["EntityKeyList"] is None
    new = await house.customer()
    page = await _page(house, 10, since=since)
    assert values_of(page["EntityKeyList"]["EntityKey"]) == [new]
    await house.person("block", account=old, blocked="All")
    page = await _page(house, 10, since=since)
    assert values_of(page["EntityKeyList"]["EntityKey"]) == [old, new]


async def test_posting_and_settling_change_what_they_touch(house: House) -> None:
    account = await house.customer()
    posted = await house.posted(account, "K1", line("100"))
    await house.control.post("/clock", json={"advance": "PT1H"})
    since = datetime.now(UTC) + timedelta(minutes=30)
    paging = {"PageSize": 10}
    arguments = {"DocumentPaging": paging, "_changedDateTime": since}
    page = await house.call("CustomerTransactionService", "getChangedKeys", **arguments)
    assert page["EntityKeyList"] is None
    await house.paid(account, "P1", "100", MarkedInvoice=posted["InvoiceId"])
    page = await house.call("CustomerTransactionService", "getChangedKeys", **arguments)
    changed = values_of(page["EntityKeyList"]["EntityKey"])
    assert str(posted["CustTransRecId"]) in changed
    assert len(changed) == 2


@pytest.mark.parametrize(
    ("setting", "details"),
    [
        ({"change_tracking": False}, "ChangeTrackingDisabled"),
        ({"change_retention_days": 1}, "ChangedDateTimeOutOfRange"),
    ],
)
async def test_a_page_that_cannot_be_made_is_no_fault(
    setting: dict[str, Any], details: str
) -> None:
    async with opened(**setting) as house:
        await house.customer()
        page = await _page(house, 10, since=datetime.now(UTC) - timedelta(days=2))
    assert (page["PageStatus"], page["PageStatusDetails"]) == ("Failure", details)


async def test_without_a_document_filter_pages_are_empty() -> None:
    async with opened(document_filter=False) as house:
        await house.customer()
        since = datetime.now(UTC) - timedelta(minutes=5)
        for page in (await _page(house, 10), await _page(house, 10, since=since)):
            assert page["PageStatus"] == "Success"
            assert page["EntityKeyList"] is None


async def test_set_up_can_be_read(house: House) -> None:
    found = await house.call("PaymentTermsService", "read", EntityKeyList=keys("PaymTermId", "30D"))
    assert found["PaymTerm"][0]["NumOfDays"] == 30
    criteria = where("ExchangeRate", "FromCurrencyCode", "Equal", "EUR")
    rates = await house.call("ExchangeRatesService", "find", QueryCriteria=criteria)
    assert [float(one["ExchangeRate"]) for one in rates["ExchangeRate"]] == [110.0]


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("MainAccount", "4000"),
        ("Currency", "JPY"),
        ("TaxGroup", "TAX"),
        ("TaxItemGroup", "VAT20"),
        ("CustGroup", "DOM"),
        ("PaymTerm", "30D"),
        ("PaymMode", "STRIPE"),
        ("BankAccount", "BANK-EUR"),
        ("PostingProfile", "GEN"),
        ("CountryRegion", "CA"),
        ("JournalName", "CustPay"),
        ("Item", "SERVICE"),
        ("Dimension", "CostCenter"),
        ("Dimension:Project", "P1"),
        ("Company", "usmf"),
    ],
)
async def test_the_custom_service_lists_set_up(house: House, name: str, code: str) -> None:
    assert code in [one["Code"] for one in await house.tieout("getSetup", name)]


async def test_lists_say_what_is_blocked_and_unknown_lists_are_refused(house: House) -> None:
    blocked = {one["Code"]: one["Blocked"] for one in await house.tieout("getSetup", "MainAccount")}
    assert blocked["9999"] is True
    assert blocked["4000"] is False
    for name in ("Colour", "Dimension:Colour"):
        assert (await refused(house.tieout("getSetup", name))).code == "InvalidRequest"
