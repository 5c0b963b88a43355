"""The code behind sales headers (table 36)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal

from sandbox.nav.checks import check_customer_document, require_filled
from sandbox.nav.company import Company
from sandbox.nav.dimensions import Bearer, check_value, defaults
from sandbox.nav.errors import callback_not_allowed
from sandbox.nav.money import precision_of, rate_of, rounded
from sandbox.nav.numbers import check_manual, next_number
from sandbox.nav.schema import BLANK_DATE, Row
from sandbox.nav.terms import due_date
from sandbox.nav.triggers.base import Trigger
from sandbox.nav.values import plain

_SERIES = {
    "Order": "Order_Nos",
    "Invoice": "Invoice_Nos",
    "Credit Memo": "Credit_Memo_Nos",
}
_FROM_CUSTOMER = {
    "Sell_to_Customer_Name": "Name",
    "Sell_to_Address": "Address",
    "Sell_to_Address_2": "Address_2",
    "Sell_to_City": "City",
    "Sell_to_County": "County",
    "Sell_to_Post_Code": "Post_Code",
    "Sell_to_Country_Region_Code": "Country_Region_Code",
    "Sell_to_Contact": "Contact",
    "Bill_to_Customer_No": "No",
    "Bill_to_Name": "Name",
    "Currency_Code": "Currency_Code",
    "Payment_Terms_Code": "Payment_Terms_Code",
    "Payment_Method_Code": "Payment_Method_Code",
    "Salesperson_Code": "Salesperson_Code",
    "Prices_Including_VAT": "Prices_Including_VAT",
    "Customer_Posting_Group": "Customer_Posting_Group",
    "Gen_Bus_Posting_Group": "Gen_Bus_Posting_Group",
    "VAT_Bus_Posting_Group": "VAT_Bus_Posting_Group",
}
_ASKS_WITH_LINES = {
    "Sell_to_Customer_No",
    "Bill_to_Customer_No",
    "Currency_Code",
    "Prices_Including_VAT",
    "VAT_Bus_Posting_Group",
}
"""NAV asks whether to create the lines anew when one of these changes."""


class HeaderTrigger(Trigger):
    """Orders, invoices and credit memos before posting."""

    def new(self, company: Company, row: Row) -> None:
        today = company.today()
        row.update(Order_Date=today, Posting_Date=today, Document_Date=today, Due_Date=today)

    def validate(self, company: Company, row: Row, name: str, old: object) -> None:
        if name in _ASKS_WITH_LINES and row[name] != old and _has_lines(company, row):
            raise callback_not_allowed()
        check = _VALIDATIONS.get(name)
        if check is not None:
            check(company, row)

    def insert(self, company: Company, row: Row) -> None:
        series = company.sales_setup[_SERIES[row["Document_Type"]]]
        if row["No"]:
            check_manual(company, series)
        else:
            row["No"] = next_number(company, series)
        if not row["Posting_Description"]:
            row["Posting_Description"] = f"{row['Document_Type']} {row['No']}"

    def delete(self, company: Company, row: Row) -> None:
        for line in company["Sales Line"].within((row["Document_Type"], row["No"])):
            company["Sales Line"].delete(line)


def _has_lines(company: Company, row: Row) -> bool:
    if not row["No"]:
        return False
    lines = company["Sales Line"].within((row["Document_Type"], row["No"]))
    return any(line["Type"] != " " for line in lines)


def _sell_to(company: Company, row: Row) -> None:
    if not row["Sell_to_Customer_No"]:
        return
    customer = company["Customer"].require(row["Sell_to_Customer_No"])
    check_customer_document(customer, row["Document_Type"], "create")
    require_filled(company, "Customer", customer, "Customer_Posting_Group", "Gen_Bus_Posting_Group")
    row.update({mine: customer[theirs] for mine, theirs in _FROM_CUSTOMER.items()})
    first, second = defaults(company, Bearer("Customer", customer["No"]))
    row.update(Shortcut_Dimension_1_Code=first, Shortcut_Dimension_2_Code=second)
    _due(company, row)
    _rate(company, row)


def _bill_to(company: Company, row: Row) -> None:
    if row["Bill_to_Customer_No"]:
        customer = company["Customer"].require(row["Bill_to_Customer_No"])
        check_customer_document(customer, row["Document_Type"], "create")
        row["Bill_to_Name"] = customer["Name"]
        row["Customer_Posting_Group"] = customer["Customer_Posting_Group"]


def _posting_date(company: Company, row: Row) -> None:
    row["Document_Date"] = row["Posting_Date"]
    _due(company, row)
    _rate(company, row)


def _due(company: Company, row: Row) -> None:
    row["Due_Date"] = due_date(company, row["Payment_Terms_Code"], row["Document_Date"])


def _rate(company: Company, row: Row) -> None:
    if row["Posting_Date"] != BLANK_DATE:
        rate_of(company, row["Currency_Code"], row["Posting_Date"])


def _discount(company: Company, row: Row) -> None:
    precision = precision_of(company, row["Currency_Code"])
    given = Decimal(row["Invoice_Discount_Amount"])
    row["Invoice_Discount_Amount"] = plain(rounded(given, precision))


def _first_dimension(company: Company, row: Row) -> None:
    value = row["Shortcut_Dimension_1_Code"]
    check_value(company, "Shortcut Dimension 1 Code", "Sales Header", 0, value)


def _second_dimension(company: Company, row: Row) -> None:
    value = row["Shortcut_Dimension_2_Code"]
    check_value(company, "Shortcut Dimension 2 Code", "Sales Header", 1, value)


_VALIDATIONS: Mapping[str, Callable[[Company, Row], None]] = {
    "Sell_to_Customer_No": _sell_to,
    "Bill_to_Customer_No": _bill_to,
    "Posting_Date": _posting_date,
    "Document_Date": _due,
    "Payment_Terms_Code": _due,
    "Currency_Code": _rate,
    "Invoice_Discount_Amount": _discount,
    "Shortcut_Dimension_1_Code": _first_dimension,
    "Shortcut_Dimension_2_Code": _second_dimension,
}
