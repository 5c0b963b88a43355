"""Which of our postings changed in AX: for the sweep that wakes what waits for people there."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime
from typing import TYPE_CHECKING

from connectors.ax.aif import DocumentPort
from connectors.ax.client import AxClient
from connectors.ax.content import text_of
from connectors.ax.postings import is_our_key

if TYPE_CHECKING:
    from lxml.etree import _Element


class Changes:
    """Follows the change tracking of posted invoices and customer transactions."""

    def __init__(self, client: AxClient) -> None:
        ports, fields = client.settings.ports, client.settings.fields
        self._ports = (
            (DocumentPort(client, ports.customer_transaction), fields.posted_payment_key),
            (DocumentPort(client, ports.posted_invoice), fields.posted_invoice_key),
        )

    async def keys(self, since: datetime) -> AsyncIterator[list[str]]:
        """Pages of our keys whose documents changed after a moment (aware).

        Raises Misconfigured when a port has no getChangedKeys or its tables are not tracked,
        Unavailable when AX no longer remembers that far back.
        """
        for port, field in self._ports:
            async for page in port.changed_keys(since):
                ours = _ours(await port.read(page), field)
                if ours:
                    yield ours


def _ours(roots: list[_Element], field: str) -> list[str]:
    found = (text_of(root, field) for root in roots)
    return [text for text in dict.fromkeys(found) if is_our_key(text)]
