"""From records to the XML of a document: empty fields are left out, as AX does outbound."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from lxml import etree

from sandbox.ax.schema import ENTITY, HASH, Document, Entity, Field, Row, Structure
from sandbox.ax.wire import namespaces as ns
from sandbox.ax.wire.envelope import Element
from sandbox.ax.wire.structures import write_structure

_TYPE = f"{{{ns.XSI}}}type"


def write_document(document: Document, rows: Iterable[tuple[Row, str]]) -> Element:
    """A document with these root records and their hashes."""
    prefix = f"{{{document.namespace}}}"
    prefixes = {None: document.namespace, "i": ns.XSI, "st": ns.SHARED}
    root = etree.Element(f"{prefix}{document.name}", nsmap=prefixes)
    etree.SubElement(root, f"{prefix}DocPurpose").text = "Original"
    for row, digest in rows:
        entry = _record(document.root, root, prefix, row)
        found = etree.Element(f"{prefix}{HASH}")
        found.text = digest
        entry.insert(0, found)
    return root


def _record(entity: Entity, parent: Element, prefix: str, row: Row) -> Element:
    shape = entity.variant(row.get("$type", ""))
    entry = etree.SubElement(parent, f"{prefix}{entity.name}")
    entry.set("class", ENTITY)
    if entity.variants:
        entry.set(_TYPE, shape.schema_type)
    for part in shape.parts:
        if isinstance(part, Entity):
            for child in row.get(part.name, ()):
                _record(part, entry, prefix, child)
        elif part.name != HASH:
            _field(part, entry, prefix, row.get(part.name, part.empty))
    return entry


def _field(part: Field, parent: Element, prefix: str, value: Any) -> None:
    if isinstance(part.type, Structure):
        if value and value.get("Account", "-"):
            write_structure(part.type, etree.SubElement(parent, f"{prefix}{part.name}"), value)
    elif part.type.symbols or value not in ("", 0, "0"):
        etree.SubElement(parent, f"{prefix}{part.name}").text = str(value)
