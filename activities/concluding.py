"""The end of a tie-out: what is over is closed, what it came to is kept, what moved is told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from activities.reconciling import ConcludeRequest
from documents.listings import listing_of
from documents.sign_off import SignOff, SignOffState
from documents.tieout import Break, BreakState, TieOutSummary
from policies.tieout.compare import shown_money
from policies.tieout.verdict import verdict
from store.breaks import LIVE
from store.store import Store

_NAMED = 10
"""Documents that are named when a signed-off period is re-opened."""


@dataclass(frozen=True)
class Conclusion:
    """Ends one run. `patience` is how long a difference may be one of timing."""

    store: Store
    request: ConcludeRequest
    patience: timedelta
    now: datetime

    async def conclude(self) -> TieOutSummary:
        """The summary of the run, kept for good."""
        await self._close_what_is_over()
        await self._age()
        summary = await self._summary()
        await self._reopen_what_moved(summary)
        await self.store.runs.finish(summary)
        await self._forget_older_lines()
        return summary

    async def _close_what_is_over(self) -> None:
        """Breaks of earlier runs that this one did not find again."""
        begun, after = self.request.begun, ""
        states = (*LIVE, BreakState.ACCEPTED)
        while page := await self.store.breaks.page(
            begun.connection, begun.period, states=states, before=begun.run, after=after
        ):
            after = page[-1].break_id
            for each in filter(self._was_read, page):
                await self.store.breaks.save(self._closed(each), was=each)

    def _was_read(self, found: Break) -> bool:
        """Whether this run would have found the break again: one that is written off is found
        by none, also while people decide to take that back."""
        if found.booked_as:
            return False
        kinds = self.request.begun.kinds
        return not kinds or listing_of(found.match, found.kind) in kinds

    async def _age(self) -> None:
        """What should have gone away by itself and did not is a break."""
        begun, after = self.request.begun, ""
        while page := await self.store.breaks.page(
            begun.connection, begun.period, states=(BreakState.TIMING,), after=after
        ):
            after = page[-1].break_id
            for each in page:
                if each.first_seen and each.first_seen < self.now - self.patience:
                    aged = each.model_copy(update={"state": BreakState.OPEN})
                    await self.store.breaks.save(aged, was=each)

    def _closed(self, found: Break) -> Break:
        how = "both sides agree now"
        if found.repaired_at:
            how = "repaired: its process was started"
        if found.state is BreakState.ACCEPTED:
            how = f"{found.how}; the difference is gone"
        update = {"state": BreakState.CLOSED, "how": how, "closed_at": self.now}
        return found.model_copy(update=update)

    async def _summary(self) -> TieOutSummary:
        begun = self.request.begun
        totals = await self.store.lines.totals(begun.run)
        # Only now: what was looked at again is staged as it was found then.
        await self.store.lines.roll(begun.run)
        movements, differing = await self.store.runs.count_movements(begun.run)
        unexplained = await self.store.explanations.explain(
            begun.run, begun.connection, begun.period
        )
        summary = TieOutSummary(
            connection=begun.connection,
            period=begun.period,
            run=begun.run,
            started_at=begun.started_at,
            finished_at=self.now,
            source_read=sum(t.source.count for t in totals),
            target_read=sum(t.target.count + t.reversed.count + t.outside.count for t in totals),
            totals=totals,
            accounts=await self.store.lines.accounts(begun.run),
            checks=self.request.checks,
            movements=movements,
            movements_that_differ=differing,
            movements_unexplained=unexplained,
            note=begun.note,
            is_provisional=begun.is_provisional,
        )
        summary = await self.store.breaks.counted(summary)
        return summary.model_copy(update={"verdict": str(verdict(summary))})

    async def _reopen_what_moved(self, summary: TieOutSummary) -> None:
        """A period that two people signed off is open again when its figures are others: those
        of everything, not of some kinds."""
        if self.request.begun.kinds:
            return
        sign_off = await self.store.sign_offs.get(summary.connection, summary.period)
        if sign_off is None or sign_off.state is SignOffState.REOPENED:
            return
        if sign_off.digest == summary.digest():
            return
        await self.store.sign_offs.add(await self._reopened(sign_off, summary))

    async def _reopened(self, sign_off: SignOff, summary: TieOutSummary) -> SignOff:
        moved = await self.store.lines.moved(summary.run, sign_off.run, _NAMED)
        told = [
            f"{row.kind} {row.number or row.match} ({shown_money(row.amount, row.currency)}) {word}"
            for word, row in moved
        ]
        reason = "; ".join(told) or "the breaks of the period are others"
        update = {"state": SignOffState.REOPENED, "reason": reason, "reopened_at": self.now}
        return sign_off.model_copy(update=update)

    async def _forget_older_lines(self) -> None:
        """The lines of a run that was signed off stay: they tell what moves afterwards."""
        begun = self.request.begun
        kept = {s.run for s in await self.store.sign_offs.history(begun.connection, begun.period)}
        older = await self.store.runs.older(begun.connection, begun.period, begun.run)
        await self.store.lines.forget([run for run in older if run not in kept])
