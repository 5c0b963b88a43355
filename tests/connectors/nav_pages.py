"""The `$metadata` of a small NAV, and the settings of a connection to it."""

from __future__ import annotations

from pydantic import SecretStr

from connectors.nav.metadata import Model, parse_metadata
from connectors.nav.schema import target_schema
from connectors.nav.settings import NavSettings
from documents.schema import TargetSchema

SETTINGS = NavSettings(
    base_url="http://nav.test",
    instance="NAV",
    company="CRONUS",
    username="tieout",
    secret=SecretStr("key"),
)


def _property(name: str, edm: str = "Edm.String", length: int = 0, note: str = "") -> str:
    limit = f' MaxLength="{length}"' if length else ""
    return f'<Property Name="{name}" Type="{edm}"{limit}>{note}</Property>'


def _type(name: str, keys: str, body: str) -> str:
    refs = "".join(f'<PropertyRef Name="{key}"/>' for key in keys.split())
    return f'<EntityType Name="{name}"><Key>{refs}</Key>{body}</EntityType>'


_COMPUTED = '<Annotation Term="Org.OData.Core.V1.Computed" Bool="true"/>'
_HEADER = (
    _property("Document_Type")
    + _property("No", length=20)
    + _property("Sell_to_Customer_No", length=20)
    + _property("Posting_Date", "Edm.Date")
    + _property("Currency_Code", length=10)
    + _property("External_Document_No", length=35)
    + _property("Your_Reference", length=35)
    + _property("Prices_Including_VAT", "Edm.Boolean")
    + _property("Applies_to_Doc_Type")
    + _property("Amount_Including_VAT", "Edm.Decimal")
    + _property("Stamp", "Edm.DateTimeOffset", note=_COMPUTED)
)
_LINE = (
    _property("Document_Type")
    + _property("Document_No", length=20)
    + _property("Line_No", "Edm.Int32")
    + _property("Type")
    + _property("No", length=20)
    + _property("Description", length=50)
    + _property("Quantity", "Edm.Decimal")
    + _property("Unit_Price", "Edm.Decimal")
)
_JOURNAL = (
    _property("Line_No", "Edm.Int32")
    + _property("Document_Type")
    + _property("Account_Type")
    + _property("Account_No", length=20)
    + _property("Posting_Date", "Edm.Date")
    + _property("Amount", "Edm.Decimal")
    + _property("Currency_Code", length=10)
)


def _document(name: str) -> str:
    part = f"{name}SalesLines"
    contained = (
        f'<NavigationProperty Name="{part}" Type="Collection(NAV.{part})" ContainsTarget="true"/>'
    )
    return _type(name, "Document_Type No", _HEADER + contained) + _type(
        part, "Document_Type Document_No Line_No", _LINE
    )


def csdl(*sets: str, prolog: str = "") -> bytes:
    types = (
        _type("Customer", "No", _property("No", length=20) + _property("Name", length=50))
        + _document("SalesInvoice")
        + _document("SalesCreditMemo")
        + _type("CashReceiptJournal", "Line_No", _JOURNAL)
    )
    listed = "".join(f'<EntitySet Name="{s}" EntityType="NAV.{s}"/>' for s in sets)
    return (
        f'<?xml version="1.0" encoding="utf-8"?>{prolog}'
        '<edmx:Edmx Version="4.0" xmlns:edmx="http://docs.oasis-open.org/odata/ns/edmx">'
        "<edmx:DataServices>"
        '<Schema Namespace="NAV" xmlns="http://docs.oasis-open.org/odata/ns/edm">'
        f'{types}<EntityContainer Name="NAV">{listed}</EntityContainer></Schema>'
        "</edmx:DataServices></edmx:Edmx>"
    ).encode()


SETS = ("Customer", "SalesInvoice", "SalesCreditMemo", "CashReceiptJournal")


def model() -> Model:
    return parse_metadata(csdl(*SETS))


def schema() -> TargetSchema:
    return target_schema(model(), SETTINGS)
