"""QueryCriteria: elements are OR-ed, there is no AND.

An element names a data source of the document and one of its fields; a document is found when any
record of that data source satisfies any element. Texts compare without case, as the database does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from lxml import etree

from sandbox.ax.edt import Simple
from sandbox.ax.errors import AifError, Code, schema_error
from sandbox.ax.rows import Rows
from sandbox.ax.schema import Document, Row, records
from sandbox.ax.wire import namespaces as ns
from sandbox.ax.wire.envelope import Element
from sandbox.ax.wire.plumbing import OPERATORS
from sandbox.ax.wire.values import ValueProblem, parse

_MEMBERS = ("DataSourceName", "FieldName", "Operator", "Value1", "Value2")


@dataclass(frozen=True)
class Criterion:
    """One element, with its values as they compare."""

    source: str
    field: str
    operator: str
    low: Any
    high: Any
    kind: Simple

    def accepts(self, value: Any) -> bool:
        """Whether a stored value satisfies it."""
        found = _comparable(self.kind, value)
        if self.operator == "Range":
            return bool(self.low <= found <= self.high)
        return _COMPARE[self.operator](found, self.low)


_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "Equal": lambda one, other: bool(one == other),
    "NotEqual": lambda one, other: bool(one != other),
    "Greater": lambda one, other: bool(one > other),
    "GreaterOrEqual": lambda one, other: bool(one >= other),
    "Less": lambda one, other: bool(one < other),
    "LessOrEqual": lambda one, other: bool(one <= other),
}


def _comparable(kind: Simple, value: Any) -> Any:
    if kind.symbols:
        return kind.symbols.index(value)
    if kind.base == "decimal":
        return Decimal(value)
    return value.lower() if isinstance(value, str) else value


def read_criteria(document: Document, element: Element | None) -> list[Criterion]:
    """The elements of a request; raises AifError for what the query does not have."""
    found = [] if element is None else list(element)
    if not found:
        raise AifError("NoCriteria", Code.REQUEST, at="QueryCriteria")
    return [_criterion(document, one) for one in found]


def _criterion(document: Document, element: Element) -> Criterion:
    values: dict[str, str] = {}
    for child in element:
        name = etree.QName(child).localname
        if child.tag != f"{{{ns.CRITERIA}}}{name}" or name not in _MEMBERS:
            detail = f"The element 'CriteriaElement' has invalid child element '{name}'."
            path = f"/QueryCriteria/CriteriaElement/{name}"
            raise schema_error(detail, path, child.sourceline or 0)
        values[name] = child.text or ""
    if values.get("Operator") not in OPERATORS or any(one not in values for one in _MEMBERS[:4]):
        detail = "The element 'CriteriaElement' has incomplete content or an invalid 'Operator'."
        raise schema_error(detail, "/QueryCriteria/CriteriaElement", element.sourceline or 0)
    return _typed(document, values)


def _typed(document: Document, values: dict[str, str]) -> Criterion:
    source, field = values["DataSourceName"], values["FieldName"]
    entity = document.source(source)
    shapes = (entity, *entity.variants) if entity else ()
    found = next((one.fields[field] for one in shapes if field in one.fields), None)
    if found is None or not isinstance(found.type, Simple):
        name = document.name
        raise AifError(
            "DataSource", Code.REQUEST, at=field, source=source, field=field, document=name
        )
    kind = found.type
    bounds = [values["Value1"]]
    if values["Operator"] == "Range":
        bounds.append(values.get("Value2", ""))
    typed = [_value(kind, text, source, field) for text in bounds]
    return Criterion(source, field, values["Operator"], typed[0], typed[-1], kind)


def _value(kind: Simple, text: str, source: str, field: str) -> Any:
    # A value longer than its field is no error in a query: nothing equals it.
    if kind.base == "string" and not kind.symbols:
        return text.lower()
    if kind.base == "date" and not text:
        return ""
    try:
        return _comparable(kind, parse(kind, text))
    except ValueProblem as problem:
        raise AifError(
            "BadCriteria", Code.REQUEST, at=field, value=text, source=source, field=field
        ) from problem


def select(document: Document, rows: Rows, criteria: list[Criterion]) -> list[Row]:
    """The documents that satisfy any of the criteria, in the order of their RecIds."""
    found: dict[int, Row] = {}
    for one in criteria:
        for row in _candidates(document, rows, one):
            if row["RecId"] not in found and _satisfies(document, row, one):
                found[row["RecId"]] = row
    return [found[rec_id] for rec_id in sorted(found)]


def _candidates(document: Document, rows: Rows, one: Criterion) -> Iterable[Row]:
    root = one.source == document.root.name
    if one.operator == "Equal":
        if root and one.field == "RecId":
            row = rows.get(one.low)
            return [row] if row is not None else []
        index = one.field if root else f"{one.source}.{one.field}"
        if rows.has_index(index) and one.low:
            return rows.find(index, str(one.low))
    return rows.all()


def _satisfies(document: Document, row: Row, one: Criterion) -> bool:
    return any(
        one.accepts(record[one.field])
        for entity, record in records(document.root, row)
        if entity.name == one.source and one.field in record
    )
