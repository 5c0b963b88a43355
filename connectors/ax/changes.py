"""Which of our postings changed in AX: for the sweep that wakes what waits for people there."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from connectors.ax.aif import DocumentPort
from connectors.ax.client import AxClient
from connectors.ax.content import text_of
from connectors.ax.naming import invoice_of, invoices_of
from connectors.ax.postings import open_of
from connectors.errors import ChangesLost, Misconfigured
from connectors.ports import LedgerChange
from documents.key import Key

if TYPE_CHECKING:
    from lxml.etree import _Element


class Changes:
    """Follows the change tracking of customer transactions: posting makes one, settlement and
    reversal change it."""

    def __init__(self, client: AxClient) -> None:
        ports, self._fields = client.settings.ports, client.settings.fields
        self._transactions = DocumentPort(client, ports.customer_transaction)
        self._invoices = DocumentPort(client, ports.posted_invoice)

    async def since(self, moment: datetime) -> AsyncIterator[Sequence[LedgerChange]]:
        """Pages of our postings whose transactions changed after a moment.

        Raises Misconfigured when a port lacks an operation or its tables are not tracked,
        ChangesLost when AX no longer remembers that far back.
        """
        async for page in self._transactions.changed_keys(moment):
            if found := await self._ours(await self._transactions.read(page)):
                yield found

    async def missing(self) -> str:
        """Why changes cannot be followed; empty when they can."""
        try:
            async for _ in self._transactions.changed_keys(datetime.now(UTC)):
                break
        except (Misconfigured, ChangesLost) as error:
            return error.message
        return ""

    async def _ours(self, transactions: Sequence[_Element]) -> list[LedgerChange]:
        """A payment's transaction carries its key, that of an invoice stands in the posted
        invoice."""
        fields, found = self._fields, []
        invoices = await invoices_of(self._invoices, transactions)
        for one in transactions:
            invoice = invoice_of(one, invoices)
            text = text_of(one, fields.posted_payment_key)
            if invoice is not None:
                text = text_of(invoice, fields.posted_invoice_key)
            if key := Key.read(text):
                found.append(LedgerChange(key, _is_settled(one)))
        return found


def _is_settled(transaction: _Element) -> bool:
    return not open_of(transaction) or text_of(transaction, "Reversed") == "Yes"
