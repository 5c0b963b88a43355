"""The clerk: posts what was created, after a while, or refuses it, or is away.

In AX no service operation posts. A person or a batch job does; when posting fails, the document
stays as it is and the job tries again the next time it runs.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from sandbox.ax.company import CREATED, OPEN, REJECTED, Company
from sandbox.ax.errors import AifError
from sandbox.ax.posting.invoice import post_free_text, post_order
from sandbox.ax.posting.journal import post_journal
from sandbox.ax.schema import Row
from sandbox.ax.wire.labels import DEFAULT_LANGUAGE
from sandbox.storage import Table
from sandbox.system import OperatorSettings

_POSTERS: dict[str, Callable[[Company, Row], Row]] = {
    "CustInvoiceTable": post_free_text,
    "SalesTable": post_order,
    "LedgerJournalTable": post_journal,
}
_TRIED = "$tried"
_RETRY = 1.0


class _Waiting(NamedTuple):
    company: Company
    table: str
    row: Row
    due: datetime


class Clerk:
    """Posts for every company; `after` is how long a document waits by default, in real seconds."""

    def __init__(self, companies: Iterable[Company], stored: Table, after: float) -> None:
        self._companies = tuple(companies)
        self._stored = stored
        self._after = after
        self._changed = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    @property
    def settings(self) -> OperatorSettings:
        """What the clerk was told."""
        told = self._stored.get("posting")
        return OperatorSettings.model_validate(told or {"after": self._after})

    def tell(self, settings: OperatorSettings) -> None:
        """Give the clerk new orders; refused documents get another chance."""
        given = "after" in settings.model_fields_set
        told = settings if given else settings.model_copy(update={"after": self._after})
        self._stored["posting"] = told.model_dump()
        for company in self._companies:
            for table in _POSTERS:
                for row in company[table].find(OPEN, "open"):
                    if row.get(_TRIED):
                        company.mark(table, row, **{_TRIED: ""})
        self.wake()

    def wake(self) -> None:
        """Look again at what waits."""
        self._changed.set()

    async def start(self) -> None:
        """Begin to work."""
        self._changed = asyncio.Event()
        self._task = asyncio.create_task(self._run())
        self._task.add_done_callback(_report)

    async def stop(self) -> None:
        """Go home."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None

    def post(self, company: Company, table: str, row: Row) -> str:
        """Post one document now, as the clerk's orders allow; returns the reason if it failed."""
        settings = self.settings
        if settings.posting == "refuse":
            reason = settings.reason or "Posting was refused."
            self._refuse(company, table, row, reason)
            return reason
        try:
            _POSTERS[table](company, row)
        except AifError as error:
            reason = error.message(DEFAULT_LANGUAGE)
            self._refuse(company, table, row, reason)
            return reason
        return ""

    def _refuse(self, company: Company, table: str, row: Row, reason: str) -> None:
        tried = datetime.now(UTC).isoformat()
        company.mark(table, row, **{REJECTED: reason, _TRIED: tried})

    async def _run(self) -> None:
        while True:
            self._changed.clear()
            pause = self._work()
            try:
                await asyncio.wait_for(self._changed.wait(), pause)
            except TimeoutError:
                continue

    def _work(self) -> float | None:
        """Post what is due; returns in how many seconds the next document is."""
        if self.settings.posting == "wait":
            return None
        now, soonest = datetime.now(UTC), None
        for one in self._waiting():
            if one.due <= now:
                self.post(one.company, one.table, one.row)
                pause = _RETRY
            else:
                pause = (one.due - now).total_seconds()
            soonest = pause if soonest is None else min(soonest, pause)
        return soonest

    def _waiting(self) -> Iterator[_Waiting]:
        settings = self.settings
        after, refusing = timedelta(seconds=settings.after), settings.posting == "refuse"
        for company in self._companies:
            for table in _POSTERS:
                for row in company[table].find(OPEN, "open"):
                    tried = row.get(_TRIED)
                    if tried and refusing:
                        continue
                    since = tried or row[CREATED]
                    pause = max(after, timedelta(seconds=_RETRY)) if tried else after
                    yield _Waiting(company, table, row, datetime.fromisoformat(since) + pause)


def _report(task: asyncio.Task[None]) -> None:
    """A clerk who breaks down is a bug of the stand-in; it must not look like one who is slow."""
    if not task.cancelled() and (error := task.exception()) is not None:
        context = {"message": "the clerk broke down", "exception": error, "task": task}
        task.get_loop().call_exception_handler(context)
