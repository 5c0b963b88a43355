"""Accounts and sets of dimension values as they stand in documents, in the shared namespace.

Stored forms: a set of dimension values is `{name: value}`; an account is `{"Account": number,
"Values": {...}}` whatever its type calls the number.
"""

from __future__ import annotations

from typing import Any

from lxml import etree

from sandbox.ax.errors import schema_error
from sandbox.ax.schema import Structure
from sandbox.ax.wire import namespaces as ns
from sandbox.ax.wire.envelope import NIL, Element

_SHARED = f"{{{ns.SHARED}}}"


def read_structure(kind: Structure, element: Element, path: str) -> dict[str, Any]:
    """An account or a set of dimension values; raises AifError where it breaks the schema."""
    if not kind.account:
        parts = _parts(element, ("Values",), ("Values",), path)
        return _values(parts["Values"], f"{path}/Values")
    display = () if kind.kind == "MultiTypeDefaultAccount" else ("DisplayValue",)
    rest = ("Values",) if display else ()
    required = (*display, kind.account)
    parts = _parts(element, (*required, *rest), required, path)
    values = parts.get("Values")
    given = values is not None and values.get(NIL) not in ("true", "1")
    return {
        "Account": parts[kind.account].text or "",
        "Values": _values(values, f"{path}/Values") if given and values is not None else {},
    }


def _parts(
    element: Element, order: tuple[str, ...], required: tuple[str, ...], path: str
) -> dict[str, Element]:
    found: dict[str, Element] = {}
    place = -1
    for child in element:
        name = etree.QName(child).localname
        known = child.tag == f"{_SHARED}{name}" and name in order
        if not known or order.index(name) <= place:
            raise _invalid(element, child, path)
        place = order.index(name)
        found[name] = child
    missing = [name for name in required if name not in found]
    if missing:
        detail = (
            f"The element '{etree.QName(element).localname}' has incomplete content. List of "
            f"possible elements expected: '{missing[0]}'."
        )
        raise schema_error(detail, path, element.sourceline or 0)
    return found


def _values(element: Element, path: str) -> dict[str, str]:
    values: dict[str, str] = {}
    for place, child in enumerate(element, 1):
        if child.tag != f"{_SHARED}Value":
            raise _invalid(element, child, path)
        parts = _parts(child, ("Name", "Value"), ("Name", "Value"), f"{path}/Value[{place}]")
        values[parts["Name"].text or ""] = parts["Value"].text or ""
    if not values:
        detail = "The element 'Values' has incomplete content. List of possible elements "
        detail += "expected: 'Value'."
        raise schema_error(detail, path, element.sourceline or 0)
    return values


def _invalid(element: Element, child: Element, path: str) -> Exception:
    parent, name = etree.QName(element).localname, etree.QName(child).localname
    detail = (
        f"The element '{parent}' has invalid child element '{name}' in namespace "
        f"'{etree.QName(child).namespace or ''}'."
    )
    return schema_error(detail, f"{path}/{name}", child.sourceline or 0)


def write_structure(kind: Structure, parent: Element, value: dict[str, Any]) -> None:
    """Fill an element with an account or a set of dimension values."""
    if not kind.account:
        _write_values(parent, value)
        return
    number, values = value["Account"], value.get("Values") or {}
    if kind.kind != "MultiTypeDefaultAccount":
        etree.SubElement(parent, f"{_SHARED}DisplayValue").text = display_value(number, values)
    etree.SubElement(parent, f"{_SHARED}{kind.account}").text = number
    if values:
        _write_values(parent, values)


def _write_values(parent: Element, values: dict[str, str]) -> None:
    outer = etree.SubElement(parent, f"{_SHARED}Values")
    for name, value in values.items():
        one = etree.SubElement(outer, f"{_SHARED}Value")
        etree.SubElement(one, f"{_SHARED}Name").text = name
        etree.SubElement(one, f"{_SHARED}Value").text = value


def display_value(number: str, values: dict[str, str]) -> str:
    """An account with its dimension values, as forms show it."""
    return "-".join((number, *values.values()))
