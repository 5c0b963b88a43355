"""What is wrong with a connection right now: holds, credentials, webhooks, silence, processes."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable
from dataclasses import dataclass
from datetime import datetime, timedelta

from temporalio.client import Client

from activities import webhooks
from activities.context import Connection
from activities.webhooks import WebhookState
from connectors.errors import ConnectorError, Misconfigured, Throttled, Unauthorized
from documents.alert import Finding
from policies.alerting import AlertPolicy
from store.store import Store

_RECENT = timedelta(hours=24)

_REPORTED = (
    "TemporalReportedProblems IN ('category=WorkflowTaskFailed', 'category=WorkflowTaskTimedOut')"
)
"""Set by Temporal on a run whose workflow tasks keep failing (Server 1.30 and newer)."""


@dataclass(frozen=True)
class Inspector:
    """Looks at one connection. Nothing is changed, nowhere."""

    connection: Connection
    store: Store
    client: Client
    policy: AlertPolicy
    now: datetime

    async def findings(self) -> list[Finding]:
        """Everything that is wrong, by cause."""
        found = [
            *await self._holds(),
            *await self._stuck(),
            *await self._silence(),
            *await self._processes(),
        ]
        found += [each async for each in self._systems()]
        return sorted(found, key=lambda each: each.cause)

    async def _holds(self) -> list[Finding]:
        groups = await self.store.waiting.held_by_cause(self.connection.name)
        return [
            Finding(
                cause=f"held/{group.cause}",
                what=f"{_documents(group.number)} held for {group.cause} ({group.hold_class})",
                remedy=f"tieout holds list --connection {self.connection.name}",
                number=group.number,
                since=group.oldest,
            )
            for group in groups
            if self.now - group.oldest >= self.policy.held_after
        ]

    async def _stuck(self) -> list[Finding]:
        before = self.now - self.policy.stuck_after
        number, oldest = await self.store.waiting.stuck(self.connection.name, before)
        if not number or oldest is None:
            return []
        return [
            Finding(
                cause="stuck",
                what=f"{_documents(number)} in flight for long",
                remedy="Look at their processes in the Temporal Web UI: the last failure is there.",
                number=number,
                since=oldest,
            )
        ]

    async def _silence(self) -> list[Finding]:
        last = await self.store.sightings.latest(self.connection.name)
        limit = self.policy.silent_after
        if not limit or last is None or self.now - last < limit:
            return []
        return [
            Finding(
                cause="source-silent",
                what=f"{self.connection.source.system} has brought nothing new",
                remedy="Check that people work in the account that this connection reads.",
                since=last,
            )
        ]

    async def _processes(self) -> list[Finding]:
        ours = f"TieoutConnection = '{self.connection.name}'"
        since = self.now - _RECENT
        closed = f"ExecutionStatus IN ('Failed', 'TimedOut') AND CloseTime > '{since.isoformat()}'"
        return [
            *await self._counted(
                "workflow-task-failures",
                f"{ours} AND {_REPORTED}",
                "cannot go on: their workflow tasks fail",
            ),
            *await self._counted(
                "process-failed", f"{ours} AND {closed}", "ended in failure within a day"
            ),
        ]

    async def _counted(self, cause: str, query: str, what: str) -> list[Finding]:
        number = (await self.client.count_workflows(query)).count
        if not number:
            return []
        processes = "1 process" if number == 1 else f"{number} processes"
        return [
            Finding(
                cause=cause,
                what=f"{processes} {what}",
                remedy=f'temporal workflow list --query "{query}"',
                number=number,
                since=self.now,
            )
        ]

    async def _systems(self) -> AsyncIterator[Finding]:
        """Both systems are asked for something small; what they answer tells of the credentials."""
        for finding in await self._asked(self.connection.source.system, self._webhooks()):
            yield finding
        target = self.connection.target
        for finding in await self._asked(target.system, self._periods()):
            yield finding

    async def _webhooks(self) -> list[Finding]:
        connection = self.connection
        if not connection.webhook_uri:
            await connection.source.callbacks()
            return []
        uri, events = connection.webhook_uri, connection.events
        rows = await webhooks.status(connection.name, connection.source, self.store, uri, events)
        broken = [row for row in rows if row.needed and row.state is not WebhookState.WORKING]
        if not broken:
            return []
        told = ", ".join(f"{row.event} ({row.state.value})" for row in broken)
        return [
            Finding(
                cause="webhook-disabled",
                what=f"events are not delivered: {told}",
                remedy=f"tieout webhooks register --connection {connection.name}",
                number=len(broken),
                since=self.now,
            )
        ]

    async def _periods(self) -> list[Finding]:
        await self.connection.target.open_day(self.now.date())
        return []

    async def _asked(self, system: str, question: Awaitable[list[Finding]]) -> list[Finding]:
        try:
            return await question
        except Throttled:
            return []
        except ConnectorError as error:
            return [_refused(system, error, self.now)]


def _refused(system: str, error: ConnectorError, now: datetime) -> Finding:
    word, remedy = _MEANINGS.get(type(error), _UNREACHABLE)
    return Finding(
        cause=f"{system}-{word}",
        what=f"{system} answered {error.operation!r} with {type(error).__name__}",
        remedy=remedy,
        since=now,
    )


_UNREACHABLE = ("unreachable", "Nothing is lost: it is tried again until it answers.")
_MEANINGS: dict[type[ConnectorError], tuple[str, str]] = {
    Unauthorized: ("unauthorized", "The credentials were refused: tieout connect gives new ones."),
    Misconfigured: ("misconfigured", "tieout check says what is missing."),
}


def _documents(number: int) -> str:
    return "1 document is" if number == 1 else f"{number} documents are"
