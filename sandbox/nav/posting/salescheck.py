"""What Sales-Post (codeunit 80) demands of a document before it posts."""

from __future__ import annotations

from decimal import Decimal

from sandbox.nav.calculation import Figures
from sandbox.nav.checks import (
    check_account,
    check_customer_document,
    check_posting_date,
    keyed,
    require_filled,
)
from sandbox.nav.company import Company
from sandbox.nav.dimensions import Bearer, check_posting
from sandbox.nav.errors import dialog, must_have_value
from sandbox.nav.posting.application import check_order, open_target
from sandbox.nav.schema import Row

HEADER = "Sales Header"
LINE = "Sales Line"


def check_header(company: Company, header: Row) -> None:
    """Raise NavError unless customer, dates, groups and dimensions of the header are in order."""
    require_filled(company, HEADER, header, "Sell_to_Customer_No", "Bill_to_Customer_No")
    require_filled(company, HEADER, header, "Document_Date", "Customer_Posting_Group")
    check_posting_date(company, header["Posting_Date"], keyed(company, HEADER, header))
    if company.sales_setup["Ext_Doc_No_Mandatory"]:
        require_filled(company, HEADER, header, "External_Document_No")
    for name in ("Sell_to_Customer_No", "Bill_to_Customer_No"):
        customer = company["Customer"].require(header[name])
        check_customer_document(customer, header["Document_Type"], "post")
    where = f"{header['Document_Type']} {header['No']}"
    bearers = [Bearer("Customer", header["Bill_to_Customer_No"])]
    check_posting(company, where, dimensions_of(header), bearers)


def check_lines(company: Company, header: Row, lines: list[Row]) -> None:
    """Raise NavError unless there is something to post and every line can be."""
    charged = [line for line in lines if line["Type"] != " " and Decimal(line["Quantity"])]
    if not charged:
        raise dialog("There is nothing to post.")
    for line in charged:
        _check_line(company, header, line)


def _check_line(company: Company, header: Row, line: Row) -> None:
    require_filled(company, LINE, line, "No")
    if line["Type"] == "G/L Account":
        check_account(company, line["No"], direct=True)
    company["General Posting Setup"].require(
        line["Gen_Bus_Posting_Group"], line["Gen_Prod_Posting_Group"]
    )
    company["VAT Posting Setup"].require(
        line["VAT_Bus_Posting_Group"], line["VAT_Prod_Posting_Group"]
    )
    bearers = [Bearer("Customer", header["Bill_to_Customer_No"]), Bearer(line["Type"], line["No"])]
    where = f"{header['Document_Type']} {header['No']}, line no. {line['Line_No']}"
    check_posting(company, where, dimensions_of(line), bearers)


def check_total(header: Row, figures: Figures) -> None:
    """Raise NavError for a document whose total is negative."""
    if figures.gross < 0:
        kind = "credit memo" if header["Document_Type"] == "Credit Memo" else "invoice"
        raise dialog(f"The total amount for the {kind} must be 0 or greater.")


def find_target(company: Company, header: Row, figures: Figures) -> Row | None:
    """The entry the document applies to; NAV does not look for it when the total is zero."""
    if not header["Applies_to_Doc_No"] or not figures.gross:
        return None
    target = open_target(
        company,
        header["Bill_to_Customer_No"],
        header["Applies_to_Doc_Type"],
        header["Applies_to_Doc_No"],
    )
    check_order(header["Posting_Date"], target)
    return target


def vat_account(setup: Row, record: str) -> str:
    """The account for output tax; raises NavError when the set-up has none."""
    if not setup["Sales_VAT_Account"]:
        raise must_have_value("Sales VAT Account", record)
    return str(setup["Sales_VAT_Account"])


def dimensions_of(row: Row) -> tuple[str, str]:
    """The two dimension values of a header or line."""
    return row["Shortcut_Dimension_1_Code"], row["Shortcut_Dimension_2_Code"]
