"""From the XML of a document to records, validated as strictly as its schema asks.

The complaints are in the words of .NET's validating reader. A port validates document XML unless an
administrator switched that off.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from lxml import etree

from sandbox.ax import edt
from sandbox.ax.edt import Simple
from sandbox.ax.errors import schema_error
from sandbox.ax.schema import ENTITY, Document, Entity, Field, Structure
from sandbox.ax.wire import namespaces as ns
from sandbox.ax.wire.envelope import NIL, Element
from sandbox.ax.wire.structures import read_structure
from sandbox.ax.wire.values import ValueProblem, parse

_TYPE = f"{{{ns.XSI}}}type"


@dataclass
class Node:
    """One record of a document as it was sent.

    `values` holds what was sent and was not nil; `nil` names what was sent as nil.
    """

    entity: Entity
    action: str = ""
    update_mode: str = ""
    values: dict[str, Any] = field(default_factory=dict)
    nil: set[str] = field(default_factory=set)
    children: dict[str, list[Node]] = field(default_factory=dict)
    xpath: str = ""

    def sent(self, name: str) -> bool:
        """Whether a field has a value here, be it empty."""
        return name in self.values


@dataclass
class Sent:
    """A document as it was sent."""

    header: dict[str, Any]
    roots: list[Node]

    @property
    def clears_nil(self) -> bool:
        """Whether nil fields are to be emptied (R2 and later)."""
        return bool(self.header.get("ClearNilFieldsOnUpdate") == "true")


def read_document(document: Document, element: Element) -> Sent:
    """The records of a document; raises AifError where it breaks the schema."""
    return _Reader(document).read(element)


class _Reader:
    def __init__(self, document: Document) -> None:
        self._document = document
        self._prefix = f"{{{document.namespace}}}"

    def read(self, element: Element) -> Sent:
        parts: tuple[Field | Entity, ...] = (*self._document.header, self._document.root)
        places = {part.name: place for place, part in enumerate(parts)}
        sent, path = Sent({}, []), f"/{self._document.name}"
        for name, child, where in self._walk(element, places, path, ()):
            part = parts[places[name]]
            if isinstance(part, Entity):
                sent.roots.append(self._entity(part, child, where))
            elif not _is_nil(child):
                sent.header[name] = self._value(part, child, where)
        return sent

    def _entity(self, entity: Entity, element: Element, path: str) -> Node:
        entity = self._variant(entity, element, path)
        node = Node(entity, xpath=path)
        self._attributes(node, element)
        parts, places = entity.parts, entity.places
        required = tuple(one.name for one in entity.fields.values() if one.required)
        for name, child, where in self._walk(element, places, path, required):
            part = parts[places[name]]
            if isinstance(part, Entity):
                node.children.setdefault(name, []).append(self._entity(part, child, where))
            elif _is_nil(child) and not part.required:
                node.nil.add(name)
            else:
                node.values[name] = self._value(part, child, where)
        return node

    def _walk(
        self,
        element: Element,
        places: dict[str, int],
        path: str,
        required: tuple[str, ...],
    ) -> list[tuple[str, Element, str]]:
        """The children in order, each with its path; refuses what breaks the sequence."""
        found: list[tuple[str, Element, str]] = []
        counts: dict[str, int] = {}
        place, missing = -1, list(required)
        for child in element:
            name = self._name(child)
            if name is None or places.get(name, -1) < place or not self._may_repeat(name, counts):
                raise self._unexpected(element, child, path)
            late = [one for one in missing if places[one] < places[name]]
            if late:
                raise self._unexpected(element, child, path, late[0])
            place = places[name]
            counts[name] = counts.get(name, 0) + 1
            if name in missing:
                missing.remove(name)
            found.append((name, child, f"{path}/{name}[{counts[name]}]"))
        if missing:
            raise self._incomplete(element, path, missing[0])
        return found

    def _name(self, child: Element) -> str | None:
        tag = child.tag
        if isinstance(tag, str) and tag.startswith(self._prefix):
            return tag[len(self._prefix) :]
        return None

    def _may_repeat(self, name: str, counts: dict[str, int]) -> bool:
        return name not in counts or self._document.source(name) is not None

    def _variant(self, entity: Entity, element: Element, path: str) -> Entity:
        if not entity.variants:
            return entity
        name = element.get(_TYPE, "").rpartition(":")[2]
        chosen = entity.variant(name)
        if chosen is entity:
            known = ", ".join(one.schema_type for one in entity.variants)
            detail = f"The element '{entity.name}' must have an xsi:type of {known}."
            raise schema_error(detail, path, element.sourceline or 0)
        return chosen

    def _attributes(self, node: Node, element: Element) -> None:
        given = element.get("class")
        if given != ENTITY:
            detail = (
                "The required attribute 'class' is missing."
                if given is None
                else f"The value of the 'class' attribute does not equal its fixed value: '{given}'"
            )
            raise schema_error(detail, f"{node.xpath}/@class", element.sourceline or 0)
        node.action = self._symbol(node, element, "action", edt.ENTITY_ACTION)
        if node.entity.dated:
            node.update_mode = self._symbol(node, element, "updateMode", edt.UPDATE_MODE)
        known = {"class", "action", *(("updateMode",) if node.entity.dated else ())}
        for name in element.attrib:
            if not str(name).startswith("{") and name not in known:
                detail = f"The '{name}' attribute is not declared."
                raise schema_error(detail, f"{node.xpath}/@{name}", element.sourceline or 0)

    def _symbol(self, node: Node, element: Element, name: str, kind: Simple) -> str:
        value = element.get(name)
        if value is not None and value not in kind.symbols:
            detail = (
                f"The '{name}' attribute is invalid - The value '{value}' is invalid according to "
                f"its datatype '{kind.name}' - The Enumeration constraint failed."
            )
            raise schema_error(detail, f"{node.xpath}/@{name}", element.sourceline or 0)
        return value or ""

    def _value(self, part: Field, element: Element, path: str) -> Any:
        if isinstance(part.type, Structure):
            return read_structure(part.type, element, path)
        if len(element):
            detail = f"The element '{part.name}' cannot contain child elements."
            raise schema_error(detail, path, element.sourceline or 0)
        try:
            return parse(part.type, element.text or "")
        except ValueProblem as problem:
            detail = (
                f"The '{part.name}' element is invalid - The value '{element.text or ''}' is "
                f"invalid according to its datatype '{part.type.name}' - {problem}"
            )
            raise schema_error(detail, path, element.sourceline or 0) from problem

    def _unexpected(
        self, element: Element, child: Element, path: str, expected: str = ""
    ) -> Exception:
        parent, name = etree.QName(element).localname, etree.QName(child).localname
        detail = (
            f"The element '{parent}' in namespace '{self._document.namespace}' has invalid child "
            f"element '{name}' in namespace '{etree.QName(child).namespace or ''}'."
        )
        if expected:
            detail += f" List of possible elements expected: '{expected}'."
        return schema_error(detail, f"{path}/{name}", child.sourceline or 0)

    def _incomplete(self, element: Element, path: str, expected: str) -> Exception:
        detail = (
            f"The element '{etree.QName(element).localname}' in namespace "
            f"'{self._document.namespace}' has incomplete content. List of possible elements "
            f"expected: '{expected}'."
        )
        return schema_error(detail, path, element.sourceline or 0)


def _is_nil(element: Element) -> bool:
    return element.get(NIL) in ("true", "1")
