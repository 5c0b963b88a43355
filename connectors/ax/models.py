"""The shape of AX's documents as a port's description gives it: entities, fields, their limits."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from functools import cached_property

from documents.record import FieldValue
from documents.schema import FieldType

_TYPES = {
    "decimal": FieldType.DECIMAL,
    "date": FieldType.DATE,
    "dateTime": FieldType.DATETIME,
    "boolean": FieldType.BOOLEAN,
    "int": FieldType.INTEGER,
    "long": FieldType.INTEGER,
    "short": FieldType.INTEGER,
    "integer": FieldType.INTEGER,
}
"""XML Schema's types; everything else is text."""

_TEXTS = (FieldType.STRING, FieldType.OPTION)
_YES_NO = {True: ("Yes", "true"), False: ("No", "false")}
_UNPRINTABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 cannot carry at all."""

FRAMEWORK = frozenset({"_DocumentHash", "RecId", "RecVersion"})
"""Fields of every entity that AX fills and that a mapping never writes."""


class NotFitting(ValueError):
    """A text is not a value of its field. `cause` is the code of a hold."""

    def __init__(self, cause: str, **values: str) -> None:
        super().__init__(cause)
        self.cause = cause
        self.values = values


@dataclass(frozen=True)
class Value:
    """A simple type: its XML Schema base, longest text in characters, and its enumeration."""

    base: str = "string"
    max_length: int | None = None
    options: tuple[str, ...] = ()

    @cached_property
    def type(self) -> FieldType:
        return FieldType.OPTION if self.options else _TYPES.get(self.base, FieldType.STRING)

    def text(self, value: FieldValue) -> str:
        """A value of ours as AX reads it. Raises NotFitting."""
        found = self._flag(value) if isinstance(value, bool) else value
        kind = self.type
        if kind is FieldType.OPTION and found not in self.options:
            raise NotFitting("value-not-allowed", value=found, allowed=", ".join(self.options))
        if self.max_length is not None and len(found) > self.max_length:
            raise NotFitting("text-too-long", length=str(len(found)), limit=str(self.max_length))
        if kind not in _TEXTS and not _parses(kind, found):
            raise NotFitting("value-not-allowed", value=found, allowed=kind.value)
        if not found.isprintable() and _UNPRINTABLE.search(found):
            raise NotFitting("value-not-allowed", value="a control character", allowed="text")
        return found

    def _flag(self, value: bool) -> str:
        spellings = _YES_NO[value]
        return next((name for name in spellings if name in self.options), spellings[1])


def _parses(kind: FieldType, text: str) -> bool:
    try:
        if kind is FieldType.DECIMAL:
            return Decimal(text).is_finite() and "e" not in text.lower()
        if kind is FieldType.DATE:
            return date.fromisoformat(text).isoformat() == text
        if kind is FieldType.DATETIME:
            return datetime.fromisoformat(text) is not None
        if kind is FieldType.INTEGER:
            return str(int(text)) == text
    except (ValueError, InvalidOperation):
        return False
    return text in ("true", "false")


@dataclass(eq=False)
class Shape:
    """A complex type: its elements in the order in which they must be sent. Equal only to itself.

    `derived` are the concrete types that `xsi:type` may name; entities carry `class="entity"`,
    and the attributes `action` and `updateMode` where the description allows them.
    """

    name: str
    namespace: str
    nodes: dict[str, Node] = field(default_factory=dict)
    attributes: frozenset[str] = frozenset()
    derived: dict[str, Shape] = field(default_factory=dict)

    @cached_property
    def is_entity(self) -> bool:
        return "class" in self.attributes

    @cached_property
    def account(self) -> str:
        """The element that holds an account's number, if this is a ledger or party account."""
        for name in ("MainAccount", "Account"):
            node = self.nodes.get(name)
            if node is not None and node.value is not None and not self.is_entity:
                return name
        return ""

    @cached_property
    def dimensions(self) -> Shape | None:
        """The element type of a set of financial dimensions (names with values), if it is one."""
        outer = self.nodes.get("Values")
        inner = outer.shape.nodes.get("Value") if outer and outer.shape else None
        if inner is None or inner.shape is None or self.is_entity:
            return None
        return inner.shape if {"Name", "Value"} <= set(inner.shape.nodes) else None

    def entities(self) -> dict[str, Node]:
        """Child entities by name."""
        return {n: node for n, node in self.nodes.items() if node.shape and node.shape.is_entity}

    @cached_property
    def places(self) -> dict[str, int]:
        """The place of each element in the sequence."""
        return {name: place for place, name in enumerate(self.nodes)}

    def concrete(self, name: str) -> Shape:
        """The type that `xsi:type` names; this one for an empty name. KeyError if unknown."""
        return self.derived[name] if name else self


@dataclass(frozen=True)
class Node:
    """An element: of a simple type (`value`) or a complex one (`shape`)."""

    name: str
    namespace: str
    value: Value | None = None
    shape: Shape | None = None
    required: bool = False
    many: bool = False


def names_in(node: Node) -> Iterator[str]:
    """The names of all elements below one; AX's replies do not nest in themselves."""
    for name, inner in (node.shape.nodes if node.shape else {}).items():
        yield name
        yield from names_in(inner)


@dataclass(frozen=True)
class Operation:
    """A service operation: its SOAPAction, request and response element, and the header."""

    name: str
    action: str
    request: Node
    response: Node
    context: Node | None


@dataclass(frozen=True)
class Service:
    """The described service of one port."""

    port: str
    operations: Mapping[str, Operation]

    def document(self, operation: str) -> tuple[Node, Node] | None:
        """The document element of an operation's request and its root entity, if it has one."""
        found = self.operations.get(operation)
        for side in (found.request, found.response) if found else ():
            for node in side.shape.nodes.values() if side.shape else ():
                roots = node.shape.entities() if node.shape else {}
                if roots:
                    return node, next(iter(roots.values()))
        return None

    @cached_property
    def root(self) -> tuple[Node, Node] | None:
        """The document element and root entity that any operation of the port speaks of."""
        return next(filter(None, map(self.document, self.operations)), None)
