"""AxdFreeTextInvoice and AxdSalesOrder: creating what somebody else will post."""

from __future__ import annotations

from decimal import Decimal

from sandbox.ax.company import Company
from sandbox.ax.documents import FREE_TEXT_INVOICE, SALES_ORDER
from sandbox.ax.errors import AifError
from sandbox.ax.posting.draft import dimension_values, due_date
from sandbox.ax.posting.money import rounded
from sandbox.ax.schema import Row
from sandbox.ax.services.checks import (
    check_mandatory,
    check_no_number,
    check_not_stopped,
    check_relations,
)
from sandbox.ax.services.filling import created
from sandbox.ax.wire.reading import Node
from sandbox.ax.wire.values import plain


class FreeTextInvoiceAxd:
    """How free text invoices are written; there is no update and no delete."""

    document = FREE_TEXT_INVOICE
    table = "CustInvoiceTable"

    def insert(self, company: Company, node: Node) -> Row:
        """Make an unposted free text invoice."""
        row = created(company, node)
        check_mandatory(row, "OrderAccount")
        check_relations(company, row)
        customer = _customer(company, row["OrderAccount"])
        _default(row, node, customer, "OrderAccount")
        row["CustGroup"] = customer["CustGroup"]
        row["Name"] = row["Name"] or customer["DirParty"][0]["Name"]
        row["InvoiceDate"] = row["InvoiceDate"] or company.today()
        row["DocumentDate"] = row["DocumentDate"] or row["InvoiceDate"]
        due = due_date(company, row["Payment"], row["DocumentDate"])
        row["DueDate"] = row["DueDate"] or due
        check_mandatory(row, "CurrencyCode")
        if not row["CustInvoiceLine"]:
            raise AifError("NoLines", document="Free text invoice", number="")
        nodes = node.children["CustInvoiceLine"]
        for place, (line, sent) in enumerate(zip(row["CustInvoiceLine"], nodes, strict=True), 1):
            self._line(company, row, line, sent, place)
        return company.insert(self.table, row)

    def _line(self, company: Company, row: Row, line: Row, node: Node, place: int) -> None:
        check_mandatory(line, "LedgerDimension")
        check_relations(company, line)
        _check_combination(company, row, line)
        currency = row["CurrencyCode"]
        if not node.sent("Quantity"):
            line["Quantity"] = "1"
        if not node.sent("AmountCur"):
            product = Decimal(line["Quantity"]) * Decimal(line["UnitPrice"])
            line["AmountCur"] = plain(rounded(product, currency))
        line["AmountCur"] = plain(rounded(Decimal(line["AmountCur"]), currency))
        if not node.sent("TaxGroup"):
            line["TaxGroup"] = row["TaxGroup"]
        line["LineNum"] = line["LineNum"] if node.sent("LineNum") else str(place)


class SalesOrderAxd:
    """How sales orders are written.

    A second order of a customer with the same purchase order number is not refused: it becomes an
    order of the type Journal, which nobody invoices.
    """

    document = SALES_ORDER
    table = "SalesTable"

    def insert(self, company: Company, node: Node) -> Row:
        """Make a sales order."""
        row = created(company, node)
        check_no_number(row, "SalesId", "Sales_Id")
        fields = ("CustAccount", "PurchOrderFormNum", "ReceiptDateRequested")
        check_mandatory(row, *fields)
        check_relations(company, row)
        customer = _customer(company, row["CustAccount"])
        _default(row, node, customer, "CustAccount")
        check_mandatory(row, "CurrencyCode")
        row["SalesName"] = row["SalesName"] or customer["DirParty"][0]["Name"][:60]
        row["DeliveryDate"] = row["DeliveryDate"] or row["ReceiptDateRequested"]
        if not row["SalesLine"]:
            raise AifError("NoLines", document="Sales order", number="")
        nodes = node.children["SalesLine"]
        for place, (line, sent) in enumerate(zip(row["SalesLine"], nodes, strict=True), 1):
            self._line(company, row, line, sent, place)
        self._choose_type(company, row, node)
        row["SalesId"] = company.number("SO", "SO")
        return company.insert(self.table, row)

    def _line(self, company: Company, row: Row, line: Row, node: Node, place: int) -> None:
        check_mandatory(line, "ItemId", "SalesQty", "SalesUnit")
        check_relations(company, line)
        if line["LedgerDimension"]:
            _check_combination(company, row, line)
        if not node.sent("TaxGroup"):
            line["TaxGroup"] = row["TaxGroup"]
        if not node.sent("LineNum"):
            line["LineNum"] = str(place)

    def _choose_type(self, company: Company, row: Row, node: Node) -> None:
        if not node.sent("SalesType"):
            row["SalesType"] = "Sales"
        known = company[self.table].find("PurchOrderFormNum", row["PurchOrderFormNum"])
        account = row["CustAccount"]
        if any(one["CustAccount"] == account for one in known):
            row["SalesType"] = "Journal"
        row["SalesStatus"] = "Backorder" if row["SalesType"] == "Sales" else "None"


def _customer(company: Company, account: str) -> Row:
    customer = company["CustTable"].first("AccountNum", account)
    if customer is None:
        raise LookupError(f"no customer {account}")
    check_not_stopped(customer, "Invoice", "All")
    return customer


def _default(row: Row, node: Node, customer: Row, account: str) -> None:
    """Take from the customer what was not sent."""
    defaults = {
        "InvoiceAccount": customer["InvoiceAccount"] or row[account],
        "CurrencyCode": customer["Currency"],
        "Payment": customer["PaymTermId"],
        "PaymMode": customer["PaymMode"],
        "TaxGroup": customer["TaxGroup"],
        "PostingProfile": customer["PostingProfile"] or "GEN",
        "InclTax": customer["InclTax"],
        "DefaultDimension": customer["DefaultDimension"],
    }
    for field, value in defaults.items():
        if not node.sent(field):
            row[field] = value


def _check_combination(company: Company, row: Row, line: Row) -> None:
    account = line["LedgerDimension"]
    company.setup.check_account(account["Account"], "LedgerDimension")
    company.setup.check_values(account["Values"], "LedgerDimension")
    values = dimension_values(row["DefaultDimension"], line["DefaultDimension"], account)
    company.setup.check_structure(account["Account"], values)
