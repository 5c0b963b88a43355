"""The set-up of a company: what is fixed in the chart, and what a person may change.

A person closes periods, suspends accounts and dimension values, and demands dimensions for an
account; exchange rates are records of their own.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from sandbox.ax import chart
from sandbox.ax.errors import AifError
from sandbox.ax.rows import Rows
from sandbox.storage import Table

_EPOCH = "2000-01-01"


class Setup:
    """Answers questions about set-up; raises AifError for what is missing or closed."""

    def __init__(self, stored: Table, rates: Rows) -> None:
        self._stored = stored
        self._rates = rates

    @property
    def base(self) -> str:
        """The accounting currency."""
        return chart.BASE_CURRENCY

    def clear(self) -> None:
        """Forget what people changed."""
        self._stored.clear()

    def set_period(self, month: str, status: str) -> None:
        """Make a period (`2026-01`) Open, On hold or Closed."""
        self._stored[f"period/{month}"] = {"status": status}

    def suspend_account(self, number: str, suspended: bool) -> None:
        """Suspend a main account, or release it."""
        self._stored[f"account/{number}"] = {"suspended": suspended}

    def suspend_value(self, dimension: str, value: str, suspended: bool) -> None:
        """Suspend a dimension value, or release it."""
        self._stored[f"value/{dimension}/{value}"] = {"suspended": suspended}

    def add_value(self, dimension: str, value: str) -> None:
        """Add a dimension value, as a person does for a new project."""
        self._stored[f"value/{dimension}/{value}"] = {"suspended": False}

    def require_dimension(self, number: str, dimension: str, required: bool) -> None:
        """Let the account structure demand a dimension for a main account."""
        self._stored[f"require/{number}/{dimension}"] = {"required": required}

    def check_period(self, day: str) -> None:
        """Refuse a day whose period is not open."""
        first, last = chart.YEARS
        if not day or not first <= date.fromisoformat(day).year <= last:
            raise AifError("NoPeriod", at="TransDate", date=day or "1900-01-01")
        status = self._stored.get(f"period/{day[:7]}", {}).get("status", "Open")
        if status != "Open":
            raise AifError("PeriodClosed", at="TransDate", date=day, status=status)

    def check_account(self, number: str, field: str) -> None:
        """Refuse a main account that does not exist."""
        if number not in chart.ACCOUNTS:
            raise AifError("NotInTable", at=field, value=number, field=field, table="MainAccount")

    def check_postable(self, number: str, values: dict[str, str], *, manual: bool) -> None:
        """Refuse an account that is suspended, closed to manual entry, or lacks a dimension."""
        self.check_account(number, "LedgerDimension")
        if self.is_suspended(number):
            raise AifError("AccountSuspended", at="LedgerDimension", account=number)
        if manual and not chart.ACCOUNTS[number].manual:
            raise AifError("NotDirect", at="LedgerDimension", account=number)
        self.check_structure(number, values)

    def check_structure(self, number: str, values: dict[str, str]) -> None:
        """Refuse an account without a dimension that the account structure demands: AX checks the
        combination when a service creates a document, and again when it is posted."""
        for dimension in chart.DIMENSIONS:
            demanded = self._stored.get(f"require/{number}/{dimension}", {}).get("required")
            if demanded and not values.get(dimension):
                raise AifError(
                    "DimensionRequired", at="LedgerDimension", account=number, dimension=dimension
                )

    def is_suspended(self, number: str) -> bool:
        """Whether a main account is suspended."""
        changed = self._stored.get(f"account/{number}")
        return bool(changed["suspended"] if changed else chart.ACCOUNTS[number].suspended)

    def values(self, dimension: str) -> dict[str, bool]:
        """The values of a dimension, each with whether it is suspended."""
        prefix = f"value/{dimension}/"
        found = dict.fromkeys(chart.DIMENSIONS[dimension], False)
        for key, row in self._stored.items():
            if key.startswith(prefix):
                found[key[len(prefix) :]] = bool(row["suspended"])
        return found

    def check_values(self, values: dict[str, str], field: str) -> None:
        """Refuse a dimension or value that does not exist or is suspended."""
        for dimension, value in values.items():
            if dimension not in chart.DIMENSIONS:
                table = "DimensionAttribute"
                raise AifError("NotInTable", at=field, value=dimension, field=field, table=table)
            known = self.values(dimension)
            if value and value not in known:
                raise AifError(
                    "NotInTable", at=field, value=value, field=dimension, table=dimension
                )
            if value and known[value]:
                raise AifError("DimensionSuspended", at=field, value=value, dimension=dimension)

    def rate(self, currency: str, day: str) -> Decimal:
        """What 100 units of a currency are worth in the accounting currency on a day (ISO)."""
        if currency == self.base:
            return Decimal(100)
        latest = ("", "")
        for row in self._rates.find("FromCurrencyCode", currency):
            if row["ToCurrencyCode"] == self.base and latest[0] <= row["ValidFrom"] <= day:
                latest = (row["ValidFrom"], row["ExchangeRate"])
        if not latest[0]:
            raise AifError("NoRate", at="CurrencyCode", currency=currency, base=self.base, date=day)
        return Decimal(latest[1])

    def check_currency(self, code: str, field: str) -> None:
        """Refuse a currency that does not exist."""
        if code not in chart.CURRENCIES:
            raise AifError("NotInTable", at=field, value=code, field=field, table="Currency")


def seeded_rates() -> list[tuple[str, str, str]]:
    """The rates a company is born with: currency, first day, worth of 100 units."""
    return [
        (code, _EPOCH, currency.rate)
        for code, currency in chart.CURRENCIES.items()
        if code != chart.BASE_CURRENCY
    ]
