"""Receipts for those who approve: fetched from the source when somebody opens one, kept nowhere."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from documents.expense import Expense
from store.store import Store
from workers.connections import ConnectionSettings
from workers.sources import open_source

MEDIA_TYPES = {
    "pdf": "application/pdf",
    "png": "image/png",
    "jpeg": "image/jpeg",
    "gif": "image/gif",
    "tiff": "image/tiff",
    "webp": "image/webp",
    "heic": "image/heic",
}


class Receipts(Protocol):
    """Where receipts are fetched."""

    async def fetch(self, connection: str, expense: str) -> tuple[str, bytes] | None:
        """Media type and content of an expense's receipt as it is now; None when there is none
        that is a picture or a PDF. Raises a ConnectorError when the source does not answer."""
        ...


class SourceReceipts:
    """Receipts of the sources of all connections, each signed in with the tokens of the vault."""

    def __init__(self, connections: Mapping[str, ConnectionSettings], store: Store) -> None:
        self._connections = connections
        self._store = store

    async def fetch(self, connection: str, expense: str) -> tuple[str, bytes] | None:
        """See Receipts."""
        settings = self._connections.get(connection)
        if settings is None:
            return None
        async with open_source(settings, self._store) as source:
            found = await source.expense(expense)
            if not isinstance(found, Expense) or found.receipt is None:
                return None
            file = await source.receipt_file(found.receipt)
        media = MEDIA_TYPES.get(file[0]) if file else None
        return (media, file[1]) if file and media else None
