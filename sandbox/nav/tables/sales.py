"""Sales documents that are not posted yet: orders, invoices and credit memos."""

from __future__ import annotations

from sandbox.nav.schema import (
    Field,
    Table,
    boolean,
    code,
    date,
    decimal,
    integer,
    option,
    text,
)
from sandbox.nav.tables.options import LEDGER_DOCUMENTS, SALES_DOCUMENTS, SALES_LINES


def sell_to() -> tuple[Field, ...]:
    """Who a document is for; the names are copied from the customer."""
    return (
        code("Sell-to Customer No.", 20, relation="Customer"),
        text("Sell-to Customer Name", 50),
        text("Sell-to Address", 50),
        text("Sell-to Address 2", 50),
        text("Sell-to City", 30),
        text("Sell-to County", 30),
        code("Sell-to Post Code", 20),
        code("Sell-to Country/Region Code", 10, relation="Country/Region"),
        text("Sell-to Contact", 50),
        code("Bill-to Customer No.", 20, relation="Customer"),
        text("Bill-to Name", 50),
    )


def conditions() -> tuple[Field, ...]:
    """Dates, references, terms and posting groups of a document."""
    return (
        date("Order Date"),
        date("Posting Date"),
        date("Document Date"),
        date("Due Date"),
        code("External Document No.", 35),
        text("Your Reference", 35),
        text("Posting Description", 50),
        code("Currency Code", 10, relation="Currency"),
        boolean("Prices Including VAT"),
        code("Payment Terms Code", 10, relation="Payment Terms"),
        code("Payment Method Code", 10, relation="Payment Method"),
        code("Salesperson Code", 20),
        code("Shortcut Dimension 1 Code", 20),
        code("Shortcut Dimension 2 Code", 20),
        code("Customer Posting Group", 20, "Customer Posting Group", editable=False),
        code("Gen. Bus. Posting Group", 20, relation="Gen. Business Posting Group"),
        code("VAT Bus. Posting Group", 20, relation="VAT Business Posting Group"),
        option("Applies-to Doc. Type", LEDGER_DOCUMENTS),
        code("Applies-to Doc. No.", 20),
    )


def line_fields() -> tuple[Field, ...]:
    """What a line says; type and number come first because they overwrite what follows."""
    return (
        integer("Line No."),
        option("Type", SALES_LINES),
        code("No.", 20),
        text("Description", 50),
        decimal("Quantity"),
        code("Unit of Measure Code", 10),
        decimal("Unit Price"),
        decimal("Line Discount %"),
        decimal("Line Discount Amount"),
        decimal("Line Amount"),
        boolean("Allow Invoice Disc."),
        code("Gen. Bus. Posting Group", 20, "Gen. Business Posting Group", editable=False),
        code("Gen. Prod. Posting Group", 20, relation="Gen. Product Posting Group"),
        code("VAT Bus. Posting Group", 20, relation="VAT Business Posting Group"),
        code("VAT Prod. Posting Group", 20, relation="VAT Product Posting Group"),
        decimal("VAT %", editable=False),
        code("Shortcut Dimension 1 Code", 20),
        code("Shortcut Dimension 2 Code", 20),
        code("Deferral Code", 10, relation="Deferral Template"),
    )


SALES_HEADER = Table(
    36,
    "Sales Header",
    ("Document_Type", "No"),
    (
        option("Document Type", SALES_DOCUMENTS, editable=False),
        code("No.", 20),
        *sell_to(),
        *conditions(),
        option(
            "Status",
            ("Open", "Released", "Pending Approval", "Pending Prepayment"),
            editable=False,
        ),
        decimal("Invoice Discount Amount"),
        decimal("Amount", flow=True),
        decimal("Amount Including VAT", flow=True),
    ),
    (("Document_Type", "External_Document_No"), ("Sell_to_Customer_No",)),
)

SALES_LINE = Table(
    37,
    "Sales Line",
    ("Document_Type", "Document_No", "Line_No"),
    (
        option("Document Type", SALES_DOCUMENTS, editable=False),
        code("Document No.", 20),
        *line_fields(),
        decimal("Inv. Discount Amount", flow=True),
        decimal("Amount", flow=True),
        decimal("Amount Including VAT", flow=True),
    ),
)

SALES_TABLES = (SALES_HEADER, SALES_LINE)
