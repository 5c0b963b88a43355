"""Ledger entries: written by posting only, never deleted."""

from __future__ import annotations

from sandbox.nav.schema import Field, Table, boolean, code, date, decimal, integer, option, text
from sandbox.nav.tables.options import ACCOUNT_TYPES, LEDGER_DOCUMENTS, POSTING_TYPES, SOURCES


def _document() -> tuple[Field, ...]:
    return (
        integer("Entry No."),
        date("Posting Date"),
        date("Document Date"),
        option("Document Type", LEDGER_DOCUMENTS),
        code("Document No.", 20),
        code("External Document No.", 35),
        text("Description", 50),
    )


def _trail() -> tuple[Field, ...]:
    return (
        code("Global Dimension 1 Code", 20),
        code("Global Dimension 2 Code", 20),
        option("Bal. Account Type", ACCOUNT_TYPES),
        code("Bal. Account No.", 20),
        code("Source Code", 10),
        code("Journal Batch Name", 10),
        integer("Transaction No."),
        code("User ID", 50),
    )


def _reversal() -> tuple[Field, ...]:
    return (
        boolean("Reversed"),
        integer("Reversed by Entry No."),
        integer("Reversed Entry No."),
    )


def _settlement() -> tuple[Field, ...]:
    return (
        boolean("Open"),
        integer("Closed by Entry No."),
        date("Closed at Date"),
        decimal("Closed by Amount"),
        option("Applies-to Doc. Type", LEDGER_DOCUMENTS),
        code("Applies-to Doc. No.", 20),
        code("Applies-to ID", 50),
    )


def _party_amounts() -> tuple[Field, ...]:
    return (
        code("Currency Code", 10),
        decimal("Original Currency Factor"),
        decimal("Amount"),
        decimal("Remaining Amount"),
        decimal("Amount (LCY)"),
        decimal("Remaining Amt. (LCY)"),
    )


GL_ENTRY = Table(
    17,
    "G/L Entry",
    ("Entry_No",),
    (
        *_document(),
        code("G/L Account No.", 20),
        decimal("Amount"),
        decimal("Debit Amount"),
        decimal("Credit Amount"),
        decimal("VAT Amount"),
        option("Gen. Posting Type", POSTING_TYPES),
        code("Gen. Bus. Posting Group", 20),
        code("Gen. Prod. Posting Group", 20),
        code("VAT Bus. Posting Group", 20),
        code("VAT Prod. Posting Group", 20),
        option("Source Type", SOURCES),
        code("Source No.", 20),
        boolean("System-Created Entry"),
        *_trail(),
        *_reversal(),
    ),
    (("G_L_Account_No",), ("External_Document_No",), ("Document_No",), ("Transaction_No",)),
)

CUSTOMER_ENTRY = Table(
    21,
    "Cust. Ledger Entry",
    ("Entry_No",),
    (
        *_document(),
        date("Due Date"),
        code("Customer No.", 20),
        text("Your Reference", 35),
        text("Comment", 80),
        text("Message to Recipient", 140),
        code("Customer Posting Group", 20),
        code("Payment Method Code", 10),
        code("Salesperson Code", 20),
        decimal("Sales (LCY)"),
        *_party_amounts(),
        *_settlement(),
        *_trail(),
        *_reversal(),
    ),
    (
        ("External_Document_No",),
        ("Document_No",),
        ("Customer_No",),
        ("Customer_No", "Open"),
        ("Transaction_No",),
    ),
)

DETAILED_ENTRY = Table(
    379,
    "Detailed Cust. Ledg. Entry",
    ("Entry_No",),
    (
        integer("Entry No."),
        integer("Cust. Ledger Entry No."),
        option(
            "Entry Type",
            (
                " ",
                "Initial Entry",
                "Application",
                "Unrealized Loss",
                "Unrealized Gain",
                "Realized Loss",
                "Realized Gain",
                "Payment Discount",
                "Correction of Remaining Amount",
            ),
        ),
        date("Posting Date"),
        option("Document Type", LEDGER_DOCUMENTS),
        code("Document No.", 20),
        code("Customer No.", 20),
        code("Currency Code", 10),
        decimal("Amount"),
        decimal("Amount (LCY)"),
        integer("Applied Cust. Ledger Entry No."),
        boolean("Unapplied"),
        integer("Unapplied by Entry No."),
        integer("Transaction No."),
        code("Source Code", 10),
        code("User ID", 50),
    ),
    (
        ("Cust_Ledger_Entry_No",),
        ("Applied_Cust_Ledger_Entry_No",),
        ("Transaction_No",),
        ("Customer_No",),
    ),
)

BANK_ENTRY = Table(
    271,
    "Bank Account Ledger Entry",
    ("Entry_No",),
    (
        *_document(),
        code("Bank Account No.", 20),
        code("Bank Acc. Posting Group", 20),
        code("Currency Code", 10),
        decimal("Amount"),
        decimal("Remaining Amount"),
        decimal("Amount (LCY)"),
        boolean("Open"),
        option(
            "Statement Status",
            ("Open", "Bank Acc. Entry Applied", "Check Entry Applied", "Closed"),
        ),
        code("Statement No.", 20),
        integer("Statement Line No."),
        *_trail(),
        *_reversal(),
    ),
    (("Bank_Account_No",), ("External_Document_No",), ("Transaction_No",)),
)


def _creditor(number: int, name: str, party: Field) -> Table:
    return Table(
        number,
        name,
        ("Entry_No",),
        (
            *_document(),
            date("Due Date"),
            party,
            *_party_amounts(),
            *_settlement(),
            *_trail(),
            *_reversal(),
        ),
        ((party.id,), ("External_Document_No",), ("Document_No",), ("Transaction_No",)),
    )


VENDOR_ENTRY = _creditor(25, "Vendor Ledger Entry", code("Vendor No.", 20))
EMPLOYEE_ENTRY = _creditor(5222, "Employee Ledger Entry", code("Employee No.", 20))

LEDGER_TABLES = (
    GL_ENTRY,
    CUSTOMER_ENTRY,
    DETAILED_ENTRY,
    BANK_ENTRY,
    VENDOR_ENTRY,
    EMPLOYEE_ENTRY,
)
