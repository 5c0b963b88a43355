"""Whether a document that AX has is the record that was sent: by its amounts and dates."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation

from connectors.ax.models import Node, Value
from connectors.ax.paths import steps
from documents.record import FieldValue
from documents.schema import FieldType


def same_amounts(wanted: Mapping[str, FieldValue], found: Mapping[str, str], entity: Node) -> bool:
    """Whether every amount and date of a record stands in AX. AX leaves out a zero."""
    for path, value in wanted.items():
        kind = _value(entity, path)
        if kind.type is FieldType.DECIMAL:
            if _decimal(str(value)) != _decimal(found.get(path, "")):
                return False
        elif kind.type is FieldType.DATE and found.get(path, "")[:10] != str(value):
            return False
    return True


def _value(entity: Node, path: str) -> Value:
    node: Node | None = entity
    for step in steps(path):
        node = node.shape.nodes.get(step.name) if node and node.shape else None
    return node.value if node is not None and node.value is not None else Value()


def _decimal(text: str) -> Decimal | None:
    try:
        return Decimal(text or "0")
    except InvalidOperation:
        return None
