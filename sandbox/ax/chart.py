"""What every company is born with: accounts, groups, taxes, currencies, banks, dimensions."""

from __future__ import annotations

from typing import NamedTuple


class Account(NamedTuple):
    """A main account; `manual` says whether lines of documents and journals may name it."""

    name: str
    manual: bool = True
    suspended: bool = False


class Currency(NamedTuple):
    """A currency; `rate` is what 100 units are worth in the accounting currency."""

    name: str
    precision: str
    rate: str


class Bank(NamedTuple):
    """A bank account; without a currency it takes every one, at its accounting value."""

    currency: str
    account: str


BASE_CURRENCY = "USD"

ACCOUNTS = {
    "1000": Account("Petty cash"),
    "1100": Account("Bank USD", manual=False),
    "1110": Account("Bank CAD", manual=False),
    "1120": Account("Bank EUR", manual=False),
    "1130": Account("Bank GBP", manual=False),
    "1140": Account("Bank JPY", manual=False),
    "1200": Account("Clearing, cards"),
    "1210": Account("Clearing, Stripe"),
    "1220": Account("Clearing, PayPal"),
    "1230": Account("Clearing, cheques"),
    "1240": Account("Clearing, other receipts"),
    "1250": Account("Clearing bank accounts", manual=False),
    "1290": Account("Input tax to be recovered"),
    "1300": Account("Receivables, domestic", manual=False),
    "1310": Account("Receivables, foreign", manual=False),
    "2000": Account("Payables, vendors", manual=False),
    "2100": Account("Payables, employees", manual=False),
    "2200": Account("Sales tax payable"),
    "2300": Account("Sales VAT", manual=False),
    "2310": Account("Purchase VAT", manual=False),
    "2400": Account("Customer deposits"),
    "2500": Account("Deferred revenue"),
    "3000": Account("Retained earnings"),
    "4000": Account("Revenue"),
    "4010": Account("Credit notes given"),
    "4050": Account("Revenue, goods"),
    "4100": Account("Revenue, services"),
    "4200": Account("Discounts given"),
    "4300": Account("Recovered expenses"),
    "4400": Account("Late fees"),
    "4900": Account("Rounding differences"),
    "5000": Account("Cost of goods"),
    "6000": Account("Travel"),
    "6100": Account("Meals"),
    "6200": Account("Office"),
    "6300": Account("Software"),
    "6400": Account("Bank charges"),
    "6500": Account("Bad debts"),
    "6900": Account("Other expenses"),
    "8100": Account("Realised exchange gains", manual=False),
    "8200": Account("Realised exchange losses", manual=False),
    "9999": Account("Suspense, suspended", suspended=True),
}
TAX_ACCOUNT = "2300"
ROUNDING_ACCOUNT = "4900"
GAINS_ACCOUNT = "8100"
LOSSES_ACCOUNT = "8200"

CUSTOMER_GROUPS = {"DOM": "Domestic customers", "FOR": "Foreign customers", "EU": "EU customers"}
SUMMARY_ACCOUNTS = {"DOM": "1300", "FOR": "1310", "EU": "1310"}
"""Posting profile GEN: the summary account of each customer group."""

VENDOR_ACCOUNTS = {"EMP": "2100", "VEND": "2000"}
"""The summary account of each vendor group: employees are vendors in AX."""

POSTING_PROFILES = {"GEN": "General"}

CURRENCIES = {
    "USD": Currency("US dollar", "0.01", "100"),
    "CAD": Currency("Canadian dollar", "0.01", "75"),
    "EUR": Currency("Euro", "0.01", "110"),
    "GBP": Currency("Pound sterling", "0.01", "125"),
    "JPY": Currency("Yen", "1", "0.68"),
}

BANKS = {
    "BANK-USD": Bank("USD", "1100"),
    "BANK-CAD": Bank("CAD", "1110"),
    "BANK-EUR": Bank("EUR", "1120"),
    "BANK-GBP": Bank("GBP", "1130"),
    "BANK-JPY": Bank("JPY", "1140"),
    "STRIPE": Bank("", "1250"),
    "PAYPAL": Bank("", "1250"),
    "CARDS": Bank("", "1250"),
    "CHEQUES": Bank("", "1250"),
    "CASH": Bank("", "1250"),
    "OTHER": Bank("", "1250"),
}

TERMS: dict[str, tuple[int, int]] = {
    "COD": (0, 0),
    "7D": (0, 7),
    "10D": (0, 10),
    "14D": (0, 14),
    "15D": (0, 15),
    "30D": (0, 30),
    "45D": (0, 45),
    "60D": (0, 60),
    "90D": (0, 90),
    "1M": (1, 0),
    "2M": (2, 0),
}
"""Payment terms: months and days after the invoice date."""

PAYMENT_MODES = (
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

TAX_RATES = {
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
}
"""Sales tax codes with their percentages."""

TAX_GROUPS: dict[str, tuple[str, ...]] = {
    "NONE": (),
    "EXEMPT": ("EXEMPT",),
    "TAX": tuple(TAX_RATES),
}
TAX_ITEM_GROUPS: dict[str, tuple[str, ...]] = {
    "NONE": (),
    **{code: (code,) for code in TAX_RATES},
}

ITEMS = {"SERVICE": "4100", "GOODS": "4050"}
"""Item numbers with the revenue account of their item group."""
UNITS = ("ea", "hr", "day", "pcs")

JOURNAL_NAMES = {"CustPay": "CustPayment", "GenJrn": "Daily"}

DIMENSIONS = {
    "Department": ("ADM", "PROD", "SALES"),
    "CostCenter": ("100", "200", "300"),
    "Project": ("INTERNAL", "P1", "P2"),
}

YEARS = (2000, 2099)
"""The first and last fiscal year; periods are calendar months."""
