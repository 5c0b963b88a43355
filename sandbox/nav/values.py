"""Values as they come from a caller, turned into what a record holds, or refused."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from datetime import date as day
from decimal import Decimal, InvalidOperation
from typing import Any

from sandbox.nav.errors import bad_value, cannot_evaluate, too_long
from sandbox.nav.schema import BLANK_DATE, BLANK_MOMENT, Field

EDM = {
    "code": "Edm.String",
    "text": "Edm.String",
    "option": "Edm.String",
    "decimal": "Edm.Decimal",
    "integer": "Edm.Int32",
    "date": "Edm.Date",
    "datetime": "Edm.DateTimeOffset",
    "boolean": "Edm.Boolean",
}

_FIRST_DAY = "1753-01-01"
"""SQL Server's datetime, in which NAV keeps dates, begins here."""

_BIGGEST = Decimal("999999999999999.99")
_ENCODED = re.compile(r"_x([0-9A-Fa-f]{4})_")
_SIMPLE = re.compile(r"[^a-z0-9]+")


def plain(number: Decimal) -> str:
    """A decimal in plain notation without trailing zeros: `12.5`, `100`, `0`."""
    if not number:
        return "0"
    shown = format(number, "f")
    return shown.rstrip("0").rstrip(".") if "." in shown else shown


def amount(row: dict[str, Any], name: str) -> Decimal:
    """A decimal field of a record."""
    return Decimal(row[name])


def admit(field: Field, value: Any) -> Any:
    """A JSON value as the record holds it; null is blank. Raises NavError."""
    return field.blank if value is None else _READERS[field.kind](field, value)


def match_option(field: Field, value: str) -> str:
    """The option of that name, in any of the spellings web services use; raises NavError."""
    decoded = _ENCODED.sub(lambda found: chr(int(found.group(1), 16)), value)
    if decoded in field.options:
        return decoded
    wanted = _simplified(decoded)
    for name in field.options:
        if _simplified(name) == wanted:
            return name
    raise cannot_evaluate(value, "Option")


def _simplified(name: str) -> str:
    spelled = name.strip().lower()
    return "" if spelled == "_blank_" else _SIMPLE.sub("", spelled)


def _string(value: Any) -> str:
    if not isinstance(value, str):
        raise bad_value(value, "Edm.String")
    if any("\ud800" <= letter <= "\udfff" for letter in value):
        raise bad_value(ascii(value), "Edm.String")
    return value


def _code(field: Field, value: Any) -> str:
    return _text(field, _string(value).strip().upper())


def _text(field: Field, value: Any) -> str:
    if len(_string(value)) > field.length:
        raise too_long(value, field.length)
    return str(value)


def _decimal(field: Field, value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, int | Decimal | str):
        raise bad_value(value, "Edm.Decimal")
    try:
        number = Decimal(value)
    except InvalidOperation:
        raise bad_value(value, "Edm.Decimal") from None
    if not number.is_finite() or abs(number) > _BIGGEST:
        raise bad_value(value, "Edm.Decimal")
    return plain(number)


def _integer(field: Field, value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or abs(value) >= 2**31:
        raise bad_value(value, "Edm.Int32")
    return value


def _boolean(field: Field, value: Any) -> bool:
    if not isinstance(value, bool):
        raise bad_value(value, "Edm.Boolean")
    return value


def _option(field: Field, value: Any) -> str:
    return match_option(field, _string(value))


def _date(field: Field, value: Any) -> str:
    try:
        shown = day.fromisoformat(_string(value)).isoformat()
    except ValueError:
        raise bad_value(value, "Edm.Date") from None
    if shown != BLANK_DATE and shown < _FIRST_DAY:
        raise cannot_evaluate(value, "Date")
    return shown


def _moment(field: Field, value: Any) -> str:
    if value == BLANK_MOMENT:
        return BLANK_MOMENT
    try:
        read = datetime.fromisoformat(_string(value))
    except ValueError:
        raise bad_value(value, "Edm.DateTimeOffset") from None
    return stamp(read if read.tzinfo else read.replace(tzinfo=UTC))


def stamp(moment: datetime) -> str:
    """A moment as NAV shows it: UTC with milliseconds."""
    shown = moment.astimezone(UTC).isoformat(timespec="milliseconds")
    return shown.replace("+00:00", "Z")


_READERS = {
    "code": _code,
    "text": _text,
    "decimal": _decimal,
    "integer": _integer,
    "date": _date,
    "datetime": _moment,
    "boolean": _boolean,
    "option": _option,
}
