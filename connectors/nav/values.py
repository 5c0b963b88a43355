"""Values between our text and OData: exact decimals, literals, addresses."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from urllib.parse import quote as percent

from documents.record import FieldValue

Json = str | bool | int | Decimal | None
"""A scalar of an entity. A decimal is never a float, in neither direction."""

BLANK_DATE = "0001-01-01"
"""How NAV writes an empty date (well known, not in Microsoft's documents)."""

_ENCODED = re.compile(r"_x([0-9A-Fa-f]{4})_")


class NotConvertible(ValueError):
    """A text is not a value of the field's type."""


def encode_json(value: object) -> str:
    """JSON text with decimals digit for digit; TypeError for anything that is not plain data."""
    if isinstance(value, Decimal):
        return _number(value)
    if isinstance(value, Mapping):
        members = (f"{json.dumps(str(k))}:{encode_json(v)}" for k, v in value.items())
        return "{" + ",".join(members) + "}"
    if isinstance(value, list | tuple):
        return "[" + ",".join(encode_json(v) for v in value) + "]"
    if value is None or isinstance(value, str | bool | int):
        return json.dumps(value, ensure_ascii=False)
    raise TypeError(f"{type(value).__name__} has no exact JSON form")


def decode_json(content: bytes) -> object:
    """Parsed JSON with Decimal and int for numbers; ValueError if it is not JSON."""
    return json.loads(content, parse_float=Decimal, parse_int=int, parse_constant=_refuse)


def _refuse(constant: str) -> object:
    raise ValueError(f"{constant} is not a JSON number")


def _number(value: Decimal) -> str:
    if not value.is_finite():
        raise TypeError("a number that is not finite has no JSON form")
    return format(value, "f")


def to_edm(edm_type: str, value: FieldValue) -> Json:
    """Our text as a value of an EDM type. Raises NotConvertible."""
    if isinstance(value, bool):
        return value if edm_type == "Edm.Boolean" else _from_text(edm_type, str(value).lower())
    return _from_text(edm_type, value)


def _from_text(edm_type: str, text: str) -> Json:
    try:
        if edm_type == "Edm.Decimal":
            return _decimal(text)
        if edm_type in ("Edm.Int16", "Edm.Int32", "Edm.Int64"):
            return int(text)
        if edm_type == "Edm.Boolean":
            return {"true": True, "false": False}[text.strip().lower()]
        if edm_type == "Edm.Date":
            return date.fromisoformat(text).isoformat() if text else BLANK_DATE
    except (ValueError, KeyError, InvalidOperation) as error:
        raise NotConvertible(f"{text!r} is not a value of {edm_type}") from error
    return text


def _decimal(text: str) -> Decimal:
    number = Decimal(text)
    if not number.is_finite():
        raise ValueError(text)
    return number


def to_text(value: object) -> str:
    """A value of an entity as text: decimals in plain notation, nothing for null."""
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return format(value, "f")
    return str(value).lower() if isinstance(value, bool) else str(value)


def to_decimal(value: object) -> Decimal:
    """A number of an entity; zero for null or missing. ValueError for anything else."""
    if value is None:
        return Decimal(0)
    if isinstance(value, bool) or not isinstance(value, Decimal | int | str):
        raise ValueError(f"{value!r} is not a number")
    try:
        return _decimal(str(value))
    except (InvalidOperation, ValueError) as error:
        raise ValueError(f"{value!r} is not a number") from error


def to_date(value: object) -> date | None:
    """A date of an entity; None for NAV's blank date."""
    text = to_text(value)[:10]
    return None if text in ("", BLANK_DATE) else date.fromisoformat(text)


def option(value: object) -> str:
    """An option's name, whichever way the server spells blanks: `Credit_x0020_Memo`."""
    return _ENCODED.sub(lambda found: chr(int(found[1], 16)), to_text(value)).strip()


def same(current: object, wanted: Json) -> bool:
    """Whether a field already holds a value; code fields come back trimmed, in upper case."""
    if isinstance(wanted, bool) or wanted is None:
        return current is wanted
    if isinstance(wanted, Decimal | int):
        return current is not None and to_decimal(current) == wanted
    found = to_text(current)
    return found in (wanted, wanted.strip().upper()) or option(found) == option(wanted)


def literal(value: object) -> str:
    """A literal of a filter or key: strings in quotes, a quote inside doubled."""
    if isinstance(value, str):
        return "'" + value.replace("'", "''") + "'"
    return to_text(value)


def equals(field: str, value: object) -> str:
    """A filter clause `field eq value`."""
    return f"{field} eq {literal(value)}"


def key_predicate(keys: Sequence[str], values: Mapping[str, object]) -> str:
    """`(Document_Type='Invoice',No='1001')`, percent-encoded for a path."""
    if len(keys) == 1:
        return f"({segment(literal(values[keys[0]]))})"
    pairs = (f"{name}={segment(literal(values[name]))}" for name in keys)
    return "(" + ",".join(pairs) + ")"


def segment(text: str) -> str:
    """A text inside a path segment, percent-encoded."""
    return percent(text, safe="'")


def query(options: Mapping[str, str]) -> str:
    """A query string with literal dollar signs and blanks as %20.

    .NET's OData reader does not take a plus sign for a blank, which is what HTTP clients send.
    """
    return "&".join(f"{name}={percent(value, safe='')}" for name, value in options.items() if value)
