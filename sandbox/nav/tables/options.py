"""Option lists that several tables share; the first name is the blank value."""

SALES_DOCUMENTS = ("Quote", "Order", "Invoice", "Credit Memo", "Blanket Order", "Return Order")

LEDGER_DOCUMENTS = (
    " ",
    "Payment",
    "Invoice",
    "Credit Memo",
    "Finance Charge Memo",
    "Reminder",
    "Refund",
)

ACCOUNT_TYPES = (
    "G/L Account",
    "Customer",
    "Vendor",
    "Bank Account",
    "Fixed Asset",
    "IC Partner",
    "Employee",
)

SALES_LINES = (" ", "G/L Account", "Item", "Resource", "Fixed Asset", "Charge (Item)")

CUSTOMER_BLOCKS = (" ", "Ship", "Invoice", "All")

VENDOR_BLOCKS = (" ", "Payment", "All")

POSTING_TYPES = (" ", "Purchase", "Sale", "Settlement")

SOURCES = (" ", "Customer", "Vendor", "Bank Account", "Fixed Asset", "IC Partner", "Employee")

VALUE_POSTINGS = (" ", "Code Mandatory", "Same Code", "No Code")

VAT_CALCULATIONS = ("Normal VAT", "Reverse Charge VAT", "Full VAT", "Sales Tax")
