"""What stands in the books for an invoice: its own posting, and that of its late fee."""

from __future__ import annotations

from dataclasses import dataclass

from activities import rows
from activities.context import Connection
from activities.figures import is_in_ledger
from documents.key import Key, Kind
from documents.money import Money
from documents.posting import Posting
from documents.row import DocumentRow
from policies.facts import Record
from store.store import Store

_POSTINGS = (Kind.INVOICE, Kind.LATE_FEE)


@dataclass(frozen=True)
class LateFeeDesk:
    """Late fees of one connection. They have no row: that of the invoice is over both."""

    connection: Connection
    store: Store

    async def posted(self, row: DocumentRow, key: Key, posting: Posting) -> None:
        """Write down what became of a fee that was sent."""
        if not is_in_ledger(posting):
            await self.store.documents.save(rows.waits_for_late_fee(row, posting))
            return
        await self.store.documents.save(await self.summed(row))
        await self.store.references.put(
            row.connection, key.kind, row.source_id, row.source_number, posting.number or ""
        )

    async def summed(self, row: DocumentRow) -> DocumentRow:
        """The row over what is posted and was not taken back, in the source's currency."""
        kinds = (*_POSTINGS, *(kind.reversal for kind in _POSTINGS))
        found = await self.store.postings.of_document(row.connection, kinds, row.source_id)
        by_key = {each.key: each for each in found}
        record = Record(tag=self.connection.tag, row=row, postings=by_key)
        amounts = [each.stated for each in record.live(*_POSTINGS) if each.stated]
        amount = Money.total(amounts, amounts[0].currency) if amounts else row.amount
        return row.model_copy(update={"amount": amount})

    async def number_of(self, key: Key) -> str:
        """The target's number of a posting without a row of its own."""
        kept = await self.store.postings.get(key.text())
        return kept.number if kept else ""
