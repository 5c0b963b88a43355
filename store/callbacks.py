"""Webhook registrations: the verifiers that deliveries are signed with.

Anybody can send us a handshake, so what it brings is only pending: several verifiers may be
pending for one callback, and none replaces an active one until the source has accepted it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, and_, delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from store.cipher import Cipher
from store.engine import Database
from store.errors import UnknownCallback
from store.tables import CALLBACK_VERIFIER, callbacks
from store.upsert import upsert

MOST_PENDING = 50
"""Pending verifiers of one connection; the oldest go first. A genuine one is confirmed within
seconds, a forged one never."""

_c = callbacks.c
_IDENTITY = (_c.connection, _c.callback_id, _c.digest)


class ActiveCallback(NamedTuple):
    """A callback whose deliveries are accepted. The verifier is a secret and is not shown."""

    callback_id: str
    event: str
    verifier: str

    def __repr__(self) -> str:
        return f"ActiveCallback({self.callback_id!r}, {self.event!r})"


@dataclass(frozen=True)
class PendingCallback:
    """A handshake that was not confirmed yet."""

    callback_id: str
    event: str
    uri: str
    since: datetime
    verifier: str = field(repr=False)


@dataclass(frozen=True)
class CallbackRow:
    """A registration without its secret, for listings."""

    callback_id: str
    event: str
    uri: str
    active: bool
    pending: bool
    since: datetime


class Callbacks:
    """The verifiers of all connections, encrypted."""

    def __init__(self, database: Database, cipher: Cipher, now: Callable[[], datetime]) -> None:
        self._database = database
        self._cipher = cipher
        self._now = now

    async def remember_pending(
        self, connection: str, callback_id: str, event: str, uri: str, verifier: str
    ) -> None:
        """Keep the verifier of a handshake until the source has accepted it."""
        identity = (connection, callback_id, hashlib.sha256(verifier.encode()).hexdigest())
        known = {"event": event, "uri": uri, "pending": True, "since": self._now()}
        blob = self._cipher.encrypt(verifier.encode(), CALLBACK_VERIFIER.context(identity))
        values = dict(zip((c.name for c in _IDENTITY), identity, strict=True))
        statement = upsert(self._database, callbacks).values(
            **values, **known, verifier=blob, active=False
        )
        statement = statement.on_conflict_do_update(index_elements=list(_IDENTITY), set_=known)

        async def work(transaction: AsyncConnection) -> None:
            await transaction.execute(statement)
            await _drop_oldest(transaction, connection)

        await self._database.write(work)

    async def pending(self, connection: str, callback_id: str) -> list[PendingCallback]:
        """The verifiers that wait for confirmation of one callback, newest first."""
        where = and_(_of(connection, callback_id), _c.pending)
        rows = await self._fetch(where)
        return [
            PendingCallback(row.callback_id, row.event, row.uri, row.since, self._verifier(row))
            for row in rows
        ]

    async def activate(
        self, connection: str, callback_id: str, verifier: str | None = None
    ) -> None:
        """Accept deliveries signed with a pending verifier from now on, and forget all others of
        this callback. Name the verifier that the source accepted; without, the newest pending
        one is taken. UnknownCallback when it is not pending."""
        waiting = await self._fetch(and_(_of(connection, callback_id), _c.pending))
        chosen = [r for r in waiting if verifier is None or self._verifier(r) == verifier]
        if not chosen:
            raise UnknownCallback(connection, callback_id)
        digest = chosen[0].digest
        this = and_(_of(connection, callback_id), _c.digest == digest)
        others = and_(_of(connection, callback_id), _c.digest != digest)
        values = {"active": True, "pending": False, "since": self._now()}

        async def work(transaction: AsyncConnection) -> None:
            changed = await transaction.execute(update(callbacks).where(this).values(values))
            if not changed.rowcount:
                raise UnknownCallback(connection, callback_id)
            await transaction.execute(delete(callbacks).where(others))

        await self._database.write(work)

    async def active(self, connection: str) -> list[ActiveCallback]:
        """Callback id, event and verifier of every accepted callback of a connection."""
        rows = await self._fetch(and_(_c.connection == connection, _c.active))
        return [ActiveCallback(row.callback_id, row.event, self._verifier(row)) for row in rows]

    async def registered(self, connection: str) -> list[CallbackRow]:
        """All registrations of a connection, pending ones included, without their secrets."""
        rows = await self._fetch(_c.connection == connection)
        return [
            CallbackRow(r.callback_id, r.event, r.uri, r.active, r.pending, r.since) for r in rows
        ]

    async def forget(self, connection: str, callback_id: str) -> bool:
        """Accept nothing more of this callback. False when it was not known."""
        statement = delete(callbacks).where(_of(connection, callback_id))
        return bool(await self._database.change(statement))

    async def _fetch(self, where: ColumnElement[bool]) -> list[Any]:
        query = select(callbacks).where(where).order_by(_c.since.desc(), _c.callback_id)
        return await self._database.rows(query)

    def _verifier(self, row: Any) -> str:
        context = CALLBACK_VERIFIER.context((row.connection, row.callback_id, row.digest))
        return self._cipher.decrypt(row.verifier, context).decode()


def _of(connection: str, callback_id: str) -> ColumnElement[bool]:
    return and_(_c.connection == connection, _c.callback_id == callback_id)


async def _drop_oldest(transaction: AsyncConnection, connection: str) -> None:
    waiting = and_(_c.connection == connection, _c.pending, _c.active.is_(False))
    newest_first = select(_c.callback_id, _c.digest).where(waiting)
    query = newest_first.order_by(_c.since.desc(), _c.callback_id).offset(MOST_PENDING)
    for callback_id, digest in (await transaction.execute(query)).all():
        one = and_(_of(connection, callback_id), _c.digest == digest)
        await transaction.execute(delete(callbacks).where(one))
