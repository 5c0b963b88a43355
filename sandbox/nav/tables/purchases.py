"""Purchase documents before and after posting (NAV 2018: tables 38, 39, 122 to 125)."""

from __future__ import annotations

from sandbox.nav.schema import Field, Table, boolean, code, date, decimal, integer, option, text
from sandbox.nav.tables.options import LEDGER_DOCUMENTS, SALES_DOCUMENTS, SALES_LINES


def _header() -> tuple[Field, ...]:
    """Party, dates, references and posting groups; editing the vendor fills in what it knows."""
    return (
        code("Buy-from Vendor No.", 20, relation="Vendor"),
        text("Buy-from Vendor Name", 50),
        code("Pay-to Vendor No.", 20, relation="Vendor"),
        text("Pay-to Name", 50),
        date("Posting Date"),
        date("Document Date"),
        date("Due Date"),
        code("Vendor Invoice No.", 35),
        code("Vendor Cr. Memo No.", 35),
        text("Your Reference", 35),
        text("Posting Description", 50),
        code("Currency Code", 10, relation="Currency"),
        boolean("Prices Including VAT"),
        code("Payment Terms Code", 10, relation="Payment Terms"),
        code("Payment Method Code", 10, relation="Payment Method"),
        code("Shortcut Dimension 1 Code", 20),
        code("Shortcut Dimension 2 Code", 20),
        code("Vendor Posting Group", 20, "Vendor Posting Group", editable=False),
        code("Gen. Bus. Posting Group", 20, relation="Gen. Business Posting Group"),
        code("VAT Bus. Posting Group", 20, relation="VAT Business Posting Group"),
        option("Applies-to Doc. Type", LEDGER_DOCUMENTS),
        code("Applies-to Doc. No.", 20),
    )


def _line() -> tuple[Field, ...]:
    """What a line says; type and number come first because they overwrite what follows."""
    return (
        integer("Line No."),
        option("Type", SALES_LINES),
        code("No.", 20),
        text("Description", 50),
        decimal("Quantity"),
        decimal("Direct Unit Cost"),
        decimal("Line Discount %"),
        decimal("Line Discount Amount", editable=False),
        decimal("Line Amount"),
        boolean("Allow Invoice Disc."),
        code("Gen. Bus. Posting Group", 20, "Gen. Business Posting Group", editable=False),
        code("Gen. Prod. Posting Group", 20, relation="Gen. Product Posting Group"),
        code("VAT Bus. Posting Group", 20, relation="VAT Business Posting Group"),
        code("VAT Prod. Posting Group", 20, relation="VAT Product Posting Group"),
        decimal("VAT %", editable=False),
        code("Shortcut Dimension 1 Code", 20),
        code("Shortcut Dimension 2 Code", 20),
    )


_REFERENCES = (("Vendor_Invoice_No",), ("Vendor_Cr_Memo_No",), ("Buy_from_Vendor_No",))

PURCHASE_HEADER = Table(
    38,
    "Purchase Header",
    ("Document_Type", "No"),
    (
        option("Document Type", SALES_DOCUMENTS, editable=False),
        code("No.", 20),
        *_header(),
        option(
            "Status",
            ("Open", "Released", "Pending Approval", "Pending Prepayment"),
            editable=False,
        ),
        decimal("Invoice Discount Amount"),
        decimal("Amount", flow=True),
        decimal("Amount Including VAT", flow=True),
    ),
    _REFERENCES,
)

PURCHASE_LINE = Table(
    39,
    "Purchase Line",
    ("Document_Type", "Document_No", "Line_No"),
    (
        option("Document Type", SALES_DOCUMENTS, editable=False),
        code("Document No.", 20),
        *_line(),
        decimal("Amount", flow=True),
        decimal("Amount Including VAT", flow=True),
    ),
)


def _posted_header(number: int, name: str) -> Table:
    return Table(
        number,
        name,
        ("No",),
        (
            code("No.", 20),
            *_header(),
            code("Pre-Assigned No.", 20),
            code("User ID", 50),
            decimal("Currency Factor"),
            integer("Vendor Ledger Entry No."),
            decimal("Amount"),
            decimal("Amount Including VAT"),
        ),
        _REFERENCES,
    )


def _posted_line(number: int, name: str) -> Table:
    return Table(
        number,
        name,
        ("Document_No", "Line_No"),
        (code("Document No.", 20), *_line(), decimal("Amount"), decimal("Amount Including VAT")),
    )


POSTED_PURCHASE = _posted_header(122, "Purch. Inv. Header")
POSTED_PURCHASE_LINE = _posted_line(123, "Purch. Inv. Line")
POSTED_PURCHASE_CREDIT = _posted_header(124, "Purch. Cr. Memo Hdr.")
POSTED_PURCHASE_CREDIT_LINE = _posted_line(125, "Purch. Cr. Memo Line")

PURCHASE_TABLES = (
    PURCHASE_HEADER,
    PURCHASE_LINE,
    POSTED_PURCHASE,
    POSTED_PURCHASE_LINE,
    POSTED_PURCHASE_CREDIT,
    POSTED_PURCHASE_CREDIT_LINE,
)
