"""The tokens of a connection: one refresh at a time, and none that is forgotten half way."""

from __future__ import annotations

import hashlib
import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

from sqlalchemy import or_, select, update

from store.cipher import Cipher
from store.engine import Database
from store.errors import RefreshInDoubt
from store.leases import Leases
from store.tables import TOKEN_CONTENT, tokens
from store.upsert import upsert

_c = tokens.c


class TokenVault:
    """The tokens of one connection, encrypted, whatever fields they have (JSON values)."""

    def __init__(
        self,
        database: Database,
        cipher: Cipher,
        leases: Leases,
        connection: str,
        now: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._cipher = cipher
        self._leases = leases
        self._connection = connection
        self._now = now

    async def load(self) -> dict[str, Any] | None:
        """The present tokens; None when nobody has signed in yet."""
        query = select(_c.content).where(_c.connection == self._connection)
        row = await self._database.row(query)
        if row is None or row.content is None:
            return None
        content: dict[str, Any] = json.loads(self._cipher.decrypt(row.content, self._context))
        return content

    @asynccontextmanager
    async def lock(self) -> AsyncIterator[None]:
        """Excludes every other worker of every process while it is held (a lease: see there)."""
        async with self._leases.hold(f"tokens/{self._connection}"):
            yield

    async def begin_refresh(self, refresh_token: str) -> None:
        """Record durably that this single-use refresh token is about to be used.

        RefreshInDoubt when a refresh with it was begun already and never ended: it may be spent.
        Only a digest of the token is kept.
        """
        digest = hashlib.sha256(refresh_token.encode()).hexdigest()
        mark = {"refresh_digest": digest, "refresh_since": self._now()}
        statement = upsert(self._database, tokens).values(connection=self._connection, **mark)
        statement = statement.on_conflict_do_update(
            index_elements=[_c.connection],
            set_=mark,
            where=or_(_c.refresh_digest.is_(None), _c.refresh_digest != digest),
        )
        if await self._database.changed(statement.returning(_c.connection)) is None:
            query = select(_c.refresh_since).where(_c.connection == self._connection)
            row = await self._database.row(query)
            raise RefreshInDoubt(self._connection, row.refresh_since if row else None)

    async def save(self, content: Mapping[str, Any]) -> None:
        """Store the tokens durably and end the refresh; use them only after this returned."""
        blob = self._cipher.encrypt(json.dumps(dict(content)).encode(), self._context)
        values = {"content": blob, "refresh_digest": None, "refresh_since": None}
        statement = upsert(self._database, tokens).values(connection=self._connection, **values)
        statement = statement.on_conflict_do_update(index_elements=[_c.connection], set_=values)
        await self._database.change(statement)

    async def abort_refresh(self) -> None:
        """End the refresh without new tokens: the old refresh token was certainly not used."""
        statement = (
            update(tokens)
            .where(_c.connection == self._connection)
            .values(refresh_digest=None, refresh_since=None)
        )
        await self._database.change(statement)

    @property
    def _context(self) -> str:
        return TOKEN_CONTENT.context((self._connection,))
