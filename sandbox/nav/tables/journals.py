"""General journal lines, which wait in a batch until they are posted."""

from __future__ import annotations

from sandbox.nav.schema import Field, Table, boolean, code, date, decimal, integer, option, text
from sandbox.nav.tables.options import ACCOUNT_TYPES, LEDGER_DOCUMENTS, POSTING_TYPES


def _vat(prefix: str) -> tuple[Field, ...]:
    return (
        option(f"{prefix}Gen. Posting Type", POSTING_TYPES),
        code(f"{prefix}Gen. Bus. Posting Group", 20, relation="Gen. Business Posting Group"),
        code(f"{prefix}Gen. Prod. Posting Group", 20, relation="Gen. Product Posting Group"),
        code(f"{prefix}VAT Bus. Posting Group", 20, relation="VAT Business Posting Group"),
        code(f"{prefix}VAT Prod. Posting Group", 20, relation="VAT Product Posting Group"),
    )


GEN_JOURNAL_LINE = Table(
    81,
    "Gen. Journal Line",
    ("Journal_Template_Name", "Journal_Batch_Name", "Line_No"),
    (
        code("Journal Template Name", 10, relation="Gen. Journal Template"),
        code("Journal Batch Name", 10),
        integer("Line No."),
        date("Posting Date"),
        date("Document Date"),
        date("Due Date"),
        option("Document Type", LEDGER_DOCUMENTS),
        code("Document No.", 20),
        code("External Document No.", 35),
        option("Account Type", ACCOUNT_TYPES),
        code("Account No.", 20),
        text("Description", 50),
        code("Currency Code", 10, relation="Currency"),
        decimal("Currency Factor", editable=False),
        decimal("Amount"),
        decimal("Debit Amount"),
        decimal("Credit Amount"),
        decimal("Amount (LCY)", editable=False),
        option("Bal. Account Type", ACCOUNT_TYPES),
        code("Bal. Account No.", 20),
        *_vat(""),
        *_vat("Bal. "),
        option("Applies-to Doc. Type", LEDGER_DOCUMENTS),
        code("Applies-to Doc. No.", 20),
        code("Applies-to ID", 50),
        code("Shortcut Dimension 1 Code", 20),
        code("Shortcut Dimension 2 Code", 20),
        code("Salespers./Purch. Code", 20),
        code("Payment Terms Code", 10, relation="Payment Terms"),
        code("Payment Method Code", 10, relation="Payment Method"),
        code("Reason Code", 10),
        text("Your Reference", 35),
        text("Comment", 80),
        text("Message to Recipient", 140),
        boolean("Correction"),
    ),
    (
        ("Journal_Template_Name", "Journal_Batch_Name", "External_Document_No"),
        ("External_Document_No",),
    ),
)

JOURNAL_TABLES = (GEN_JOURNAL_LINE,)
