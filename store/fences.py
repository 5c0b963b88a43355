"""The fence before every send: at most one send of a posting may be under way.

A send is recorded with the moment by which it must have ended, before it is made. Who comes later
takes the fence over only with proof that the row is still as it was before they looked into the
target, and only if the earlier send can no longer commit (or the target itself refuses a second
document). One UPDATE decides; of any number that try, one wins.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from sqlalchemy import ColumnElement, and_, func, or_, select, update

from documents.posting import PostingState
from store.engine import Database
from store.errors import FenceHeld, FenceLost, UnknownPosting
from store.tables import postings

_c = postings.c
LEDGERED = (PostingState.POSTED.value, PostingState.REVERSED.value)
NO_SEND: dict[str, Any] = {
    "send_id": None,
    "send_operation": None,
    "send_at": None,
    "send_deadline": None,
    "send_acknowledged": None,
}


class Fences:
    """The fences of postings. Moments come from the caller, aware; allow for clock differences
    between machines in the settle time."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def take_fence(
        self,
        key: str,
        operation: str,
        deadline: datetime,
        *,
        seen: str | None,
        settle_seconds: float | None,
        now: datetime,
        version: int | None = None,
    ) -> str:
        """Record a send that must have ended by `deadline`, and return its new id.

        `seen` is the send id, `version` the version of the row that was read before looking into
        the target. Without the version, a fence that was taken and cleared since then goes
        unnoticed. `settle_seconds` None says that the target refuses a second document itself.

        FenceHeld(until) when the send that was seen may still commit; FenceLost when the row
        moved on, or is in the ledger already; UnknownPosting when the key was never opened.
        """
        send_id = uuid4().hex
        statement = (
            update(postings)
            .where(
                _c.key == key,
                _as_seen(seen, version),
                _c.state.not_in(LEDGERED),
                _may_follow(settle_seconds, now),
            )
            .values(
                send_id=send_id,
                send_operation=operation,
                send_at=now,
                send_deadline=deadline,
                send_acknowledged=None,
                version=_c.version + 1,
            )
        )
        if not await self._database.change(statement):
            raise await self._why_not(key, seen, version, settle_seconds)
        return send_id

    async def clear_fence(self, key: str, send_id: str, *, left: datetime | None = None) -> bool:
        """Record that this send has ended without effect, which also ends the doubt, unless an
        earlier one that it followed may still commit: `left` is the deadline of that one.
        False when the fence is not that of this send any more."""
        statement = (
            update(postings)
            .where(_c.key == key, _c.send_id == send_id)
            .values(**ended(left), version=_c.version + 1)
        )
        return bool(await self._database.change(statement))

    async def end_send(self, key: str, send_id: str, until: datetime) -> bool:
        """Record that this send got no answer and that its sender has given up: only the
        target's settle time is left after `until`. False when the fence is another's."""
        statement = (
            update(postings)
            .where(_c.key == key, _c.send_id == send_id, _c.send_deadline > until)
            .values(send_deadline=until, version=_c.version + 1)
        )
        return bool(await self._database.change(statement))

    async def acknowledge(self, key: str, send_id: str, number: str) -> bool:
        """Record that the target said what it created with this send, and does not show it: that
        outlives whoever sent. False when the fence is another's."""
        statement = (
            update(postings)
            .where(_c.key == key, _c.send_id == send_id)
            .values(send_acknowledged=number, version=_c.version + 1)
        )
        return bool(await self._database.change(statement))

    async def end_doubt(self, key: str) -> bool:
        """Record that the target shows again what it did not show. False while a send is open."""
        statement = (
            update(postings)
            .where(_c.key == key, _c.send_id.is_(None), _c.in_doubt_since.is_not(None))
            .values(in_doubt_since=None)
        )
        return bool(await self._database.change(statement))

    async def mark_in_doubt(self, key: str, now: datetime) -> datetime:
        """Record that an outcome is unknown; returns since when. The first time is kept until a
        certain answer comes. UnknownPosting when the key was never opened."""
        since = func.coalesce(_c.in_doubt_since, now, type_=_c.in_doubt_since.type)
        statement = (
            update(postings)
            .where(_c.key == key)
            .values(in_doubt_since=since)
            .returning(_c.in_doubt_since)
        )
        found = await self._database.changed(statement)
        if found is None:
            raise UnknownPosting(key)
        first: datetime = found.in_doubt_since
        return first

    async def _why_not(
        self, key: str, seen: str | None, version: int | None, settle_seconds: float | None
    ) -> Exception:
        columns = select(_c.send_id, _c.send_deadline, _c.state, _c.version).where(_c.key == key)
        row = await self._database.row(columns)
        if row is None:
            return UnknownPosting(key)
        moved = row.send_id != seen or (version is not None and row.version != version)
        if moved or row.state in LEDGERED or row.send_deadline is None:
            return FenceLost(key)
        return FenceHeld(key, row.send_deadline + timedelta(seconds=settle_seconds or 0))


def ended(left: datetime | None) -> dict[str, Any]:
    """What a send leaves behind: nothing, or the deadline of an earlier one that may commit."""
    return {"send_deadline": left} if left else {**NO_SEND, "in_doubt_since": None}


def _as_seen(seen: str | None, version: int | None) -> ColumnElement[bool]:
    same = _c.send_id.is_(None) if seen is None else _c.send_id == seen
    return same if version is None else and_(same, _c.version == version)


def _may_follow(settle_seconds: float | None, now: datetime) -> ColumnElement[bool]:
    if settle_seconds is None:
        return _c.key.is_not(None)
    return or_(_c.send_id.is_(None), _c.send_deadline <= now - timedelta(seconds=settle_seconds))
