"""The steps of a tie-out: each does one thing, page by page, and goes on where it was killed."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from pydantic import BaseModel
from temporalio import activity
from temporalio.exceptions import ApplicationError

from activities.asking import target_pages
from activities.books import (
    check_kinds,
    of_kinds,
    scope_of,
    source_ledger,
    source_listings,
    target_ledger,
    target_listings,
)
from activities.comparing import Comparer, Comparison
from activities.concluding import Conclusion
from activities.context import Connection, Workplace
from activities.progress import report, resumed
from activities.reconciling import (
    BeginRequest,
    Begun,
    Compared,
    ConcludeRequest,
    LookAgainRequest,
    LookedAgain,
    Periods,
    PeriodsRequest,
    Repaired,
    RunRequest,
    Staged,
    StageRequest,
    SumRequest,
    Sums,
    TieOutSteps,
)
from activities.referencing import write_back
from activities.second_look import LookProgress, SecondLook, process_ids
from activities.staging import Stager
from activities.starting import start_approved
from activities.telling import LOWEST, Messenger, Messengers
from connectors.listings import LedgerPage, SumPage
from documents.key import Kind
from documents.ledger import Side
from documents.naming import backfill_id
from documents.sign_off import SignOffState
from documents.tieout import Break, BreakState, TieOutSummary
from policies.tieout.periods import Period
from policies.tieout.repairs import is_repairable, looks_empty
from policies.tieout.settings import TieOutPolicy

PAGES_AT_ONCE = 200
"""Pages that one step stages: an hour is plenty for them, and the history stays short."""


class StageProgress(BaseModel):
    """How far an attempt came: the cursor behind the last page that is staged for good."""

    after: str = ""
    lines: int = 0
    pages: int = 0


class SumProgress(BaseModel):
    """How far an attempt came with adding up."""

    after: str = ""
    sums: dict[str, Decimal] = {}


class RepairProgress(BaseModel):
    """Behind which break an attempt came, and how many processes it told."""

    after: str = ""
    told: int = 0


@dataclass(frozen=True)
class TieOutActivities(TieOutSteps):
    """The implementation that the worker registers, for all its connections."""

    place: Workplace
    messengers: Messengers

    @activity.defn(name="open periods")
    async def open_periods(self, request: PeriodsRequest) -> Periods:
        """The present month, the one before it, and those of the last `watch_months` that were
        tied out before, signed off or not: a signed one opens again only if somebody looks."""
        connection = self.place.connection(request.connection)
        present = Period.of((request.at or self.place.now()).date())
        known = await self.place.store.runs.periods(connection.name)
        months = [str(p) for p in present.past(connection.tie_out.watch_months)]
        watched = {*known, str(present.before), str(present)}
        return Periods(periods=tuple(p for p in (*months, str(present)) if p in watched))

    @activity.defn(name="begin tie-out")
    async def begin(self, request: BeginRequest) -> Begun:
        """Open the run; the same workflow gets the same run again."""
        connection, store = self.place.connection(request.connection), self.place.store
        period = _period(request.period)
        listings = source_listings(connection)
        check_kinds(request.kinds, listings)
        run = await store.runs.begin(connection.name, str(period), request.workflow_run)
        opening, since = await self._opening(connection.name, period, run.run)
        unfinished = await self._unfinished(connection.name, period)
        if request.kinds:
            unfinished.append(f"limited to {', '.join(request.kinds)}")
        return Begun(
            connection=connection.name,
            period=str(period),
            run=run.run,
            first=period.first,
            last=period.last,
            since=since,
            started_at=run.started_at,
            target_queue=connection.target_queue,
            source_listings=tuple(k for k in listings if not request.kinds or k in request.kinds),
            target_listings=target_listings(connection, request.kinds),
            control_accounts=connection.tie_out.control_accounts,
            kinds=request.kinds,
            note="; ".join(filter(None, (*unfinished, opening))),
            is_provisional=bool(unfinished),
        )

    async def _unfinished(self, connection: str, period: Period) -> list[str]:
        """Why nobody should sign what this run will come to."""
        reasons = []
        policy = self.place.connection(connection).policy
        if not period.is_over(policy.day_of(self.place.now())):
            reasons.append("the period is not over")
        if await self.messengers.is_running(backfill_id(connection)):
            reasons.append("a backfill is running: what it has not loaded yet is missing")
        return reasons

    async def _opening(self, connection: str, period: Period, run: int) -> tuple[str, date | None]:
        """Opening balances are the closing ones of the month before if that is signed off;
        otherwise everything before the period is read."""
        store = self.place.store
        sign_off = await store.sign_offs.get(connection, str(period.before))
        if sign_off is None or sign_off.state is not SignOffState.SIGNED_OFF:
            return "", None
        await store.lines.carry_forward(run, sign_off.run)
        return f"opening balances are those signed off for {period.before}", period.first

    @activity.defn(name="stage source pages")
    async def stage_source(self, request: StageRequest) -> Staged:
        """Stage pages of the source, on from the last page that was staged for good."""
        begun = request.begun
        progress = resumed(StageProgress) or StageProgress(after=request.after)
        ledger = source_ledger(self.place.connection(begun.connection))
        pages = ledger.lines(request.listing, begun.since, begun.last, progress.after)
        return await self._stage(begun, Side.SOURCE, pages, progress)

    @activity.defn(name="stage target pages")
    async def stage_target(self, request: StageRequest) -> Staged:
        """Stage pages of the target, on from the last page that was staged for good."""
        begun = request.begun
        progress = resumed(StageProgress) or StageProgress(after=request.after)
        place, connection = self.place, self.place.connection(begun.connection)
        pages = target_pages(connection, place.store, request, progress.after)
        return await self._stage(begun, Side.TARGET, pages, progress)

    async def _stage(
        self,
        begun: Begun,
        side: Side,
        pages: AsyncIterator[LedgerPage],
        progress: StageProgress,
    ) -> Staged:
        stager = Stager.of(self.place.connection(begun.connection), self.place.store, begun)
        async for page in pages:
            lines = await stager.stage(begun.run, side, of_kinds(page.lines, begun.kinds))
            progress = StageProgress(
                after=page.after, lines=progress.lines + lines, pages=progress.pages + 1
            )
            if not page.after or progress.pages >= PAGES_AT_ONCE:
                break
            report(progress)
        else:
            progress = progress.model_copy(update={"after": ""})
        return Staged(after=progress.after, lines=progress.lines, pages=progress.pages)

    @activity.defn(name="add up")
    async def add_up(self, request: SumRequest) -> Sums:
        """One side of a check, added up over its pages."""
        progress = resumed(SumProgress) or SumProgress()
        async for page in self._sums(request, progress.after):
            sums = dict(progress.sums)
            for currency, amount in page.sums.items():
                sums[currency] = sums.get(currency, Decimal(0)) + amount
            progress = SumProgress(after=page.after, sums=sums)
            if page.after:
                report(progress)
        return Sums(sums={c: f"{amount:f}" for c, amount in sorted(progress.sums.items())})

    def _sums(self, request: SumRequest, after: str) -> AsyncIterator[SumPage]:
        begun, connection = request.begun, self.place.connection(request.begun.connection)
        if request.what == "credit":
            return source_ledger(connection).credit(begun.last, after)
        ledger = target_ledger(connection)
        if request.what == "unapplied":
            return self._unapplied(begun, connection, after)
        if request.what == "subledger":
            return ledger.subledger(begun.first, begun.last, after)
        return ledger.control_account(request.what, begun.first, begun.last, after)

    async def _unapplied(
        self, begun: Begun, connection: Connection, after: str
    ) -> AsyncIterator[SumPage]:
        stager, scope = Stager.of(connection, self.place.store, begun), scope_of(connection)
        async for page in target_ledger(connection).unapplied(scope, begun.last, after):
            yield await stager.credits(page)

    @activity.defn(name="compare both sides")
    async def compare(self, request: RunRequest) -> Compared:
        """Merge what is staged and write down every break."""
        connection = self.place.connection(request.begun.connection)
        comparer = Comparer(self.place.store, connection.tie_out, request.begun, report)
        return await comparer.compare(resumed(Comparison) or Comparison())

    @activity.defn(name="look again at breaks")
    async def look_again(self, request: LookAgainRequest) -> LookedAgain:
        """Ask both systems again for every document with a break."""
        connection = self.place.connection(request.begun.connection)
        look = SecondLook(connection, self.place.store, request.begun, self.place.now(), report)
        done = resumed(LookProgress) or LookProgress()
        return await look.look(done, repaired_only=request.repaired_only)

    @activity.defn(name="repair what is safe")
    async def repair(self, request: RunRequest) -> Repaired:
        """Tell the processes that can put breaks right: they look at both sides themselves, so
        that telling one in vain does no harm."""
        begun, store = request.begun, self.place.store
        connection = self.place.connection(begun.connection)
        messenger = self.messengers.of(begun.connection, connection.source.system, LOWEST)
        await start_approved(store, messenger, begun)
        if not connection.tie_out.repairs:
            return Repaired()
        if refused := await self._too_many(request.begun, connection.tie_out):
            return Repaired(refused=refused)
        await write_back(store, begun.connection, begun.run)
        progress = resumed(RepairProgress) or RepairProgress()
        while page := await store.breaks.page(
            begun.connection, begun.period, states=(BreakState.OPEN,), run=begun.run,
            after=progress.after,
        ):  # fmt: skip
            told = await self._told(messenger, page)
            progress = RepairProgress(after=page[-1].break_id, told=progress.told + told)
            report(progress)
        return Repaired(told=progress.told)

    async def _too_many(self, begun: Begun, policy: TieOutPolicy) -> str:
        totals = await self.place.store.lines.totals(begun.run)
        counts = await self.place.store.breaks.counts(begun.connection, begun.period, begun.run)
        return looks_empty(totals, counts, policy)

    async def _told(self, messenger: Messenger, page: Sequence[Break]) -> int:
        repairable = [each for each in page if is_repairable(each)]
        ids = {(_process(Kind(kind)), i) for kind, i in process_ids(repairable)}
        told = await messenger.tell_all(ids)
        for each in repairable:
            marked = each.model_copy(update={"repaired_at": self.place.now()})
            await self.place.store.breaks.save(marked, was=each)
        return len(told)

    @activity.defn(name="conclude tie-out")
    async def conclude(self, request: ConcludeRequest) -> TieOutSummary:
        """End what is no longer there, keep what the run came to, re-open what moved."""
        place, policy = self.place, self.place.connection(request.begun.connection).tie_out
        patience = timedelta(days=policy.timing_days)
        return await Conclusion(place.store, request, patience, place.now()).conclude()


def _process(kind: Kind) -> Kind:
    """A prepayment is a credit note at the source, and its process is that of one."""
    return Kind.CREDIT_NOTE if kind is Kind.PREPAYMENT else kind


def _period(text: str) -> Period:
    """The period; a workflow that was started with another text fails for good."""
    try:
        return Period.parse(text)
    except ValueError as error:
        raise ApplicationError(str(error), type="BadPeriod", non_retryable=True) from error
