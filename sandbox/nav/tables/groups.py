"""Posting groups: which accounts a posting goes to."""

from __future__ import annotations

from sandbox.nav.schema import Field, Table, code, decimal, option, text
from sandbox.nav.tables.options import VAT_CALCULATIONS


def _group(number: int, name: str, *more: Field) -> Table:
    return Table(number, name, ("Code",), (code("Code", 20), text("Description", 50), *more))


def _account(caption: str) -> Field:
    return code(caption, 20, relation="G/L Account")


CUSTOMER_GROUP = _group(
    92,
    "Customer Posting Group",
    _account("Receivables Account"),
    _account("Invoice Rounding Account"),
    _account("Debit Rounding Account"),
    _account("Credit Rounding Account"),
)
VENDOR_GROUP = _group(93, "Vendor Posting Group", _account("Payables Account"))
EMPLOYEE_GROUP = _group(5221, "Employee Posting Group", _account("Payables Account"))
GEN_BUSINESS_GROUP = _group(
    250,
    "Gen. Business Posting Group",
    code("Def. VAT Bus. Posting Group", 20, relation="VAT Business Posting Group"),
)
GEN_PRODUCT_GROUP = _group(
    251,
    "Gen. Product Posting Group",
    code("Def. VAT Prod. Posting Group", 20, relation="VAT Product Posting Group"),
)
VAT_BUSINESS_GROUP = _group(323, "VAT Business Posting Group")
VAT_PRODUCT_GROUP = _group(324, "VAT Product Posting Group")

GENERAL_POSTING_SETUP = Table(
    252,
    "General Posting Setup",
    ("Gen_Bus_Posting_Group", "Gen_Prod_Posting_Group"),
    (
        code("Gen. Bus. Posting Group", 20, relation="Gen. Business Posting Group"),
        code("Gen. Prod. Posting Group", 20, relation="Gen. Product Posting Group"),
        _account("Sales Account"),
        _account("Sales Credit Memo Account"),
        _account("Sales Line Disc. Account"),
        _account("Sales Inv. Disc. Account"),
        _account("Purch. Account"),
    ),
)

VAT_POSTING_SETUP = Table(
    325,
    "VAT Posting Setup",
    ("VAT_Bus_Posting_Group", "VAT_Prod_Posting_Group"),
    (
        code("VAT Bus. Posting Group", 20, relation="VAT Business Posting Group"),
        code("VAT Prod. Posting Group", 20, relation="VAT Product Posting Group"),
        code("VAT Identifier", 20),
        decimal("VAT %"),
        option("VAT Calculation Type", VAT_CALCULATIONS),
        _account("Sales VAT Account"),
        _account("Purchase VAT Account"),
    ),
)

GROUP_TABLES = (
    CUSTOMER_GROUP,
    VENDOR_GROUP,
    EMPLOYEE_GROUP,
    GEN_BUSINESS_GROUP,
    GEN_PRODUCT_GROUP,
    VAT_BUSINESS_GROUP,
    VAT_PRODUCT_GROUP,
    GENERAL_POSTING_SETUP,
    VAT_POSTING_SETUP,
)
