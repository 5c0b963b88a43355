"""What a backfill would do with a document, without doing it: decided and mapped, never sent."""

from __future__ import annotations

from dataclasses import dataclass

from activities.customers import CustomerDesk
from activities.dates import posting_date
from activities.duplicates import refuse_possible_duplicate
from activities.linking import Linker, OpeningItem
from activities.look import Observer
from activities.posting import Poster
from activities.rehearsing import HELD, IGNORED, IN_BOOKS, LINKED, POSTED, Rehearsing, add, settled
from activities.tally import Tally
from connectors.ports import Unreadable
from documents.cash import CreditNote, CreditType
from documents.customer import Customer, TargetCustomer
from documents.invoice import Invoice
from documents.key import Key, Kind
from documents.money import Money
from documents.plan import Plan, StepName
from documents.row import DocumentRow
from policies import credit_note, opening
from policies.facts import Record, Source

_NOBODY = "NEW"
"""Stands for the number of a customer that would be created."""


@dataclass(frozen=True)
class Rehearsal(Rehearsing):
    """Goes through the invoices and credit notes of one connection."""

    async def invoice(self, invoice_id: str, tally: Tally) -> None:
        """Add an invoice and its payments to the tally."""
        observer = Observer(self.connection, self.store, self.seal, self.now)
        document = self._document(Kind.INVOICE, invoice_id)
        found, source, record, plan = await observer.consider(document)
        if found is None:
            return
        number, amount = found.number, _amount(found)
        outcome, reason = await self._outcome(source, record, plan)
        add(tally, "invoice", number, amount, outcome, reason)
        self._payments(source, record, outcome, tally)

    async def credit(self, credit_id: str, tally: Tally) -> None:
        """Add a credit note to the tally."""
        found = await self.connection.source.credit_note(credit_id)
        if found is None:
            return
        plan, record = await self._credit_plan(found, credit_id)
        outcome, reason = settled(plan)
        if plan.steps and isinstance(found, CreditNote):
            outcome, reason = await self._tried(self._credit_step(found, plan))
        number = record.row.source_number or found.number
        add(tally, "credit note", number, _amount(found), outcome, reason)

    async def _outcome(self, source: Source, record: Record, plan: Plan) -> tuple[str, str]:
        names = {step.name for step in plan.steps}
        if source.invoice and StepName.LINK_INVOICE in names:
            later = opening.since_cut_over(source, record, self.connection.policy)
            item = OpeningItem.of_invoice(source.invoice, later)
            return await self._tried(self._link(record.invoice_key, item))
        if source.invoice and StepName.POST_INVOICE in names:
            return await self._tried(self._map_invoice(source.invoice, record))
        return settled(plan)

    async def _link(self, key: Key, item: OpeningItem) -> str:
        await Linker(self._poster).find(key, item)
        return LINKED

    async def _map_invoice(self, invoice: Invoice, record: Record) -> str:
        client, customer = await self._customer(invoice.party_id)
        key, mapper = record.invoice_key, await self.connection.mapper()
        on = await posting_date(self.connection, invoice.document_date)
        if customer:
            await refuse_possible_duplicate(
                self.connection, record.row, customer.number, invoice.total, on, key.kind
            )
        number = customer.number if customer else _NOBODY
        mapper.map_invoice(invoice, client, number, key, on, {})
        return POSTED

    async def _credit_step(self, note: CreditNote, plan: Plan) -> str:
        (step,) = plan.steps
        key = Key.parse(step.key)
        if step.name is StepName.LINK_CREDIT_NOTE:
            return await self._link(key, OpeningItem.of_credit(note))
        client, customer = await self._customer(note.party_id)
        on = await posting_date(self.connection, note.document_date)
        if customer and step.name is StepName.POST_CREDIT_NOTE:
            row = DocumentRow(
                connection=self.connection.name, kind=Kind.CREDIT_NOTE, source_id=note.source_id
            )
            await refuse_possible_duplicate(
                self.connection, row, customer.number, note.total, on, key.kind
            )
        if note.type is CreditType.GOODWILL and step.name is StepName.POST_CREDIT_NOTE:
            number = customer.number if customer else _NOBODY
            mapper = await self.connection.mapper()
            mapper.map_credit_note(note, client, number, key, on, {})
        return POSTED

    async def _customer(self, party_id: str) -> tuple[Customer, TargetCustomer | None]:
        """The client, and the customer it would be posted for: None for one to be created, which
        must be possible to map."""
        mapper = await self.connection.mapper()
        desk = CustomerDesk(self._poster, mapper)
        client = await desk.client(party_id)
        found = await desk.find(client)
        if found is None:
            mapper.map_customer(client, self.connection.key(Kind.CUSTOMER, party_id))
        return client, found

    async def _credit_plan(
        self, found: CreditNote | Unreadable, credit_id: str
    ) -> tuple[Plan, Record]:
        name, kind = self.connection.name, Kind.CREDIT_NOTE
        row = await self.store.documents.get(name, kind, credit_id)
        row = row or DocumentRow(connection=name, kind=kind, source_id=credit_id)
        kinds = (Kind.CREDIT_NOTE, Kind.PREPAYMENT)
        postings = await self.store.postings.of_document(name, kinds, credit_id)
        record = Record(tag=self.connection.tag, row=row, postings={p.key: p for p in postings})
        note = found if isinstance(found, CreditNote) else None
        hold = found.hold if isinstance(found, Unreadable) else None
        return credit_note.decide(note, hold, record, self.connection.policy), record

    def _payments(self, source: Source, record: Record, outcome: str, tally: Tally) -> None:
        """Payments share the fate of their invoice, but for those that are in the books already
        and those of before the cut-over."""
        later = opening.since_cut_over(source, record, self.connection.policy).payments
        for payment in source.payments:
            fate = outcome if outcome in (HELD, IGNORED) else POSTED
            if payment not in later:
                fate = IGNORED
            elif record.is_live(record.cash_key(payment)):
                fate = IN_BOOKS
            tally.add("payment", fate, payment.amount)

    @property
    def _poster(self) -> Poster:
        return Poster(self.connection, self.store, lambda: self.now)


def _amount(found: Invoice | CreditNote | Unreadable) -> Money | None:
    return found.amount if isinstance(found, Unreadable) else found.total
