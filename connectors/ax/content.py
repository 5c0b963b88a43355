"""Records as nested content of a document, and documents read back as flat records."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING

from connectors.ax.models import Node, NotFitting, Shape, Value
from connectors.ax.paths import Step, steps
from documents.record import FieldValue

if TYPE_CHECKING:
    from lxml.etree import _Element

Content = dict[str, "str | Content | list[Content]"]
"""Elements by name, attributes by `@name`; what occurs several times is a list."""

XSI = "http://www.w3.org/2001/XMLSchema-instance"
TYPE = "@type"
ACTION = "@action"
MODE = "@updateMode"

_ACCOUNT = Value("string")


def build(entity: Node, record: Mapping[str, FieldValue]) -> Content:
    """The content of one entity. Types of children come first, whatever the record's order,
    because they decide which fields a child has. Raises NotFitting naming the field."""
    assert entity.shape is not None, "an entity has elements"
    content: Content = {}
    plain = entity.shape.nodes
    for path, parts in _ordered(tuple(record)):
        node = plain.get(path)
        try:
            if node is not None and node.value is not None:
                content[path] = node.value.text(record[path])
            else:
                _put(entity, content, parts, record[path])
        except NotFitting as error:
            raise NotFitting(error.cause, field=path, **error.values) from error
    return content


@lru_cache(maxsize=512)
def _ordered(paths: tuple[str, ...]) -> tuple[tuple[str, tuple[Step, ...]], ...]:
    """A mapping fills the same fields in every record: they are put in order once."""
    ordered = sorted(paths, key=lambda name: (name.count("."), name))
    return tuple((path, steps(path)) for path in ordered)


def _put(entity: Node, content: Content, path: tuple[Step, ...], value: FieldValue) -> None:
    shape = _shape(entity, content)
    node = shape.nodes.get(path[0].name) if path else None
    if node is None:
        raise NotFitting("field-unknown", entity=entity.name)
    if node.value is not None and len(path) == 1:
        content[node.name] = node.value.text(value)
    elif node.shape is not None and node.shape.is_entity:
        _put_child(node, content, path, value)
    elif node.shape is not None:
        _put_special(node, content, path, str(value))
    else:
        raise NotFitting("field-unknown", entity=entity.name)


def _shape(entity: Node, content: Content) -> Shape:
    assert entity.shape is not None, "an entity has elements"
    return entity.shape.concrete(str(content.get(TYPE, "")))


def _put_child(node: Node, content: Content, path: tuple[Step, ...], value: FieldValue) -> None:
    child = _child(node, content, path[0])
    if len(path) > 1:
        if node.shape is not None and node.shape.derived and TYPE not in child:
            raise NotFitting("value-missing", entity=node.name)
        _put(node, child, path[1:], value)
    elif node.shape is None or value not in node.shape.derived:
        raise NotFitting("value-not-allowed", value=str(value))
    else:
        child[TYPE] = str(value)


def _child(node: Node, content: Content, step: Step) -> Content:
    """The child a step speaks of, made if there is none yet."""
    found = content.setdefault(node.name, [])
    assert isinstance(found, list), "child entities are lists"
    for child in found:
        if not step.field or child.get(step.field) == step.value:
            return child
    made: Content = {}
    if step.field:
        _put(node, made, (Step(step.field),), step.value)
    found.append(made)
    return made


def _put_special(node: Node, content: Content, path: tuple[Step, ...], text: str) -> None:
    """An account, or one dimension of an account or of a set of dimensions. An empty dimension
    is none: AX takes an empty value for an unknown one."""
    assert node.shape is not None, "accounts and dimensions have elements"
    if len(path) > 1 and not text:
        return
    inner = content.setdefault(node.name, {})
    assert isinstance(inner, dict), "accounts and dimensions occur once"
    if len(path) == 1 and node.shape.account:
        number = _ACCOUNT.text(text)
        inner[node.shape.account] = number
        if "DisplayValue" in node.shape.nodes:
            inner["DisplayValue"] = number
    elif len(path) == 2 and node.shape.dimensions is not None:
        values = inner.setdefault("Values", {"Value": []})
        assert isinstance(values, dict) and isinstance(values["Value"], list), "a set of values"
        values["Value"].append({"Name": path[1].name, "Value": _ACCOUNT.text(text)})
    else:
        raise NotFitting("field-unknown", entity=node.name)


def values_at(root: _Element, path: str) -> Iterator[str]:
    """Every value that a path leads to: of all the children that it may mean, not of one."""
    *parents, last = steps(path)
    places = [root]
    for step in parents:
        inner = (child for place in places for child in children(place, step.name))
        places = [one for one in inner if not step.field or text_of(one, step.field) == step.value]
    return (text_of(place, last.name) for place in places)


def name_of(element: _Element) -> str:
    """An element's name without its namespace."""
    return _local(str(element.tag))


@lru_cache(maxsize=4096)
def _local(tag: str) -> str:
    return tag.rpartition("}")[2]


def text_of(element: _Element, name: str) -> str:
    """The text of a direct child; empty when it is missing, nil or empty."""
    for child in element.iterchildren(f"{{*}}{name}"):
        return child.text or ""
    return ""


def children(element: _Element, name: str) -> list[_Element]:
    """Direct children of a name."""
    return list(element.iterchildren(f"{{*}}{name}"))


def flatten(element: _Element, entity: Node, lines: str = "") -> dict[str, str]:
    """An entity read back, by the same paths as a mapping writes; `lines` are left out.

    Of several children of one kind the primary one counts, else the first.
    """
    assert entity.shape is not None, "an entity has elements"
    nodes = entity.shape.derived.get(_kind(element), entity.shape).nodes
    fields: dict[str, str] = {}
    grouped: dict[str, list[_Element]] = {}
    for child in element:
        node = nodes.get(name := name_of(child))
        if node is None or name == lines:
            continue
        if node.value is not None:
            fields[name] = child.text or ""
        elif node.shape is not None and node.shape.is_entity:
            grouped.setdefault(name, []).append(child)
        elif node.shape is not None:
            fields.update(_read_special(child, name, node.shape))
    for name, found in grouped.items():
        for path, text in _read_children(found, nodes[name]):
            fields.setdefault(path, text)
    return fields


def _kind(element: _Element) -> str:
    return (element.get(f"{{{XSI}}}type") or "").rpartition(":")[2]


def _read_children(found: list[_Element], node: Node) -> Iterator[tuple[str, str]]:
    """The primary child by its name alone, and the primary one of each Type by that too."""
    if len(found) > 1:
        found = sorted(found, key=lambda child: text_of(child, "IsPrimary") != "Yes")
    for place, child in enumerate(found):
        inner, kind = flatten(child, node), _kind(child)
        if kind and not place:
            yield node.name, kind
        prefixes = [] if place else [f"{node.name}."]
        if inner.get("Type"):
            prefixes.append(f"{node.name}[Type={inner['Type']}].")
        for prefix in prefixes:
            for path, text in inner.items():
                yield prefix + path, text


def _read_special(element: _Element, name: str, shape: Shape) -> Iterator[tuple[str, str]]:
    if shape.account:
        yield name, text_of(element, shape.account)
    for values in children(element, "Values"):
        for value in children(values, "Value"):
            yield f"{name}.{text_of(value, 'Name')}", text_of(value, "Value")
