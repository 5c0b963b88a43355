"""The chart of accounts and the groups a new company is born with."""

from __future__ import annotations

from typing import NamedTuple


class Account(NamedTuple):
    """A G/L account; `product` is its proposed general product posting group."""

    number: str
    name: str
    income: bool = False
    direct: bool = True
    product: str = ""


ACCOUNTS = (
    Account("1000", "Petty cash"),
    Account("1100", "Bank USD", direct=False),
    Account("1110", "Bank CAD", direct=False),
    Account("1120", "Bank EUR", direct=False),
    Account("1130", "Bank GBP", direct=False),
    Account("1140", "Bank JPY", direct=False),
    Account("1150", "Bank KWD", direct=False),
    Account("1200", "Clearing, cards"),
    Account("1210", "Clearing, Stripe"),
    Account("1220", "Clearing, PayPal"),
    Account("1230", "Clearing, cheques"),
    Account("1240", "Clearing, other receipts"),
    Account("1250", "Clearing bank accounts", direct=False),
    Account("1300", "Receivables, domestic", direct=False),
    Account("1310", "Receivables, foreign", direct=False),
    Account("1400", "Input tax recoverable", product="NO-VAT"),
    Account("2000", "Payables, vendors", direct=False),
    Account("2100", "Payables, employees", direct=False),
    Account("2200", "Sales tax payable", product="NO-VAT"),
    Account("2300", "Sales VAT", direct=False),
    Account("2310", "Purchase VAT", direct=False),
    Account("2400", "Customer deposits", product="NO-VAT"),
    Account("2500", "Deferred revenue", product="SERVICES"),
    Account("3000", "Retained earnings"),
    Account("4000", "Revenue", income=True, product="SERVICES"),
    Account("4010", "Credit memos given", income=True, product="SERVICES"),
    Account("4050", "Revenue, goods", income=True, product="RETAIL"),
    Account("4100", "Revenue, services", income=True, product="SERVICES"),
    Account("4200", "Discounts given", income=True, product="SERVICES"),
    Account("4300", "Recovered expenses", income=True, product="SERVICES"),
    Account("4400", "Late fees", income=True, product="NO-VAT"),
    Account("4900", "Rounding differences", income=True, product="NO-VAT"),
    Account("5000", "Cost of goods", income=True, product="RETAIL"),
    Account("6000", "Travel", income=True, product="MISC"),
    Account("6100", "Meals", income=True, product="MISC"),
    Account("6200", "Office", income=True, product="MISC"),
    Account("6300", "Software", income=True, product="MISC"),
    Account("6400", "Bank charges", income=True, product="NO-VAT"),
    Account("6500", "Bad debts", income=True, product="NO-VAT"),
    Account("6900", "Other expenses", income=True, product="MISC"),
    Account("8100", "Realised exchange gains", income=True, direct=False),
    Account("8200", "Realised exchange losses", income=True, direct=False),
    Account("9999", "Suspense, blocked", product="NO-VAT"),
)
BLOCKED_ACCOUNT = "9999"

BUSINESS_GROUPS = ("DOMESTIC", "FOREIGN", "EU", "EXPORT")
PRODUCT_GROUPS = {"SERVICES": "NOVAT", "RETAIL": "NOVAT", "MISC": "NOVAT", "NO-VAT": "NOVAT"}
"""General product posting groups with the VAT product group each proposes."""

RECEIVABLES = {"DOMESTIC": "1300", "FOREIGN": "1310", "EU": "1310", "EXPORT": "1310"}

VAT_RATES = {
    "NOVAT": "0",
    "ZERO": "0",
    "EXEMPT": "0",
    "OUTSIDE": "0",
    "VAT5": "5",
    "VAT7": "7",
    "VAT10": "10",
    "VAT12": "12",
    "VAT13": "13",
    "VAT15": "15",
    "VAT19": "19",
    "VAT20": "20",
    "VAT21": "21",
    "VAT25": "25",
    "FULLVAT": "0",
}


class Foreign(NamedTuple):
    """A currency beside the local one; `rate` is what one unit is worth in USD."""

    code: str
    name: str
    precision: str
    rate: str
    account: str


CURRENCIES = (
    Foreign("CAD", "Canadian dollar", "0.01", "0.75", "1110"),
    Foreign("EUR", "Euro", "0.01", "1.1", "1120"),
    Foreign("GBP", "Pound sterling", "0.01", "1.25", "1130"),
    Foreign("JPY", "Yen", "1", "0.0068", "1140"),
    Foreign("KWD", "Kuwaiti dinar", "0.001", "3.25", "1150"),
)
LOCAL_BANK_ACCOUNT = "1100"
CLEARING_ACCOUNT = "1250"
CLEARING_BANKS = ("STRIPE", "PAYPAL", "CARDS", "CHEQUES", "CASH", "OTHER")
"""Bank accounts in local currency that take every currency at its local value."""

SERIES = {
    "CUST": ("Customers", "C", True),
    "S-ORD": ("Sales orders", "SO", False),
    "S-INV": ("Sales invoices", "SI", False),
    "S-INV+": ("Posted sales invoices", "PSI", False),
    "S-CR": ("Sales credit memos", "SC", False),
    "S-CR+": ("Posted sales credit memos", "PSC", False),
    "P-INV": ("Purchase invoices", "PI", False),
    "P-INV+": ("Posted purchase invoices", "PPI", False),
    "P-CR": ("Purchase credit memos", "PC", False),
    "P-CR+": ("Posted purchase credit memos", "PPC", False),
    "VEND": ("Vendors", "V", True),
    "EMPL": ("Employees", "E", True),
}
"""Number series: description, first letters, and whether numbers may be given by hand."""

TERMS = {
    "COD": "0D",
    "7D": "7D",
    "10D": "10D",
    "14D": "14D",
    "15D": "15D",
    "30D": "30D",
    "45D": "45D",
    "60D": "60D",
    "90D": "90D",
    "1M": "1M",
    "CM": "CM",
}

METHODS = (
    "ACH",
    "BANK",
    "CARD",
    "CASH",
    "CHECK",
    "CREDIT",
    "OTHER",
    "PAYPAL",
    "STRIPE",
)

DIMENSIONS = {
    "DEPARTMENT": ("ADM", "PROD", "SALES"),
    "PROJECT": ("INTERNAL", "P1", "P2"),
    "CUSTOMERGROUP": ("LARGE", "MEDIUM", "SMALL"),
}

TEMPLATES = {"GENERAL": ("General", "GENJNL"), "CASHRCPT": ("Cash Receipts", "CASHRECJNL")}
BATCHES = ("DEFAULT", "TIEOUT")

DEFERRALS = {"3M": 3, "6M": 6, "12M": 12}
