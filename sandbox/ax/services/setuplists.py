"""The lists of set-up values that the custom service tells."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sandbox.ax import chart
from sandbox.ax.company import Company
from sandbox.ax.errors import AifError, Code
from sandbox.nav.countries import COUNTRY_CODES

_Pairs = dict[str, str]
_DIMENSION = "Dimension:"

_LISTS: dict[str, Callable[[], _Pairs]] = {
    "Currency": lambda: {code: one.name for code, one in chart.CURRENCIES.items()},
    "TaxGroup": lambda: {code: code for code in chart.TAX_GROUPS},
    "TaxItemGroup": lambda: {code: code for code in chart.TAX_ITEM_GROUPS},
    "CustGroup": lambda: dict(chart.CUSTOMER_GROUPS),
    "PaymTerm": lambda: {code: f"Net {code}" for code in chart.TERMS},
    "PaymMode": lambda: {code: code.title() for code in chart.PAYMENT_MODES},
    "BankAccount": lambda: {code: one.currency for code, one in chart.BANKS.items()},
    "PostingProfile": lambda: dict(chart.POSTING_PROFILES),
    "CountryRegion": lambda: {code: code for code in COUNTRY_CODES},
    "JournalName": lambda: dict(chart.JOURNAL_NAMES),
    "Item": lambda: {code: code.title() for code in chart.ITEMS},
    "Dimension": lambda: {name: name for name in chart.DIMENSIONS},
}


def setup_list(company: Company, name: str) -> list[dict[str, Any]]:
    """The values of a list with whether each is blocked; raises AifError for an unknown list.

    For a bank account the name is its currency, blank where it takes every one.
    """
    if name == "Company":
        return [_value(company.area, company.setup.base, False)]
    if name == "MainAccount":
        return [
            _value(number, one.name, company.setup.is_suspended(number))
            for number, one in chart.ACCOUNTS.items()
        ]
    dimension = name.removeprefix(_DIMENSION)
    if name.startswith(_DIMENSION) and dimension in chart.DIMENSIONS:
        values = company.setup.values(dimension)
        return [_value(code, code, suspended) for code, suspended in values.items()]
    if name not in _LISTS:
        raise AifError("Setup", Code.REQUEST, at="_name", value=name)
    return [_value(code, title, False) for code, title in _LISTS[name]().items()]


def _value(code: str, name: str, blocked: bool) -> dict[str, Any]:
    return {"Blocked": blocked, "Code": code, "Name": name}
