"""What zeep forgets of the schemas: lengths, enumerations, unions, and which type extends which."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from connectors.ax.models import Value

if TYPE_CHECKING:
    from lxml.etree import _Element

XSD = "{http://www.w3.org/2001/XMLSchema}"
_EXTENDED = "AxdExtType_"
"""How AX names the schema type of an extended data type."""


class Facets:
    """Simple and complex types by qualified name, as the schemas declare them."""

    def __init__(self, documents: Collection[_Element]) -> None:
        schemas = [schema for document in documents for schema in document.iter(f"{XSD}schema")]
        self._simple = {
            _named(schema, node): node
            for schema in schemas
            for node in schema.iterfind(f"{XSD}simpleType")
        }
        self._complex = {
            _named(schema, node): node
            for schema in schemas
            for node in schema.iterfind(f"{XSD}complexType")
        }
        self._values: dict[str, Value] = {}
        self._bases = {
            name: _qualified(extension, str(extension.get("base")))
            for name, node in self._complex.items()
            if (extension := node.find(f"{XSD}complexContent/{XSD}extension")) is not None
        }

    def derived(self, name: str) -> list[str]:
        """Complex types that extend one directly: zeep merges them and keeps no trace."""
        return [other for other, base in self._bases.items() if base == name]

    def value(self, name: str) -> Value:
        """The simple type of a qualified name; text without limits if it is not declared."""
        if name.startswith(XSD):
            return Value(name.removeprefix(XSD))
        if name not in self._values:
            self._values[name] = self._read(self._simple.get(name))
        return self._values[name]

    def union(self, owner: str, element: str) -> Value | None:
        """The type of an element that is a union, where the element belongs to a complex type
        or what it extends: zeep keeps neither the union's name nor its members."""
        while owner:
            name = self._type_of(owner, element)
            simple = self._simple.get(name)
            if simple is not None and simple.find(f"{XSD}union") is not None:
                return self.value(name)
            owner = self._bases.get(owner, "")
        return None

    def _type_of(self, owner: str, element: str) -> str:
        node = self._complex.get(owner)
        if node is None:
            return ""
        for found in node.iter(f"{XSD}element"):
            if found.get("name") == element and found.get("type"):
                return _qualified(found, str(found.get("type")))
        return ""

    def _read(self, node: _Element | None) -> Value:
        if node is None:
            return Value()
        union = node.find(f"{XSD}union")
        if union is not None:
            return self._united(union, str(union.get("memberTypes")).split())
        restriction = node.find(f"{XSD}restriction")
        return Value() if restriction is None else self._restricted(restriction)

    def _united(self, union: _Element, names: list[str]) -> Value:
        """AX's own type or the code of an external system. Of the two, only a port with value
        mapping takes the longer code, so the extended data type is the limit where there is
        one; `AxdType_Str`, which stands for any text, was seen with the length of another."""
        own = [name for name in names if name.rpartition(":")[2].startswith(_EXTENDED)]
        members = [self.value(_qualified(union, name)) for name in own or names]
        limits = [member.max_length for member in members]
        longest = None if None in limits else max(n for n in limits if n is not None)
        return Value(members[0].base, longest, members[0].options)

    def _restricted(self, node: _Element) -> Value:
        base = self.value(_qualified(node, str(node.get("base"))))
        length = node.find(f"{XSD}maxLength")
        options = tuple(str(o.get("value")) for o in node.iterfind(f"{XSD}enumeration"))
        limit = base.max_length if length is None else int(str(length.get("value")))
        return Value(base.base, limit, options or base.options)


def _named(schema: _Element, node: _Element) -> str:
    return f"{{{schema.get('targetNamespace', '')}}}{node.get('name')}"


def _qualified(node: _Element, name: str) -> str:
    prefix, _, local = name.rpartition(":")
    return f"{{{node.nsmap.get(prefix or None, '')}}}{local}"
