"""Temporal against our rows: what is open here must have a process that runs, and the reverse.

Counts are compared first; only when they differ are both lists walked, a page at a time. A list
of running processes lags behind by moments, so what differs is looked at once more before it is
reported.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass

from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.service import RPCError, RPCStatusCode

from documents.key import Kind
from documents.naming import PROCESSES, process_id
from store.accounted import AccountedDocument
from store.store import Store

_PAGE = 100
_LAG_SECONDS = 3.0
_MOST_SHOWN = 1000


@dataclass(frozen=True)
class Processes:
    """The processes of one kind of document of one connection."""

    kind: Kind
    open_rows: int
    running: int
    findings: tuple[str, ...]


async def compare(client: Client, store: Store, connection: str) -> list[Processes]:
    """Each kind of document that has a process of its own, with what does not fit."""
    return [await _Comparison(client, store, connection, kind).made() for kind in PROCESSES]


@dataclass(frozen=True)
class _Comparison:
    client: Client
    store: Store
    connection: str
    kind: Kind

    async def made(self) -> Processes:
        without, orphans = await self._suspects()
        if without or orphans:
            await asyncio.sleep(_LAG_SECONDS)
            without = [one for one in without if await self._still_without(one)]
            orphans = [one for one in orphans if await self._still_orphan(one)]
        return Processes(
            self.kind,
            await self.store.accounted.open_count(self.connection, self.kind),
            await self._running(),
            (*map(self._says_without, without), *map(self._says_orphan, orphans)),
        )

    async def _suspects(self) -> tuple[list[str], list[str]]:
        """Open rows without a running process, and running processes without an open row."""
        without: list[str] = []
        matched = 0
        async for page in self._open_pages():
            running = await self._running_of(row.source_id for row in page)
            matched += len(running)
            missing = (row.source_id for row in page if row.source_id not in running)
            without += list(missing)[: _MOST_SHOWN - len(without)]
        if matched == await self._running():
            return without, []
        return without, await self._orphans()

    async def _open_pages(self) -> AsyncIterator[list[AccountedDocument]]:
        after = ""
        while page := await self.store.accounted.open_page(
            self.connection, self.kind, after, _PAGE
        ):
            yield page
            after = page[-1].source_id

    async def _running_of(self, source_ids: Iterable[str]) -> set[str]:
        """Those whose process runs."""
        names = {self._id(source_id): source_id for source_id in source_ids}
        quoted = ", ".join(f"'{name}'" for name in names)
        query = f"WorkflowId IN ({quoted}) AND ExecutionStatus = 'Running'"
        return {names[run.id] async for run in self.client.list_workflows(query)}

    async def _running(self) -> int:
        return (await self.client.count_workflows(self._all_running)).count

    @property
    def _all_running(self) -> str:
        prefix = self._id("")
        return f"WorkflowId STARTS_WITH '{prefix}' AND ExecutionStatus = 'Running'"

    async def _orphans(self) -> list[str]:
        found: list[str] = []
        batch: list[str] = []
        async for run in self.client.list_workflows(self._all_running):
            batch.append(run.id.removeprefix(self._id("")))
            if len(batch) == _PAGE:
                found += await self._without_open_row(batch)
                batch = []
        found += await self._without_open_row(batch)
        return found[:_MOST_SHOWN]

    async def _without_open_row(self, source_ids: list[str]) -> list[str]:
        known = await self.store.accounted.known(self.connection, self.kind, source_ids)
        return [each for each in source_ids if each not in known or known[each].closed]

    async def _still_without(self, source_id: str) -> bool:
        known = await self.store.accounted.known(self.connection, self.kind, [source_id])
        row = known.get(source_id)
        return row is not None and not row.closed and not await self._runs(source_id)

    async def _still_orphan(self, source_id: str) -> bool:
        return bool(await self._without_open_row([source_id])) and await self._runs(source_id)

    async def _runs(self, source_id: str) -> bool:
        """Asked of the process itself, which does not lag behind."""
        try:
            found = await self.client.get_workflow_handle(self._id(source_id)).describe()
        except RPCError as error:
            if error.status is RPCStatusCode.NOT_FOUND:
                return False
            raise
        return found.status is WorkflowExecutionStatus.RUNNING

    def _id(self, source_id: str) -> str:
        return process_id(self.connection, self.kind, source_id)

    def _says_without(self, source_id: str) -> str:
        return f"{self.kind.value} {source_id} is open, and no process follows it"

    def _says_orphan(self, source_id: str) -> str:
        return f"process {self._id(source_id)} runs, and no open document belongs to it"
