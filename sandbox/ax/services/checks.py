"""Validation against related tables, as validateField does it when a record is written."""

from __future__ import annotations

from collections.abc import Callable, Container
from typing import Any

from sandbox.ax import chart
from sandbox.ax.company import Company
from sandbox.ax.errors import AifError
from sandbox.ax.schema import Row
from sandbox.nav.countries import COUNTRY_CODES

_FIXED: dict[str, tuple[str, Container[str]]] = {
    "Currency": ("Currency", chart.CURRENCIES),
    "CurrencyCode": ("Currency", chart.CURRENCIES),
    "FromCurrencyCode": ("Currency", chart.CURRENCIES),
    "ToCurrencyCode": ("Currency", chart.CURRENCIES),
    "PaymMode": ("CustPaymModeTable", chart.PAYMENT_MODES),
    "TaxGroup": ("TaxGroupHeading", chart.TAX_GROUPS),
    "TaxItemGroup": ("TaxItemGroupHeading", chart.TAX_ITEM_GROUPS),
    "PostingProfile": ("CustLedger", chart.POSTING_PROFILES),
    "CountryRegionId": ("LogisticsAddressCountryRegion", frozenset(COUNTRY_CODES)),
    "ItemId": ("InventTable", chart.ITEMS),
    "SalesUnit": ("UnitOfMeasure", chart.UNITS),
    "JournalName": ("LedgerJournalName", chart.JOURNAL_NAMES),
}


def _indexed(table: str, index: str) -> Callable[[Company, str], bool]:
    return lambda company, value: company[table].first(index, value) is not None


_STORED: dict[str, tuple[str, Callable[[Company, str], bool]]] = {
    "CustGroup": ("CustGroup", _indexed("CustGroup", "CustGroup")),
    "PaymTermId": ("PaymTerm", _indexed("PaymTerm", "PaymTermId")),
    "Payment": ("PaymTerm", _indexed("PaymTerm", "PaymTermId")),
    "InvoiceAccount": ("CustTable", _indexed("CustTable", "AccountNum")),
    "OrderAccount": ("CustTable", _indexed("CustTable", "AccountNum")),
    "CustAccount": ("CustTable", _indexed("CustTable", "AccountNum")),
}


def not_in_table(field: str, value: str, table: str) -> AifError:
    """The value of a field is not in the table it relates to."""
    return AifError("NotInTable", at=field, value=value, field=field, table=table)


def check_relations(company: Company, row: Row) -> None:
    """Refuse a value that its related table does not have; empty values are let through."""
    for field, value in row.items():
        if not value:
            continue
        if field in _FIXED:
            table, known = _FIXED[field]
            if value not in known:
                raise not_in_table(field, value, table)
        elif field in _STORED:
            table, exists = _STORED[field]
            if not exists(company, value):
                raise not_in_table(field, value, table)
        elif field in ("DefaultDimension", "OffsetDefaultDimension"):
            company.setup.check_values(value, field)


def check_mandatory(row: Row, *fields: str) -> None:
    """Refuse an empty field that must be filled in."""
    for field in fields:
        if row[field] in ("", {}, 0, "0"):
            raise AifError("Mandatory", at=field, field=field)


def check_account(
    company: Company, kind: str, account: dict[str, Any], field: str, journal: str
) -> None:
    """Refuse an account that does not exist among those of its type."""
    number = str(account.get("Account", ""))
    if kind == "Ledger":
        company.setup.check_account(number, field)
        company.setup.check_values(account.get("Values", {}), field)
    elif kind == "Cust":
        if company["CustTable"].first("AccountNum", number) is None:
            raise not_in_table(field, number, "CustTable")
    elif kind == "Vend":
        if company["VendTable"].first("AccountNum", number) is None:
            raise not_in_table(field, number, "VendTable")
    elif kind == "Bank":
        if number not in chart.BANKS:
            raise not_in_table(field, number, "BankAccountTable")
    else:
        raise AifError("AccountType", at=field, type=kind, journal=journal)


def check_no_number(row: Row, field: str, sequence: str) -> None:
    """Refuse a number that was sent although its sequence is automatic."""
    if row[field]:
        raise AifError(
            "AutomaticNumber", at=field, field=field, value=row[field], sequence=sequence
        )


def check_not_stopped(customer: Row, *blocks: str) -> None:
    """Refuse a customer with one of these blocks."""
    if customer["Blocked"] in blocks:
        account = customer["AccountNum"]
        raise AifError("CustomerBlocked", account=account, blocked=customer["Blocked"])
