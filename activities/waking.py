"""Waking what waits for the target: everybody in turn, and never a whole company at once.

The documents are dealt into parts that have a watermark each. A sweep takes the parts that were
considered longest ago, whole, as many as it may tell; what it leaves is first next time.
"""

from __future__ import annotations

import zlib
from collections import Counter
from collections.abc import AsyncIterator, Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from activities.errands import Woken
from activities.telling import Messenger
from documents.key import Kind
from documents.naming import PROCESSES
from documents.row import DocumentState
from policies.waking import is_due, waits_for_target
from store.store import Store
from store.waiting import WaitingDocument

MOST_WOKEN = 500
"""Told by one sweep, unless a single part has more."""

PARTS = tuple(f"target/{number:02}" for number in range(50))
"""The watermarks of the last time when everything of a part was considered."""

_PARENTS = {Kind.PAYMENT: Kind.INVOICE, Kind.BILL_PAYMENT: Kind.BILL}
_WAITING_KINDS = (*PROCESSES, *_PARENTS)
_LEDGERED = (Kind.INVOICE, Kind.CREDIT_NOTE, Kind.PAYMENT)
"""Posted to the customer ledger, whose changes a target may tell."""

_NEVER = datetime.min.replace(tzinfo=UTC)
Process = tuple[Kind, str]


@dataclass(frozen=True)
class Waker:
    """Wakes the waiting documents of one connection."""

    connection: str
    store: Store
    messenger: Messenger
    tracked: bool = False
    """Whether the target itself tells of what is posted and settled in its customer ledger."""

    async def wake(self, now: datetime) -> Woken:
        """Tell what is due at `now` (aware UTC) in the parts whose turn it is. Their watermarks
        move when all of it was told."""
        marks = await self.store.watermarks.all(self.connection)
        waiting, due = 0, Counter[str]()
        async for page in self._pages():
            waiting += len(page)
            due.update(_part(each) for each in self._due(page, marks, now))
        turn = whose_turn(due, marks)
        told = await self._tell(turn, marks, now) if due else 0
        await self.store.watermarks.advance_all(self.connection, dict.fromkeys(turn, now))
        return Woken(waiting=waiting, told=told)

    async def _tell(
        self, turn: Collection[str], marks: Mapping[str, datetime], now: datetime
    ) -> int:
        told = 0
        async for page in self._pages():
            chosen = {each for each in self._due(page, marks, now) if _part(each) in turn}
            told += len(await self.messenger.tell_all(chosen))
        return told

    async def _pages(self) -> AsyncIterator[list[WaitingDocument]]:
        place = None
        while page := await self.store.waiting.page(self.connection, _WAITING_KINDS, place):
            yield page
            place = page[-1].place

    def _due(
        self, page: list[WaitingDocument], marks: Mapping[str, datetime], now: datetime
    ) -> set[Process]:
        """The processes of a page that are worth a look."""
        found = ((each, process) for each in page if (process := _process(each)))
        return {
            process
            for each, process in found
            if waits_for_target(each.state, each.cause, each.hold_class)
            and is_due(each.since, marks.get(_part(process)), now, tracked=self._tells_of(each))
        }

    def _tells_of(self, document: WaitingDocument) -> bool:
        is_posted_next = document.state is DocumentState.IN_FLIGHT and document.is_created
        return self.tracked and is_posted_next and document.kind in _LEDGERED


def whose_turn(due: Mapping[str, int], marks: Mapping[str, datetime]) -> Collection[str]:
    """The parts to wake now: those considered longest ago, until MOST_WOKEN would be exceeded,
    and one at least."""
    turn: list[str] = []
    number = 0
    for part in sorted(PARTS, key=lambda part: marks.get(part, _NEVER)):
        number += due.get(part, 0)
        if turn and number > MOST_WOKEN:
            break
        turn.append(part)
    return turn


def _part(process: Process) -> str:
    return PARTS[zlib.crc32("/".join(process).encode()) % len(PARTS)]


def _process(document: WaitingDocument) -> Process | None:
    """Who looks at a document; a held payment shares the fate of its invoice or bill, which is
    there too, and one in flight may wait for the target although its document does not."""
    if document.kind not in _PARENTS:
        return document.kind, document.source_id
    if document.state is DocumentState.HELD or not document.parent_id:
        return None
    return _PARENTS[document.kind], document.parent_id
