"""Posted sales documents; nobody can change them."""

from __future__ import annotations

from sandbox.nav.schema import Table, boolean, code, decimal, integer
from sandbox.nav.tables.sales import conditions, line_fields, sell_to


def _header(number: int, name: str, closed: str) -> Table:
    return Table(
        number,
        name,
        ("No",),
        (
            code("No.", 20),
            *sell_to(),
            *conditions(),
            code("Order No.", 20),
            code("Pre-Assigned No.", 20),
            code("User ID", 50),
            decimal("Currency Factor"),
            integer("Cust. Ledger Entry No."),
            decimal("Invoice Discount Amount"),
            decimal("Amount"),
            decimal("Amount Including VAT"),
            decimal("Remaining Amount", flow=True),
            boolean(closed, flow=True),
            boolean("Cancelled", flow=True),
        ),
        (("External_Document_No",), ("Pre_Assigned_No",), ("Sell_to_Customer_No",)),
    )


def _line(number: int, name: str) -> Table:
    return Table(
        number,
        name,
        ("Document_No", "Line_No"),
        (
            code("Document No.", 20),
            *line_fields(),
            decimal("Inv. Discount Amount"),
            decimal("Amount"),
            decimal("Amount Including VAT"),
        ),
    )


POSTED_INVOICE = _header(112, "Sales Invoice Header", "Closed")
POSTED_INVOICE_LINE = _line(113, "Sales Invoice Line")
POSTED_CREDIT_MEMO = _header(114, "Sales Cr.Memo Header", "Paid")
POSTED_CREDIT_MEMO_LINE = _line(115, "Sales Cr.Memo Line")

POSTED_TABLES = (
    POSTED_INVOICE,
    POSTED_INVOICE_LINE,
    POSTED_CREDIT_MEMO,
    POSTED_CREDIT_MEMO_LINE,
)
