"""Customers of AX with their party, addresses and electronic addresses."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from connectors.ax.adapter import AxTarget
from connectors.ax.aif import Criterion, DocumentPort, hash_of
from connectors.ax.client import AxClient
from connectors.ax.content import Content, children, text_of
from connectors.ax.lanes import Lanes
from connectors.errors import Conflict, Rejected
from documents.key import Kind
from documents.record import FieldValue, MappedRecord
from tests.connectors.ax_books import Books, ax_books, customer_record, key

_POSTAL = "DirParty.DirPartyPostalAddressView"
_EMAIL = "DirParty.DirPartyContactInfoView[Type=Email].Locator"
_PHONE = "DirParty.DirPartyContactInfoView[Type=Phone].Locator"


@pytest.fixture
async def books() -> AsyncIterator[Books]:
    async with ax_books() as found:
        yield found


@pytest.fixture
async def ax(books: Books) -> AsyncIterator[AxTarget]:
    async with books.target() as target:
        yield target


def update(**fields: FieldValue) -> MappedRecord:
    return MappedRecord(kind=Kind.CUSTOMER, entity="customer", header=fields)


async def test_a_customer_is_made_once_and_ax_draws_its_number(ax: AxTarget, books: Books) -> None:
    record = customer_record(**{_PHONE: "+49 221 1", "DefaultDimension.Department": "SALES"})
    made = await ax.create_customer(key(Kind.CUSTOMER), record)
    assert made.number.startswith("C")
    assert (made.name, made.email, made.currency) == ("Müller & Söhne", "buch@example.com", "EUR")
    assert made.key == key(Kind.CUSTOMER).text()
    assert made.blocked == ""
    assert made.fields[f"{_POSTAL}.City"] == "Köln"
    assert made.fields[_PHONE] == "+49 221 1"
    assert made.fields["DefaultDimension.Department"] == "SALES"
    assert await ax.create_customer(key(Kind.CUSTOMER), record) == made
    assert len(await books.journal(kind="customer")) == 1


async def test_a_customer_is_found_by_key_number_email_and_name_in_any_case(ax: AxTarget) -> None:
    made = await ax.create_customer(key(Kind.CUSTOMER), customer_record())
    await ax.create_customer(key(Kind.CUSTOMER, "7"), customer_record("Another"))
    assert await ax.find_customers(key=made.key) == [made]
    assert await ax.find_customers(number=made.number.lower()) == [made]
    assert await ax.find_customers(name="MÜLLER & SÖHNE") == [made]
    assert len(await ax.find_customers(email="BUCH@example.com")) == 2
    assert await ax.find_customers(email="buch@example.com", name="Another") != [made]
    assert await ax.find_customers() == []
    assert await ax.find_customers(number="x" * 40) == []
    assert await ax.find_customers(name="Nobody") == []


async def test_an_update_changes_what_it_names_and_clears_nothing(ax: AxTarget) -> None:
    made = await ax.create_customer(
        key(Kind.CUSTOMER), customer_record(**{_PHONE: "+49 221 1", "Memo": "keep me"})
    )
    await ax.update_customer(made.number, update(**{f"{_POSTAL}.City": "Bonn"}))
    changed = await ax.update_customer(made.number, update(**{_EMAIL: "neu@example.com"}))
    assert changed.email == "neu@example.com"
    assert changed.fields[f"{_POSTAL}.City"] == "Bonn"
    assert changed.fields[f"{_POSTAL}.Street"] == "Hauptstraße 1"
    assert changed.fields[_PHONE] == "+49 221 1"
    assert changed.fields["Memo"] == "keep me"
    assert changed.currency == "EUR"


async def test_an_update_adds_a_child_that_is_not_there(ax: AxTarget) -> None:
    made = await ax.create_customer(key(Kind.CUSTOMER), customer_record())
    changed = await ax.update_customer(made.number, update(**{_PHONE: "+49 221 2"}))
    assert changed.fields[_PHONE] == "+49 221 2"
    assert changed.email == "buch@example.com"


async def test_a_customer_that_is_gone_is_a_conflict(ax: AxTarget) -> None:
    with pytest.raises(Conflict, match="does not exist any more"):
        await ax.update_customer("C9999999", update(Memo="x"))


async def test_a_stopped_customer_says_so(ax: AxTarget, books: Books) -> None:
    made = await ax.create_customer(key(Kind.CUSTOMER), customer_record())
    await books.person("block", account=made.number, blocked="All")
    assert [c.blocked for c in await ax.find_customers(number=made.number)] == ["All"]


@pytest.mark.parametrize(
    ("fields", "cause"),
    [
        ({"DirParty.Name": "x" * 101}, "text-too-long"),
        ({"Blocked": "Sometimes"}, "value-not-allowed"),
        ({"CreditMax": "much"}, "value-not-allowed"),
        ({"NoSuchField": "x"}, "field-unknown"),
        ({"DirParty.NoSuchField": "x"}, "field-unknown"),
        ({"DirParty": "AxdEntity_Nobody"}, "value-not-allowed"),
        ({"CustGroup": ""}, "value-missing"),
        ({"OurAccountNum": "SOMETHING"}, "key-overwritten"),
        ({"CustGroup": "NOSUCH"}, "posting-group-missing"),
        ({"DefaultDimension.Department": "NOSUCH"}, "dimension-missing"),
        ({"Memo": "\x01"}, "value-not-allowed"),
    ],
)
async def test_what_a_customer_cannot_hold_is_a_hold_with_its_cause(
    ax: AxTarget, fields: dict[str, str], cause: str
) -> None:
    with pytest.raises(Rejected) as caught:
        await ax.create_customer(key(Kind.CUSTOMER), customer_record(**fields))
    assert caught.value.hold.cause == cause


async def test_a_customer_is_found_by_its_second_email_address(ax: AxTarget, books: Books) -> None:
    made = await ax.create_customer(key(Kind.CUSTOMER), customer_record())
    await _add_email(books, made.number, "second@example.com")
    assert [one.number for one in await ax.find_customers(email="second@example.com")] == [
        made.number
    ]
    assert await ax.find_customers(email="buch@example.com") != []
    assert await ax.find_customers(email="third@example.com") == []


async def _add_email(books: Books, number: str, address: str) -> None:
    """As a person adds a second address at the AX client."""
    settings = books.settings()
    lanes = Lanes(settings)
    port = DocumentPort(AxClient(settings, lanes), "CustomerService")
    (root,) = await port.find(Criterion("CustTable", "AccountNum", number))
    party: Content = {
        "@type": "AxdEntity_DirParty_DirOrganization",
        "@action": "update",
        "RecId": text_of(children(root, "DirParty")[0], "RecId"),
        "DirPartyContactInfoView": [{"@action": "create", "Type": "Email", "Locator": address}],
    }
    content: Content = {"_DocumentHash": hash_of(root), "CustGroup": "EU", "DirParty": [party]}
    await port.update((("AccountNum", number),), content, "")
    await lanes.aclose()
