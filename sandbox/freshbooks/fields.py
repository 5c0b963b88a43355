"""Reading the fields of a body into their stored form."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any, ClassVar

from sandbox.freshbooks import money
from sandbox.freshbooks.errors import DATE_ERROR, TOO_LONG, ApiError, invalid

Fields = Mapping[str, Any]


class FieldReader:
    """What the fields of a kind are, and what may stand in them.

    `writable` gives the fields a caller may send, with the value of a new object; the sets say
    which of them are money objects, civil dates, integers, or numbers that read back as strings.
    `lengths` are the greatest lengths by `kind.field`; longer texts answer errno 1017.
    """

    singular: ClassVar[str]
    writable: ClassVar[Fields]
    moneys: ClassVar[frozenset[str]] = frozenset()
    dates: ClassVar[frozenset[str]] = frozenset()
    integers: ClassVar[frozenset[str]] = frozenset()
    numbers: ClassVar[frozenset[str]] = frozenset()

    def __init__(self, lengths: Mapping[str, int]) -> None:
        self._lengths = lengths

    def clean(self, name: str, value: Any) -> Any:
        """One value of a body in its stored form; raises ApiError."""
        if value is None:
            return value
        if name in self.moneys:
            amount, code = money.parsed_money(value, "USD", self.singular, name)
            return money.money(amount, code)
        if name in self.dates:
            return self._date(name, value)
        if name in self.integers:
            return int(money.number(value, self.singular, name))
        if name in self.numbers:
            return money.plain(money.number(value, self.singular, name))
        return self._free(name, value)

    def _date(self, name: str, value: Any) -> str:
        try:
            return date.fromisoformat(str(value)[:10]).isoformat()
        except ValueError:
            message = f"{name} is not a date."
            raise ApiError(
                DATE_ERROR, message, field=name, entity=self.singular, value=value
            ) from None

    def _free(self, name: str, value: Any) -> Any:
        default = self.writable.get(name)
        if isinstance(default, bool | list | dict):
            return _storable(value)
        if isinstance(value, dict | list):
            raise invalid(self.singular, name, value)
        stored = _storable(value)
        if isinstance(stored, str):
            self._check_length(name, stored)
        elif isinstance(default, str) and not isinstance(stored, bool):
            return str(stored)
        return stored

    def _check_length(self, name: str, value: str) -> None:
        most = self._lengths.get(f"{self.singular}.{name}")
        if most is not None and len(value) > most:
            message = f"{name} is longer than {most} characters."
            raise ApiError(TOO_LONG, message, field=name, entity=self.singular, value=value)


def _storable(value: Any) -> Any:
    """The value with numbers beyond integers as strings, as the API reads them back."""
    if isinstance(value, Decimal):
        return money.plain(value)
    if isinstance(value, dict):
        return {name: _storable(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_storable(item) for item in value]
    return value
