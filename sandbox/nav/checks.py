"""What must be true before anything is posted."""

from __future__ import annotations

from sandbox.nav.company import Company
from sandbox.nav.errors import (
    dialog,
    field_error,
    identification,
    must_equal,
    must_have_value,
)
from sandbox.nav.schema import BLANK_DATE, Row

_NOT_ALLOWED = "is not within your range of allowed posting dates"


def posting_date_allowed(company: Company, day: str) -> bool:
    """True if the day (ISO) is within the allowed range and in an open accounting period."""
    setup = company.ledger_setup
    first, last = setup["Allow_Posting_From"], setup["Allow_Posting_To"]
    if day < first or (last not in (BLANK_DATE,) and day > last):
        return False
    return _in_open_period(company, day)


def _in_open_period(company: Company, day: str) -> bool:
    periods = company["Accounting Period"]
    begun = [key for key in periods.keys_after(None) if key[0] <= day]
    if not begun:
        return False
    period = periods.require(*begun[-1])
    return not period["Closed"]


def check_posting_date(company: Company, day: str, record: str) -> None:
    """Raise NavError for a blank day or one in which nothing may be posted."""
    if day == BLANK_DATE:
        raise must_have_value("Posting Date", record)
    if not posting_date_allowed(company, day):
        raise field_error("Posting Date", _NOT_ALLOWED, record)


def keyed(company: Company, table: str, row: Row) -> str:
    """A record as FIELDERROR names it: `Sales Header Document Type='Invoice',No.='SI1000001'`."""
    records = company[table]
    return f"{table} {identification(records.identify(records.table.key_of(row)))}"


def check_account(company: Company, number: str, *, direct: bool) -> Row:
    """The G/L account, if it may be posted to; `direct` when a person named it."""
    records = company["G/L Account"]
    account = records.require(number)
    record = records.describe(account)
    if account["Account_Type"] != "Posting":
        raise must_equal("Account Type", "Posting", record, account["Account_Type"])
    if account["Blocked"]:
        raise must_equal("Blocked", "No", record, "Yes")
    if direct and not account["Direct_Posting"]:
        raise must_equal("Direct Posting", "Yes", record, "No")
    return account


def check_bank(company: Company, number: str, currency: str, line: str) -> Row:
    """The bank account, if it takes this currency; `line` names the journal line."""
    records = company["Bank Account"]
    bank = records.require(number)
    record = records.describe(bank)
    if bank["Blocked"]:
        raise must_equal("Blocked", "No", record, "Yes")
    own = bank["Currency_Code"]
    if not currency and own:
        raise must_equal("Currency Code", "", record, own)
    if currency and own and currency != own:
        raise must_equal("Currency Code", own, line, currency)
    if not bank["Bank_Acc_Posting_Group"]:
        raise must_have_value("Bank Acc. Posting Group", record)
    return bank


def check_vendor(company: Company, number: str, verb: str) -> Row:
    """The vendor, if documents of it may be made or posted."""
    vendor = company["Vendor"].require(number)
    if vendor["Blocked"] == "All":
        raise dialog(
            f"You cannot {verb} this type of document when Vendor {number} "
            f"is blocked with type {vendor['Blocked']}"
        )
    return vendor


_STOPS_DOCUMENT = {
    "Invoice": {"Invoice", "All"},
    "Order": {"Invoice", "Ship", "All"},
    "Credit Memo": {"All"},
}
_STOPS_ENTRY = {"Invoice": {"Invoice", "All"}, " ": {"Invoice", "All"}}


def check_customer_document(customer: Row, document: str, verb: str) -> None:
    """Raise NavError if the customer's block stops this sales document."""
    _check_block(customer, _STOPS_DOCUMENT.get(document, {"All"}), verb)


def check_customer_entry(customer: Row, document: str, verb: str) -> None:
    """Raise NavError if the customer's block stops a journal line of this document type."""
    _check_block(customer, _STOPS_ENTRY.get(document, {"All"}), verb)


def _check_block(customer: Row, stops: set[str], verb: str) -> None:
    if customer["Blocked"] in stops:
        raise dialog(
            f"You cannot {verb} this type of document when Customer {customer['No']} "
            f"is blocked with type {customer['Blocked']}"
        )


def require_filled(company: Company, table: str, row: Row, *names: str) -> None:
    """Raise NavError for the first of these fields that is blank."""
    records = company[table]
    for name in names:
        field = records.table.fields[name]
        if row[name] == field.blank or row[name] == "":
            raise must_have_value(field.caption, records.describe(row))
