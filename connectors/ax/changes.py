"""Which of our postings changed in AX: for the sweep that wakes what waits for people there."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime
from typing import TYPE_CHECKING

from connectors.ax.aif import Criterion, DocumentPort
from connectors.ax.client import AxClient
from connectors.ax.content import text_of
from connectors.ax.postings import is_our_key

if TYPE_CHECKING:
    from lxml.etree import _Element


class Changes:
    """Follows the change tracking of customer transactions and posted invoices."""

    def __init__(self, client: AxClient) -> None:
        ports, self._fields = client.settings.ports, client.settings.fields
        self._transactions = DocumentPort(client, ports.customer_transaction)
        self._invoices = DocumentPort(client, ports.posted_invoice)

    async def keys(self, since: datetime) -> AsyncIterator[list[str]]:
        """Pages of our keys whose documents were posted, settled or reversed after a moment.

        Raises Misconfigured when a port has no getChangedKeys or its tables are not tracked,
        Unavailable when AX no longer remembers that far back.
        """
        async for page in self._transactions.changed_keys(since):
            roots = await self._transactions.read(page)
            found = _ours(roots, self._fields.posted_payment_key)
            found += await self._invoice_keys([text_of(root, "Invoice") for root in roots])
            if found:
                yield list(dict.fromkeys(found))

    async def _invoice_keys(self, numbers: list[str]) -> list[str]:
        """A transaction does not carry the key of its invoice, the posted invoice does."""
        _, root = await self._invoices.root()
        wanted = [Criterion(root.name, "InvoiceId", n) for n in dict.fromkeys(numbers) if n]
        found = await self._invoices.find(*wanted) if wanted else []
        return _ours(found, self._fields.posted_invoice_key)


def _ours(roots: list[_Element], field: str) -> list[str]:
    return [text for text in (text_of(root, field) for root in roots) if is_our_key(text)]
