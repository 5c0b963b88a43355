"""Money on the wire: `{"amount": "180.00", "code": "USD"}`, rounded half up to the minor unit."""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

from sandbox.freshbooks.errors import NUMBER_ERROR, ApiError, invalid

# ISO 4217 minor units that are not two.
_DIGITS = {
    **dict.fromkeys(("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG"), 0),
    **dict.fromkeys(("RWF", "UGX", "VND", "VUV", "XAF", "XOF", "XPF"), 0),
    **dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3),
}
_CODE = re.compile(r"[A-Z]{3}")
_LIMIT = Decimal(10) ** 13


def rounded(value: Decimal, code: str) -> Decimal:
    """Half up (away from zero) to the minor unit of the currency."""
    return value.quantize(Decimal(1).scaleb(-_DIGITS.get(code, 2)), ROUND_HALF_UP)


def text(value: Decimal, code: str) -> str:
    """The amount as a string with the currency's decimals."""
    return f"{rounded(value, code):f}"


def money(value: Decimal, code: str) -> dict[str, str]:
    """The money object of an amount."""
    return {"amount": text(value, code), "code": code}


def amount(value: Any) -> Decimal:
    """The amount of a stored money object."""
    return Decimal(value["amount"])


def currency(value: Any, entity: str, field: str) -> str:
    """A currency code of three capitals; raises ApiError 1004 for anything else."""
    if isinstance(value, str) and _CODE.fullmatch(value):
        return value
    raise invalid(entity, field, value)


def number(value: Any, entity: str, field: str) -> Decimal:
    """A number below 10^13 given as a string or bare; raises ApiError 1015."""
    try:
        parsed = Decimal(str(value)) if not isinstance(value, bool) else Decimal("NaN")
    except InvalidOperation:
        parsed = Decimal("NaN")
    if not parsed.is_finite() or not -_LIMIT < parsed < _LIMIT:
        message = f"{field} is not a number."
        raise ApiError(NUMBER_ERROR, message, field=field, entity=entity, value=value)
    return parsed


def parsed_money(value: Any, default_code: str, entity: str, field: str) -> tuple[Decimal, str]:
    """Amount and code of a money object or a bare number as a caller may send it."""
    if not isinstance(value, dict):
        return number(value, entity, field), default_code
    code = value.get("code") or default_code
    return number(value.get("amount", 0), entity, field), currency(code, entity, f"{field}.code")


def plain(value: Decimal) -> str:
    """A quantity or a percentage as the API reads it back: no exponent, no trailing zeros."""
    if value == value.to_integral_value():
        return f"{value.to_integral_value():f}"
    return f"{value.normalize():f}"
