"""What a write-off means for the process of its invoice."""

from __future__ import annotations

from dataclasses import dataclass

from activities.context import Connection
from connectors.ports import Unreadable
from documents.key import Kind
from documents.ledger import document_of
from documents.row import DocumentRow
from documents.tieout import Break
from store.breaks import LIVE
from store.store import Store


@dataclass(frozen=True)
class Edit:
    """An edit at the source that is written off is none any more: with the write-off the books
    say what the source says, and payments go on."""

    connection: Connection
    store: Store
    found: Break

    async def settle(self) -> None:
        """Take the invoice as it is now for what stands in the target, unless it differs in
        anything else than what was written off. One with a late fee of its own stays with a
        person."""
        row = await self._row()
        if row is None or not row.fingerprint or await self._differs_otherwise():
            return
        if await self.store.postings.of_document(row.connection, Kind.LATE_FEE, row.source_id):
            return
        invoice = await self.connection.source.invoice(row.source_id)
        if invoice is not None and not isinstance(invoice, Unreadable):
            await self._take(row, invoice.fingerprint())

    async def open_again(self) -> None:
        """The write-off was taken back: what stands in the target is what was posted."""
        row = await self._row()
        if row is None or not row.fingerprint:
            return
        key = self.connection.key(row.kind, row.source_id, row.generation)
        kept = await self.store.postings.get(key.text())
        if kept is not None and kept.record is not None and kept.record.made_of:
            await self._take(row, kept.record.made_of)

    async def _row(self) -> DocumentRow | None:
        kind, source_id = document_of(self.found.match)
        if kind is not Kind.INVOICE:
            return None
        return await self.store.documents.get(self.connection.name, kind, source_id)

    async def _differs_otherwise(self) -> bool:
        others = await self.store.breaks.page(
            self.found.connection, self.found.period, states=LIVE, match=self.found.match
        )
        return any(each.break_id != self.found.break_id for each in others)

    async def _take(self, row: DocumentRow, fingerprint: str) -> None:
        if row.fingerprint != fingerprint:
            await self.store.documents.save(row.model_copy(update={"fingerprint": fingerprint}))
