"""Staging: both sides' lines, page by page, into our store, in the shape in which they compare."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from activities.context import Connection
from activities.rates import Rates
from activities.reconciling import Begun
from connectors.listings import CreditPage, OpenCredit, SumPage
from documents.key import Kind
from documents.ledger import (
    BookKind,
    BookRow,
    LedgerLine,
    Mark,
    Side,
    from_millionths,
    in_millionths,
    row_of,
)
from mapping.mapper import Mapper
from policies.bills.settings import BillPolicy
from policies.expenses.settings import ExpensePolicy
from policies.tieout.bills import owed
from policies.tieout.claims import claimed
from policies.tieout.customers import NAME_LENGTH
from policies.tieout.settings import TieOutPolicy
from store.claims import digest_of
from store.known import KnownDocument
from store.store import Store

_REMEMBERED = 50_000
"""Customers kept in memory while staging, about 10 MB."""

_PAYABLE = (BookKind.BILL, BookKind.BILL_PAYMENT)
_BOUGHT = (BookKind.EXPENSE, *_PAYABLE)

_TARGET_KINDS = {
    BookKind.INVOICE: "invoice",
    BookKind.CREDIT_MEMO: "credit_memo",
    BookKind.PAYMENT: "payment",
}
_BOUGHT_KINDS = {BookKind.EXPENSE: Kind.EXPENSE, BookKind.BILL: Kind.BILL}


@dataclass(frozen=True)
class Stager:
    """Makes rows of lines, with what our store adds: the customer of a client, the document that
    an entry without a key stands for, and whether an entry belongs to the tie-out at all."""

    connection: str
    policy: TieOutPolicy
    store: Store
    first: date
    expenses: ExpensePolicy | None = None
    bills: BillPolicy | None = None
    rates: Rates | None = None
    mapper: Callable[[], Awaitable[Mapper]] | None = None
    _customers: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, connection: Connection, store: Store, begun: Begun) -> Stager:
        return cls(
            connection.name,
            connection.tie_out,
            store,
            begun.first,
            connection.expenses,
            connection.bills,
            connection.rates,
            connection.mapper,
        )

    async def source_rows(self, lines: Sequence[LedgerLine]) -> list[BookRow]:
        """Rows of the source; their party is the target's customer, where one is linked. What
        the policy leaves to others is left out."""
        booked = await self._as_booked(lines)
        sold = [line for line in booked if line.kind not in _BOUGHT]
        customers = await self._customers_of({line.party for line in sold})
        rows = []
        for line in sold:
            linked = customers.get(line.party)
            if line.kind is BookKind.CUSTOMER:
                rows += [self._card(line._replace(party=linked))] if linked else []
                continue
            party = linked or f"client {line.party}"
            rows.append(self._row(self._rated(line._replace(party=party)), line.posted))
        return [*rows, *self._bought(booked)]

    def _bought(self, lines: Sequence[LedgerLine]) -> Iterator[BookRow]:
        for line in lines:
            found = None
            if line.kind is BookKind.EXPENSE and self.expenses is not None:
                found = claimed(line, self.expenses)
            elif line.kind in _PAYABLE and self.bills is not None:
                found = owed(line, self.bills)
            if found is not None:
                yield self._row(self._rated(found), found.posted)

    def _rated(self, line: LedgerLine) -> LedgerLine:
        if self.rates is None or line.rate is not None:
            return line
        return line._replace(rate=self.rates.of(line.currency, line.posted))

    async def _as_booked(self, lines: Sequence[LedgerLine]) -> Sequence[LedgerLine]:
        """What was converted is compared in the currency that it was posted in; whoever is
        billed so may have any on the card."""
        mapper = await self.mapper() if self.mapper else None
        if mapper is None:
            return lines
        found = [n for n in lines if n.match and mapper.is_converted(n.currency)]
        cards = {n.match for n in found if n.kind is BookKind.CUSTOMER}
        known = await self.store.known.by_match(self.connection, {n.match for n in found} - cards)
        return [
            line._replace(currency="") if line.match in cards
            else _booked(line, known.get(line.match))
            for line in lines
        ]  # fmt: skip

    async def target_rows(self, lines: Sequence[LedgerLine]) -> list[BookRow]:
        """Rows of the target; adopted entries get the match of their document, those of
        customers whom no client is linked to are marked as outside, and duplicates that we took
        back as reversed."""
        foreign = [line for line in lines if not line.match]
        owners = await self._owners(foreign)
        linked = await self._linked(foreign)
        undone = await self._undone(lines)
        rows = []
        for line in lines:
            if self._policy_of(line.kind) is None:
                continue
            if line.kind is BookKind.INVOICE and line.number in undone:
                line = line._replace(marks=line.marks | Mark.REVERSED)
            if not line.match:
                line = self._placed(line, owners, linked)
            if line.kind is BookKind.BILL and not line.match:
                continue  # most bills are entered in the target, and are no concern of the source
            is_card = line.kind is BookKind.CUSTOMER
            rows.append(self._card(line) if is_card else self._row(line, line.posted))
        return rows

    def _policy_of(self, kind: BookKind) -> object | None:
        """What of a shared ledger is compared at all: without the policy the source lists none."""
        if kind in _PAYABLE:
            return self.bills
        return self.expenses if kind is BookKind.EXPENSE else self.policy

    def _card(self, line: LedgerLine) -> BookRow:
        """A client or a customer: of the period whatever its date, and without its name."""
        name, day = " ".join(line.name.split())[:NAME_LENGTH], self.first
        told = f"{line.currency} {digest_of(name)[:16]}"
        return row_of(line._replace(currency="", applied_to=told, day=day, posted=day, name=""))

    async def stage(self, run: int, side: Side, lines: Sequence[LedgerLine]) -> int:
        """Stage a page; returns how many lines it had."""
        made = self.source_rows if side is Side.SOURCE else self.target_rows
        await self.store.lines.put(run, side, await made(lines))
        return len(lines)

    def _row(self, line: LedgerLine, day: date) -> BookRow:
        if day < self.first:
            line = line._replace(marks=line.marks | Mark.OPENING)
        return row_of(line)

    def _placed(
        self, line: LedgerLine, owners: dict[tuple[str, str], str], linked: set[str]
    ) -> LedgerLine:
        match = owners.get((line.kind, line.number))
        if match:
            return line._replace(match=match, marks=line.marks | Mark.ADOPTED)
        if line.kind in _BOUGHT or self._is_inside(line.party, line.number, linked):
            return line
        return line._replace(marks=line.marks | Mark.OUTSIDE)

    def _is_inside(self, party: str, number: str, linked: set[str]) -> bool:
        """Whether what others posted belongs to the tie-out."""
        prefixes = self.policy.number_prefixes
        return party in linked and (not prefixes or number.startswith(prefixes))

    async def credits(self, page: CreditPage) -> SumPage:
        """The open credits of a page that belong to the tie-out, by currency."""
        linked = await self._linked(page.credits)
        sums: dict[str, Decimal] = {}
        for each in page.credits:
            if each.ours or self._is_inside(each.party, each.number, linked):
                sums[each.currency] = sums.get(each.currency, Decimal(0)) + each.amount
        return SumPage(sums, len(page.credits), page.after)

    async def _customers_of(self, clients: set[str]) -> dict[str, str]:
        """The customers of these clients; most were asked for by the pages before."""
        if len(self._customers) > _REMEMBERED:
            self._customers.clear()
        if unknown := clients - self._customers.keys():
            self._customers.update(
                await self.store.references.targets(self.connection, Kind.CUSTOMER, unknown)
            )
        return self._customers

    async def _undone(self, lines: Iterable[LedgerLine]) -> set[str]:
        """Numbers of invoices that stood twice and were taken back by a credit memo of ours."""
        numbers = {line.number for line in lines if line.kind is BookKind.INVOICE}
        found = await self.store.references.targets(
            self.connection, Kind.DUPLICATE_REVERSAL, numbers
        )
        return {number for number, memo in found.items() if memo}

    async def _owners(self, lines: Iterable[LedgerLine]) -> dict[tuple[str, str], str]:
        found: dict[tuple[str, str], str] = {}
        for kind, target_kind in _TARGET_KINDS.items():
            numbers = {line.number for line in lines if line.kind is kind}
            owners = await self.store.known.owners(self.connection, target_kind, numbers)
            found |= {(kind, number): match for number, match in owners.items()}
        for kind, document in _BOUGHT_KINDS.items():
            numbers = {line.number for line in lines if line.kind is kind}
            bought = await self.store.known.bought(self.connection, document, numbers)
            found |= {(kind, number): match for number, match in bought.items()}
        return found

    async def _linked(self, lines: Iterable[LedgerLine | OpenCredit]) -> set[str]:
        parties = {line.party for line in lines}
        return await self.store.references.known_targets(self.connection, Kind.CUSTOMER, parties)


def _booked(line: LedgerLine, known: KnownDocument | None) -> LedgerLine:
    """A line over what was posted for it, as long as the source still says what was converted.
    Its tax and what is open of it in part are not compared: they were converted by themselves."""
    if known is None or known.posted_amount is None or known.amount is None:
        return line
    same = (known.currency, abs(known.amount)) == (line.currency, abs(in_millionths(line.amount)))
    if not same or known.posted_currency == line.currency:
        return line
    amount = abs(from_millionths(known.posted_amount))
    return line._replace(
        currency=known.posted_currency,
        amount=amount.copy_sign(line.amount),
        tax=None,
        open_amount=None if line.open_amount else line.open_amount,
    )
