"""What an invoice will be: one shape for free text invoices and sales orders."""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from sandbox.ax import chart
from sandbox.ax.company import Company
from sandbox.ax.errors import AifError
from sandbox.ax.posting.money import ZERO, rounded
from sandbox.ax.posting.tax import Figures, Taxable, calculate
from sandbox.ax.schema import Row

_HUNDRED = Decimal(100)


@dataclass(frozen=True)
class DraftLine:
    """One line with its main account and dimension values; `amount` as in the document."""

    number: str
    account: str
    values: dict[str, str]
    text: str
    quantity: Decimal
    price: Decimal
    taxable: Taxable

    @property
    def amount(self) -> Decimal:
        """The amount as it stands in the document."""
        return self.taxable.amount


@dataclass(frozen=True)
class Draft:
    """An invoice before it is posted. Days are ISO."""

    table: str
    row: Row
    number: str
    account: str
    currency: str
    day: str
    document_day: str
    due: str
    payment: str
    sales_id: str
    ref_num: str
    inclusive: bool
    lines: tuple[DraftLine, ...]

    @property
    def figures(self) -> Figures:
        """Net, tax and gross."""
        taxables = [line.taxable for line in self.lines]
        return calculate(taxables, self.currency, inclusive=self.inclusive)


def free_text_draft(company: Company, row: Row) -> Draft:
    """The invoice that a free text invoice will be."""
    currency = row["CurrencyCode"]
    lines = []
    for line in row["CustInvoiceLine"]:
        group = line["TaxGroup"] or row["TaxGroup"]
        taxable = Taxable(Decimal(line["AmountCur"]), group, line["TaxItemGroup"])
        quantity, price = Decimal(line["Quantity"]), Decimal(line["UnitPrice"])
        account = line["LedgerDimension"]
        values = dimension_values(row["DefaultDimension"], line["DefaultDimension"], account)
        name = str(account.get("Account", ""))
        text = line["Description"]
        lines.append(DraftLine(line["LineNum"], name, values, text, quantity, price, taxable))
    day = row["InvoiceDate"] or company.today()
    return Draft(
        table="CustInvoiceTable",
        row=row,
        number=str(row["RecId"]),
        account=row["InvoiceAccount"] or row["OrderAccount"],
        currency=currency,
        day=day,
        document_day=row["DocumentDate"] or day,
        due=row["DueDate"] or due_date(company, row["Payment"], row["DocumentDate"] or day),
        payment=row["Payment"],
        sales_id="",
        ref_num="FreeTextInvoice",
        inclusive=row["InclTax"] == "Yes",
        lines=tuple(lines),
    )


def order_draft(company: Company, row: Row) -> Draft:
    """The invoice that a sales order will be when all of it is invoiced today."""
    lines = []
    for line in row["SalesLine"]:
        group = line["TaxGroup"] or row["TaxGroup"]
        amount = order_line_amount(line, row["CurrencyCode"])
        account = line["LedgerDimension"] or {"Account": chart.ITEMS.get(line["ItemId"], "")}
        values = dimension_values(row["DefaultDimension"], line["DefaultDimension"], account)
        quantity, price = Decimal(line["SalesQty"]), Decimal(line["SalesPrice"])
        taxable = Taxable(amount, group, line["TaxItemGroup"])
        name, text = str(account.get("Account", "")), line["Name"] or line["ItemId"]
        lines.append(DraftLine(line["LineNum"], name, values, text, quantity, price, taxable))
    day = row["DeliveryDate"] or row["ReceiptDateRequested"] or company.today()
    return Draft(
        table="SalesTable",
        row=row,
        number=row["SalesId"],
        account=row["InvoiceAccount"] or row["CustAccount"],
        currency=row["CurrencyCode"],
        day=day,
        document_day=day,
        due=due_date(company, row["Payment"], day),
        payment=row["Payment"],
        sales_id=row["SalesId"],
        ref_num="Sales",
        inclusive=row["InclTax"] == "Yes",
        lines=tuple(lines),
    )


def order_line_amount(line: Row, currency: str) -> Decimal:
    """The amount of an order line: given, or from quantity, price and discounts."""
    given = Decimal(line["LineAmount"])
    if given:
        return given
    quantity = Decimal(line["SalesQty"])
    price = Decimal(line["SalesPrice"]) - Decimal(line["LineDisc"])
    percent = Decimal(line["LinePercent"])
    return rounded(quantity * price * (_HUNDRED - percent) / _HUNDRED, currency)


def dimension_values(*sources: dict[str, Any]) -> dict[str, str]:
    """Dimension values of default dimensions and accounts: the more special source wins."""
    merged: dict[str, str] = {}
    for source in sources:
        found = source.get("Values", {}) if "Account" in source else source
        merged |= {name: str(value) for name, value in found.items() if value}
    return merged


def due_date(company: Company, terms: str, day: str) -> str:
    """The day on which a document is due; without terms the same day."""
    term = company["PaymTerm"].first("PaymTermId", terms) if terms else None
    if term is None:
        return day
    start = date.fromisoformat(day)
    try:
        month = start.month - 1 + int(term["NumOfMonths"])
        year, month = start.year + month // 12, month % 12 + 1
        last = calendar.monthrange(year, month)[1]
        moved = date(year, month, min(start.day, last))
        return (moved + timedelta(days=int(term["NumOfDays"]))).isoformat()
    except (OverflowError, ValueError) as error:
        raise AifError("NoPeriod", at="DueDate", date=day) from error


def total(draft: Draft) -> Decimal:
    """The gross amount."""
    return draft.figures.gross if draft.lines else ZERO
