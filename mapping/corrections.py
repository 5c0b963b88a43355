"""What a person may correct about a held document: its coding, matching and posting date.

Amount, tax amount, currency and document date are corrected at the source, never here.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date

from mapping.errors import CorrectionRefused

CORRECTABLE = ("account", "tax", "dimension", "bank_account", "customer", "posting_date")


@dataclass(frozen=True)
class Corrections:
    """Corrections of one document.

    `accounts` by a line id, by the account they replace, or by "" for all revenue lines;
    `taxes` (codes) by line id or ""; `dimensions` by name, then by line id or "".
    """

    accounts: dict[str, str] = field(default_factory=dict)
    taxes: dict[str, str] = field(default_factory=dict)
    dimensions: dict[str, dict[str, str]] = field(default_factory=dict)
    bank_account: str = ""
    customer: str = ""
    posting_date: date | None = None

    def account(self, line_id: str, present: str) -> str:
        """The account that replaces a line's present one; empty when none does."""
        for selector in (line_id, present, ""):
            if selector in self.accounts:
                return self.accounts[selector]
        return ""

    def tax(self, line_id: str) -> str:
        """The tax code that a line gets instead of a mapped one; empty when none."""
        return self.taxes.get(line_id) or self.taxes.get("", "")

    def unused(self, seen: Collection[str]) -> dict[str, str]:
        """Corrections of a line or account that is not among those seen, by their names."""
        found = {f"account:{s}": v for s, v in self.accounts.items() if s and s not in seen}
        found |= {f"tax:{s}": v for s, v in self.taxes.items() if s and s not in seen}
        for name, values in self.dimensions.items():
            found |= {f"dimension:{name}:{s}": v for s, v in values.items() if s and s not in seen}
        return found

    def dimension(self, name: str, line_id: str) -> str:
        """The dimension value that a line gets instead of a mapped one; empty when none."""
        values = self.dimensions.get(name, {})
        return values.get(line_id) or values.get("", "")


NONE = Corrections()


def parse(given: Mapping[str, str], dimensions: Collection[str]) -> Corrections:
    """Corrections from their names and values.

    Names are `account`, `account:LINE or OLD ACCOUNT`, `tax`, `tax:LINE`, `dimension:NAME`,
    `dimension:NAME:LINE`, `bank_account`, `customer`, `posting_date` (ISO 8601). Raises
    CorrectionRefused for any other name and for a value that says nothing.
    """
    accounts: dict[str, str] = {}
    taxes: dict[str, str] = {}
    by_dimension: dict[str, dict[str, str]] = {}
    single: dict[str, str] = {}
    for name, value in given.items():
        kind, _, selector = name.partition(":")
        text = _checked(name, kind, value)
        if kind == "account":
            accounts[selector] = text
        elif kind == "tax":
            taxes[selector] = text
        elif kind == "dimension":
            dimension, line = _dimension(name, selector, dimensions)
            by_dimension.setdefault(dimension, {})[line] = text
        else:
            single[kind] = _unselected(name, selector, text)
    return Corrections(
        accounts,
        taxes,
        by_dimension,
        single.get("bank_account", ""),
        single.get("customer", ""),
        _date(single.get("posting_date", "")),
    )


def _checked(name: str, kind: str, value: str) -> str:
    if kind not in CORRECTABLE:
        raise CorrectionRefused(
            f"{name!r} cannot be corrected here; {', '.join(CORRECTABLE)} can, everything else "
            "is corrected at the source"
        )
    if not value.strip():
        raise CorrectionRefused(f"the correction of {name!r} has no value")
    return value.strip()


def _dimension(name: str, selector: str, dimensions: Collection[str]) -> tuple[str, str]:
    dimension, _, line = selector.partition(":")
    if not dimension and len(dimensions) == 1:
        dimension = next(iter(dimensions))
    if dimension not in dimensions:
        known = ", ".join(f"dimension:{d}" for d in dimensions) or "none"
        raise CorrectionRefused(f"{name!r} names no dimension of the mapping; it has {known}")
    return dimension, line


def _unselected(name: str, selector: str, text: str) -> str:
    if selector:
        raise CorrectionRefused(f"{name!r} is for the whole document: leave out {selector!r}")
    return text


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise CorrectionRefused(f"posting_date {text!r} is not a date such as 2024-01-31") from None
