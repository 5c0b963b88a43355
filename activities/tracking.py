"""Following what changed in the target's ledger, where the target can tell.

It is asked for what happened since it was asked last; whoever waits for such a thing looks at
once, and the rest needs no look. A target that does not track changes, or lost track, leaves
everything to the looks in turn.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from activities.context import Connection
from activities.telling import Messenger
from connectors.errors import ChangesLost, Misconfigured
from connectors.ports import ChangeTracking, LedgerChange
from documents.key import Key, Kind
from documents.ledger import family_of
from policies.waking import LONGEST, changes_are_trusted, is_woken_by_change
from store.store import Store
from store.waiting import WaitingDocument

ASKED = "target changes"
"""The watermark of the moment up to which the target was asked what changed."""

TOLD = "target changes/told"
LOST = "target changes/lost"
"""When the target last told of a posting of ours; when it last could not say what changed."""

OVERLAP = timedelta(minutes=5)
"""What is asked for again: clocks differ, and a change shows itself when it commits."""

_STANDS_FOR = {Kind.REFUND: Kind.PAYMENT, Kind.PREPAYMENT: Kind.CREDIT_NOTE}
Process = tuple[Kind, str]


@dataclass(frozen=True)
class Followed:
    """How many documents a change has woken; whether the target can be relied on to tell; and
    why it was not asked, or could not say."""

    told: int = 0
    trusted: bool = False
    why: str = ""


@dataclass(frozen=True)
class Tracker:
    """Follows the changes of one connection's target."""

    connection: Connection
    store: Store
    messenger: Messenger

    async def follow(self, now: datetime) -> Followed:
        """Tell those that wait for what changed up to `now` (aware UTC). The watermark moves when
        all were told."""
        target = self.connection.target
        if not isinstance(target, ChangeTracking):
            return Followed()
        marks = await self.store.watermarks.all(self.connection.name)
        try:
            return await self._follow(target, marks, now)
        except Misconfigured as error:
            return Followed(why=error.message)
        except ChangesLost as error:
            await self._advance({ASKED: now, LOST: now})
            return Followed(why=error.message)

    async def _follow(
        self, target: ChangeTracking, marks: Mapping[str, datetime], now: datetime
    ) -> Followed:
        """The first time what was posted since the last look at everything is asked for."""
        since = marks.get(ASKED, now - LONGEST) - OVERLAP
        told, ours = 0, 0
        async for page in target.ledger_changes(since):
            changes = [change for change in page if change.key.tag == self.connection.tag]
            told += await self._tell(changes)
            ours += len(changes)
        moved = {ASKED: now, **({TOLD: now} if ours else {}), LOST: marks.get(LOST, now)}
        await self._advance(moved)
        return Followed(told, changes_are_trusted(moved.get(TOLD, marks.get(TOLD)), moved[LOST]))

    async def _tell(self, changes: Sequence[LedgerChange]) -> int:
        settled = {_document(c.key) for c in changes if c.is_settled and _is_owed(c.key)}
        named = {_document(change.key) for change in changes}
        found = await self.store.waiting.among(self.connection.name, named)
        return len(await self.messenger.tell_all(_concerned(found, settled)))

    async def _advance(self, marks: Mapping[str, datetime]) -> None:
        await self.store.watermarks.advance_all(self.connection.name, marks)


def _document(key: Key) -> Process:
    kind, source_id = key.document
    family = family_of(kind)
    return _STANDS_FOR.get(family, family), source_id


def _is_owed(key: Key) -> bool:
    return key.kind in (Kind.INVOICE, Kind.LATE_FEE)


def _concerned(found: Iterable[WaitingDocument], settled: set[Process]) -> set[Process]:
    """The processes to tell; a payment is looked at by that of its invoice."""
    return {
        (Kind.INVOICE, each.parent_id) if each.kind is Kind.PAYMENT else (each.kind, each.source_id)
        for each in found
        if (each.parent_id or each.kind is not Kind.PAYMENT)
        and is_woken_by_change(
            each.state,
            each.cause,
            each.hold_class,
            settled=(each.kind, each.source_id) in settled,
        )
    }
