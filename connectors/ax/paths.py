"""Field names as a mapping writes them: paths into an entity, its children and dimensions.

CustGroup                                           a field of the root entity
DirParty.Name                                       a field of a child entity
DirParty                                            the child's concrete type (`xsi:type`)
DirParty.DirPartyContactInfoView[Type=Email].Locator  the child whose Type is Email
LedgerDimension                                     an account: its number, and shown as such
LedgerDimension.Department                          a financial dimension of an account
DefaultDimension.Department                         a financial dimension of a set
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from connectors.ax.models import FRAMEWORK, Node, Shape, Value
from documents.schema import EntitySchema, FieldSchema, FieldType

_STEP = re.compile(r"(\w+)(?:\[(\w+)=([^\]]+)\])?")
_SELECTOR = "Type"
"""The enumerated field that tells several children of one kind apart."""

_ACCOUNT = Value("string")
_DIMENSION = Value("string", 30)
"""A dimension value; the longest that AX keeps (its display value may be longer)."""

_DEPTH = 3


@dataclass(frozen=True)
class Step:
    """One part of a path: an element, and which of several by the value of one field."""

    name: str
    field: str = ""
    value: str = ""


@lru_cache(maxsize=4096)
def steps(path: str) -> tuple[Step, ...]:
    """The parts of a path; empty when it is not one."""
    found = [_STEP.fullmatch(part) for part in path.split(".")]
    if not all(found):
        return ()
    return tuple(Step(m[1], m[2] or "", m[3] or "") for m in found if m)


def source_of(path: str, root: str) -> tuple[str, str]:
    """Data source and field that a query names for a path: the last entity, the last field."""
    names = [step.name for step in steps(path)]
    return (names[-2] if len(names) > 1 else root), names[-1]


def entity_schema(
    name: str, entity: Node, dimensions: tuple[str, ...], lines: str = "", line_name: str = ""
) -> EntitySchema:
    """What a mapping may write of an entity. `lines` is the child that is an entity of its own
    for the mapping; a field of a child is never required, because the child is not."""
    fields = {f.name: f for f in _fields(entity, dimensions, lines, "", _DEPTH)}
    return EntitySchema(name=name, fields=fields, lines=line_name or None)


def _fields(
    entity: Node, dimensions: tuple[str, ...], lines: str, prefix: str, depth: int
) -> Iterator[FieldSchema]:
    assert entity.shape is not None, "an entity has elements"
    for node in _all_nodes(entity.shape).values():
        path = f"{prefix}{node.name}"
        if node.name in FRAMEWORK or node.name == lines:
            continue
        if node.value is not None:
            yield _field(path, node.value, required=node.required and not prefix)
        elif node.shape is not None and node.shape.is_entity:
            if depth:
                yield from _children(node, dimensions, path, depth - 1)
        elif node.shape is not None:
            yield from _special(node.shape, dimensions, path)


def _children(
    node: Node, dimensions: tuple[str, ...], path: str, depth: int
) -> Iterator[FieldSchema]:
    assert node.shape is not None, "a child entity has elements"
    if node.shape.derived:
        yield FieldSchema(name=path, type=FieldType.OPTION, options=tuple(node.shape.derived))
    yield from _fields(node, dimensions, "", f"{path}.", depth)
    selector = node.shape.nodes.get(_SELECTOR)
    for option in selector.value.options if selector and selector.value else ():
        yield from _fields(node, dimensions, "", f"{path}[{_SELECTOR}={option}].", depth)


def _special(shape: Shape, dimensions: tuple[str, ...], path: str) -> Iterator[FieldSchema]:
    if shape.account:
        yield _field(path, _ACCOUNT, required=False)
    if shape.dimensions is not None:
        for name in dimensions:
            yield _field(f"{path}.{name}", _DIMENSION, required=False)


def _field(path: str, value: Value, *, required: bool) -> FieldSchema:
    return FieldSchema(
        name=path,
        type=value.type,
        max_length=value.max_length,
        required=required,
        options=value.options,
    )


def _all_nodes(shape: Shape) -> dict[str, Node]:
    """The elements of a type and of every concrete type that may stand for it."""
    nodes = dict(shape.nodes)
    for concrete in shape.derived.values():
        nodes.update(concrete.nodes)
    return nodes
