"""Whose postings rows of AX are: keys of transactions, and names of what they settle."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from connectors.ax.aif import DocumentPort
from connectors.ax.content import children, text_of
from connectors.ax.postings import is_our_key, is_sale, number
from connectors.ax.settings import Fields
from documents.key import Key
from documents.ledger import match_of_key

if TYPE_CHECKING:
    from lxml.etree import _Element

Invoices = Mapping[str, "_Element"]
"""Posted invoices by their numbers."""


async def invoices_of(port: DocumentPort, transactions: Sequence[_Element]) -> Invoices:
    """The posted invoices behind transactions."""
    numbers = (text_of(one, "Invoice") for one in transactions if is_sale(one))
    found = await port.find_any("InvoiceId", numbers)
    return {text_of(invoice, "InvoiceId"): invoice for invoice in found}


def invoice_of(transaction: _Element, invoices: Invoices) -> _Element | None:
    """The posted invoice of a transaction; None for a payment, which may name an invoice too."""
    return invoices.get(text_of(transaction, "Invoice")) if is_sale(transaction) else None


def key_of(transaction: _Element, invoices: Invoices, fields: Fields, tag: str) -> Key | None:
    """Our key of a transaction: a payment carries it itself, of an invoice the posted document
    does. None for what carries none with this tag."""
    invoice = invoice_of(transaction, invoices)
    if invoice is None:
        text = text_of(transaction, fields.posted_payment_key)
    else:
        text = text_of(invoice, fields.posted_invoice_key)
    key = Key.parse(text) if is_our_key(text) else None
    return key if key and key.tag == tag else None


class Names:
    """What transactions on the credit side settle: the matches of our documents, the numbers of
    others."""

    def __init__(self, transactions: DocumentPort, invoices: DocumentPort, fields: Fields) -> None:
        self._transactions = transactions
        self._invoices = invoices
        self._fields = fields

    async def of_settled(self, transactions: Sequence[_Element], tag: str) -> dict[str, str]:
        """By RecId of the transaction, divided by blanks."""
        settles = {
            text_of(one, "RecId"): {text_of(s, "OffsetRecId") for s in _settlements(one)}
            for one in transactions
            if number(one, "AmountCur") < 0
        }
        names = await self._names({rec for found in settles.values() for rec in found}, tag)
        return {
            rec_id: " ".join(sorted({names[other] for other in others if other in names}))
            for rec_id, others in settles.items()
        }

    async def _names(self, rec_ids: set[str], tag: str) -> dict[str, str]:
        found = await self._transactions.find_any("RecId", sorted(rec_ids))
        invoices = await invoices_of(self._invoices, found)
        names = {}
        for one in found:
            key = key_of(one, invoices, self._fields, tag)
            own = text_of(one, "Invoice") if is_sale(one) else text_of(one, "Voucher")
            names[text_of(one, "RecId")] = match_of_key(key) if key else own
        return names


def _settlements(transaction: _Element) -> list[_Element]:
    return children(transaction, "CustSettlement")
