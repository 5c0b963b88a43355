"""How NAV describes itself: fields, tables and the pages published over them.

Everything that leaves the stand-in (OData metadata, WSDL, error texts) and everything that is
checked on the way in (lengths, options, relations) comes from these descriptions.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

Row = dict[str, Any]
Kind = Literal["code", "text", "decimal", "integer", "date", "datetime", "boolean", "option"]

BLANK_DATE = "0001-01-01"
BLANK_MOMENT = "0001-01-01T00:00:00Z"

_BLANKS: Mapping[str, Any] = {
    "code": "",
    "text": "",
    "decimal": "0",
    "integer": 0,
    "date": BLANK_DATE,
    "datetime": BLANK_MOMENT,
    "boolean": False,
}


def identifier(caption: str) -> str:
    """The name of a field in web services: `E-Mail` is `E_Mail`, `VAT %` is `VAT_Percent`."""
    spelled = caption.replace("%", "Percent")
    return re.sub(r"[^A-Za-z0-9]+", "_", spelled).strip("_")


@dataclass(frozen=True)
class Field:
    """One field of a table. `length` counts characters of code and text fields.

    `relation` names the table a value must exist in; a `flow` field is calculated when it is read
    and stored nowhere; a field that is not `editable` is a read-only control.
    """

    caption: str
    kind: Kind
    length: int = 0
    options: tuple[str, ...] = ()
    relation: str = ""
    editable: bool = True
    flow: bool = False

    @cached_property
    def id(self) -> str:
        """The name in web services."""
        return identifier(self.caption)

    @cached_property
    def blank(self) -> Any:
        """The value of the field in a new record."""
        return self.options[0] if self.kind == "option" else _BLANKS[self.kind]


def code(caption: str, length: int = 20, relation: str = "", editable: bool = True) -> Field:
    """A code field: trimmed and in upper case."""
    return Field(caption, "code", length, relation=relation, editable=editable)


def text(caption: str, length: int, editable: bool = True) -> Field:
    """A text field."""
    return Field(caption, "text", length, editable=editable)


def decimal(caption: str, editable: bool = True, flow: bool = False) -> Field:
    """An exact decimal; stored as a string in plain notation."""
    return Field(caption, "decimal", editable=editable and not flow, flow=flow)


def integer(caption: str, editable: bool = True) -> Field:
    """A 32-bit whole number."""
    return Field(caption, "integer", editable=editable)


def date(caption: str, editable: bool = True) -> Field:
    """A calendar day; blank is `0001-01-01`."""
    return Field(caption, "date", editable=editable)


def moment(caption: str, editable: bool = True) -> Field:
    """A point in time, in UTC."""
    return Field(caption, "datetime", editable=editable)


def boolean(caption: str, editable: bool = True, flow: bool = False) -> Field:
    """Yes or no."""
    return Field(caption, "boolean", editable=editable and not flow, flow=flow)


def option(caption: str, options: tuple[str, ...], editable: bool = True) -> Field:
    """One of a fixed list of names; the first is the blank value."""
    return Field(caption, "option", options=options, editable=editable)


@dataclass(frozen=True)
class Table:
    """A table: `key` and each of `indexes` name fields by their web service names."""

    number: int
    name: str
    key: tuple[str, ...]
    columns: tuple[Field, ...]
    indexes: tuple[tuple[str, ...], ...] = ()

    @cached_property
    def fields(self) -> dict[str, Field]:
        """The fields by their web service names."""
        return {column.id: column for column in self.columns}

    @cached_property
    def stored(self) -> tuple[Field, ...]:
        """The fields that a record holds."""
        return tuple(column for column in self.columns if not column.flow)

    def blank(self) -> Row:
        """A new record with every stored field blank."""
        return {column.id: column.blank for column in self.stored}

    def key_of(self, row: Row) -> tuple[Any, ...]:
        """The primary key of a record."""
        return tuple(row[name] for name in self.key)


@dataclass(frozen=True)
class Part:
    """A sub-page: its fields that are tied to fields of the page around it."""

    name: str
    page: Page
    link: Mapping[str, str]


@dataclass(frozen=True)
class Page:
    """A page published as a web service under `name`.

    `fixed` are the values that every record of the page has (a document type); `verbs` holds the
    letters i, m and d for what the page allows. If `editable` names fields, all others are
    read-only. A journal page shows the templates of one type, its `scope`.
    """

    name: str
    number: int
    table: Table
    verbs: str = ""
    fixed: Mapping[str, Any] = field(default_factory=dict)
    parts: tuple[Part, ...] = ()
    editable: tuple[str, ...] = ()
    scope: str = ""

    @property
    def fields(self) -> dict[str, Field]:
        """The fields on the page by name."""
        return self.table.fields

    def may_write(self, field: Field) -> bool:
        """True if callers may set the field on this page."""
        return field.editable and (not self.editable or field.id in self.editable)

    def part(self, name: str) -> Part | None:
        """The sub-page of that name."""
        return next((part for part in self.parts if part.name == name), None)
