"""Updates: full and partial, hashes, children, periods."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.ax_house import House, house, refused, running
from tests.sandbox.ax_values import keys

__all__ = ["house", "running"]


async def _read(house: House, number: str) -> Any:
    found = await house.call("CustomerService", "read", EntityKeyList=keys("AccountNum", number))
    return found["CustTable"][0]


async def _update(house: House, number: str, **values: Any) -> None:
    root = {"class": "entity", "CustGroup": "DOM", **values}
    await house.call(
        "CustomerService",
        "update",
        EntityKeyList=keys("AccountNum", number),
        Customer={"CustTable": [root]},
    )


async def test_a_partial_update_touches_only_what_was_sent(house: House) -> None:
    number = await house.customer(OurAccountNum="K1", OrgId="7")
    before = await _read(house, number)
    await _update(house, number, action="update", _DocumentHash=before["_DocumentHash"], OrgId="8")
    after = await _read(house, number)
    assert (after["OrgId"], after["OurAccountNum"]) == ("8", "K1")
    assert after["DirParty"][0]["DirPartyPostalAddressView"]
    assert after["_DocumentHash"] != before["_DocumentHash"]


async def test_an_update_without_actions_empties_and_deletes_the_rest(house: House) -> None:
    number = await house.customer(OurAccountNum="K1", OrgId="7", PaymTermId="60D")
    before = await _read(house, number)
    await _update(house, number, _DocumentHash=before["_DocumentHash"], Currency="USD", OrgId="8")
    after = await _read(house, number)
    assert after["OrgId"] == "8"
    assert after["OurAccountNum"] is None
    assert after["PaymTermId"] is None
    party = after["DirParty"][0]
    assert party["Name"] == "Acme Ltd."
    assert (party["DirPartyPostalAddressView"], party["DirPartyContactInfoView"]) == ([], [])


async def test_an_update_needs_the_hash_or_versions_and_they_must_match(house: House) -> None:
    number = await house.customer()
    before = await _read(house, number)
    refusal = await refused(_update(house, number, action="update", OrgId="8"))
    assert refusal.code == "DocumentHashMismatch"
    await _update(
        house,
        number,
        action="update",
        RecId=before["RecId"],
        RecVersion=before["RecVersion"],
        OrgId="8",
    )
    stale = _update(
        house, number, action="update", _DocumentHash=before["_DocumentHash"], OrgId="9"
    )
    refusal = await refused(stale)
    assert (refusal.code, refusal.exception) == ("DocumentHashMismatch", "11")
    stale = _update(
        house,
        number,
        action="update",
        RecId=before["RecId"],
        RecVersion=before["RecVersion"],
        OrgId="9",
    )
    assert "RecVersion of CustTable" in (await refused(stale)).text


async def test_keys_and_records_of_an_update_must_correspond(house: House) -> None:
    number = await house.customer()
    root = {"class": "entity", "CustGroup": "DOM", "action": "update"}
    call = house.call(
        "CustomerService",
        "update",
        EntityKeyList=keys("AccountNum", number),
        Customer={"CustTable": [root, root]},
    )
    assert (await refused(call)).text == "The parameter index is not valid."


async def _party(house: House, **values: Any) -> Any:
    service = await house.service("CustomerService")
    organization = service.type("AxdEntity_DirParty_DirOrganization")
    return [organization(**{"class": "entity", "action": "update", **values})]


async def test_children_of_a_partial_update_need_their_action(house: House) -> None:
    number = await house.customer()
    before = await _read(house, number)
    contact = {"class": "entity", "Locator": "555", "Type": "Phone"}
    party = await _party(house, DirPartyContactInfoView=[contact])
    call = _update(
        house, number, action="update", _DocumentHash=before["_DocumentHash"], DirParty=party
    )
    assert "action attribute" in (await refused(call)).text
    party = await _party(house, DirPartyContactInfoView=[{**contact, "action": "create"}])
    await _update(
        house, number, action="update", _DocumentHash=before["_DocumentHash"], DirParty=party
    )
    contacts = (await _read(house, number))["DirParty"][0]["DirPartyContactInfoView"]
    assert [one["Type"] for one in contacts] == ["Email", "Phone"]


@pytest.mark.parametrize("mode", ["Correction", "CreateNewTimePeriod"])
async def test_an_address_changes_in_place_or_in_a_new_period(house: House, mode: str) -> None:
    number = await house.customer()
    before = await _read(house, number)
    address = before["DirParty"][0]["DirPartyPostalAddressView"][0]
    changed = {
        "class": "entity",
        "action": "update",
        "updateMode": mode,
        "RecId": address["RecId"],
        "City": "Salem",
    }
    party = await _party(house, DirPartyPostalAddressView=[changed])
    await _update(
        house, number, action="update", _DocumentHash=before["_DocumentHash"], DirParty=party
    )
    after = await _read(house, number)
    (moved,) = after["DirParty"][0]["DirPartyPostalAddressView"]
    assert (moved["City"], moved["Street"]) == ("Salem", "1 Main Street")
    assert (moved["RecId"] == address["RecId"]) is (mode == "Correction")
    assert after["_DocumentHash"] != before["_DocumentHash"]


async def test_a_child_can_be_deleted(house: House) -> None:
    number = await house.customer()
    before = await _read(house, number)
    contact = before["DirParty"][0]["DirPartyContactInfoView"][0]
    gone = {"class": "entity", "action": "delete", "RecId": contact["RecId"]}
    party = await _party(house, DirPartyContactInfoView=[gone])
    await _update(
        house, number, action="update", _DocumentHash=before["_DocumentHash"], DirParty=party
    )
    assert (await _read(house, number))["DirParty"][0]["DirPartyContactInfoView"] == []


async def test_a_customer_without_transactions_can_be_deleted(house: House) -> None:
    unused, used = await house.customer(), await house.customer()
    await house.invoice(used, "K1")
    listed = keys("AccountNum", unused)
    await house.call("CustomerService", "delete", EntityKeyList=listed)
    call = house.call("CustomerService", "delete", EntityKeyList=keys("AccountNum", used))
    assert "transactions exist" in (await refused(call)).text
    refusal = await refused(house.call("CustomerService", "read", EntityKeyList=listed))
    assert refusal.code == "KeyNotFound"


async def test_a_person_has_names_of_its_own(house: House) -> None:
    service = await house.service("CustomerService")
    person = service.type("AxdEntity_DirParty_DirPerson")
    name = {"class": "entity", "FirstName": "Ada", "LastName": "King"}
    party = person(**{"class": "entity", "PersonName": [name]})
    card = {"CustTable": [{"class": "entity", "CustGroup": "DOM", "DirParty": [party]}]}
    made = await house.call("CustomerService", "create", Customer=card)
    number = made[0]["KeyData"]["KeyField"][0]["Value"]
    found = (await _read(house, number))["DirParty"][0]
    assert (found["Name"], found["InstanceRelationType"]) == ("Ada King", "DirPerson")
