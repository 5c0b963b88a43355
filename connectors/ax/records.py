"""A mapped record made ready for AX: checked against the port's description, nested, typed."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence

from connectors.ax.aif import DocumentPort
from connectors.ax.client import AxClient
from connectors.ax.content import Content, build
from connectors.ax.errors import SYSTEM, rejected
from connectors.ax.models import Node, NotFitting
from connectors.ax.paths import entity_schema
from connectors.ax.settings import CUSTOMER, DOCUMENTS, AxSettings
from connectors.errors import Misconfigured
from documents.record import FieldValue, MappedRecord
from documents.schema import EntitySchema, TargetSchema


class Records:
    """Turns records into document content. Limits are those of the ports' descriptions."""

    def __init__(self, client: AxClient) -> None:
        self._client = client
        self._settings = client.settings
        self._schema: TargetSchema | None = None
        self._required: dict[str, tuple[str, ...]] = {}
        self._reading = asyncio.Lock()

    async def schema(self) -> TargetSchema:
        """Every entity the connection may write. Raises Misconfigured for a missing port."""
        if self._schema is None:
            async with self._reading:
                self._schema = self._schema or await self._read_schema()
        return self._schema

    def forget(self) -> None:
        """Read the descriptions again at the next use."""
        self._schema = None
        self._required.clear()

    async def entity(self, name: str) -> EntitySchema:
        """What may be written of one entity. Raises Misconfigured when it has no port."""
        found = (await self.schema()).entities.get(name)
        if found is None:
            raise Misconfigured(SYSTEM, "read WSDL", no_port(name))
        return found

    async def content(
        self, record: MappedRecord, entity: str, key_field: str, key: str, operation: str
    ) -> Content:
        """The content of a document with our key in it.

        Raises Rejected for a field that is unknown, missing or too long, or whose value AX
        cannot take, and for a mapping that writes something else into the key's field.
        """
        if record.entity != entity:
            raise Misconfigured(
                SYSTEM,
                operation,
                f"the mapping makes {record.entity}, the connection's settings say {entity}",
            )
        schema = await self.entity(entity)
        lines = self._settings.lines.get(entity, "")
        values, written = _referenced(record, lines, key_field, key, operation)
        self._check_required(schema, values, operation)
        _, root = await DocumentPort(self._client, self._settings.port(entity)).root()
        content = ready(root, values, operation)
        if written:
            node = _line_node(root, lines, operation)
            content[lines] = [ready(node, line, operation) for line in written]
        return content

    def _check_required(
        self, schema: EntitySchema, values: Mapping[str, FieldValue], operation: str
    ) -> None:
        required = self._required.get(schema.name)
        if required is None:
            required = tuple(name for name, field in schema.fields.items() if field.required)
            self._required[schema.name] = required
        for name in required:
            if values.get(name, "") == "":
                raise rejected(operation, "value-missing", field=name, entity=schema.name)

    async def _read_schema(self) -> TargetSchema:
        entities: dict[str, EntitySchema] = {}
        for name in (CUSTOMER, *DOCUMENTS):
            if self._settings.port(name):
                entities.update(await self._entities(name))
        return TargetSchema(system=SYSTEM, entities=entities)

    async def _entities(self, name: str) -> dict[str, EntitySchema]:
        settings = self._settings
        _, root = await DocumentPort(self._client, settings.port(name)).root()
        lines = settings.lines.get(name, "")
        if not lines:
            return {name: entity_schema(name, root, settings.dimensions)}
        node, line_name = _line_node(root, lines, "read WSDL"), f"{name}.line"
        return {
            name: entity_schema(name, root, settings.dimensions, lines, line_name),
            line_name: entity_schema(line_name, node, settings.dimensions),
        }


def _referenced(
    record: MappedRecord, lines: str, key_field: str, key: str, operation: str
) -> tuple[Mapping[str, FieldValue], Sequence[Mapping[str, FieldValue]]]:
    """Header and lines with our key: in the header, or in the first line of a journal."""
    place, _, field = key_field.partition(".")
    if not record.lines or place != lines:
        return with_key(record.header, key_field, key, operation), record.lines
    first, *others = record.lines
    return record.header, [with_key(first, field, key, operation), *others]


def _line_node(root: Node, name: str, operation: str) -> Node:
    node = root.shape.nodes.get(name) if root.shape else None
    if node is None:
        why = f"{root.name} has no lines called {name!r}; correct the connection's lines"
        raise Misconfigured(SYSTEM, operation, why)
    return node


def ready(entity: Node, values: Mapping[str, FieldValue], operation: str) -> Content:
    """The content of one entity. Raises Rejected with the field and its limit."""
    try:
        return build(entity, values)
    except NotFitting as error:
        raise rejected(operation, error.cause, None, **error.values) from error


def with_key(
    values: Mapping[str, FieldValue], field: str, key: str, operation: str
) -> dict[str, FieldValue]:
    """The record with our key in its field.

    Raises Rejected if the mapping writes something else into it: a document without our key
    could be posted twice.
    """
    written = values.get(field, key)
    if written != key:
        raise rejected(operation, "key-overwritten", field=field, value=str(written))
    return {**values, field: key}


def no_port(entity: str) -> str:
    """What to tell the administrator about a document without a port."""
    return f"the connection names no port for {entity}; set it in the connection's ports"


def settings_key_field(settings: AxSettings, entity: str) -> str:
    """The field that carries our key on an unposted document of an entity."""
    return str(getattr(settings.fields, f"{entity}_key"))
