"""A mapped record made ready for NAV: checked against its limits, typed, in NAV's order.

NAV validates fields in the order they arrive, and some overwrite others: the customer copies
names and groups, a line's number copies description and price, a journal line's account type
clears its account.
"""

from __future__ import annotations

from collections.abc import Mapping

from connectors.errors import Misconfigured
from connectors.nav.errors import SYSTEM, rejected
from connectors.nav.metadata import PageType
from connectors.nav.odata import Entity
from connectors.nav.settings import NavSettings
from connectors.nav.values import Json, NotConvertible, option, same
from documents.record import FieldValue
from documents.schema import EntitySchema, FieldSchema, FieldType

_DOCUMENT_FIRST = (
    "Sell_to_Customer_No",
    "Buy_from_Vendor_No",
    "Posting_Date",
    "Document_Date",
    "Currency_Code",
    "Prices_Including_VAT",
    "Payment_Terms_Code",
    "Due_Date",
    "Applies_to_Doc_Type",
    "Applies_to_Doc_No",
)
_LINE_FIRST = (
    "Line_No",
    "Type",
    "No",
    "Gen_Prod_Posting_Group",
    "VAT_Prod_Posting_Group",
    "Description",
    "Quantity",
    "Unit_Price",
    "Direct_Unit_Cost",
    "Line_Discount_Percent",
)
_JOURNAL_FIRST = (
    "Journal_Template_Name",
    "Journal_Batch_Name",
    "Line_No",
    "Posting_Date",
    "Document_Type",
    "Document_No",
    "Account_Type",
    "Account_No",
    "Bal_Account_Type",
    "Bal_Account_No",
    "Currency_Code",
    "Amount",
    "Applies_to_Doc_Type",
    "Applies_to_Doc_No",
)
_CUSTOMER_FIRST = ("Name", "Country_Region_Code", "Gen_Bus_Posting_Group")

Body = dict[str, Json]


def ready(
    entity: EntitySchema,
    page: PageType,
    values: Mapping[str, FieldValue],
    settings: NavSettings,
    *,
    operation: str,
    whole: bool = True,
) -> Body:
    """The JSON body of a record in NAV's order.

    `whole` asks for the required fields too. Raises Rejected for a field that is unknown,
    read-only, missing or too long, or whose value NAV cannot take.
    """
    if whole:
        _check_required(entity, values, operation)
    ordered = sorted(values, key=lambda name: _rank(entity.name, name))
    return {
        name: _value(_known(entity, name, operation), page, values[name], settings, operation)
        for name in ordered
    }


def changes(found: Entity, wanted: Body) -> Body:
    """What to send so that a record has the wanted fields: from the first that differs on, all,
    since NAV may overwrite a field while it validates one before it (a journal line's account
    brings the currency of the customer's card)."""
    names = list(wanted)
    first = next((n for n, name in enumerate(names) if not same(found[name], wanted[name])), None)
    return {} if first is None else {name: wanted[name] for name in names[first:]}


def without_key(
    values: Mapping[str, FieldValue], field: str, key: str, operation: str
) -> dict[str, FieldValue]:
    """The record without the key's field, which the connector writes by itself.

    Raises Rejected if the mapping writes something else into it: a document without our key
    could be posted twice.
    """
    written = values.get(field, key)
    if written != key:
        raise rejected(operation, "key-overwritten", field=field, value=str(written))
    return {name: value for name, value in values.items() if name != field}


def entity_of(
    entities: Mapping[str, EntitySchema], name: str, expected: str, operation: str
) -> EntitySchema:
    """The entity of a record. Raises Misconfigured when connection and mapping disagree."""
    if name != expected:
        raise Misconfigured(
            SYSTEM,
            operation,
            f"the mapping makes {name}, the connection's entities setting says {expected}",
        )
    if name not in entities:
        raise Misconfigured(
            SYSTEM, operation, f"NAV does not publish the page that {name} is written to"
        )
    return entities[name]


def _check_required(entity: EntitySchema, values: Mapping[str, FieldValue], operation: str) -> None:
    for name, field in entity.fields.items():
        if field.required and values.get(name, "") == "":
            raise rejected(operation, "value-missing", field=name, entity=entity.name)


def _known(entity: EntitySchema, name: str, operation: str) -> FieldSchema:
    field = entity.fields.get(name)
    if field is None:
        raise rejected(operation, "field-unknown", field=name, entity=entity.name)
    if field.read_only:
        raise rejected(operation, "field-read-only", field=name, entity=entity.name)
    return field


def _value(
    field: FieldSchema, page: PageType, value: FieldValue, settings: NavSettings, operation: str
) -> Json:
    if field.max_length is not None and isinstance(value, str) and len(value) > field.max_length:
        raise rejected(
            operation,
            "text-too-long",
            field=field.name,
            length=str(len(value)),
            limit=str(field.max_length),
        )
    if field.type is FieldType.OPTION:
        return _option(field, str(value), settings, operation)
    try:
        return page.properties[field.name].value(value)
    except NotConvertible as error:
        raise rejected(
            operation, "value-not-allowed", field=field.name, value=str(value)
        ) from error


def _option(field: FieldSchema, value: str, settings: NavSettings, operation: str) -> str:
    name = option(value)
    known = {known.strip() for known in field.options}
    if known and name not in known:
        raise rejected(operation, "value-not-allowed", field=field.name, value=value)
    return value if name else settings.blank_option


def _rank(entity: str, field: str) -> int:
    order = _order(entity)
    return order.index(field) if field in order else len(order)


def _order(entity: str) -> tuple[str, ...]:
    if entity.endswith(".line"):
        return _LINE_FIRST
    if entity == "customer":
        return _CUSTOMER_FIRST
    return _JOURNAL_FIRST if entity in ("payment", "journal") else _DOCUMENT_FIRST
