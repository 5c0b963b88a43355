"""Column types that keep moments, texts and amounts exactly, in SQLite and PostgreSQL alike."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import DateTime, String
from sqlalchemy.engine.interfaces import Dialect
from sqlalchemy.types import TypeDecorator

from documents.money import Money, minor_units
from store.errors import AmountOutOfRange, Unstorable

DECIMALS = 6
"""Amounts are kept as whole millionths: integers add up exactly in both databases, text does not
(SQLite would sum it as binary floating point) and SQLite has no decimal type at all."""

_SCALE = 10**DECIMALS
_LARGEST = 2**63 - 1
_DIGITS = 19


class Moment(TypeDecorator[datetime]):
    """An aware moment, kept in UTC. A naive one is refused: nobody knows what it means."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise Unstorable("a moment without a time zone cannot be stored")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Clear(TypeDecorator[str]):
    """Text that is not encrypted. The NUL character is refused: PostgreSQL cannot keep it, and a
    document must not be storable in one database only."""

    impl = String
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        if value is not None and "\x00" in value:
            raise Unstorable("text with a NUL character cannot be stored")
        return value

    def process_result_value(self, value: Any, dialect: Dialect) -> str | None:
        return None if value is None else str(value)


Ordered = String().with_variant(String(collation="C"), "postgresql")
"""Text that both databases order as Python does, by code points, whatever the server's locale:
what is merged in order must be in the same order everywhere."""


def to_millionths(amount: Decimal) -> int:
    """An amount as whole millionths. AmountOutOfRange instead of rounding or overflow."""
    sign, digits, exponent = amount.as_tuple()
    if not isinstance(exponent, int):
        raise AmountOutOfRange("an amount that is not a finite number cannot be stored")
    number = int("".join(map(str, digits)))
    units = _shifted(number, exponent + DECIMALS) if number else 0
    return -units if sign else units


def _shifted(number: int, places: int) -> int:
    """number times ten to the power of places, exactly; integers, because arithmetic with
    decimals rounds to the precision of its context."""
    if places > _DIGITS:
        raise AmountOutOfRange("an amount beyond nine trillion cannot be stored")
    if places < -len(str(number)):
        raise AmountOutOfRange(f"an amount with more than {DECIMALS} decimals cannot be stored")
    scaled: int = number * 10 ** max(places, 0)
    units, below = divmod(scaled, int(10 ** max(-places, 0)))
    if below:
        raise AmountOutOfRange(f"an amount with more than {DECIMALS} decimals cannot be stored")
    if units > _LARGEST:
        raise AmountOutOfRange("an amount beyond nine trillion cannot be stored")
    return units


def from_millionths(units: int, currency: str) -> Decimal:
    """The exact amount again, with at least the decimals that its currency has."""
    whole, fraction = divmod(abs(units), _SCALE)
    text = f"{fraction:0{DECIMALS}d}"
    shown = max(minor_units(currency), len(text.rstrip("0")))
    amount = Decimal(f"{whole}.{text[:shown]}" if shown else str(whole))
    return -amount if units < 0 else amount


def money_columns(money: Money | None) -> dict[str, Any]:
    """The two columns of an amount that may be unknown."""
    if money is None:
        return {"amount_millionths": None, "currency": None}
    return {"amount_millionths": to_millionths(money.amount), "currency": money.currency}


def money_of(row: Any) -> Money | None:
    """The amount of a fetched row, None when it is not known."""
    if row.amount_millionths is None:
        return None
    return Money(amount=from_millionths(row.amount_millionths, row.currency), currency=row.currency)
