"""AxdCustomer: writing customers with their party, addresses and electronic addresses."""

from __future__ import annotations

import copy

from sandbox.ax.company import Company
from sandbox.ax.documents import CUSTOMER
from sandbox.ax.documents.customer import PERSON
from sandbox.ax.errors import AifError
from sandbox.ax.schema import Row
from sandbox.ax.services.checks import (
    check_mandatory,
    check_no_number,
    check_relations,
)
from sandbox.ax.services.filling import Merger, created
from sandbox.ax.wire.reading import Node, Sent
from sandbox.ax.wire.values import FOREVER


class CustomerAxd:
    """How customers are written."""

    document = CUSTOMER
    table = "CustTable"

    def insert(self, company: Company, node: Node) -> Row:
        """Make a customer; the number comes from its sequence."""
        row = created(company, node)
        check_no_number(row, "AccountNum", "Cust_Account")
        self._default(company, row, node)
        self._complete(company, row)
        row["AccountNum"] = company.number("CUST", "C")
        return company.insert(self.table, row)

    def update(self, company: Company, row: Row, node: Node, sent: Sent) -> Row:
        """Change a customer: fully, or with `action="update"` partially."""
        if node.action not in ("", "replace", "update"):
            raise AifError("ActionMissing", entity=self.table, xpath=node.xpath)
        merger = Merger(company, clears_nil=sent.clears_nil)
        result = merger.merged(copy.deepcopy(row), node, partial=node.action == "update")
        result["AccountNum"] = row["AccountNum"]
        self._complete(company, result)
        return company.change(self.table, result)

    def delete(self, company: Company, row: Row) -> None:
        """Remove a customer without transactions."""
        account = row["AccountNum"]
        used = company["CustTrans"].first("AccountNum", account)
        used = used or company["CustInvoiceTable"].first("OrderAccount", account)
        if used is not None:
            raise AifError("HasTransactions", table=self.table, value=account)
        company[self.table].delete(row)

    def _default(self, company: Company, row: Row, node: Node) -> None:
        check_mandatory(row, "CustGroup")
        check_relations(company, {"CustGroup": row["CustGroup"]})
        group = company["CustGroup"].first("CustGroup", row["CustGroup"])
        defaults = {
            "Currency": company.setup.base,
            "PaymTermId": group["PaymTermId"] if group else "",
            "TaxGroup": group["TaxGroupId"] if group else "",
            "PostingProfile": "GEN",
        }
        for field, value in defaults.items():
            if not node.sent(field):
                row[field] = value

    def _complete(self, company: Company, row: Row) -> None:
        """Derive what follows from other fields, and validate the whole."""
        check_mandatory(row, "CustGroup", "Currency")
        check_relations(company, row)
        parties = row["DirParty"]
        if len(parties) != 1:
            raise AifError("Mandatory", at="DirParty", field="Name")
        _complete_party(company, parties[0])
        row["Party"] = parties[0]["PartyNumber"]
        row["ModifiedDateTime"] = company.now()


def _complete_party(company: Company, party: Row) -> None:
    person = party["$type"] == PERSON.schema_type
    party["Name"] = party["Name"] or _name_of(party, person)
    if not party["Name"]:
        raise AifError("Mandatory", at="Name", field="Name")
    party["NameAlias"] = party["NameAlias"] or party["Name"][:20]
    party["LanguageId"] = party["LanguageId"] or "en-us"
    party["InstanceRelationType"] = "DirPerson" if person else "DirOrganization"
    party["PartyNumber"] = party["PartyNumber"] or company.number("PARTY", "P")
    for address in party["DirPartyPostalAddressView"]:
        _complete_address(company, party, address)
    for contact in party["DirPartyContactInfoView"]:
        _complete_contact(company, party, contact)
    _mark_primary(party["DirPartyPostalAddressView"])


def _name_of(party: Row, person: bool) -> str:
    if not person:
        return next((str(one["Name"]) for one in party["OrganizationName"]), "")
    for one in party["PersonName"]:
        parts = (one["FirstName"], one["MiddleName"], one["LastName"])
        return " ".join(part for part in parts if part)
    return ""


def _complete_address(company: Company, party: Row, address: Row) -> None:
    check_mandatory(address, "CountryRegionId")
    check_relations(company, address)
    place = " ".join(
        part for part in (address["City"], address["State"], address["ZipCode"]) if part
    )
    lines = (address["Street"], address["BuildingCompliment"], place, address["CountryRegionId"])
    address["Address"] = "\n".join(line for line in lines if line)[:250]
    address["ISOcode"] = address["CountryRegionId"]
    address["Party"] = party["RecId"]
    address["Location"] = address["Location"] or company.database.rec_id()
    address["PartyLocation"] = address["PartyLocation"] or company.database.rec_id()
    address["ValidTo"] = address["ValidTo"] or FOREVER


def _complete_contact(company: Company, party: Row, contact: Row) -> None:
    check_mandatory(contact, "Locator")
    if contact["Type"] == "None":
        raise AifError("Mandatory", at="Type", field="Type")
    contact["Party"] = party["RecId"]
    contact["Location"] = contact["Location"] or company.database.rec_id()
    contact["PartyLocation"] = contact["PartyLocation"] or company.database.rec_id()
    contact["LocationId"] = contact["LocationId"] or company.number("LOC", "L")


def _mark_primary(addresses: list[Row]) -> None:
    if addresses and all(address["IsPrimary"] == "No" for address in addresses):
        addresses[0]["IsPrimary"] = "Yes"
