"""The ports of the installation: which service stands where, with which operations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from sandbox.ax import documents
from sandbox.ax.profile import PortProfile
from sandbox.ax.schema import Document, Row
from sandbox.ax.services.customer import CustomerAxd
from sandbox.ax.services.invoices import FreeTextInvoiceAxd, SalesOrderAxd
from sandbox.ax.services.journals import GENERAL, PAYMENTS, ExchangeRateAxd
from sandbox.ax.services.service import DocumentService, Writer
from sandbox.ax.wire.contract import Contract, document_contract

_READ = ("read", "find", "findKeys")
_TRACKED = (*_READ, "getChangedKeys")
_ALL = ("create", "read", "update", "delete", "find", "findKeys", "getKeys", "getChangedKeys")


class _Offer(NamedTuple):
    service: str
    class_name: str
    document: Document
    operations: tuple[str, ...]
    writer: Writer | None = None


_CUSTOMER = CustomerAxd()
_OFFERS = (
    _Offer("CustomerService", "CustCustomerService", documents.CUSTOMER, _ALL, _CUSTOMER),
    _Offer(
        "FreeTextInvoiceService",
        "CustFreeTextInvoiceService",
        documents.FREE_TEXT_INVOICE,
        ("create", *_TRACKED),
        FreeTextInvoiceAxd(),
    ),
    _Offer(
        "SalesOrderService",
        "SalesSalesOrderService",
        documents.SALES_ORDER,
        ("create", *_TRACKED),
        SalesOrderAxd(),
    ),
    _Offer(
        "CustomerPaymentJournalService",
        "LedgerCustPaymJournalService",
        documents.CUST_PAYM_JOURNAL,
        ("create", *_TRACKED),
        PAYMENTS,
    ),
    _Offer(
        "GeneralJournalService",
        "LedgerGeneralJournalService",
        documents.GENERAL_JOURNAL,
        ("create", *_READ),
        GENERAL,
    ),
    _Offer(
        "CustomerTransactionService",
        "CustomerTransactionService",
        documents.CUSTOMER_TRANSACTION,
        _TRACKED,
    ),
    _Offer("SalesInvoiceService", "SalesSalesInvoiceService", documents.SALES_INVOICE, _TRACKED),
    _Offer("CustomerGroupsService", "CustCustomerGroupsService", documents.CUSTOMER_GROUPS, _READ),
    _Offer("PaymentTermsService", "PaymPaymentTermsService", documents.PAYMENT_TERMS, _READ),
    _Offer(
        "ExchangeRatesService",
        "LedgerExchangeRatesService",
        documents.EXCHANGE_RATES,
        ("create", *_READ),
        ExchangeRateAxd(),
    ),
)


class Port(NamedTuple):
    """An enhanced inbound port with a document service."""

    contract: Contract
    service: DocumentService


def document_ports(profile: PortProfile, selected: Mapping[str, Sequence[str]]) -> dict[str, Port]:
    """The ports by name; `selected` cuts the operations of a port down, none removes the port."""
    ports = {}
    for offer in _OFFERS:
        chosen = selected.get(offer.service, offer.operations)
        names = tuple(name for name in offer.operations if name in chosen)
        if names:
            contract = document_contract(offer.service, offer.class_name, offer.document, names)
            ports[offer.service] = Port(contract, _service(offer, profile))
    return ports


def _service(offer: _Offer, profile: PortProfile) -> DocumentService:
    updater = _CUSTOMER if offer.writer is _CUSTOMER else None
    if offer.document in (documents.CUST_PAYM_JOURNAL, documents.GENERAL_JOURNAL):
        receipts = offer.document is documents.CUST_PAYM_JOURNAL

        def accepts(row: Row) -> bool:
            return (row["JournalType"] == "CustPayment") is receipts

        return DocumentService(offer.document, profile, offer.writer, updater, accepts)
    return DocumentService(offer.document, profile, offer.writer, updater)
