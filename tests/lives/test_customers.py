"""Which customer of the target a client is, when names and addresses do not tell."""

from __future__ import annotations

import asyncio

from documents.key import Kind
from documents.row import Action
from tests.bookkeeper import BANKS
from tests.lives.desk import Desk, begin
from tests.lives.site import Site


async def _customer_of(desk: Desk, client: int) -> str:
    """The customer that an invoice of this client was posted for."""
    invoice = await desk.posted(client=client)
    entry = await desk.entry(Kind.INVOICE, invoice)
    return str(entry["Customer_No"])


async def _city(desk: Desk, number: str) -> str:
    (card,) = await desk.books.rows("Customer", No=number)
    return str(card["City"])


async def test_two_clients_of_one_name_are_two_customers(site: Site) -> None:
    desk = await begin(site)
    paris = await desk.clerk.add_client("John Smith", "john@paris.example", p_city="Paris")
    oslo = await desk.clerk.add_client("John Smith", "smith@oslo.example", p_city="Oslo")
    first, second = await _customer_of(desk, paris), await _customer_of(desk, oslo)
    assert first != second
    assert [await _city(desk, first), await _city(desk, second)] == ["Paris", "Oslo"]
    assert [await _customer_of(desk, oslo), await _customer_of(desk, paris)] == [second, first]


async def test_two_clients_of_one_email_are_two_customers(site: Site) -> None:
    desk = await begin(site)
    one = await desk.clerk.add_client("Hill and Sons", "office@hill.example")
    other = await desk.clerk.add_client("Hill Estates", "office@hill.example")
    assert await _customer_of(desk, one) != await _customer_of(desk, other)


async def test_a_customer_that_people_made_is_taken_by_the_first_client_only(site: Site) -> None:
    desk = await begin(site)
    by_hand = await _made_by_hand(desk, "Fjord AS")
    one = await desk.clerk.add_client("Fjord AS", "one@fjord.example")
    other = await desk.clerk.add_client("Fjord AS", "other@fjord.example")
    assert await _customer_of(desk, one) == by_hand
    assert await _customer_of(desk, other) != by_hand


async def test_clients_of_one_name_at_the_same_moment_do_not_share_a_customer(site: Site) -> None:
    desk = await begin(site)
    await _made_by_hand(desk, "Fjord AS")
    clients = [await desk.clerk.add_client("Fjord AS", f"{name}@fjord.example") for name in "abcd"]
    found = await asyncio.gather(*(_customer_of(desk, client) for client in clients))
    assert len(set(found)) == len(clients)


async def test_a_person_gives_two_clients_one_customer_and_its_card_stays(site: Site) -> None:
    desk = await begin(site)
    await desk.books.change("GLAccounts", "'4000'", Blocked=True)
    paris = await desk.clerk.add_client("Smith Paris", "john@paris.example", p_city="Paris")
    oslo = await desk.clerk.add_client("Smith Oslo", "smith@oslo.example", p_city="Oslo")
    invoice = await desk.sent(client=paris)
    await desk.look(invoice)
    other = await desk.sent(client=oslo)
    assert (await desk.look(other)).stage == "held"
    await desk.books.change("GLAccounts", "'4000'", Blocked=False)
    first = await _customer_of(desk, paris)
    status = await desk.decide(other, Action.CORRECT, customer=first)
    assert status.stage == "posted", status
    assert (await desk.entry(Kind.INVOICE, other))["Customer_No"] == first
    assert await _city(desk, first) == "Paris"


async def test_money_is_received_in_its_own_currency_whatever_the_customers_card_says(
    site: Site,
) -> None:
    desk = await begin(site)
    invoice = await desk.posted()
    number = await desk.customer()
    await desk.books.change("Customer", f"'{number}'", Currency_Code="EUR")
    payment = await desk.pay(invoice, "113.00")
    assert (await desk.look(invoice)).stage == "closed"
    assert (await desk.entry(Kind.PAYMENT, payment))["Currency_Code"] == ""
    assert await desk.balance(*BANKS) == "113.00"


async def _made_by_hand(desk: Desk, name: str) -> str:
    pattern = await _customer_of(desk, desk.client)
    (card,) = await desk.books.rows("Customer", No=pattern)
    groups = {
        field: card[field]
        for field in ("Gen_Bus_Posting_Group", "VAT_Bus_Posting_Group", "Customer_Posting_Group")
    }
    await desk.books.add("Customer", Name=name, **groups)
    (made,) = await desk.books.rows("Customer", Name=name)
    return str(made["No"])
