"""What a mapping may write, taken from the published pages and from what CSDL does not say.

A page service describes an option as a plain string and rarely marks a read-only control; the
tables below add what the reference says of NAV 2018's own fields.
"""

from __future__ import annotations

from connectors.nav.errors import SYSTEM
from connectors.nav.metadata import Model, PageType, Property
from connectors.nav.settings import NavSettings
from documents.schema import EntitySchema, FieldSchema, FieldType, TargetSchema

_DOCUMENTS = (
    " ",
    "Payment",
    "Invoice",
    "Credit Memo",
    "Finance Charge Memo",
    "Reminder",
    "Refund",
)
_ACCOUNTS = (
    "G/L Account",
    "Customer",
    "Vendor",
    "Bank Account",
    "Fixed Asset",
    "IC Partner",
    "Employee",
)
_SALES_OPTIONS: dict[str, tuple[str, ...]] = {"Applies_to_Doc_Type": _DOCUMENTS}
_JOURNAL_OPTIONS: dict[str, tuple[str, ...]] = {
    "Document_Type": _DOCUMENTS,
    "Account_Type": _ACCOUNTS,
    "Bal_Account_Type": _ACCOUNTS,
    "Applies_to_Doc_Type": _DOCUMENTS,
}
_LINE_OPTIONS: dict[str, tuple[str, ...]] = {
    "Type": (" ", "G/L Account", "Item", "Resource", "Fixed Asset", "Charge (Item)")
}

OPTIONS: dict[str, dict[str, tuple[str, ...]]] = {
    "customer": {"Blocked": (" ", "Ship", "Invoice", "All")},
    "invoice": _SALES_OPTIONS,
    "order": _SALES_OPTIONS,
    "credit_memo": _SALES_OPTIONS,
    "invoice.line": _LINE_OPTIONS,
    "order.line": _LINE_OPTIONS,
    "credit_memo.line": _LINE_OPTIONS,
    "purchase_invoice": _SALES_OPTIONS,
    "purchase_credit_memo": _SALES_OPTIONS,
    "purchase_invoice.line": _LINE_OPTIONS,
    "purchase_credit_memo.line": _LINE_OPTIONS,
    "payment": _JOURNAL_OPTIONS,
    "journal": _JOURNAL_OPTIONS,
}
"""English option names of NAV 2018; another services language sets `english_options` to false."""

_DOCUMENT_READ_ONLY = ("Document_Type", "No", "Status", "Amount", "Amount_Including_VAT")
_LINE_READ_ONLY = (
    "Document_Type",
    "Document_No",
    "Line_No",
    "VAT_Percent",
    "Amount",
    "Amount_Including_VAT",
)
_JOURNAL_READ_ONLY = ("Journal_Template_Name", "Journal_Batch_Name", "Line_No", "Amount_LCY")

READ_ONLY: dict[str, tuple[str, ...]] = {
    "customer": ("Last_Date_Modified", "Last_Modified_Date_Time", "Balance_LCY"),
    "invoice": _DOCUMENT_READ_ONLY,
    "order": _DOCUMENT_READ_ONLY,
    "credit_memo": _DOCUMENT_READ_ONLY,
    "invoice.line": _LINE_READ_ONLY,
    "order.line": _LINE_READ_ONLY,
    "credit_memo.line": _LINE_READ_ONLY,
    "purchase_invoice": _DOCUMENT_READ_ONLY,
    "purchase_credit_memo": _DOCUMENT_READ_ONLY,
    "purchase_invoice.line": _LINE_READ_ONLY,
    "purchase_credit_memo.line": _LINE_READ_ONLY,
    "payment": _JOURNAL_READ_ONLY,
    "journal": _JOURNAL_READ_ONLY,
}
"""Calculated fields, and keys that the connector itself assigns."""

_JOURNAL_REQUIRED = ("Account_Type", "Account_No", "Posting_Date", "Amount")

REQUIRED: dict[str, tuple[str, ...]] = {
    "customer": ("Name", "Customer_Posting_Group", "Gen_Bus_Posting_Group"),
    "invoice": ("Sell_to_Customer_No", "Posting_Date"),
    "order": ("Sell_to_Customer_No", "Posting_Date"),
    "credit_memo": ("Sell_to_Customer_No", "Posting_Date"),
    "purchase_invoice": ("Buy_from_Vendor_No", "Posting_Date"),
    "purchase_credit_memo": ("Buy_from_Vendor_No", "Posting_Date"),
    "payment": _JOURNAL_REQUIRED,
    "journal": _JOURNAL_REQUIRED,
}
"""Without these NAV cannot post, although it stores the record."""

_TYPES = {
    "Edm.Decimal": FieldType.DECIMAL,
    "Edm.Double": FieldType.DECIMAL,
    "Edm.Int16": FieldType.INTEGER,
    "Edm.Int32": FieldType.INTEGER,
    "Edm.Int64": FieldType.INTEGER,
    "Edm.Date": FieldType.DATE,
    "Edm.DateTimeOffset": FieldType.DATETIME,
    "Edm.Boolean": FieldType.BOOLEAN,
}


def services(settings: NavSettings) -> dict[str, tuple[str, str]]:
    """Service and line service of each entity a mapping may name; no lines: an empty name."""
    names = settings.services
    return {
        "customer": (names.customer, ""),
        "invoice": (names.sales_invoice, names.sales_invoice_lines),
        "order": (names.sales_order, names.sales_order_lines),
        "credit_memo": (names.sales_credit_memo, names.sales_credit_memo_lines),
        "purchase_invoice": (names.purchase_invoice, names.purchase_invoice_lines),
        "purchase_credit_memo": (names.purchase_credit_memo, names.purchase_credit_memo_lines),
        "payment": (names.cash_receipt_journal, ""),
        "journal": (names.general_journal, ""),
    }


def target_schema(model: Model, settings: NavSettings) -> TargetSchema:
    """The schema of every entity the connection can write.

    Entities that no kind is mapped to may be missing on the server. Raises Misconfigured when
    one that is needed is not published.
    """
    needed = {"customer", *settings.entities.values()} - {"order", "journal"}
    entities: dict[str, EntitySchema] = {}
    for name, (service, lines) in services(settings).items():
        if name in needed or model.publishes(service):
            entities.update(_entities(name, service, lines, model, settings))
    currencies = dict(settings.currencies)
    return TargetSchema(system=SYSTEM, entities=entities, currencies=currencies)


def _entities(
    name: str, service: str, lines: str, model: Model, settings: NavSettings
) -> dict[str, EntitySchema]:
    line_name = f"{name}.line" if lines else None
    found = {name: _entity(name, model.page(service), settings, line_name)}
    if line_name:
        found[line_name] = _entity(line_name, model.part(service, lines), settings, None)
    return found


def _entity(name: str, page: PageType, settings: NavSettings, lines: str | None) -> EntitySchema:
    fields = {p.name: _field(name, p, settings) for p in page.properties.values()}
    return EntitySchema(name=name, fields=fields, lines=lines)


def _field(entity: str, found: Property, settings: NavSettings) -> FieldSchema:
    names = OPTIONS.get(entity, {}).get(found.name)
    kind = FieldType.OPTION if names else _TYPES.get(found.edm, FieldType.STRING)
    return FieldSchema(
        name=found.name,
        type=kind,
        max_length=found.max_length,
        required=found.name in REQUIRED.get(entity, ()),
        read_only=found.read_only or found.name in READ_ONLY.get(entity, ()),
        options=names if names and settings.english_options else (),
    )
