"""Payments and refunds as records: to be posted, taken back, or both, one after the other."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from activities.customers import refuse_blocked
from activities.dates import posting_date, wanted_date
from activities.duplicates import refuse_possible_duplicate
from activities.posting import Poster
from activities.reposting import InvoiceDesk
from activities.reversing import refuse_adopted
from documents.cash import Payment
from documents.hold import HoldRequired
from documents.key import Key
from documents.ledger import document_of
from documents.posting import Posting
from documents.record import MappedRecord
from documents.row import DocumentRow, DocumentState
from policies import conversion_holds, holds


@dataclass(frozen=True)
class ReceiptDesk:
    """Makes the records of one invoice's payments; `invoice` is its row."""

    poster: Poster
    invoice: DocumentRow

    async def record(
        self, row: DocumentRow, payment: Payment, key: Key, applies_to: str | None
    ) -> MappedRecord:
        """The record of a payment as it is now. HoldRequired where the mapping has none, no day is
        open for it, or people may have posted it."""
        connection, party = self.poster.connection, self.invoice.target_party
        mapper = await connection.mapper()
        if payment.exchange is None and mapper.is_converted(payment.amount.currency):
            raise HoldRequired(conversion_holds.not_converted(payment, self.invoice.target_number))
        on = await posting_date(connection, wanted_date(row, payment.date))
        if key.generation == 1:
            amount = abs(payment.amount)
            await refuse_possible_duplicate(connection, row, party, amount, on, key.kind)
        record = mapper.map_payment(payment, party, key, on, applies_to, row.corrections)
        return record.model_copy(update={"made_of": payment.fingerprint()})

    async def reversal_date(self, row: DocumentRow, original: Key, wanted: date | None) -> date:
        """The day on which a posted payment is taken back. HoldRequired when people posted it, or
        no day is open."""
        await refuse_adopted(self.poster, original)
        posted = await self.poster.connection.target.lookup(original)
        return await InvoiceDesk(self.poster).reversal_date(posted, wanted, row)

    async def have_others_looked_at(self, posted: Posting) -> None:
        """Other invoices that credit of a payment settles are open once it is taken back. Nothing
        changes about them at the source: in flight, they are woken by the sweep."""
        name, store = self.invoice.connection, self.poster.store
        owners = await store.known.owners(name, "invoice", posted.applied_to)
        for kind, source_id in map(document_of, set(owners.values())):
            row = await store.documents.get(name, kind, source_id)
            if row and source_id != self.invoice.source_id and row.state is DocumentState.POSTED:
                why = (
                    f"payment {Key.parse(posted.key).source_id}, whose credit it uses, was changed"
                )
                waits = {"state": DocumentState.IN_FLIGHT, "reason": why, "closed": False}
                await store.documents.save(row.model_copy(update=waits))

    async def rehearse(
        self, row: DocumentRow, payment: Payment, key: Key, original: Key, wanted: date | None
    ) -> None:
        """Whether a payment that is to be taken back can be posted anew: HoldRequired, or what the
        target says, before anything is touched."""
        invoice, money = self.invoice, self.invoice.amount
        if money and payment.stated.currency != money.currency:
            raise HoldRequired(holds.other_currency(invoice.source_number, money.currency, payment))
        await self.reversal_date(row, original, wanted)
        record = await self.record(row, payment, key, None)
        target = self.poster.connection.target
        for customer in await target.find_customers(number=invoice.target_party):
            refuse_blocked(customer, "All")
        mapper = await self.poster.connection.mapper()
        await self.poster.rehearse(key, record, mapper.settle_rounding)
