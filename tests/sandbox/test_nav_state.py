"""What the control port sees of NAV, what a clerk does, and what outlives a restart."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.sandbox.nav_company import COMPANY, Fault, open_house, revenue


async def test_every_document_is_one_row_in_its_present_state() -> None:
    async with open_house() as house:
        customer = await house.customer(Our_Account_No="FB-1", Currency_Code="CAD")
        await house.draft("K1", customer, revenue("10.5"), Your_Reference="F-1")
        await house.draft("K2", customer, revenue(3), kind="Order")
        await house.line("P1", customer, -4, Bal_Account_No="BANK-CAD", Comment="payment 7")
        shown = [
            (row.kind, row.key, row.number, row.state, row.currency, row.amount, row.document)
            for row in house.system.journal()
        ]
        assert shown == [
            ("customer", "FB-1", customer, "created", "CAD", "0.00", "FB-1"),
            ("invoice", "K1", "SI1000001", "created", "CAD", "10.50", "F-1"),
            ("order", "K2", "SO1000001", "created", "CAD", "3.00", ""),
            ("payment", "P1", "CASHRCPT/TIEOUT/10000", "created", "CAD", "4.00", "payment 7"),
        ]
        invoice = await house.post("K1")
        await house.post_line("P1")
        target = {"appliesToDocType": "Invoice", "appliesToDocNo": invoice}
        await house.call("ApplyEntry", externalKey="P1", **target)
        posted, paid = house.rows("invoice")[0], house.rows("payment")[0]
        assert (posted.number, posted.state, posted.party) == ("PSI1000001", "posted", customer)
        assert posted.extra["remaining"] == "6.50"
        assert (paid.number, paid.state, paid.document) == ("P1", "posted", "payment 7")
        assert paid.extra["applies_to"] == [invoice]
        assert paid.extra["company"] == COMPANY


async def test_a_local_currency_is_shown_by_its_iso_code() -> None:
    async with open_house() as house:
        await house.invoice("K1", await house.customer(), revenue(10))
        assert house.rows("invoice")[0].currency == "USD"


async def test_state_outlives_a_restart_and_numbers_go_on(tmp_path: Path) -> None:
    path = tmp_path / "nav.sqlite"
    async with open_house(path=path) as house:
        customer = await house.customer(E_Mail="A@example.com")
        await house.invoice("K1", customer, revenue(10))
        await house.draft("K2", customer, revenue(5))
        await house.line("P1", customer, -10)
        before = [row.to_json() for row in house.system.journal()]
        tag = (await house.one(f"Customer('{customer}')"))["@odata.etag"]
    async with open_house(path=path) as house:
        assert [row.to_json() for row in house.system.journal()] == before
        assert (await house.one(f"Customer('{customer}')"))["@odata.etag"] == tag
        found = await house.records("Customer", filter="E_Mail eq 'A@example.com'")
        assert [row["No"] for row in found] == [customer]
        assert await house.post("K1") == "PSI1000001"
        assert await house.post("K2") == "PSI1000002"
        assert await house.post_line("P1") == "P1"
        numbers = [row["Entry_No"] for row in await house.records("GLEntries")]
        assert numbers == sorted(set(numbers))


async def test_a_reset_empties_the_books_and_gives_no_number_twice() -> None:
    async with open_house() as house:
        await house.change("GLAccounts('4000')", Blocked=True)
        await house.add("Customer", Name="Acme")
        house.operator(posting="refuse")
        house.system.reset()
        assert house.system.journal() == []
        assert (await house.one("GLAccounts('4000')"))["Blocked"] is False
        customer = await house.customer()
        assert customer == "C1000002"
        assert await house.invoice("K1", customer, revenue(10)) == "PSI1000001"


async def test_a_clerk_who_refuses_stops_posting_until_she_lets_it_through() -> None:
    async with open_house() as house:
        customer = await house.customer()
        await house.invoice("K0", customer, revenue(10))
        await house.draft("K1", customer, revenue(10))
        await house.line("P1", customer, -10)
        house.operator(posting="refuse", reason="not before the audit")
        for attempt in (house.post("K1"), house.post_line("P1")):
            with pytest.raises(Fault, match="not before the audit") as caught:
                await attempt
            assert caught.value.code == "NavNCLDialogException"
        assert await house.post("K0") == "PSI1000001"
        house.operator(posting="wait")
        with pytest.raises(Fault, match="locked by another user"):
            await house.post("K1")
        house.operator(posting="auto")
        assert (await house.post("K1"), await house.post_line("P1")) == ("PSI1000002", "P1")


async def test_companies_keep_books_of_their_own() -> None:
    async with open_house() as house:
        await house.customer()
        response = await house.http.get(
            "/DynamicsNAV110/ODataV4/Company('Other')/Customer", auth=("OTHER", "other key")
        )
        assert response.json()["value"] == []
