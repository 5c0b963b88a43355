"""Small pieces of XML Schema text."""

from __future__ import annotations

from collections.abc import Iterable
from xml.sax.saxutils import quoteattr

from sandbox.ax.wire.namespaces import PREFIXES


def tag(name: str, content: str = "", /, **attributes: str) -> str:
    """An element with its content."""
    parts = "".join(f" {key}={quoteattr(item)}" for key, item in attributes.items())
    return f"<{name}{parts}>{content}</{name}>" if content else f"<{name}{parts}/>"


def element(
    name: str, type_: str, *, optional: bool = True, nillable: bool = True, many: bool = False
) -> str:
    """The declaration of an element inside a sequence."""
    occurs = {"minOccurs": "0"} if optional else {}
    occurs |= {"maxOccurs": "unbounded"} if many else {}
    nil = {"nillable": "true"} if nillable else {}
    return tag("xs:element", **occurs, name=name, **nil, type=type_)


def reference(qualified: str) -> str:
    """An optional element of another schema."""
    return tag("xs:element", minOccurs="0", ref=qualified)


def sequence(parts: Iterable[str]) -> str:
    """A sequence of declarations."""
    return tag("xs:sequence", "".join(parts))


def complex_type(name: str, parts: Iterable[str]) -> str:
    """A complex type with a sequence."""
    return tag("xs:complexType", sequence(parts), name=name)


def enumerated(name: str, symbols: Iterable[str]) -> str:
    """A string with a list of values."""
    values = "".join(tag("xs:enumeration", value=symbol) for symbol in symbols)
    return tag("xs:simpleType", tag("xs:restriction", values, base="xs:string"), name=name)


def schema(
    namespace: str, imports: dict[str, str], content: Iterable[str], document: str = ""
) -> bytes:
    """A schema document; `imports` maps namespaces to where they are found.

    `document` is the namespace of the port's document, under the prefix `doc`.
    """
    prefixes = PREFIXES | ({"doc": document} if document else {})
    declared = "".join(f' xmlns:{prefix}="{uri}"' for prefix, uri in prefixes.items())
    target = f' xmlns:tns="{namespace}" targetNamespace="{namespace}"' if namespace else ""
    imported = "".join(
        tag("xs:import", schemaLocation=place, namespace=uri) for uri, place in imports.items()
    )
    return (
        '<?xml version="1.0" encoding="utf-8"?>'
        f'<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"{declared}{target}'
        f' elementFormDefault="qualified">{imported}{"".join(content)}</xs:schema>'
    ).encode()
