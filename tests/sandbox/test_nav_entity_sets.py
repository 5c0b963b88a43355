"""A client that knows nothing but `$metadata` reads and writes every entity set."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import pytest
from lxml import etree

from tests.sandbox.nav_company import HOME, ODATA, House, cost, decoded, open_house, revenue

EDM = "{http://docs.oasis-open.org/odata/ns/edm}"


@dataclass(frozen=True)
class EntityType:
    """What the CSDL says of an entity type."""

    key: tuple[str, ...]
    properties: Mapping[str, Mapping[str, str]]
    contained: Mapping[str, str]

    def predicate(self, record: Mapping[str, Any]) -> str:
        """The key predicate of a record, by name."""
        parts = [f"{name}={self._literal(name, record[name])}" for name in self.key]
        return quote(f"({','.join(parts)})", safe="()=,'")

    def _literal(self, name: str, value: Any) -> str:
        if self.properties[name]["Type"] in ("Edm.String",):
            return "'" + str(value).replace("'", "''") + "'"
        return str(value)


async def schema(house: House) -> dict[str, EntityType]:
    """The entity sets with their types."""
    document = etree.fromstring((await house.http.get(f"{ODATA}/$metadata")).content)
    types = {node.get("Name"): _type(node) for node in document.iter(f"{EDM}EntityType")}
    sets = document.iter(f"{EDM}EntitySet")
    return {node.get("Name", ""): types[node.get("EntityType", "")[4:]] for node in sets}


def _type(node: etree._Element) -> EntityType:
    return EntityType(
        tuple(one.get("Name", "") for one in node.iter(f"{EDM}PropertyRef")),
        {one.get("Name", ""): dict(one.attrib) for one in node.iter(f"{EDM}Property")},
        {
            one.get("Name", ""): one.get("Type", "")[15:-1]
            for one in node.iter(f"{EDM}NavigationProperty")
            if one.get("ContainsTarget") == "true"
        },
    )


@pytest.fixture
async def house() -> AsyncIterator[House]:
    async with open_house() as found:
        yield found


async def fill(house: House) -> None:
    """One of everything that books can hold."""
    customer = await house.customer(Currency_Code="CAD")
    await house.add("Vendors", Name="Shop", Vendor_Posting_Group="VENDORS")
    await house.add("Employees", First_Name="Ann", Employee_Posting_Group="EMPLOYEES")
    await house.add("Items", No="BOOK")
    dimension = {"Dimension_Code": "PROJECT", "Dimension_Value_Code": "P1"}
    await house.add("DefaultDimensions", Table_ID=15, No="4000", **dimension)
    for kind in ("Invoice", "Credit Memo"):
        await house.invoice(f"{kind[0]}1", customer, revenue(5), kind=kind)
    for kind in ("Invoice", "Credit Memo", "Order"):
        await house.draft(f"{kind[0]}2", customer, revenue(5), kind=kind)
    await house.payment("P1", customer, -5, Bal_Account_No="BANK-CAD")
    await house.line("P2", customer, -5, Bal_Account_No="BANK-CAD")
    other = {"Account_Type": "Vendor", "Bal_Account_No": "BANK-USD"}
    await house.payment("V1", "V1000001", 5, **other)
    other |= {"Account_Type": "Employee"}
    await house.payment("E1", "E1000001", 5, **other)
    vendor = await house.vendor()
    for kind in ("Invoice", "Credit Memo"):
        await house.purchase(f"B{kind[0]}1", vendor, cost(5), kind=kind)
        await house.purchase_draft(f"B{kind[0]}2", vendor, cost(5), kind=kind)
    batch = {"Journal_Template_Name": "GENERAL", "Journal_Batch_Name": "DEFAULT"}
    await house.add("GeneralJournal", **batch)


async def test_every_entity_set_reads_by_list_and_by_key_as_its_type_says(house: House) -> None:
    await fill(house)
    sets = await schema(house)
    assert len(sets) > 40
    for name, kind in sets.items():
        if name == "Company":
            continue
        records = await house.records(name)
        assert records, name
        for record in records[:3]:
            assert set(record) - {"@odata.etag"} == set(kind.properties)
            assert await house.one(f"{name}{kind.predicate(record)}") == record
            for part in kind.contained:
                assert await house.records(f"{name}{kind.predicate(record)}/{part}")


async def test_values_fit_the_types_and_lengths_of_their_properties(house: House) -> None:
    await fill(house)
    fits = {
        "Edm.String": str,
        "Edm.Date": str,
        "Edm.DateTimeOffset": str,
        "Edm.Boolean": bool,
        "Edm.Int32": int,
    }
    for name, kind in (await schema(house)).items():
        if name == "Company":
            continue
        for record in await house.records(name, top="5"):
            for field, facets in kind.properties.items():
                wanted = fits.get(facets["Type"])
                assert wanted is None or isinstance(record[field], wanted), (name, field)
                if "MaxLength" in facets:
                    assert len(record[field]) <= int(facets["MaxLength"])


async def test_every_set_that_can_be_changed_takes_back_what_it_gave(house: House) -> None:
    await fill(house)
    changeable = 0
    for name, kind in (await schema(house)).items():
        if name == "Company":
            continue
        record = (await house.records(name))[0]
        address = f"{HOME}/{name}{kind.predicate(record)}"
        texts = [
            field
            for field in ("Description", "Name", "Comment", "City")
            if field in kind.properties
        ]
        body = {field: record[field] for field in texts}
        tag = {"If-Match": record["@odata.etag"]}
        response = await house.http.patch(address, json=body, headers=tag)
        if response.status_code == 405:
            continue
        if body and response.status_code == 200:
            changeable += 1
            assert {**decoded(response), "@odata.etag": ""}.keys() == record.keys()
            assert decoded(response)["@odata.etag"] != record["@odata.etag"]
    assert changeable > 20


async def test_keys_are_not_nullable_and_lengths_are_those_of_nav_2018(house: House) -> None:
    sets = await schema(house)
    customer = sets["Customer"].properties
    assert customer["No"] == {
        "Name": "No",
        "Type": "Edm.String",
        "Nullable": "false",
        "MaxLength": "20",
    }
    assert customer["Name"]["MaxLength"] == "50"
    assert sets["SalesInvoice"].properties["External_Document_No"]["MaxLength"] == "35"
    assert sets["SalesInvoice"].key == ("Document_Type", "No")
    assert sets["CashReceiptJournal"].key == (
        "Journal_Template_Name",
        "Journal_Batch_Name",
        "Line_No",
    )
    assert sets["SalesInvoice"].contained == {"SalesInvoiceSalesLines": "SalesInvoiceSalesLines"}


async def test_the_service_document_names_every_entity_set(house: House) -> None:
    listed = (await house.http.get(f"{ODATA}/")).json()["value"]
    assert {one["name"] for one in listed} == set(await schema(house))
    assert [row["Name"] for row in (await house.http.get(f"{ODATA}/Company")).json()["value"]] == [
        "Mc'Duck & Söhne / Ltd."
    ]
