"""Partial updates: only what changes is sent, every entity with its own explicit action.

An update without actions is a full one in AX: it clears every field that is not sent and deletes
every child that is missing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from connectors.ax.content import ACTION, MODE, XSI, Content, children, text_of
from connectors.ax.models import Node
from connectors.ax.records import ready
from documents.record import FieldValue

if TYPE_CHECKING:
    from lxml.etree import _Element

_RECORD = "RecId"


def partial(
    entity: Node, present: _Element, changes: Mapping[str, FieldValue], mode: str, operation: str
) -> Content:
    """The content that changes these fields of a document that was read.

    `mode` says what becomes of a dated child (an address): a new period, or a correction. A
    child that is not there yet is created. Raises Rejected for a value that does not fit.
    """
    types = _types(entity, present)
    kept = {path: kind for path, kind in types.items() if any(_below(c, path) for c in changes)}
    content = ready(entity, {**kept, **changes}, operation)
    _mark(entity, present, content, mode)
    return content


def _types(entity: Node, present: _Element, prefix: str = "") -> dict[str, str]:
    """Concrete types of the children that are there: they do not change by an update."""
    found: dict[str, str] = {}
    for name, node in (entity.shape.entities() if entity.shape else {}).items():
        for child in children(present, name)[:1]:
            kind = child.get(f"{{{XSI}}}type")
            if kind and node.shape and node.shape.derived:
                found[f"{prefix}{name}"] = kind.rpartition(":")[2]
            found.update(_types(node, child, f"{prefix}{name}."))
    return found


def _below(path: str, parent: str) -> bool:
    return path.startswith(f"{parent}.")


def _mark(entity: Node, present: _Element, content: Content, mode: str) -> None:
    _keep_mandatory(entity, present, content)
    for name, node in (entity.shape.entities() if entity.shape else {}).items():
        wanted = content.get(name)
        for child in wanted if isinstance(wanted, list) else ():
            found = _partner(children(present, name), child)
            if found is None:
                child[ACTION] = "create"
                continue
            child[ACTION] = "update"
            if node.shape and "updateMode" in node.shape.attributes:
                child[MODE] = mode
            record = text_of(found, _RECORD)
            if record:
                child[_RECORD] = record
            _mark(node, found, child, mode)


def _keep_mandatory(entity: Node, present: _Element, content: Content) -> None:
    """What the description demands in every message is sent as it is now."""
    for name, node in (entity.shape.nodes if entity.shape else {}).items():
        if node.required and node.value is not None and name not in content:
            content[name] = text_of(present, name)


def _partner(present: list[_Element], wanted: Content) -> _Element | None:
    """The child that is meant: of the same Type where one is given, the primary one first."""
    kind = wanted.get("Type")
    same = [child for child in present if kind is None or text_of(child, "Type") == kind]
    primary = [child for child in same if text_of(child, "IsPrimary") == "Yes"]
    return next(iter(primary or same), None)
