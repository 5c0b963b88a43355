"""Dynamics NAV as a target of postings."""

from __future__ import annotations

from datetime import date
from types import TracebackType
from typing import Self

import httpx

from connectors.errors import Misconfigured
from connectors.limits import RateLimiter
from connectors.nav.company import Company
from connectors.nav.cost_journal import JOURNAL
from connectors.nav.customers import Customers
from connectors.nav.demands import Demands
from connectors.nav.errors import SYSTEM, rejected
from connectors.nav.expenses import COST_KINDS, Expenses
from connectors.nav.journal import JournalEntries
from connectors.nav.ledger import Ledger
from connectors.nav.listing import Listing
from connectors.nav.periods import Periods
from connectors.nav.sales import SalesDocuments
from connectors.nav.sales_journal import SalesJournal
from connectors.nav.settings import JOURNAL_ENTITIES, NavSettings, SignIn
from connectors.nav.settlement import Settlement
from connectors.ports import Memo, Safety
from connectors.transport import Transport
from documents.customer import TargetCustomer
from documents.key import Key, Kind
from documents.money import Money
from documents.posting import Posting
from documents.record import MappedRecord
from documents.schema import TargetSchema


class NavTarget:
    """One NAV company as a `TargetPort`.

    Documents are made, posted, applied and reversed by the installed codeunit, which takes our
    key under a lock; their fields are written over OData. `lookup` of a created document says
    that it exists, not that it is complete: `create` again with the same record makes it so.

    Raises the taxonomy of `connectors.errors`. Use it as a context manager, or call `aclose`.
    """

    system = SYSTEM

    def __init__(
        self,
        settings: NavSettings,
        *,
        limiter: RateLimiter | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._settings = settings
        self._transports = [_transport(settings, settings.base_url, limiter, transport)]
        if settings.soap_url:
            self._transports.append(_transport(settings, settings.soap_url, limiter, transport))
        self._company = Company(settings, self._transports[0], self._transports[-1])
        self._ledger = Ledger(self._company)
        self._sales = SalesDocuments(self._company, self._ledger)
        self._payments = JournalEntries(self._company, self._ledger)
        self._journal = SalesJournal(self._company, self._ledger)
        self._expenses = Expenses(self._company, self._ledger)
        self._customers = Customers(self._company)
        self.ledger = Listing(self._company)
        self._periods = Periods(self._company)
        self._demands = Demands(self._company)
        self._settlement = Settlement(self._company, self._ledger, self.lookup)
        self.safety = Safety(
            refuses_duplicates=True,
            settle_seconds=settings.settle_seconds,
            explanation="the codeunit takes the key under a lock and returns the number it knows",
            resumes_creation=True,
            keeps_drafts=True,
        )

    async def aclose(self) -> None:
        """Close the connections."""
        for transport in self._transports:
            await transport.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.aclose()

    async def schema(self) -> TargetSchema:
        """What a mapping may write, read from the published pages once per process."""
        return await self._company.schema()

    async def check(self) -> list[str]:
        """What the connection lacks in NAV: pages, codeunit or local currency; none when all is
        there. Raises Misconfigured, which names it, for what cannot even be read."""
        await self._company.schema()
        await self._company.codeunit.check()
        await self._company.local_currency()
        return [*await self._sales.lacking(), *await self._demands.lacking()]

    async def refresh(self) -> None:
        """Read NAV's descriptions again at the next use."""
        await self._company.refresh()

    async def find_customers(
        self, *, key: str = "", number: str = "", email: str = "", name: str = ""
    ) -> list[TargetCustomer]:
        """Customers for which everything given is equal, without regard to case."""
        return await self._customers.find(key=key, number=number, email=email, name=name)

    async def create_customer(self, key: Key, record: MappedRecord) -> TargetCustomer:
        """The customer with this key, made if there is none."""
        return await self._customers.create(key, record)

    async def update_customer(self, number: str, record: MappedRecord) -> TargetCustomer:
        """Change only the record's fields of a customer."""
        return await self._customers.update(number, record)

    async def lookup(self, key: Key) -> Posting:
        """What NAV has for our key: drafts first, then posted documents."""
        if key.kind in COST_KINDS:
            return await self._expenses.lookup(key)
        entity = self._entity(key)
        if entity == JOURNAL:
            return await self._journal.lookup(key)
        if entity in JOURNAL_ENTITIES:
            return await self._payments.lookup(key, entity)
        return await self._sales.lookup(key, entity)

    async def shows_drafts(self, key: Key) -> bool:
        """Always: drafts and journal lines are pages like all others."""
        return True

    async def create(self, key: Key, record: MappedRecord) -> Posting:
        """Make the unposted document equal to the record; safe to repeat at any point. What its
        accounts demand is known before anything is written."""
        await self._demands.check(record)
        if key.kind in COST_KINDS:
            return await self._expenses.create(key, record)
        entity = self._entity(key)
        if entity == JOURNAL:
            return await self._journal.create(key, record)
        if entity in JOURNAL_ENTITIES:
            return await self._payments.create(key, entity, record)
        return await self._sales.create(key, entity, record)

    async def post(self, key: Key) -> Posting:
        """Post what was created; a key that is posted already gives its existing number."""
        if key.kind in COST_KINDS:
            return await self._expenses.post(key)
        entity = self._entity(key)
        if entity == JOURNAL:
            return await self._journal.post(key)
        if entity in JOURNAL_ENTITIES:
            return await self._payments.post(key, entity)
        return await self._sales.post(key, entity)

    async def discard(self, key: Key) -> None:
        """Remove an unposted document; nothing when there is none."""
        if key.kind in COST_KINDS:
            await self._expenses.discard(key)
            return
        entity = self._entity(key)
        if entity == JOURNAL:
            await self._journal.discard(key)
        elif entity in JOURNAL_ENTITIES:
            await self._payments.discard(key, entity)
        else:
            await self._sales.discard(key, entity)

    async def reverse(
        self, original: Key, reversal: Key, posting_date: date, memo: Memo | None = None
    ) -> Posting:
        """Take back a posted payment, unapplying it first, or a journal of expenses."""
        if original.kind in COST_KINDS:
            return await self._expenses.reverse(original, reversal, posting_date)
        return await self._settlement.reverse(original, reversal, posting_date, memo)

    async def reverse_entry(
        self, original: Key, number: str, reversal: Key, posting_date: date
    ) -> Posting:
        """Take back a receipt or credit of a journal, by the codeunit, which finds it by its
        external document number."""
        is_credit = original.kind is Kind.CREDIT_NOTE
        if is_credit and await self._sales.is_document("credit_memo", number):
            raise rejected("reverse entry", "correct-by-hand", document=number)
        return await self._settlement.reverse_entry(original, number, reversal, posting_date)

    async def apply(
        self,
        entry: Key,
        invoice_number: str,
        amount: Money | None = None,
        kind: Kind = Kind.INVOICE,
    ) -> Posting:
        """Apply an open posted entry of ours to a posted invoice or refund of NAV."""
        return await self._settlement.apply(entry, invoice_number, amount, kind)

    async def unapply(
        self, entry: Key, invoice_number: str = "", memo: Memo | None = None
    ) -> Posting:
        """Take back what an entry of ours settles: on one invoice, or on all."""
        return await self._settlement.unapply(entry, invoice_number, memo)

    async def lookup_number(self, key: Key, number: str) -> Posting:
        """What stands under NAV's own number for a document of the key's kind."""
        if key.kind in COST_KINDS:
            return await self._expenses.by_number(key, number)
        entity = self._entity(key)
        if entity in JOURNAL_ENTITIES:
            return await self._ledger.by_number(key, number)
        return await self._sales.by_number(key, entity, number)

    async def open_day(self, on: date) -> date | None:
        """The first day on or after `on` into which NAV lets anybody post; None if none."""
        return await self._periods.open_day(on)

    async def find_vendor_document(self, vendor: str, number: str) -> list[str]:
        """NAV's numbers of what a vendor is owed for under the vendor's own document number."""
        return await self._expenses.of_vendor(vendor, number)

    async def find_similar(self, party: str, amount: Money, on: date, days: int) -> list[Posting]:
        """Entries without our key of the same customer, amount and currency near a date."""
        return await self._ledger.similar(party, amount, on, days)

    async def find_similar_payables(
        self, vendor: str, amount: Money, on: date, days: int
    ) -> list[Posting]:
        """Invoices of the vendor without our key over this amount near a date."""
        return await self._expenses.similar(vendor, amount, on, days)

    def _entity(self, key: Key) -> str:
        entity = self._settings.entities.get(key.kind)
        if entity is None:
            raise Misconfigured(
                SYSTEM,
                "choose a document",
                f"the connection's entities setting names no NAV document for {key.kind}",
            )
        return entity


def _transport(
    settings: NavSettings,
    url: str,
    limiter: RateLimiter | None,
    transport: httpx.AsyncBaseTransport | None,
) -> Transport:
    # NTLM signs in a connection by three messages: another call between them would break it.
    ntlm = settings.sign_in is SignIn.NTLM
    return Transport(
        SYSTEM,
        url,
        timeout=settings.timeout,
        max_concurrency=1 if ntlm else settings.max_concurrency,
        requests_per_second=settings.requests_per_second,
        limiter=limiter,
        network=settings.network,
        transport=transport,
    )
