"""Bank accounts and the journals' templates and batches."""

from __future__ import annotations

from sandbox.nav.schema import Table, boolean, code, decimal, option, text

BANK_ACCOUNT = Table(
    270,
    "Bank Account",
    ("No",),
    (
        code("No.", 20),
        text("Name", 50),
        text("Bank Account No.", 30),
        code("Currency Code", 10, relation="Currency"),
        code("Bank Acc. Posting Group", 20, relation="Bank Account Posting Group"),
        boolean("Blocked"),
        decimal("Balance", flow=True),
        decimal("Balance (LCY)", flow=True),
    ),
)

BANK_GROUP = Table(
    277,
    "Bank Account Posting Group",
    ("Code",),
    (code("Code", 20), code("G/L Bank Account No.", 20, relation="G/L Account")),
)

JOURNAL_TEMPLATE = Table(
    80,
    "Gen. Journal Template",
    ("Name",),
    (
        code("Name", 10),
        text("Description", 80),
        option(
            "Type",
            (
                "General",
                "Sales",
                "Purchases",
                "Cash Receipts",
                "Payments",
                "Assets",
                "Intercompany",
                "Jobs",
            ),
        ),
        code("Source Code", 10),
    ),
)

JOURNAL_BATCH = Table(
    232,
    "Gen. Journal Batch",
    ("Journal_Template_Name", "Name"),
    (
        code("Journal Template Name", 10, relation="Gen. Journal Template"),
        code("Name", 10),
        text("Description", 50),
        boolean("Copy VAT Setup to Jnl. Lines"),
        option("Bal. Account Type", ("G/L Account", "Bank Account")),
        code("Bal. Account No.", 20),
    ),
)

BANK_TABLES = (BANK_ACCOUNT, BANK_GROUP, JOURNAL_TEMPLATE, JOURNAL_BATCH)
