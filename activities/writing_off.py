"""Writing off a small difference: a line of the general journal between the customer and the
account that the settings name, and taking that back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from activities.books import scope_of, source_ledger, target_ledger
from activities.context import Connection
from activities.dates import is_open, posting_date
from activities.figures import is_in_ledger
from activities.posting import Poster
from activities.posting_holds import not_done
from activities.settling import SettlingDesk
from activities.written_off import Edit
from documents.hold import HoldRequired
from documents.key import Key, Kind
from documents.ledger import document_of, from_millionths, row_of
from documents.ledger_keys import MOST_WRITE_OFFS
from documents.money import Money
from documents.posting import LEDGERED, Posting, PostingState
from documents.row import PostingRow
from documents.tieout import Break
from documents.write_off import WriteOff, decision_of
from policies.tieout.compare import live_rows
from policies.tieout.periods import Period
from policies.tieout.write_offs import on_customer, why_not
from store.written_off import written_off


@dataclass(frozen=True)
class WriteOffPosting:
    """The line that books a difference of an invoice, as long as it is the difference that two
    people saw. It is dated in the period that is tied out."""

    poster: Poster
    found: Break
    is_waiting: bool = False

    async def post(self, today: date) -> Posting:
        """Post it, or find it posted. HoldRequired above a limit, in a closed period, and when
        anything moved since it was decided."""
        key = await self._key()
        if not self.is_waiting and not await self._is_posted(key):
            await self._prepare(key, today)
        posting, _ = await self.poster.post(key)
        if is_in_ledger(posting):
            await Edit(self._connection, self.poster.store, self.found).settle()
        return posting

    async def settle(self, posting: Posting) -> None:
        """A debit settles what was received too much for the invoice; a credit was applied to it
        as it was posted."""
        _, source_id = document_of(self.found.match)
        await SettlingDesk(self._connection, self.poster.store).settle_write_offs(source_id)

    async def withdraw(self) -> None:
        """Neither a line in the journal nor a record of ours stays of what was refused."""
        key = await self._key()
        row = await self.poster.store.postings.get(key.text())
        if row is None or row.record is None or row.state in LEDGERED:
            return
        await self.poster.discard(key)
        row = await self.poster.store.postings.get(key.text())
        if row is not None and row.state not in LEDGERED:
            await self.poster.store.postings.replace_record(key.text(), None)

    @property
    def _connection(self) -> Connection:
        return self.poster.connection

    async def _key(self) -> Key:
        """The key of this decision: the one it was posted under, else the first that is free. One
        that may still be posted for an earlier decision is not passed over."""
        rows = await _rows(self.poster, self.found)
        for row in rows:
            if row.state is PostingState.POSTED and _is_of(row, self.found):
                return Key.parse(row.key)
        used = {row.generation for row in rows if row.state in LEDGERED}
        free = next((n for n in range(1, MOST_WRITE_OFFS + 1) if n not in used), None)
        if free is None:
            raise not_done("So much of it was written off already: look at it in the target.")
        _, source_id = document_of(self.found.match)
        return self._connection.key(Kind.WRITE_OFF, source_id, free)

    async def _is_posted(self, key: Key) -> bool:
        """HoldRequired when an earlier write-off was posted under the key after all."""
        if not await self.poster.doubt.is_posted(key):
            return False
        row = await self.poster.store.postings.get(key.text())
        if row is None or not _is_of(row, self.found):
            raise _moved("an earlier write-off of it was posted after all")
        return True

    async def _prepare(self, key: Key, today: date) -> None:
        invoice = await self._invoice()
        amount = Money.of(on_customer(self.found), self.found.currency)
        settles = await self._settled_number(invoice, amount)
        on = await self._day(invoice, today)
        made = WriteOff(
            number=self.found.number,
            account=self._connection.tie_out.write_off_account or "",
            amount=amount,
            made_of=decision_of(self.found),
        )
        mapper = await self._connection.mapper()
        record = mapper.map_write_off(made, invoice.party or "", key, on, settles)
        if (await self.poster.prepare(key, record)).made_of != made.made_of:
            raise _moved("an earlier write-off of it was posted after all")
        # Only now: two that are prepared at once see each other, and never both pass.
        await self._require_limits()

    async def _require_limits(self) -> None:
        postings, found = self.poster.store.postings, self.found
        so_far = await written_off(postings, self._connection.name, found)
        if reason := why_not(found, self._connection.tie_out, so_far):
            raise not_done(reason)

    async def _invoice(self) -> Posting:
        """The invoice in the target, as it was when two people decided."""
        found, name = self.found, self._connection.name
        kind, source_id = document_of(found.match)
        row = await self.poster.store.documents.get(name, kind, source_id)
        generation = row.generation if row else 1
        key = self._connection.key(kind, source_id, generation)
        invoice = await self._connection.target.lookup_number(key, found.target_number)
        if invoice.state is not PostingState.POSTED or invoice.figures is None:
            raise _moved(f"{found.target_number} is not posted in the target, or was taken back")
        total = invoice.figures.total
        source = await source_ledger(self._connection).line(found.match)
        if source is None:
            raise _moved("the document is gone at the source")
        if {source.currency, total.currency} != {found.currency}:
            raise not_done("It is posted in another currency than that of the document.")
        if source.amount != found.amount:
            raise _moved("the document is another one at the source")
        stands = total.amount + await self._beside(generation)
        if stands != found.amount + found.difference:
            raise _moved(f"{found.target_number} has another amount in the target")
        return invoice

    async def _beside(self, generation: int) -> Decimal:
        """What late fees and earlier write-offs add to the invoice."""
        connection = self._connection
        lines = await target_ledger(connection).entries_of(
            scope_of(connection), self.found.match, generation
        )
        rows = live_rows([row_of(line) for line in lines])
        return from_millionths(sum(row.amount for row in rows if row.generation < 0))

    async def _settled_number(self, invoice: Posting, amount: Money) -> str:
        """The number of the invoice that a credit settles; none for a debit."""
        if amount.amount > 0:
            return ""
        if invoice.remaining is not None and invoice.remaining < abs(amount):
            raise not_done(
                f"Only {invoice.remaining} of {self.found.target_number} are open in the target: "
                "unapply there what settles too much of it."
            )
        return self.found.target_number

    async def _day(self, invoice: Posting, today: date) -> date:
        last = Period.parse(self.found.period).last
        on = min(max(today, invoice.posting_date or today), last)
        if not await is_open(self._connection, on):
            raise not_done(
                f"The period of {on} is closed in the target or signed off here: open it, or let "
                "the difference stay (accept)."
            )
        return on


@dataclass(frozen=True)
class WriteOffReversal:
    """The reversal of a write-off, under the key that belongs to it."""

    poster: Poster
    found: Break

    async def post(self, today: date) -> Posting:
        """Post it, or find it posted: on the day of the write-off, by policy on the first open
        day after it. HoldRequired when the write-off is not known."""
        connection, original = self.poster.connection, await self._original()
        reversal = original.of_kind(Kind.WRITE_OFF_REVERSAL)
        posted = await connection.target.lookup(original)
        on = today
        if not await self.poster.doubt.is_posted(reversal):
            on = await posting_date(connection, posted.posting_date or today)
            if posted.applied_to:
                await SettlingDesk(connection, self.poster.store).unapply(original)
        posting = await self.poster.send(
            reversal, "reverse", lambda: connection.target.reverse(original, reversal, on)
        )
        if is_in_ledger(posting):
            taken_back = await connection.target.lookup(original)
            await self.poster.store.postings.confirm(original.text(), taken_back)
            await Edit(connection, self.poster.store, self.found).open_again()
        return posting

    async def withdraw(self) -> None:
        """A reversal is posted at once: nothing is prepared of it."""

    async def settle(self, posting: Posting) -> None:
        """What took the invoice back meanwhile could not settle what was written off of it."""
        connection, store = self.poster.connection, self.poster.store
        _, source_id = document_of(self.found.match)
        for row in await store.postings.of_document(
            connection.name, Kind.INVOICE_REVERSAL, source_id
        ):
            key = Key.parse(row.key)
            memo = await connection.target.lookup(key)
            taken_back = await store.postings.get(key.of_kind(Kind.INVOICE).text())
            if taken_back and memo.remaining and memo.figures:
                desk, whole = SettlingDesk(connection, store), memo.figures.total
                await desk.apply(key, taken_back.number, whole)

    async def _original(self) -> Key:
        """The latest write-off of this decision, or the one that is a break by itself."""
        rows = await _rows(self.poster, self.found)
        is_alone, number = self.found.is_alone, self.found.target_number
        ours = [
            row
            for row in rows
            if row.state in LEDGERED
            and (row.number == number if is_alone else _is_of(row, self.found))
        ]
        if not ours:
            raise not_done("It is not known how it was written off: reverse it in the target.")
        return Key.parse(ours[-1].key)


async def _rows(poster: Poster, found: Break) -> list[PostingRow]:
    _, source_id = document_of(found.match)
    return await poster.store.postings.of_document(
        poster.connection.name, Kind.WRITE_OFF, source_id
    )


def _is_of(row: PostingRow, found: Break) -> bool:
    """Whether a write-off was posted for this decision and no other one."""
    return row.record is not None and row.record.made_of == decision_of(found)


def _moved(what: str) -> HoldRequired:
    return not_done(f"It is not what was decided about: {what}. Tie out again.")
