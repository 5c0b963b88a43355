"""WSDL 1.1 documents in the shape NAV gives them: document/literal, one port per object."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape, quoteattr

_SOAP = "http://schemas.xmlsoap.org/wsdl/soap/"


@dataclass(frozen=True)
class Parameter:
    """An element of a request or an answer; `type` is an XSD type or one of the document's own."""

    name: str
    type: str
    least: int = 1
    most: str = "1"


@dataclass(frozen=True)
class Operation:
    """One operation with its request and its answer."""

    name: str
    request: tuple[Parameter, ...]
    answer: tuple[Parameter, ...]


def wsdl(
    namespace: str, name: str, address: str, operations: Sequence[Operation], types: str = ""
) -> bytes:
    """The document for one service; `types` are further schema definitions, already written."""
    schema = types + "".join(map(_elements, operations))
    return (
        f'<?xml version="1.0" encoding="utf-8"?>'
        f'<definitions targetNamespace="{escape(namespace)}" '
        f'xmlns="http://schemas.xmlsoap.org/wsdl/" xmlns:tns="{escape(namespace)}">'
        f'<types><schema elementFormDefault="qualified" targetNamespace="{escape(namespace)}" '
        f'xmlns="http://www.w3.org/2001/XMLSchema">{schema}</schema></types>'
        + "".join(map(_messages, operations))
        + f'<portType name="{name}_Port">{"".join(map(_port, operations))}</portType>'
        + f'<binding name="{name}_Binding" type="tns:{name}_Port">'
        + f'<binding transport="http://schemas.xmlsoap.org/soap/http" xmlns="{_SOAP}"/>'
        + "".join(_bound(namespace, one) for one in operations)
        + f'</binding><service name="{name}">'
        + f'<port name="{name}_Port" binding="tns:{name}_Binding">'
        + f'<address location={quoteattr(address)} xmlns="{_SOAP}"/></port></service></definitions>'
    ).encode()


def sequence(parameters: Iterable[Parameter]) -> str:
    """The elements of a complex type."""
    inner = "".join(_parameter(one) for one in parameters)
    return f"<complexType><sequence>{inner}</sequence></complexType>" if inner else _NOTHING


_NOTHING = "<complexType><sequence/></complexType>"


def _parameter(one: Parameter) -> str:
    return (
        f'<element minOccurs="{one.least}" maxOccurs="{one.most}" '
        f'name="{one.name}" type="{one.type}"/>'
    )


def named_type(name: str, parameters: Iterable[Parameter]) -> str:
    """A complex type of its own."""
    inner = "".join(_parameter(one) for one in parameters)
    return f'<complexType name="{name}"><sequence>{inner}</sequence></complexType>'


def enumeration(name: str, values: Iterable[str]) -> str:
    """A simple type with a fixed list of values."""
    inner = "".join(f"<enumeration value={quoteattr(value)}/>" for value in values)
    return (
        f'<simpleType name="{name}"><restriction base="string">{inner}</restriction></simpleType>'
    )


def _elements(one: Operation) -> str:
    return (
        f'<element name="{one.name}">{sequence(one.request)}</element>'
        f'<element name="{one.name}_Result">{sequence(one.answer)}</element>'
    )


def _messages(one: Operation) -> str:
    return "".join(
        f'<message name="{name}"><part name="parameters" element="tns:{name}"/></message>'
        for name in (one.name, f"{one.name}_Result")
    )


def _port(one: Operation) -> str:
    return (
        f'<operation name="{one.name}"><input name="{one.name}" message="tns:{one.name}"/>'
        f'<output name="{one.name}_Result" message="tns:{one.name}_Result"/></operation>'
    )


def _bound(namespace: str, one: Operation) -> str:
    body = f'<body use="literal" xmlns="{_SOAP}"/>'
    return (
        f'<operation name="{one.name}">'
        f'<operation soapAction="{escape(namespace)}:{one.name}" style="document" xmlns="{_SOAP}"/>'
        f'<input name="{one.name}">{body}</input>'
        f'<output name="{one.name}_Result">{body}</output></operation>'
    )
