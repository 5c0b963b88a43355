"""Sales-Post (codeunit 80): a draft becomes a posted document with ledger entries."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

from sandbox.nav.calculation import Figures, calculate
from sandbox.nav.company import Company
from sandbox.nav.money import LocalAmounts, rate_of
from sandbox.nav.numbers import next_number
from sandbox.nav.posting.application import settle
from sandbox.nav.posting.buffer import gather
from sandbox.nav.posting.deferral import defer
from sandbox.nav.posting.register import Document, Money, Register
from sandbox.nav.posting.salescheck import (
    check_header,
    check_lines,
    check_total,
    dimensions_of,
    find_target,
)
from sandbox.nav.schema import Row, Table
from sandbox.nav.tables.posted import (
    POSTED_CREDIT_MEMO,
    POSTED_CREDIT_MEMO_LINE,
    POSTED_INVOICE,
    POSTED_INVOICE_LINE,
)
from sandbox.nav.triggers import trigger_of
from sandbox.nav.values import plain

_ZERO = Decimal(0)


def post_sales(company: Company, header: Row) -> str:
    """Post a draft (an order is shipped and invoiced in full) and return the posted number.

    Raises NavError with nothing posted.
    """
    with company.transaction():
        lines = company["Sales Line"].within((header["Document_Type"], header["No"]))
        check_header(company, header)
        check_lines(company, header, lines)
        figures = calculate(company, header, lines)
        check_total(header, figures)
        target = find_target(company, header, figures)
        number = _posted_number(company, header)
        entry = _post_entries(company, header, lines, figures, number, target)
        _store_posted(company, header, lines, figures, number, entry)
        _drop_draft(company, header)
        return number


def _is_credit(header: Row) -> bool:
    return bool(header["Document_Type"] == "Credit Memo")


def _posted_number(company: Company, header: Row) -> str:
    setup = company.sales_setup
    name = "Posted_Credit_Memo_Nos" if _is_credit(header) else "Posted_Invoice_Nos"
    return next_number(company, setup[name])


def _post_entries(
    company: Company,
    header: Row,
    lines: list[Row],
    figures: Figures,
    number: str,
    target: Row | None,
) -> Row:
    credit = _is_credit(header)
    sign = -1 if credit else 1
    register = Register(company)
    document = _document(header, number)
    rate = rate_of(company, header["Currency_Code"], header["Posting_Date"])
    converted = LocalAmounts(company, rate)
    local, local_net = _ZERO, _ZERO
    for slot, value in gather(company, credit, lines, figures).items():
        part = converted.next(value) * sign
        local += part
        local_net += _ZERO if slot.tax else part
        slotted = replace(document, dimensions=slot.dimensions)
        register.ledger(slotted, slot.account, -part, **slot.values())
        if slot.deferral:
            defer(register, slotted, slot.deferral, slot.account, -part)
    customer = company["Customer"].require(header["Bill_to_Customer_No"])
    money = Money(header["Currency_Code"], figures.gross * sign, local, rate.factor)
    entry = register.customer(
        document, customer, money, Sales_LCY=plain(local_net), **_entry_values(header)
    )
    if target is not None:
        settle(register, document, entry, target)
    register.finish()
    return entry


def _document(header: Row, number: str) -> Document:
    return Document(
        posting_date=header["Posting_Date"],
        document_date=header["Document_Date"],
        type="Credit Memo" if _is_credit(header) else "Invoice",
        number=number,
        external=header["External_Document_No"],
        description=header["Posting_Description"],
        source_code="SALES",
        dimensions=dimensions_of(header),
    )


def _entry_values(header: Row) -> dict[str, Any]:
    return {
        "Due_Date": header["Due_Date"],
        "Your_Reference": header["Your_Reference"],
        "Customer_Posting_Group": header["Customer_Posting_Group"],
        "Payment_Method_Code": header["Payment_Method_Code"],
        "Salesperson_Code": header["Salesperson_Code"],
        "Applies_to_Doc_Type": header["Applies_to_Doc_Type"],
        "Applies_to_Doc_No": header["Applies_to_Doc_No"],
    }


def _store_posted(
    company: Company, header: Row, lines: list[Row], figures: Figures, number: str, entry: Row
) -> None:
    credit = _is_credit(header)
    table = POSTED_CREDIT_MEMO if credit else POSTED_INVOICE
    order = header["Document_Type"] == "Order"
    values = {
        "No": number,
        "Order_No": header["No"] if order else "",
        "Pre_Assigned_No": "" if order else header["No"],
        "User_ID": company.user,
        "Currency_Factor": entry["Original_Currency_Factor"] if header["Currency_Code"] else "0",
        "Cust_Ledger_Entry_No": entry["Entry_No"],
        "Amount": plain(figures.net),
        "Amount_Including_VAT": plain(figures.gross),
    }
    company[table.name].insert({**_copied(table, header), **values})
    _store_lines(company, credit, lines, figures, number)


def _store_lines(
    company: Company, credit: bool, lines: list[Row], figures: Figures, number: str
) -> None:
    table = POSTED_CREDIT_MEMO_LINE if credit else POSTED_INVOICE_LINE
    for line, figure in zip(lines, figures.lines, strict=True):
        values = {
            "Document_No": number,
            "Inv_Discount_Amount": plain(figure.discount),
            "Amount": plain(figure.net),
            "Amount_Including_VAT": plain(figure.gross),
        }
        company[table.name].insert({**_copied(table, line), **values})


def _copied(table: Table, row: Row) -> Row:
    blank = table.blank()
    return {name: row.get(name, value) for name, value in blank.items()}


def _drop_draft(company: Company, header: Row) -> None:
    records = company["Sales Header"]
    trigger_of(records.table).delete(company, header)
    records.delete(header)
