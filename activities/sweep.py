"""The steps of a sweep: what the webhooks missed, the webhooks themselves, what waits."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from pydantic import AwareDatetime, BaseModel
from temporalio import activity

from activities import measures, webhooks
from activities.context import Connection, Workplace
from activities.errands import (
    SweepInput,
    SweepRequest,
    SweepSteps,
    Swept,
    WebhookCheck,
    Woken,
)
from activities.progress import report, resumed
from activities.telling import LOWEST, Messenger, Messengers
from activities.tracking import Tracker
from activities.waking import Waker
from activities.webhooks import WebhookState
from connectors.ports import Changed, ChangedPage
from documents.key import Kind
from documents.naming import PROCESSES
from store.store import Store


class SweepProgress(BaseModel):
    """How far the reading of one listing has come: `since` is what it was begun with, `newest`
    the latest change it has seen, `started` when (all aware UTC)."""

    since: AwareDatetime
    started: AwareDatetime
    after: str = ""
    finished: bool = False
    newest: AwareDatetime | None = None
    listed: int = 0
    told: int = 0

    def behind(self, page: ChangedPage, told: int) -> SweepProgress:
        """The progress once everything of a page was handed over."""
        moments = [row.changed_at for row in page.rows] + ([self.newest] if self.newest else [])
        return self.model_copy(
            update={
                "after": page.after,
                "finished": not page.after,
                "newest": max(moments, default=None),
                "listed": self.listed + len(page.rows),
                "told": self.told + told,
            }
        )

    @property
    def watermark(self) -> datetime:
        """By the clock of the source, which stamps the changes, and never ahead of ours; the
        beginning of the sweep when there was nothing to see."""
        return min(self.newest, self.started) if self.newest else self.started


@dataclass(frozen=True)
class Sweeper:
    """Reads one listing of a connection and hands over what nobody has seen."""

    connection: Connection
    store: Store
    messenger: Messenger

    async def sweep(self, kind: str, progress: SweepProgress) -> Swept:
        """Page by page, from where the progress says; the watermark moves when all is handed
        over, and never before."""
        name = self.connection.name
        if not progress.finished:
            pages = self.connection.source.changes(kind, progress.since, progress.after)
            async for page in pages:
                progress = progress.behind(page, await self._hand_over(kind, page.rows))
                report(progress)
        await self.store.watermarks.advance(name, kind, progress.watermark)
        return Swept(kind=kind, listed=progress.listed, told=progress.told, since=progress.since)

    async def beginning(self, kind: str, now: datetime) -> SweepProgress:
        """Where the last sweep of this listing ended; the first one begins today, because what
        was there before is the backfill's."""
        mark = await self.store.watermarks.get(self.connection.name, kind)
        return SweepProgress(since=mark or now, started=now)

    async def _hand_over(self, kind: str, rows: Sequence[Changed]) -> int:
        """Tell who is concerned by what is new, then remember it: in this order nothing is lost
        when we die in between. Returns how many were told."""
        name, sightings = self.connection.name, self.store.sightings
        versions = {row.source_id: row.version for row in rows}
        unseen = await sightings.unseen(name, kind, versions)
        concerned = {
            document
            for row in rows
            if row.source_id in unseen
            for document in await self._concerned(kind, row)
        }
        await self.messenger.tell_all(concerned)
        await sightings.handed(name, kind, {i: versions[i] for i in sorted(unseen)})
        return len(concerned)

    async def _concerned(self, kind: str, row: Changed) -> Iterable[tuple[Kind, str]]:
        """The documents that must look again because of a row. A client concerns only those of
        its documents that could not go on: what is in the books does not follow its card."""
        if kind == "client":
            found = await self.store.waiting.of_party(
                self.connection.name, PROCESSES, row.source_id
            )
            return [(each.kind, each.source_id) for each in found]
        if kind == "expense":
            return [(Kind.EXPENSE, row.source_id)]
        if kind in ("bill", "bill_payment"):
            return [(Kind.BILL, row.document_id)] if row.document_id else []
        if kind == "credit_note":
            return [(Kind.CREDIT_NOTE, row.source_id)]
        return [(Kind.INVOICE, row.document_id)] if row.document_id else []


@dataclass(frozen=True)
class SweepActivities(SweepSteps):
    """The implementation that the worker registers, for all its connections."""

    place: Workplace
    messengers: Messengers

    @activity.defn(name="sweep changes")
    async def sweep_changes(self, request: SweepRequest) -> Swept:
        """Hand over what changed in a listing since its watermark. Killed in the middle it goes
        on behind the last page that its heartbeats told of."""
        connection = self.place.connection(request.connection)
        if not _is_followed(connection, request.kind):
            return Swept(kind=request.kind)
        messenger = self.messengers.of(request.connection, request.source, LOWEST)
        sweeper = Sweeper(connection, self.place.store, messenger)
        progress = resumed(SweepProgress)
        if progress is None:
            progress = await sweeper.beginning(request.kind, self.place.now())
        return await sweeper.sweep(request.kind, progress)

    @activity.defn(name="check webhooks")
    async def check_webhooks(self, request: SweepInput) -> WebhookCheck:
        """Register what is missing and have what does not work verified again."""
        connection = self.place.connection(request.connection)
        if not connection.webhook_uri:
            return WebhookCheck(checked=False)
        uri, events = connection.webhook_uri, connection.events
        rows = await webhooks.register(
            connection.name, connection.source, self.place.store, uri, events
        )
        ours = [row for row in rows if row.uri == uri]
        return WebhookCheck(
            working=tuple(row.event for row in ours if row.state is WebhookState.WORKING),
            repaired=tuple(f"{row.event}: {row.did}" for row in ours if row.did),
        )

    @activity.defn(name="wake what waits")
    async def wake_what_waits(self, request: SweepInput) -> Woken:
        """Tell those documents that wait for the target, of what changed there and who are due
        for another look; and the monitoring, how many are held."""
        groups = await self.place.store.waiting.held_by_cause(request.connection)
        measures.held_now(request.connection, {group.cause: group.number for group in groups})
        now, store = self.place.now(), self.place.store
        messenger = self.messengers.of(request.connection, request.source, LOWEST)
        tracker = Tracker(self.place.connection(request.connection), store, messenger)
        followed = await tracker.follow(now)
        waker = Waker(request.connection, store, messenger, tracked=followed.trusted)
        return (await waker.wake(now)).model_copy(
            update={"changed": followed.told, "untracked": followed.why}
        )


def _is_followed(connection: Connection, kind: str) -> bool:
    """Whether a connection handles documents of a listing: expenses and bills only if told to."""
    if kind in ("bill", "bill_payment"):
        return connection.bills is not None
    return kind != "expense" or connection.expenses is not None
