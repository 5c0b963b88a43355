"""Pages as SOAP services: Read, ReadByRecId, ReadMultiple, Create, Update, Delete and the others.

Sub-pages are not part of the records here: lines are reached over OData, or through their own page.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Iterator
from typing import Any

from lxml import etree

from sandbox.nav.company import Company
from sandbox.nav.database import VERSION
from sandbox.nav.errors import NavError, cannot_evaluate, missing_record
from sandbox.nav.flows import Flows
from sandbox.nav.odata.paths import not_found
from sandbox.nav.odata.queries import Search, fits_key
from sandbox.nav.records import create, delete, modify
from sandbox.nav.schema import Field, Page, Row, identifier
from sandbox.nav.soap.criteria import Test, read_criteria
from sandbox.nav.soap.envelope import children, element, grown, local_name

_BATCH = "CurrentJnlBatchName"


class PageService:
    """One call of a page service in a company."""

    def __init__(self, name: str, page: Page, company: Company, call: etree._Element) -> None:
        self._name = name
        self._page = page
        self._table = page.table
        self._records = company[page.table.name]
        self._company = company
        self._call = call
        self._operation = local_name(call)
        self._sent = children(call)
        self._namespace = page_namespace(name)
        self._flows = Flows(company)

    def run(self) -> etree._Element:
        """Carry out the operation; raises NavError."""
        operation = {
            "Read": self._read,
            "ReadByRecId": self._read_by_id,
            "ReadMultiple": self._read_multiple,
            "IsUpdated": self._is_updated,
            "GetRecIdFromKey": self._record_id,
            "Create": self._create,
            "CreateMultiple": self._create_multiple,
            "Update": self._update,
            "UpdateMultiple": self._update_multiple,
            "Delete": self._delete,
        }.get(self._operation)
        verb = {"Create": "i", "Update": "m", "Delete": "d"}.get(
            self._operation.removesuffix("Multiple"), ""
        )
        if operation is None or verb not in self._page.verbs:
            raise NavError("BadRequest", f"The method {self._operation} does not exist.")
        with self._company.transaction():
            return grown(self._new(f"{self._operation}_Result"), operation())

    def _new(self, name: str, text: str | None = None) -> etree._Element:
        return element(self._namespace, name, text)

    def _read(self) -> Iterator[etree._Element]:
        tests = [
            (self._table.fields[name], read_criteria(self._table.fields[name], self._sent[name]))
            for name in self._table.key
            if name in self._sent
        ]
        row = next(self._passing(tests), None)
        return iter(()) if row is None else iter([self._record(row)])

    def _read_by_id(self) -> Iterator[etree._Element]:
        number, _, key = self._sent.get("recId", "").partition(": ")
        values = self._typed_key(key.split(",")) if number == self._table.name else None
        row = self._records.get(*values) if values else None
        return iter(()) if row is None else iter([self._record(row)])

    def _read_multiple(self) -> Iterator[etree._Element]:
        size = self._size()
        rows = list(self._passing(self._filters()))
        if size < 0:
            rows.reverse()
        if self._sent.get("bookmarkKey"):
            rows = self._behind(rows, self._sent["bookmarkKey"], size < 0)
        shown = rows[: abs(size)] if size else rows
        listed = grown(self._new("ReadMultiple_Result"), map(self._record, shown))
        return iter([listed])

    def _size(self) -> int:
        text = self._sent.get("setSize", "").strip() or "0"
        if not re.fullmatch(r"-?\d{1,9}", text):
            raise cannot_evaluate(text, "Integer")
        return int(text)

    def _behind(self, rows: list[Row], bookmark: str, reverse: bool) -> list[Row]:
        last = self._opened(bookmark)[0]
        keys = self._table.key_of
        return [row for row in rows if (keys(row) < last if reverse else keys(row) > last)]

    def _filters(self) -> list[tuple[Field, Test]]:
        found = []
        for item in self._call:
            if local_name(item) == "filter":
                inner = children(item)
                field = self._table.fields.get(inner.get("Field", ""))
                if field is None:
                    raise NavError("BadRequest", f"The field {inner.get('Field')} is unknown.")
                found.append((field, read_criteria(field, inner.get("Criteria", ""))))
        return found

    def _passing(self, tests: list[tuple[Field, Test]]) -> Iterator[Row]:
        search = Search(self._company, self._page, self._fixed())
        for key in self._records.keys_within(()):
            row = search.get(key)
            if row is not None and all(test(self._value(row, field)) for field, test in tests):
                yield row

    def _is_updated(self) -> Iterator[etree._Element]:
        key, version = self._opened(self._sent.get("Key", ""))
        row = self._require(key)
        yield self._new("IsUpdated_Result", "true" if row[VERSION] != version else "false")

    def _record_id(self) -> Iterator[etree._Element]:
        key, _ = self._opened(self._sent.get("Key", ""))
        shown = f"{self._table.name}: {','.join(map(str, key))}"
        yield self._new("GetRecIdFromKey_Result", shown)

    def _create(self) -> Iterator[etree._Element]:
        for item in self._call:
            if local_name(item) == self._name:
                yield self._record(self._inserted(item))

    def _create_multiple(self) -> Iterator[etree._Element]:
        listed = self._listed()
        yield grown(
            self._new(f"{self._name}_List"),
            [self._record(self._inserted(item)) for item in listed],
        )

    def _update(self) -> Iterator[etree._Element]:
        for item in self._call:
            if local_name(item) == self._name:
                yield self._record(self._modified(item))

    def _update_multiple(self) -> Iterator[etree._Element]:
        listed = self._listed()
        yield grown(
            self._new(f"{self._name}_List"),
            [self._record(self._modified(item)) for item in listed],
        )

    def _delete(self) -> Iterator[etree._Element]:
        row = self._current(self._sent.get("Key", ""))
        delete(self._company, self._table, row)
        yield self._new("Delete_Result", "true")

    def _listed(self) -> list[etree._Element]:
        lists = [item for item in self._call if local_name(item) == f"{self._name}_List"]
        return [record for found in lists for record in found]

    def _inserted(self, item: etree._Element) -> Row:
        return create(self._company, self._table, self._fixed(), self._values(item, {}))

    def _modified(self, item: etree._Element) -> Row:
        row = self._current(children(item).get("Key", ""))
        return modify(self._company, self._table, row, self._values(item, row))

    def _values(self, item: etree._Element, row: Row) -> dict[str, Any]:
        """What was sent, except the key of the record; what is not editable is left alone."""
        found = {}
        for name, text in children(item).items():
            field = self._table.fields.get(name)
            if field is None or not self._page.may_write(field):
                continue
            if row and name in self._table.key:
                continue
            found[name] = _from_xml(field, text)
        return found

    def _fixed(self) -> dict[str, Any]:
        if not self._page.scope:
            return dict(self._page.fixed)
        templates = self._company["Gen. Journal Template"].all()
        names = [row["Name"] for row in templates if row["Type"] == self._page.scope]
        if not names:
            raise not_found(self._name)
        batch = self._sent.get(_BATCH, "").strip().upper()
        return {"Journal_Template_Name": names[0], "Journal_Batch_Name": batch}

    def _current(self, key: str) -> Row:
        opened, version = self._opened(key)
        row = self._require(opened)
        if row[VERSION] != version:
            raise NavError("Request_EntityChanged", f"Other user has modified {self._table.name}.")
        return row

    def _require(self, key: tuple[Any, ...]) -> Row:
        row = Search(self._company, self._page, {}).get(key)
        if row is None:
            raise missing_record(self._table.name, self._records.identify(key))
        return row

    def _opened(self, key: str) -> tuple[tuple[Any, ...], int]:
        try:
            number, values, version = json.loads(base64.b64decode(key.partition(";")[2]))
            fitting = number == self._table.number and fits_key(self._table, values)
        except (binascii.Error, ValueError, TypeError):
            fitting = False
        if not fitting:
            raise NavError("BadRequest", "The key of the record is not valid.")
        return tuple(values), version

    def _key(self, row: Row) -> str:
        content = json.dumps([self._table.number, self._table.key_of(row), row[VERSION]])
        return f"{len(content)};{base64.b64encode(content.encode()).decode()}"

    def _typed_key(self, parts: list[str]) -> tuple[Any, ...] | None:
        if len(parts) != len(self._table.key):
            return None
        fields = [self._table.fields[name] for name in self._table.key]
        return tuple(
            int(part) if field.kind == "integer" and part.isdigit() else part
            for field, part in zip(fields, parts, strict=True)
        )

    def _value(self, row: Row, field: Field) -> Any:
        return self._flows.of(self._table, row)[field.id] if field.flow else row[field.id]

    def _record(self, row: Row) -> etree._Element:
        made = self._new(self._name)
        made.append(self._new("Key", self._key(row)))
        for field in self._page.fields.values():
            value = self._value(row, field)
            # Blank values are left out, as NAV does for texts and dates.
            if value != field.blank or field.kind in ("option", "boolean", "decimal"):
                made.append(self._new(field.id, to_xml(field, value)))
        return made


def page_namespace(name: str) -> str:
    """The target namespace of a page service."""
    return f"urn:microsoft-dynamics-schemas/page/{name.lower()}"


def option_name(name: str) -> str:
    """An option as an XSD enumeration spells it."""
    return identifier(name) or "_blank_"


def to_xml(field: Field, value: Any) -> str:
    """A stored value as text of an element."""
    if field.kind == "option":
        return option_name(value)
    if field.kind == "boolean":
        return "true" if value else "false"
    return str(value)


def _from_xml(field: Field, text: str) -> Any:
    if field.kind == "boolean":
        return text.strip() in ("true", "1")
    if field.kind == "integer":
        return int(text) if text.strip().lstrip("-").isdigit() else text
    return text.strip() if field.kind in ("decimal", "date", "datetime") else text
