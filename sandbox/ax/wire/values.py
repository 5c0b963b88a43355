"""Values of simple types: from text with .NET's complaints, and to text."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from sandbox.ax.edt import Simple

FOREVER = "2154-12-31T23:59:59Z"
"""The end of a period that does not end."""

_INT_BOUNDS = {"int": 2**31, "long": 2**63}
_DECIMAL = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")


class ValueProblem(Exception):
    """A text that is not of its type; the message is the reason."""


def parse(kind: Simple, text: str) -> Any:
    """The value of a text; raises ValueProblem."""
    if kind.symbols:
        if text not in kind.symbols:
            raise ValueProblem("The Enumeration constraint failed.")
        return text
    if kind.base == "string":
        if kind.limit is not None and len(text) > kind.limit:
            raise ValueProblem("The actual length is greater than the MaxLength value.")
        return text
    return _PARSERS[kind.base](text.strip())


def _decimal(text: str) -> str:
    if not _DECIMAL.fullmatch(text):
        raise ValueProblem(f"The string '{text}' is not a valid Decimal value.")
    try:
        value = Decimal(text)
    except InvalidOperation as error:
        raise ValueProblem(f"The string '{text}' is not a valid Decimal value.") from error
    # .NET decimals, and AX reals with them, have 28 digits.
    if len(value.as_tuple().digits) > 28:
        raise ValueProblem("Value was either too large or too small for a Decimal.")
    return plain(value)


def _integer(base: str, text: str) -> int:
    bound = _INT_BOUNDS[base]
    if not re.fullmatch(r"[+-]?\d{1,19}", text) or not -bound <= int(text) < bound:
        raise ValueProblem(f"The string '{text}' is not a valid Int value.")
    return int(text)


def _date(text: str) -> str:
    try:
        if not _DAY.fullmatch(text):
            raise ValueError
        return date.fromisoformat(text).isoformat()
    except ValueError as error:
        raise ValueProblem(f"The string '{text}' is not a valid Date value.") from error


def _date_time(text: str) -> str:
    try:
        return stamp(moment(text))
    except ValueError as error:
        raise ValueProblem(f"The string '{text}' is not a valid DateTime value.") from error


_PARSERS: dict[str, Any] = {
    "decimal": _decimal,
    "int": lambda text: _integer("int", text),
    "long": lambda text: _integer("long", text),
    "date": _date,
    "dateTime": _date_time,
}


def moment(text: str) -> datetime:
    """A moment; without a zone it is UTC. Raises ValueError."""
    if "T" not in text:
        raise ValueError(text)
    value = datetime.fromisoformat(text)
    return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def stamp(value: datetime) -> str:
    """A moment in UTC to the second, as AX keeps them."""
    return value.astimezone(UTC).replace(microsecond=0, tzinfo=None).isoformat() + "Z"


def plain(value: Decimal) -> str:
    """A decimal without exponent and without zeros at the end."""
    if not value:
        return "0"
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
