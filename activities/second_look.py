"""The second look: what was found by listing is asked for again, one by one, before it counts.

Listings take time, and traffic goes on. A document that agrees now was a timing difference; one
that is on its way, or changed a moment ago, is one still.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from pydantic import BaseModel

from activities.asking import customer_lines
from activities.books import scope_of, source_ledger, target_ledger
from activities.comparing import Comparer
from activities.context import Connection
from activities.reconciling import Begun, LookedAgain
from activities.staging import Stager
from documents.key import Key, Kind
from documents.ledger import BookRow, LedgerLine, Mark, Side, document_of, moment_of
from documents.tieout import Break, BreakState, BreakType
from policies.tieout.compare import Tolerances, compare
from policies.tieout.repairs import process_of
from store.known import KnownDocument
from store.store import Store

MOST = 2_000
"""Documents that are asked for one by one in one run; beyond, something is wrong that no second
look explains, and the systems are spared."""

_AT_ONCE = 4
_OF_POSTINGS = ("not-posted-yet", "reversed-in-target")
"""Causes that no break of a payment explains."""

_OF_BOTH_SIDES = "agreed when it was looked at again"


class LookProgress(BaseModel):
    """How far a second look is: behind which break, and what it came to."""

    after: str = ""
    looked: int = 0
    gone: int = 0


@dataclass(frozen=True)
class SecondLook:
    """Looks again at the breaks of one run."""

    connection: Connection
    store: Store
    begun: Begun
    now: datetime
    report: Callable[[LookProgress], None]

    async def look(self, progress: LookProgress, *, repaired_only: bool) -> LookedAgain:
        """Every open break of the run, or those whose process was started since; a few at a
        time, on from where an earlier attempt came to."""
        states = (BreakState.OPEN, BreakState.TIMING)
        while progress.looked < MOST and (
            page := await self.store.breaks.page(
                self.begun.connection, self.begun.period, states=states, run=self.begun.run,
                after=progress.after, limit=_AT_ONCE,
            )
        ):  # fmt: skip
            due = [b for b in page if not repaired_only or b.repaired_at or _is_timing(b)]
            groups = _by_match(due)
            ended = await asyncio.gather(*(self._again(m, b) for m, b in groups.items()))
            progress = LookProgress(
                after=page[-1].break_id,
                looked=progress.looked + len(groups),
                gone=progress.gone + sum(ended),
            )
            self.report(progress)
        await self._end_explained()
        return await self._counts(progress.looked, progress.gone)

    async def _again(self, match: str, before: Sequence[Break]) -> int:
        """One document, asked for on both sides; returns how many of its breaks are gone."""
        known = (await self.store.known.by_match(self.connection.name, [match])).get(match)
        source, target = await self._rows(match, known)
        comparer = Comparer(self.store, self.connection.tie_out, self.begun)
        differences = compare(source, target, Tolerances.of(self.connection.tie_out))
        present = {b.break_id: b for b in (comparer.break_of(d, known) for d in differences)}
        settling = self._is_settling(source, target, known)
        gone = 0
        for each in before:
            now = present.pop(each.break_id, None)
            # What others posted is not asked for by a key: the listing is its only evidence.
            if now is None and not _is_by_hand(each):
                gone += 1
            # What a person decided meanwhile stands.
            await self.store.breaks.save(self._judged(each, now, settling=settling), was=each)
        fresh = [_timing(b) if settling else b for b in present.values()]
        await self.store.breaks.found(self.begun.run, fresh)
        return gone

    async def _rows(
        self, match: str, known: KnownDocument | None
    ) -> tuple[list[BookRow], list[BookRow]]:
        stager = Stager.of(self.connection, self.store, self.begun)
        generations = max(known.generation, known.late_fees) if known else 1
        source = await source_ledger(self.connection).line(match)
        target = await self._entries(match, generations)
        staged = await self.store.lines.of_match(self.begun.run, Side.TARGET, [match])
        adopted = [row for row in staged if row.marks & Mark.ADOPTED]
        left = await stager.source_rows([source] if source else [])
        right = await stager.target_rows(target)
        await self._restage(match, left, right)
        unposted = await self._unposted(match, known, right)
        # Rows of another period are compared too: that it is another one is a difference.
        return [_in_period(r) for r in left], [_in_period(r) for r in (*right, *adopted, *unposted)]

    async def _entries(self, match: str, generations: int) -> list[LedgerLine]:
        kind, source_id = document_of(match)
        if kind is Kind.CUSTOMER:
            linked = await self.store.references.targets(self.connection.name, kind, [source_id])
            return await customer_lines(self.connection, list(linked.items()))
        ledger, scope = target_ledger(self.connection), scope_of(self.connection)
        return await ledger.entries_of(scope, match, generations)

    async def _restage(
        self, match: str, source: Sequence[BookRow], target: Sequence[BookRow]
    ) -> None:
        """The sums are to be those of what was seen last."""
        first = self.begun.since or date.min
        span = range(first.toordinal(), self.begun.last.toordinal() + 1)
        replace = self.store.lines.replace
        await replace(self.begun.run, Side.SOURCE, match, [r for r in source if r.day in span])
        await replace(self.begun.run, Side.TARGET, match, [r for r in target if r.posted in span])

    async def _unposted(
        self, match: str, known: KnownDocument | None, posted: Sequence[BookRow]
    ) -> list[BookRow]:
        """What was created in the target and is in no ledger: listed nowhere, known by its key."""
        if posted or known is None:
            return []
        kind, source_id = document_of(match)
        key = Key(
            tag=self.connection.tag, kind=kind, source_id=source_id, generation=known.generation
        )
        created = await self.connection.target.lookup(key)
        return [_created(match, created.number or "")] if created.state == "created" else []

    def _is_settling(
        self,
        source: Sequence[BookRow],
        target: Sequence[BookRow],
        known: KnownDocument | None,
    ) -> bool:
        """Whether the document changed since the run began or a moment before, or is under way."""
        grace = timedelta(seconds=self.connection.tie_out.settle_seconds)
        since = self.begun.started_at - grace
        if known is not None and known.state == "in flight":
            return True
        return any(row.changed and moment_of(row.changed) >= since for row in (*source, *target))

    def _judged(self, before: Break, now: Break | None, *, settling: bool) -> Break:
        if now is None and _is_by_hand(before):
            return before
        if now is None:
            how = _OF_BOTH_SIDES if not before.repaired_at else "repaired: its process was started"
            return before.model_copy(
                update={"state": BreakState.CLOSED, "how": how, "closed_at": self.now}
            )
        kept = {"repaired_at": before.repaired_at, "suggestion": before.suggestion}
        now = now.model_copy(update=kept)
        return _timing(now) if settling and now.state is BreakState.OPEN else now

    async def _end_explained(self) -> None:
        """An invoice that is open on one side because of its payment: one break, not two."""
        after = ""
        while page := await self.store.breaks.page(
            self.begun.connection, self.begun.period, types=(BreakType.STATUS,),
            states=(BreakState.OPEN, BreakState.TIMING), run=self.begun.run, after=after,
        ):  # fmt: skip
            after = page[-1].break_id
            explained = await self.store.breaks.parents_with_breaks(
                self.begun.connection, self.begun.period, [b.match for b in page]
            )
            about_money = (b for b in page if b.cause not in _OF_POSTINGS)
            for each in (b for b in about_money if b.match in explained):
                how = "explained by the break of its payment"
                await self.store.breaks.save(
                    each.model_copy(
                        update={"state": BreakState.CLOSED, "how": how, "closed_at": self.now}
                    ),
                    was=each,
                )

    async def _counts(self, looked: int, gone: int) -> LookedAgain:
        counts = await self.store.breaks.counts(self.begun.connection, self.begun.period)
        by_state = {s: sum(c.count for c in counts if c.state is s) for s in BreakState}
        return LookedAgain(
            most=MOST if looked >= MOST else 0,
            looked=looked,
            gone=gone,
            open=by_state[BreakState.OPEN],
            timing=by_state[BreakState.TIMING],
        )


def _is_timing(found: Break) -> bool:
    return found.state is BreakState.TIMING


def _timing(found: Break) -> Break:
    return found.model_copy(update={"state": BreakState.TIMING})


def _is_by_hand(found: Break) -> bool:
    return found.cause in ("posted-by-hand", "posted-by-hand-too")


def _by_match(breaks: Sequence[Break]) -> dict[str, list[Break]]:
    groups: dict[str, list[Break]] = {}
    for each in breaks:
        if each.match and not _is_by_hand(each):
            groups.setdefault(each.match, []).append(each)
    return groups


def _in_period(row: BookRow) -> BookRow:
    return row._replace(marks=row.marks & ~int(Mark.OPENING))


def _created(match: str, number: str) -> BookRow:
    return BookRow(
        match=match, entry=f"draft {number}", kind="", currency="", amount=0, tax=None, day=1,
        party="", applied="", rate=None, open=None, posted=1, number=number, reference="",
        base=None, generation=1, marks=int(Mark.UNPOSTED), changed=0,
    )  # fmt: skip


def process_ids(breaks: Sequence[Break]) -> set[tuple[str, str]]:
    """The documents whose processes put these breaks right, each once."""
    return {process_of(each) for each in breaks}
