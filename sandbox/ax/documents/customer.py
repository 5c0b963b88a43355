"""AxdCustomer: the customer with its party, addresses and electronic addresses.

Lengths are those of an AX 2012 R3 site; the shape follows generated clients of the standard
CustomerService.
"""

from __future__ import annotations

from sandbox.ax import edt
from sandbox.ax.edt import NO_YES, REC_ID, REC_VERSION, text
from sandbox.ax.schema import DIMENSIONS, HASH, Document, Entity, Field

_PERIOD = (Field("ValidFrom", edt.DATE_TIME), Field("ValidTo", edt.DATE_TIME))

_ADDRESS = Entity(
    "DirPartyPostalAddressView",
    (
        Field("Address", text("LogisticsAddressing", 250), output=True),
        Field("BuildingCompliment", text("LogisticsAddressBuildingCompliment", 60)),
        Field("City", text("LogisticsAddressCity", 60)),
        Field("CountryRegionId", text("LogisticsAddressCountryRegionId", 10)),
        Field("County", text("LogisticsAddressCountyId", 30)),
        Field("DistrictName", text("LogisticsAddressDistrictName", 60)),
        Field("ISOcode", text("LogisticsAddressCountryRegionISOCode", 2), output=True),
        Field("IsLocationOwner", NO_YES),
        Field("IsPrimary", NO_YES),
        Field("IsPrivate", NO_YES),
        Field("Location", REC_ID),
        Field("LocationName", text("LogisticsLocationName", 60)),
        Field("Party", REC_ID, output=True),
        Field("PartyLocation", REC_ID, output=True),
        Field("PostBox", text("LogisticsAddressPostBox", 20)),
        Field("RecId", REC_ID),
        Field("Roles", text("LogisticsLocationRoles", 255)),
        Field("State", text("LogisticsAddressStateId", 10)),
        Field("Street", text("LogisticsAddressStreet", 250)),
        Field("StreetNumber", text("LogisticsAddressStreetNumber", 20)),
        Field("TimeZone", text("TimeZone", 60), output=True),
        *_PERIOD,
        Field("ZipCode", text("LogisticsAddressZipCodeId", 10)),
    ),
    type_name="AxdEntity_DirPartyPostalAddressView",
    dated=True,
)

_CONTACT = Entity(
    "DirPartyContactInfoView",
    (
        Field("CountryRegionCode", text("LogisticsPhoneCountryCode", 5)),
        Field("IsPrimary", NO_YES),
        Field("IsPrivate", NO_YES),
        Field("Location", REC_ID),
        Field("LocationId", text("LogisticsLocationId", 30), output=True),
        Field("LocationName", text("LogisticsLocationName", 60)),
        Field("Locator", text("LogisticsElectronicAddressLocator", 255)),
        Field("LocatorExtension", text("LogisticsElectronicAddressLocatorExtension", 10)),
        Field("Party", REC_ID, output=True),
        Field("PartyLocation", REC_ID, output=True),
        Field("RecId", REC_ID),
        Field("Roles", text("LogisticsLocationRoles", 255)),
        Field("Type", edt.CONTACT_TYPE),
        *_PERIOD,
    ),
    dated=True,
)

_PARTY = (
    Field("InstanceRelationType", text("RelationType", 40), output=True),
    Field("KnownAs", text("DirPartyKnownAs", 100)),
    Field("LanguageId", text("LanguageId", 7)),
    Field("Memo", edt.MEMO),
    Field("Name", text("DirPartyName", 100)),
    Field("NameAlias", text("NameAlias", 20)),
    Field("PartyNumber", text("DirPartyNumber", 40), output=True),
    Field("RecId", REC_ID),
    Field("RecVersion", REC_VERSION),
    _ADDRESS,
    _CONTACT,
)

_ORGANIZATION_NAME = Entity(
    "OrganizationName",
    (
        Field("Name", text("DirPartyName", 100)),
        Field("RecId", REC_ID),
        Field("RecVersion", REC_VERSION),
        *_PERIOD,
    ),
    dated=True,
)
_PERSON_NAME = Entity(
    "PersonName",
    (
        Field("FirstName", text("FirstName", 25)),
        Field("LastName", text("LastName", 25)),
        Field("MiddleName", text("MiddleName", 25)),
        Field("RecId", REC_ID),
        Field("RecVersion", REC_VERSION),
        *_PERIOD,
    ),
    dated=True,
)

ORGANIZATION = Entity(
    "DirParty",
    (
        *_PARTY,
        Field("ABC", text("ABC", 10)),
        Field("NumberOfEmployees", edt.INTEGER),
        _ORGANIZATION_NAME,
    ),
    type_name="AxdEntity_DirParty_DirOrganization",
)
PERSON = Entity("DirParty", (*_PARTY, _PERSON_NAME), type_name="AxdEntity_DirParty_DirPerson")
PARTY = Entity(
    "DirParty",
    _PARTY,
    type_name="AxdEntity_DirParty_DirPartyTable",
    variants=(ORGANIZATION, PERSON),
)

CUST_TABLE = Entity(
    "CustTable",
    (
        Field(HASH, text("DocumentHash", None)),
        Field("AccountNum", edt.ACCOUNT_NUM),
        Field("Blocked", edt.BLOCKED),
        Field("CashDisc", text("CashDiscCode", 10)),
        Field("CreditMax", edt.AMOUNT_MST),
        Field("Currency", edt.CURRENCY),
        Field("CustClassificationId", text("CustClassificationId", 10)),
        Field("CustGroup", edt.CUST_GROUP, required=True),
        Field("DefaultDimension", DIMENSIONS),
        Field("IdentificationNumber", text("CustIdentificationNumber", 50)),
        Field("InclTax", NO_YES),
        Field("InvoiceAccount", edt.ACCOUNT_NUM),
        Field("InvoiceAddress", edt.INVOICE_ADDRESS),
        Field("Memo", edt.MEMO),
        Field("ModifiedDateTime", edt.DATE_TIME, output=True),
        Field("OneTimeCustomer", NO_YES),
        Field("OrgId", text("OrgId", 10)),
        Field("OurAccountNum", text("CustAccountExt", 20)),
        Field("Party", text("DirPartyNumber", 40), output=True),
        Field("PaymDayId", text("PaymDayId", 10)),
        Field("PaymMode", edt.PAYM_MODE),
        Field("PaymSched", text("PaymSchedId", 10)),
        Field("PaymTermId", edt.PAYM_TERM),
        Field("PostingProfile", edt.POSTING_PROFILE),
        Field("RecId", REC_ID),
        Field("RecVersion", REC_VERSION),
        Field("SalesGroup", text("CommissSalesGroup", 10)),
        Field("SegmentId", text("smmSegmentId", 20)),
        Field("TaxGroup", edt.TAX_GROUP),
        Field("VATNum", text("VATNum", 20)),
        Field("VendAccount", text("VendAccount", 20)),
        PARTY,
    ),
    root=True,
)

CUSTOMER = Document("Customer", CUST_TABLE, "AccountNum", dated=True)
