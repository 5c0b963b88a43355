"""The documents of the services, with the fields the reference names."""

from __future__ import annotations

from sandbox.ax.documents.customer import CUSTOMER
from sandbox.ax.documents.invoice import FREE_TEXT_INVOICE, SALES_INVOICE
from sandbox.ax.documents.journal import CUST_PAYM_JOURNAL, GENERAL_JOURNAL
from sandbox.ax.documents.lists import CUSTOMER_GROUPS, EXCHANGE_RATES, PAYMENT_TERMS
from sandbox.ax.documents.order import SALES_ORDER
from sandbox.ax.documents.transaction import CUSTOMER_TRANSACTION

__all__ = [
    "CUSTOMER",
    "CUSTOMER_GROUPS",
    "CUSTOMER_TRANSACTION",
    "CUST_PAYM_JOURNAL",
    "EXCHANGE_RATES",
    "FREE_TEXT_INVOICE",
    "GENERAL_JOURNAL",
    "PAYMENT_TERMS",
    "SALES_INVOICE",
    "SALES_ORDER",
]
