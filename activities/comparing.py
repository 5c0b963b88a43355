"""Comparing what is staged: both sides in the order of their matches, a page of each in memory.

The database leaves out the documents that agree in everything; what is left is merged and judged
here.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from operator import attrgetter

from pydantic import BaseModel

from activities.reconciling import Begun, Compared
from documents.ledger import BookKind, BookRow, Mark, Side, document_of
from documents.tieout import Break, BreakState, BreakType
from policies.tieout.causes import judged
from policies.tieout.compare import Known, Tolerances, compare, explained, shown_money
from policies.tieout.differences import Difference
from policies.tieout.merge import Group, Merge, merge_of_rows
from policies.tieout.rules import Pairing, pairings
from policies.tieout.settings import TieOutPolicy
from store.known import KnownDocument
from store.store import Store

PAGE = 5_000
_BATCH = 500
_BEYOND = "\U0010ffff"


class Comparison(BaseModel):
    """How far a comparison is: everything up to `match` is done."""

    match: str = ""
    foreign: str = ""
    matched: bool = False
    found: int = 0


@dataclass
class Comparer:
    """Compares the staged lines of one run and writes down the breaks."""

    store: Store
    policy: TieOutPolicy
    begun: Begun
    report: Callable[[Comparison], None] = lambda _: None
    _pending: list[Difference] = field(default_factory=list)

    async def compare(self, state: Comparison) -> Compared:
        """Compare from where the state says; what is done twice has the same outcome."""
        if not state.matched:
            await self._matched(state)
        await self._foreign(state)
        await self._pair()
        return Compared(found=state.found)

    async def _matched(self, state: Comparison) -> None:
        merge, tolerances = merge_of_rows(), Tolerances.of(self.policy)
        places = dict.fromkeys(Side, (state.match, _BEYOND if state.match else ""))
        while (side := merge.needs()) is not None:
            page = await self.store.lines.differing(self.begun.run, side, places[side], PAGE)
            if page:
                places[side] = (page[-1].match, page[-1].entry)
            merge.feed(side, page)
            self._take(merge, tolerances, state)
            await self._write_down(state)
            self.report(state)
        state.matched = True

    def _take(self, merge: Merge[BookRow], tolerances: Tolerances, state: Comparison) -> None:
        for source, target in merge.take():
            self._pending += compare(source, target, tolerances)
            state.match = (source or target)[0].match

    async def _write_down(self, state: Comparison) -> None:
        state.found += len(self._pending)
        for start in range(0, len(self._pending), _BATCH):
            batch = self._pending[start : start + _BATCH]
            await self.store.breaks.found(self.begun.run, await self._judged(batch))
        self._pending.clear()

    async def _judged(self, found: Sequence[Difference]) -> list[Break]:
        matches = {d.row.match for d in found if d.row.match}
        known = await self.store.known.by_match(self.begun.connection, matches)
        return [self.break_of(d, known.get(d.row.match)) for d in found]

    def break_of(self, found: Difference, document: KnownDocument | None) -> Break:
        """The break that a difference is, with what our own record says of the document."""
        known = known_of(document) if document else None
        explained_ = explained(found, known)
        return judged(explained_, known, self.policy, self.begun.connection, self.begun.period)

    async def _foreign(self, state: Comparison) -> None:
        """What others posted: outside of the scope it only counts, inside it is a break unless a
        rule finds its document."""
        while page := await self.store.lines.without_match(self.begun.run, state.foreign, PAGE):
            inside = [row for row in page if not row.marks & Mark.OUTSIDE]
            await self._write_foreign(inside, state)
            state.foreign = page[-1].entry
            self.report(state)

    async def _write_foreign(self, rows: Sequence[BookRow], state: Comparison) -> None:
        gone = Mark.REVERSED | Mark.REVERSAL | Mark.UNPOSTED
        live = [r for r in rows if not r.marks & gone and r.kind != BookKind.OTHER.value]
        for start in range(0, len(live), _BATCH):
            batch = live[start : start + _BATCH]
            twice = await self._twice(batch)
            found = [self._foreign_break(row, twice.get(row.entry)) for row in batch]
            await self.store.breaks.found(self.begun.run, found)
            state.found += len(found)

    async def _twice(self, rows: Sequence[BookRow]) -> dict[str, KnownDocument]:
        """Entries that bear the number of a document which we posted, over the same amount."""
        numbers = {row.reference for row in rows if row.reference} | {row.number for row in rows}
        documents = await self.store.known.by_number(self.begun.connection, numbers)
        found = {}
        for row in rows:
            candidates = [*documents.get(row.reference, ()), *documents.get(row.number, ())]
            for known in candidates:
                if _is_posted_twice(row, known):
                    found[row.entry] = known
        return found

    def _foreign_break(self, row: BookRow, twice: KnownDocument | None) -> Break:
        kind = BreakType.DUPLICATE_IN_TARGET if twice else BreakType.MISSING_IN_SOURCE
        cause = "posted-by-hand-too" if twice else "posted-by-hand"
        shown = f"{row.number}: {shown_money(row.amount, row.currency)}"
        difference = Difference(kind, None, row, "", shown, row.amount, cause)
        found = judged(difference, None, self.policy, self.begun.connection, self.begun.period)
        if twice is None:
            return found
        return found.model_copy(update={"match": twice.match, "number": twice.number})

    async def _pair(self) -> None:
        """Find, by rules, the entries that stand for documents which seem to be missing."""
        merge: Merge[Break] = Merge(attrgetter("place"))
        sides = {
            Side.SOURCE: BreakType.MISSING_IN_TARGET,
            Side.TARGET: BreakType.MISSING_IN_SOURCE,
        }
        places = dict.fromkeys(Side, ("", ""))
        while (side := merge.needs()) is not None:
            page = await self.store.breaks.by_place(
                self.begun.connection, self.begun.period, self.begun.run, sides[side], places[side]
            )
            if page:
                places[side] = (page[-1].place, page[-1].break_id)
            merge.feed(side, page)
            for group in merge.take():
                await self._paired(group)

    async def _paired(self, group: Group[Break]) -> None:
        for pair in pairings(*group, self.policy.suggestion_days):
            for found in (pair.source, pair.target):
                await self.store.breaks.save(_with_partner(found, pair), was=found)


def known_of(document: KnownDocument) -> Known:
    """What our record says of a document, for the explanation of a difference."""
    return Known(
        amount=document.posted_amount,
        currency=document.posted_currency,
        tax=document.posted_tax,
        day=document.posted_day,
        state=document.state,
        cause=document.cause,
        target_number=document.target_number,
        target_party=document.target_party,
        parent=document.parent,
    )


def _is_posted_twice(row: BookRow, known: KnownDocument) -> bool:
    kind, _ = document_of(known.match)
    same_kind = kind.value == row.kind.replace("credit memo", "credit_note")
    other = bool(known.target_number) and known.target_number != row.number
    return same_kind and other and known.amount == row.amount and known.state == "posted"


def _with_partner(found: Break, pair: Pairing) -> Break:
    partner = pair.target if found is pair.source else pair.source
    name = partner.target_number or partner.number
    if not pair.automatic:
        return found.model_copy(update={"suggestion": f"{name} (same {pair.rule})"})
    how = f"stands for {name}: same {pair.rule}"
    update = {"state": BreakState.ACCEPTED, "how": how, "cause": "paired-by-rule"}
    return found.model_copy(update=update)
