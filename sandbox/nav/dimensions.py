"""Dimensions: which values a posting carries, and which ones its accounts demand (codeunit 408).

Only the two global dimensions travel on documents. Values of further dimensions come from the
default dimensions of customer and account alone, since the pages have no field for them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from sandbox.nav.company import Company
from sandbox.nav.errors import dialog, not_related
from sandbox.nav.schema import Row

_CAPTIONS = {
    15: "G/L Account",
    18: "Customer",
    23: "Vendor",
    27: "Item",
    270: "Bank Account",
    5200: "Employee",
}

TABLE_IDS = {caption: number for number, caption in _CAPTIONS.items()}


class Bearer(NamedTuple):
    """A master record whose default dimensions count: its table and its number."""

    table: str
    number: str


def global_dimensions(company: Company) -> tuple[str, str]:
    """The codes of the two global dimensions."""
    setup = company.ledger_setup
    return setup["Global_Dimension_1_Code"], setup["Global_Dimension_2_Code"]


def check_value(company: Company, caption: str, table: str, place: int, value: str) -> None:
    """Raise NavError unless `value` is an open value of global dimension `place` (0 or 1)."""
    if not value:
        return
    dimension = global_dimensions(company)[place]
    row = company["Dimension Value"].get(dimension, value)
    if row is None:
        raise not_related(caption, table, value, "Dimension Value")
    if row["Blocked"]:
        raise dialog(f"Dimension Value {dimension} - {value} is blocked.")


def defaults(company: Company, bearer: Bearer) -> tuple[str, str]:
    """The values of the two global dimensions that a master record proposes."""
    rows = {row["Dimension_Code"]: row for row in _rules(company, bearer)}
    first, second = (rows.get(name) for name in global_dimensions(company))
    return _proposed(first), _proposed(second)


def check_posting(
    company: Company, where: str, values: tuple[str, str], bearers: Sequence[Bearer]
) -> None:
    """Raise NavError unless the values satisfy every rule of every bearer.

    `where` names the record for the message: `Gen. Journal Line CASHRCPT, DEFAULT, 10000`.
    """
    for place, value in enumerate(values):
        caption = f"Shortcut Dimension {place + 1} Code"
        check_value(company, caption, where, place, value)
    carried = dict(zip(global_dimensions(company), values, strict=True))
    rules = [(bearer, rule) for bearer in bearers for rule in _rules(company, bearer)]
    for _, rule in rules:
        if rule["Value_Posting"] != "No Code":
            carried.setdefault(rule["Dimension_Code"], rule["Dimension_Value_Code"])
    for bearer, rule in rules:
        complaint = _complaint(rule, carried.get(rule["Dimension_Code"], ""), bearer)
        if complaint:
            raise dialog(f"A dimension used in {where} has caused an error. {complaint}")


def check_ledger(company: Company, account: str, values: tuple[str, str]) -> None:
    """Raise NavError unless what NAV itself posts to an account of the set-up has the global
    dimensions that the account demands (codeunit 12)."""
    carried = dict(zip(global_dimensions(company), values, strict=True))
    bearer = Bearer("G/L Account", account)
    for rule in _rules(company, bearer):
        value = carried.get(rule["Dimension_Code"])
        complaint = "" if value is None else _complaint(rule, value, bearer)
        if complaint:
            raise dialog(f"A dimension used in G/L Account {account} caused an error. {complaint}")


def _complaint(rule: Row, value: str, bearer: Bearer) -> str:
    dimension, wanted = rule["Dimension_Code"], rule["Dimension_Value_Code"]
    of = f"{bearer.table} {bearer.number}"
    match rule["Value_Posting"]:
        case "Code Mandatory" if not value:
            return f"Select a Dimension Value Code for the Dimension Code {dimension} for {of}."
        case "Same Code" if value != wanted and wanted:
            return (
                f"Select Dimension Value Code {wanted} for the Dimension Code {dimension} for {of}."
            )
        case "Same Code" if value and not wanted:
            return f"Dimension Code {dimension} must be blank for {of}."
        case "No Code" if value:
            return f"Dimension Code {dimension} must not be mentioned for {of}."
    return ""


def _rules(company: Company, bearer: Bearer) -> list[Row]:
    if not bearer.number:
        return []
    records = company["Default Dimension"]
    table = TABLE_IDS[bearer.table]
    own = {row["Dimension_Code"]: row for row in records.within((table, bearer.number))}
    general = {row["Dimension_Code"]: row for row in records.within((table, ""))}
    return list({**general, **own}.values())


def _proposed(rule: Row | None) -> str:
    return "" if rule is None else str(rule["Dimension_Value_Code"])
