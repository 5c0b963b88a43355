"""General ledger set-up: accounts, periods, currencies, dimensions, number series."""

from __future__ import annotations

from sandbox.nav.schema import Table, boolean, code, date, decimal, integer, option, text
from sandbox.nav.tables.options import POSTING_TYPES, VALUE_POSTINGS

GL_ACCOUNT = Table(
    15,
    "G/L Account",
    ("No",),
    (
        code("No.", 20),
        text("Name", 50),
        option("Account Type", ("Posting", "Heading", "Total", "Begin-Total", "End-Total")),
        option("Income/Balance", ("Income Statement", "Balance Sheet")),
        boolean("Direct Posting"),
        boolean("Blocked"),
        option("Gen. Posting Type", POSTING_TYPES),
        code("Gen. Bus. Posting Group", 20, relation="Gen. Business Posting Group"),
        code("Gen. Prod. Posting Group", 20, relation="Gen. Product Posting Group"),
        code("VAT Bus. Posting Group", 20, relation="VAT Business Posting Group"),
        code("VAT Prod. Posting Group", 20, relation="VAT Product Posting Group"),
        code("Default Deferral Template Code", 10, relation="Deferral Template"),
        decimal("Balance", flow=True),
    ),
)

GL_SETUP = Table(
    98,
    "General Ledger Setup",
    ("Primary_Key",),
    (
        code("Primary Key", 10),
        code("LCY Code", 10, editable=False),
        date("Allow Posting From"),
        date("Allow Posting To"),
        code("Global Dimension 1 Code", 20, relation="Dimension"),
        code("Global Dimension 2 Code", 20, relation="Dimension"),
        decimal("Amount Rounding Precision"),
        decimal("Unit-Amount Rounding Precision"),
    ),
)

SALES_SETUP = Table(
    311,
    "Sales & Receivables Setup",
    ("Primary_Key",),
    (
        code("Primary Key", 10),
        boolean("Ext. Doc. No. Mandatory"),
        code("Customer Nos.", 20, relation="No. Series"),
        code("Order Nos.", 20, relation="No. Series"),
        code("Invoice Nos.", 20, relation="No. Series"),
        code("Posted Invoice Nos.", 20, relation="No. Series"),
        code("Credit Memo Nos.", 20, relation="No. Series"),
        code("Posted Credit Memo Nos.", 20, relation="No. Series"),
    ),
)

PURCHASE_SETUP = Table(
    312,
    "Purchases & Payables Setup",
    ("Primary_Key",),
    (
        code("Primary Key", 10),
        boolean("Ext. Doc. No. Mandatory"),
        code("Invoice Nos.", 20, relation="No. Series"),
        code("Posted Invoice Nos.", 20, relation="No. Series"),
        code("Credit Memo Nos.", 20, relation="No. Series"),
        code("Posted Credit Memo Nos.", 20, relation="No. Series"),
    ),
)

ACCOUNTING_PERIOD = Table(
    50,
    "Accounting Period",
    ("Starting_Date",),
    (
        date("Starting Date"),
        text("Name", 10),
        boolean("New Fiscal Year"),
        boolean("Closed"),
        boolean("Date Locked"),
    ),
)

CURRENCY = Table(
    4,
    "Currency",
    ("Code",),
    (
        code("Code", 10),
        text("Description", 30),
        code("Realized Gains Acc.", 20, relation="G/L Account"),
        code("Realized Losses Acc.", 20, relation="G/L Account"),
        decimal("Amount Rounding Precision"),
        decimal("Unit-Amount Rounding Precision"),
    ),
)

EXCHANGE_RATE = Table(
    330,
    "Currency Exchange Rate",
    ("Currency_Code", "Starting_Date"),
    (
        code("Currency Code", 10, relation="Currency"),
        date("Starting Date"),
        decimal("Exchange Rate Amount"),
        decimal("Relational Exch. Rate Amount"),
    ),
)

PAYMENT_TERMS = Table(
    3,
    "Payment Terms",
    ("Code",),
    (
        code("Code", 10),
        code("Due Date Calculation", 32),
        text("Description", 50),
    ),
)

PAYMENT_METHOD = Table(
    289,
    "Payment Method",
    ("Code",),
    (
        code("Code", 10),
        text("Description", 50),
        option("Bal. Account Type", ("G/L Account", "Bank Account")),
        code("Bal. Account No.", 20),
    ),
)

COUNTRY = Table(
    9,
    "Country/Region",
    ("Code",),
    (code("Code", 10), text("Name", 50), code("EU Country/Region Code", 10)),
)

DIMENSION = Table(
    348,
    "Dimension",
    ("Code",),
    (code("Code", 20), text("Name", 30), boolean("Blocked")),
)

DIMENSION_VALUE = Table(
    349,
    "Dimension Value",
    ("Dimension_Code", "Code"),
    (
        code("Dimension Code", 20, relation="Dimension"),
        code("Code", 20),
        text("Name", 50),
        boolean("Blocked"),
    ),
)

DEFAULT_DIMENSION = Table(
    352,
    "Default Dimension",
    ("Table_ID", "No", "Dimension_Code"),
    (
        integer("Table ID"),
        code("No.", 20),
        code("Dimension Code", 20, relation="Dimension"),
        code("Dimension Value Code", 20),
        option("Value Posting", VALUE_POSTINGS),
    ),
)

NO_SERIES = Table(
    308,
    "No. Series",
    ("Code",),
    (
        code("Code", 20),
        text("Description", 50),
        boolean("Manual Nos."),
        code("Starting No.", 20),
        code("Ending No.", 20),
        code("Warning No.", 20),
        integer("Increment-by No."),
        code("Last No. Used", 20),
        date("Last Date Used"),
        boolean("Blocked"),
    ),
)

DEFERRAL_TEMPLATE = Table(
    1700,
    "Deferral Template",
    ("Deferral_Code",),
    (
        code("Deferral Code", 10),
        text("Description", 50),
        code("Deferral Account", 20, relation="G/L Account"),
        integer("No. of Periods"),
    ),
)

FINANCE_TABLES = (
    GL_ACCOUNT,
    GL_SETUP,
    SALES_SETUP,
    PURCHASE_SETUP,
    ACCOUNTING_PERIOD,
    CURRENCY,
    EXCHANGE_RATE,
    PAYMENT_TERMS,
    PAYMENT_METHOD,
    COUNTRY,
    DIMENSION,
    DIMENSION_VALUE,
    DEFAULT_DIMENSION,
    NO_SERIES,
    DEFERRAL_TEMPLATE,
)
