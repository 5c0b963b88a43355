"""Expenses and bills of vendors: wherever a posting with our key may stand, there is only one."""

from __future__ import annotations

from datetime import date

from connectors.errors import Misconfigured, after_write
from connectors.nav.company import Company
from connectors.nav.cost_journal import JOURNAL, CostJournal
from connectors.nav.errors import SYSTEM
from connectors.nav.ledger import Ledger, duplicate
from connectors.nav.payables import Payables
from connectors.nav.purchases import CREDIT_MEMO, INVOICE, PurchaseDocuments
from documents.key import Key, Kind
from documents.posting import Posting, PostingState
from documents.record import MappedRecord

COST_KINDS = (
    Kind.EXPENSE,
    Kind.EXPENSE_REVERSAL,
    Kind.BILL,
    Kind.BILL_REVERSAL,
    Kind.BILL_PAYMENT,
    Kind.BILL_PAYMENT_REVERSAL,
)
_CREDITS = (Kind.EXPENSE_REVERSAL, Kind.BILL_REVERSAL)
_PAYMENTS = (Kind.BILL_PAYMENT, Kind.BILL_PAYMENT_REVERSAL)


class Expenses:
    """What a person paid is a purchase invoice of theirs, as a bill is one of its vendor; what the
    company paid is a journal, as the payment of a bill is.

    Which of the two an expense becomes may change while it waits; its key does not. Every look
    therefore looks at both.
    """

    def __init__(self, company: Company, ledger: Ledger) -> None:
        self._company = company
        self._payables = Payables(company)
        self._purchases = {
            entity: PurchaseDocuments(company, ledger, self._payables, entity)
            for entity in (INVOICE, CREDIT_MEMO)
        }
        self._journal = CostJournal(company)
        self.similar = self._payables.similar
        self.of_vendor = self._payables.of_vendor

    async def lookup(self, key: Key) -> Posting:
        """Our posting: drafts first, then posted; one in both places is held."""
        if key.kind in _PAYMENTS:
            return await self._journal.lookup(key)
        entity = _purchase(key)
        document = await self._purchases[entity].lookup(key, entity)
        entered = await self._journal.lookup(key)
        found = [p for p in (document, entered) if p.state is not PostingState.ABSENT]
        if len(found) > 1:
            raise duplicate("look up expense", key, (p.number or "?" for p in found))
        return found[0] if found else document

    async def by_number(self, key: Key, number: str) -> Posting:
        """The posted purchase document with NAV's own number, or what a journal owes under it."""
        entity = _purchase(key)
        found = await self._purchases[entity].by_number(key, entity, number)
        if found.state is not PostingState.ABSENT or entity != INVOICE:
            return found
        return await self._payables.by_number(key, number)

    async def create(self, key: Key, record: MappedRecord) -> Posting:
        """Make the unposted document equal to the record; safe to repeat at any point."""
        made = await self._make(key, record)
        # The key may be posted already as the other of the two.
        if made.state is not PostingState.ABSENT:
            return made
        with after_write(SYSTEM, "create expense"):
            return await self.lookup(key)

    async def _make(self, key: Key, record: MappedRecord) -> Posting:
        if record.entity == JOURNAL:
            return await self._journal.create(key, record)
        if record.entity not in self._purchases:
            raise Misconfigured(
                SYSTEM,
                "create expense",
                f"the mapping makes {record.entity}; an expense is {INVOICE}, {CREDIT_MEMO} or "
                f"{JOURNAL} in NAV",
            )
        return await self._purchases[record.entity].create(key, record.entity, record)

    async def post(self, key: Key) -> Posting:
        """Post what was created, wherever it stands."""
        entity = _purchase(key)
        if (await self._journal.lookup(key)).state is PostingState.ABSENT:
            return await self._purchases[entity].post(key, entity)
        return await self._journal.post(key)

    async def discard(self, key: Key) -> None:
        """Remove an unposted document; nothing when there is none."""
        entity = _purchase(key)
        await self._purchases[entity].discard(key, entity)
        await self._journal.discard(key)

    async def reverse(self, original: Key, reversal: Key, posting_date: date) -> Posting:
        """Take back a posted journal; a purchase invoice is taken back by a credit memo."""
        done = await self._journal.lookup(reversal)
        if done.state is not PostingState.ABSENT:
            return done
        await self._company.codeunit.call(
            "ReverseJournal",
            "reverse journal",
            externalKey=original.text(),
            reversalKey=reversal.text(),
            postingDate=posting_date,
        )
        with after_write(SYSTEM, "reverse journal"):
            return await self._journal.lookup(reversal)


def _purchase(key: Key) -> str:
    return CREDIT_MEMO if key.kind in _CREDITS else INVOICE
