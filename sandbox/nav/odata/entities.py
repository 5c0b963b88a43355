"""Records as OData JSON. Decimals are JSON numbers with every digit they have."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Mapping
from typing import Any

from sandbox.nav.database import VERSION
from sandbox.nav.flows import Flows
from sandbox.nav.schema import Field, Page, Row

_quoted = json.encoder.encode_basestring


class Writer:
    """Writes records of pages; `flow_tags` lets calculated fields take part in entity tags."""

    def __init__(self, flows: Flows, flow_tags: bool) -> None:
        self._flows = flows
        self._flow_tags = flow_tags

    def entity(
        self, page: Page, row: Row, select: tuple[str, ...] = (), more: Iterable[str] = ()
    ) -> str:
        """One record; `more` are further members, already written."""
        names = select or tuple(page.fields)
        values = self._values(page, row, names)
        members = [f'"@odata.etag":{_quoted(self.tag(page, row))}']
        members += [f'"{name}":{_written(page.fields[name], values[name])}' for name in names]
        members += more
        return "{" + ",".join(members) + "}"

    def tag(self, page: Page, row: Row) -> str:
        """The entity tag: it changes with every write of the record."""
        content = f"'{page.table.number};{row[VERSION]};"
        if self._flow_tags:
            content += json.dumps(self._flows.of(page.table, row), sort_keys=True)
        return f'W/"{base64.b64encode((content + chr(39)).encode()).decode()}"'

    def _values(self, page: Page, row: Row, names: Iterable[str]) -> Mapping[str, Any]:
        if any(page.fields[name].flow for name in names):
            return {**row, **self._flows.of(page.table, row)}
        return row


def _written(field: Field, value: Any) -> str:
    match field.kind:
        case "decimal" | "integer":
            return str(value)
        case "boolean":
            return "true" if value else "false"
    return _quoted(value)


def document(context: str, members: Iterable[str]) -> str:
    """A JSON object that begins with its context."""
    return "{" + ",".join([f'"@odata.context":{_quoted(context)}', *members]) + "}"


def collection(name: str, written: Iterable[str]) -> str:
    """A member that holds a list of records."""
    return f'"{name}":[' + ",".join(written) + "]"


def member(name: str, value: str | int) -> str:
    """A member that holds a string or a number."""
    return f'"{name}":{_quoted(value) if isinstance(value, str) else value}'


def with_context(context: str, entity: str) -> str:
    """A single record with its context."""
    return f'{{"@odata.context":{_quoted(context)},{entity[1:]}'
