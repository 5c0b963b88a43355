"""The code behind general journal lines (table 81)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal

from sandbox.nav.checks import check_customer_entry
from sandbox.nav.company import Company
from sandbox.nav.dimensions import Bearer, check_value, defaults
from sandbox.nav.errors import dialog, must_equal, not_related
from sandbox.nav.money import PAR, precision_of, rate_of, rounded
from sandbox.nav.schema import BLANK_DATE, Row
from sandbox.nav.triggers.base import Trigger
from sandbox.nav.values import amount, plain

_STEP = 10_000
PARTY_TYPES = ("Customer", "Vendor", "Fixed Asset", "IC Partner", "Employee")
MASTER_TABLES = {
    "G/L Account": "G/L Account",
    "Customer": "Customer",
    "Vendor": "Vendor",
    "Bank Account": "Bank Account",
    "Employee": "Employee",
}
_GROUPS = (
    "Gen_Posting_Type",
    "Gen_Bus_Posting_Group",
    "Gen_Prod_Posting_Group",
    "VAT_Bus_Posting_Group",
    "VAT_Prod_Posting_Group",
)


class JournalTrigger(Trigger):
    """Journal lines: account types before numbers, numbers before amounts."""

    def new(self, company: Company, row: Row) -> None:
        batch = (row["Journal_Template_Name"], row["Journal_Batch_Name"])
        if company["Gen. Journal Batch"].get(*batch) is None:
            raise not_related(
                "Journal Batch Name", "Gen. Journal Line", batch[1], "Gen. Journal Batch"
            )
        today = company.today()
        row.update(Posting_Date=today, Document_Date=today, Due_Date=today)

    def validate(self, company: Company, row: Row, name: str, old: object) -> None:
        check = _VALIDATIONS.get(name)
        if check is not None:
            check(company, row)

    def insert(self, company: Company, row: Row) -> None:
        if not row["Line_No"]:
            row["Line_No"] = _next_line(company, row)


def _next_line(company: Company, row: Row) -> int:
    batch = (row["Journal_Template_Name"], row["Journal_Batch_Name"])
    keys = company["Gen. Journal Line"].keys_within(batch)
    return int(keys[-1][2]) + _STEP if keys else _STEP


def check_account_types(row: Row) -> None:
    """Raise NavError if both sides are parties; employees are settled in local currency only."""
    if row["Account_Type"] in PARTY_TYPES and row["Bal_Account_Type"] in PARTY_TYPES:
        raise dialog("Account Type or Bal. Account Type must be G/L Account or Bank Account.")


def _account_type(company: Company, row: Row) -> None:
    check_account_types(row)
    row.update(Account_No="", Description="")


def _bal_account_type(company: Company, row: Row) -> None:
    check_account_types(row)
    row["Bal_Account_No"] = ""


def _account(company: Company, row: Row) -> None:
    master = _master(company, row, "Account No.", row["Account_Type"], row["Account_No"])
    if master is None:
        return
    row["Description"] = _name_of(row["Account_Type"], master)
    if row["Account_Type"] == "Customer":
        check_customer_entry(master, row["Document_Type"], "create")
        row["Payment_Terms_Code"] = master["Payment_Terms_Code"]
        row["Salespers_Purch_Code"] = master["Salesperson_Code"]
    _take_currency(company, row, master, row["Account_Type"])
    _take_groups(company, row, master, "")
    _propose_dimensions(company, row, Bearer(row["Account_Type"], row["Account_No"]))


def _bal_account(company: Company, row: Row) -> None:
    kind = row["Bal_Account_Type"]
    master = _master(company, row, "Bal. Account No.", kind, row["Bal_Account_No"])
    if master is None:
        return
    if not row["Description"]:
        row["Description"] = _name_of(kind, master)
    if not row["Currency_Code"]:
        _take_currency(company, row, master, kind)
    _take_groups(company, row, master, "Bal_")
    _propose_dimensions(company, row, Bearer(kind, row["Bal_Account_No"]))


def _master(company: Company, row: Row, caption: str, kind: str, number: str) -> Row | None:
    if not number:
        return None
    table = MASTER_TABLES.get(kind, "")
    master = company[table].get(number) if table else None
    if master is None:
        raise not_related(caption, "Gen. Journal Line", number, table or kind)
    return master


def _name_of(kind: str, master: Row) -> str:
    if kind == "Employee":
        return f"{master['First_Name']} {master['Last_Name']}"[:50]
    return str(master["Name"])


def _take_currency(company: Company, row: Row, master: Row, kind: str) -> None:
    if kind in ("Customer", "Vendor", "Bank Account") and master["Currency_Code"]:
        row["Currency_Code"] = master["Currency_Code"]
        _currency(company, row)


def _take_groups(company: Company, row: Row, master: Row, prefix: str) -> None:
    """Copy the VAT set-up of a G/L account, where the batch says so."""
    kind = row[f"{prefix}Account_Type"]
    batch = company["Gen. Journal Batch"].require(
        row["Journal_Template_Name"], row["Journal_Batch_Name"]
    )
    if kind == "G/L Account" and batch["Copy_VAT_Setup_to_Jnl_Lines"]:
        row.update({f"{prefix}{name}": master[name] for name in _GROUPS})


def _propose_dimensions(company: Company, row: Row, bearer: Bearer) -> None:
    for place, value in enumerate(defaults(company, bearer), 1):
        if value:
            row[f"Shortcut_Dimension_{place}_Code"] = value


def _document_type(company: Company, row: Row) -> None:
    for prefix in ("", "Bal_"):
        number = row[f"{prefix}Account_No"]
        if row[f"{prefix}Account_Type"] == "Customer" and number:
            customer = company["Customer"].require(number)
            check_customer_entry(customer, row["Document_Type"], "create")


def _currency(company: Company, row: Row) -> None:
    employee = "Employee" in (row["Account_Type"], row["Bal_Account_Type"])
    if employee and row["Currency_Code"]:
        record = company["Gen. Journal Line"].describe(row)
        raise must_equal("Currency Code", "", record, row["Currency_Code"])
    rate = PAR
    if row["Posting_Date"] != BLANK_DATE:
        rate = rate_of(company, row["Currency_Code"], row["Posting_Date"])
    row["Currency_Factor"] = rate.factor if row["Currency_Code"] else "0"
    _amount(company, row)


def _posting_date(company: Company, row: Row) -> None:
    row["Document_Date"] = row["Posting_Date"]
    _currency(company, row)


def _amount(company: Company, row: Row) -> None:
    value = rounded(amount(row, "Amount"), precision_of(company, row["Currency_Code"]))
    rate = PAR
    if row["Posting_Date"] != BLANK_DATE:
        rate = rate_of(company, row["Currency_Code"], row["Posting_Date"])
    row.update(
        Amount=plain(value),
        Debit_Amount=plain(max(value, Decimal(0))),
        Credit_Amount=plain(max(-value, Decimal(0))),
        Amount_LCY=plain(rounded(rate.to_local(value), precision_of(company, ""))),
    )


def _debit(company: Company, row: Row) -> None:
    row["Amount"] = row["Debit_Amount"]
    _amount(company, row)


def _credit(company: Company, row: Row) -> None:
    row["Amount"] = plain(-amount(row, "Credit_Amount"))
    _amount(company, row)


def _first_dimension(company: Company, row: Row) -> None:
    value = row["Shortcut_Dimension_1_Code"]
    check_value(company, "Shortcut Dimension 1 Code", "Gen. Journal Line", 0, value)


def _second_dimension(company: Company, row: Row) -> None:
    value = row["Shortcut_Dimension_2_Code"]
    check_value(company, "Shortcut Dimension 2 Code", "Gen. Journal Line", 1, value)


_VALIDATIONS: Mapping[str, Callable[[Company, Row], None]] = {
    "Account_Type": _account_type,
    "Bal_Account_Type": _bal_account_type,
    "Account_No": _account,
    "Bal_Account_No": _bal_account,
    "Document_Type": _document_type,
    "Currency_Code": _currency,
    "Posting_Date": _posting_date,
    "Amount": _amount,
    "Debit_Amount": _debit,
    "Credit_Amount": _credit,
    "Shortcut_Dimension_1_Code": _first_dimension,
    "Shortcut_Dimension_2_Code": _second_dimension,
}
