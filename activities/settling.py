"""Applying entries and taking that back: never in a period that was signed off here, and with
nothing forgotten when it fails halfway."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from activities.context import Connection
from activities.memos import EntryMemo
from connectors.errors import Unavailable
from documents.hold import HoldRequired
from documents.key import Key, Kind
from documents.money import Money
from documents.posting import Posting, PostingState
from documents.write_off import customers_amount
from policies import holds
from store.store import Store


@dataclass(frozen=True)
class SettlingDesk:
    """Applications of one connection. The target dates them by the later of both documents, and
    in another currency than its own it books a gain or loss on that day."""

    connection: Connection
    store: Store

    async def apply(
        self, entry: Key, number: str, amount: Money | None, kind: Kind = Kind.INVOICE
    ) -> Posting:
        """`TargetPort.apply`; HoldRequired when it would post into a signed-off period."""
        found = await self.connection.target.lookup(entry)
        if amount is None or found.applied(number, amount) < amount:
            await self._require_open(entry, found, number, kind)
        return self._seen(await self.connection.target.apply(entry, number, amount, kind))

    def _seen(self, entry: Posting) -> Posting:
        """Unavailable for what the target does not show: that it was changed is not known."""
        if entry.state is PostingState.ABSENT:
            system = self.connection.target.system
            raise Unavailable(system, "settle", f"{entry.key} is not to be seen")
        return entry

    async def settle_credit(
        self, credit: Key, memo: Posting, original: Key, number: str
    ) -> Posting:
        """A posted credit memo, settled with what it takes back, of that number in the target,
        where posting it has not done so. HoldRequired as `apply`."""
        if not memo.remaining or number in ("", *memo.applied_to):
            return memo
        if not (await self.connection.target.lookup_number(original, number)).remaining:
            return memo
        return await self.apply(credit, number, None)

    async def unapply(self, entry: Key, number: str = "") -> Posting:
        """`TargetPort.unapply`; HoldRequired when it would post into a signed-off period."""
        found = await self.connection.target.lookup(entry)
        for each in (number,) if number else found.applied_to:
            if each in found.applied_to:
                await self._require_open(entry, found, each, Kind.INVOICE)
        memo = EntryMemo(self.connection, self.store, entry)
        return self._seen(await self.connection.target.unapply(entry, number, memo))

    async def settle_write_offs(self, invoice_id: str) -> None:
        """Let what was written off of an invoice as a debit settle what was received too much
        for it. Nothing is received when that is not so."""
        name = self.connection.name
        rows = await self.store.postings.of_document(name, Kind.WRITE_OFF, invoice_id)
        for row in rows:
            if row.state is PostingState.POSTED and row.record and customers_amount(row.record) > 0:
                await self._settle_debit(Key.parse(row.key), invoice_id)

    async def _settle_debit(self, entry: Key, invoice_id: str) -> None:
        target, name = self.connection.target, self.connection.name
        left = (await target.lookup(entry)).remaining
        for row in await self.store.documents.children(name, Kind.PAYMENT, invoice_id):
            if not left:
                return
            key = self.connection.key(Kind.PAYMENT, row.source_id, row.generation)
            paid = await target.lookup(key)
            if paid.state is PostingState.POSTED and paid.remaining:
                left = (await self.apply(entry, paid.number or "", None, Kind.PAYMENT)).remaining

    async def _require_open(self, entry: Key, found: Posting, number: str, kind: Kind) -> None:
        local = (await self.connection.mapper()).local_currency
        if found.figures is None or found.figures.total.currency == local:
            return
        key = self.connection.key(kind, entry.source_id)
        other = await self.connection.target.lookup_number(key, number)
        days = [day for day in (found.posting_date, other.posting_date) if day]
        if days and await self._is_posted_on(max(days)):
            raise HoldRequired(holds.signed_off_application(entry.text(), number, max(days)))

    async def _is_posted_on(self, day: date) -> bool:
        """Whether it would be posted on a signed-off day: on one that the target has closed, it
        posts nothing."""
        if not await self.connection.is_signed_off(day):
            return False
        return await self.connection.target.open_day(day) == day
