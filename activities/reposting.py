"""Invoices as records: to be posted, taken back, or both, one after the other."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from activities.customers import CustomerDesk
from activities.dates import posting_date, wanted_date
from activities.posting import Poster, is_adopted
from activities.signatures import RepostRequest
from documents.hold import HoldRequired
from documents.invoice import Invoice
from documents.key import Key
from documents.posting import Posting
from documents.record import MappedRecord
from documents.row import DocumentRow
from policies import holds


@dataclass(frozen=True)
class InvoiceDesk:
    """Makes the records of one connection's invoices."""

    poster: Poster

    async def record(
        self, row: DocumentRow, invoice: Invoice, customer: str, key: Key, on: date
    ) -> MappedRecord:
        """The record of an invoice as it is now. HoldRequired where the mapping has none."""
        mapper = await self.poster.connection.mapper()
        client = await CustomerDesk(self.poster, mapper).client(invoice.party_id)
        values = row.corrections
        record = mapper.map_invoice(invoice, client, customer, key, on, values)
        return record.model_copy(update={"made_of": invoice.fingerprint()})

    async def reversal(
        self, row: DocumentRow, original: Key, reversal: Key, wanted: date | None
    ) -> MappedRecord:
        """The credit memo of what was posted. HoldRequired when people made that, or no day is
        open for it."""
        connection = self.poster.connection
        kept = await self.poster.store.postings.get(original.text())
        if kept is None or kept.record is None or is_adopted(kept):
            raise HoldRequired(holds.adopted_by_hand(original.text()))
        posted = await connection.target.lookup(original)
        on = await self.reversal_date(posted, wanted, row)
        mapper = await connection.mapper()
        return mapper.map_reversal(kept.record, reversal, on, posted.number or kept.number)

    async def reversal_date(self, posted: Posting, wanted: date | None, row: DocumentRow) -> date:
        """The day that is wanted, today in the books if there is none, or a later one that a
        person named; never before the posting that is taken back, and in an open period."""
        policy = self.poster.connection.policy
        changed = wanted or policy.day_of(self.poster.now())
        on = max(changed, wanted_date(row, changed), posted.posting_date or changed)
        return await posting_date(self.poster.connection, on)

    async def rehearse(self, row: DocumentRow, request: RepostRequest) -> None:
        """Whether an invoice that is to be taken back can be posted anew: HoldRequired, or what
        the target says, before anything is touched."""
        key, original = Key.parse(request.key), Key.parse(request.target_key)
        reversal = original.of_kind(original.kind.reversal)
        await self.reversal(row, original, reversal, request.posting_date)
        day = wanted_date(row, request.invoice.document_date)
        on = await posting_date(self.poster.connection, day)
        customer = request.customer_number
        record = await self.record(row, request.invoice, customer, key, on)
        mapper = await self.poster.connection.mapper()
        await self.poster.rehearse(key, record, mapper.settle_rounding)
