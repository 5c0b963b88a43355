"""The WSDL of a page service, with the operations the page allows."""

from __future__ import annotations

from sandbox.nav.schema import Field, Page
from sandbox.nav.soap.pages import option_name, page_namespace
from sandbox.nav.soap.wsdl import Operation, Parameter, enumeration, named_type, wsdl

_XSD = {
    "code": "string",
    "text": "string",
    "decimal": "decimal",
    "integer": "int",
    "date": "date",
    "datetime": "dateTime",
    "boolean": "boolean",
}


def page_wsdl(name: str, page: Page, address: str) -> bytes:
    """The document for one published page."""
    return wsdl(page_namespace(name), name, address, _operations(name, page), _types(name, page))


def _types(name: str, page: Page) -> str:
    options = "".join(
        enumeration(field.id, map(option_name, field.options))
        for field in page.fields.values()
        if field.kind == "option"
    )
    fields = [Parameter(field.id, _type(field), 0) for field in page.fields.values()]
    pair = [Parameter("Field", f"tns:{name}_Fields"), Parameter("Criteria", "string")]
    return (
        options
        + named_type(name, [Parameter("Key", "string", 0), *fields])
        + named_type(f"{name}_List", [Parameter(name, f"tns:{name}", 1, "unbounded")])
        + enumeration(f"{name}_Fields", page.fields)
        + named_type(f"{name}_Filter", pair)
    )


def _type(field: Field) -> str:
    return f"tns:{field.id}" if field.kind == "option" else _XSD[field.kind]


def _operations(name: str, page: Page) -> list[Operation]:
    # A field outside the repeater, such as the batch of a journal, comes before all others.
    batch = (Parameter("CurrentJnlBatchName", "string"),) if page.scope else ()
    record, key = Parameter(name, f"tns:{name}"), Parameter("Key", "string")
    listed = Parameter(f"{name}_List", f"tns:{name}_List")
    found = [*_reading(name, page, batch)]
    if "i" in page.verbs:
        found.append(Operation("Create", (*batch, record), (record,)))
        found.append(Operation("CreateMultiple", (*batch, listed), (listed,)))
    if "m" in page.verbs:
        found.append(Operation("Update", (*batch, record), (record,)))
        found.append(Operation("UpdateMultiple", (*batch, listed), (listed,)))
    if "d" in page.verbs:
        done = Parameter("Delete_Result", "boolean")
        found.append(Operation("Delete", (*batch, key), (done,)))
    return found


def _reading(name: str, page: Page, batch: tuple[Parameter, ...]) -> list[Operation]:
    maybe = Parameter(name, f"tns:{name}", 0)
    key = Parameter("Key", "string")
    wanted = tuple(
        Parameter(column, "int" if page.fields[column].kind == "integer" else "string")
        for column in page.table.key
        if column not in page.fixed and not (page.scope and column.startswith("Journal_"))
    )
    search = (
        Parameter("filter", f"tns:{name}_Filter", 1, "unbounded"),
        Parameter("bookmarkKey", "string", 0),
        Parameter("setSize", "int"),
    )
    listed = Parameter("ReadMultiple_Result", f"tns:{name}_List", 0)
    return [
        Operation("Read", (*batch, *wanted), (maybe,)),
        Operation("ReadByRecId", (Parameter("recId", "string"),), (maybe,)),
        Operation("ReadMultiple", (*batch, *search), (listed,)),
        Operation("IsUpdated", (key,), (Parameter("IsUpdated_Result", "boolean"),)),
        Operation("GetRecIdFromKey", (key,), (Parameter("GetRecIdFromKey_Result", "string"),)),
    ]
