"""Encrypting everything anew under another key, while others go on working."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from sqlalchemy import and_, func, literal, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from store.cipher import Cipher, key_id_in
from store.engine import Database
from store.errors import UnknownKey
from store.keyring import KeyRing
from store.tables import ENCRYPTED, EncryptedColumn

BATCH = 200


@dataclass(frozen=True)
class Rotation:
    """How many contents were encrypted anew, and how many were looked at, by column."""

    rewritten: Mapping[str, int]
    examined: Mapping[str, int]

    @property
    def total(self) -> int:
        return sum(self.rewritten.values())


async def rotate(database: Database, cipher: Cipher, ring: KeyRing) -> Rotation:
    """See Credentials.rotate."""
    for key_id in cipher.ring.keys:
        if key_id not in ring.keys:
            raise UnknownKey(key_id)
    cipher.use(ring)
    rewritten, examined = {}, {}
    for column in ENCRYPTED:
        worker = _Column(database, cipher, column)
        await worker.run()
        rewritten[str(column)], examined[str(column)] = worker.rewritten, worker.examined
    return Rotation(rewritten, examined)


async def keys_in_use(database: Database) -> dict[tuple[str, str], int]:
    """How many contents each column has under which key id."""
    found: dict[tuple[str, str], int] = {}
    for column in ENCRYPTED:
        content = column.table.c[column.name]
        # The id and its length, by which the database counts: contents would not fit in memory.
        length = func.substr(content, 1, 3)
        for start in await database.rows(select(length).where(content.is_not(None)).distinct()):
            head = func.substr(content, 1, 3 + bytes(start[0])[2])
            same = select(head, func.count()).where(length == start[0]).group_by(head)
            for row in await database.rows(same):
                place = (str(column), key_id_in(bytes(row[0])))
                found[place] = found.get(place, 0) + row[1]
    return found


class _Column:
    """One encrypted column, gone through in the order of its primary key."""

    def __init__(self, database: Database, cipher: Cipher, column: EncryptedColumn) -> None:
        self._database = database
        self._cipher = cipher
        self._encrypted = column
        self._content = column.table.c[column.name]
        self._identity = [column.table.c[name] for name in column.identity]
        self.rewritten = 0
        self.examined = 0

    async def run(self) -> None:
        place: tuple[str, ...] | None = None
        while rows := await self._page(place):
            await self._renew([row for row in rows if not self._cipher.is_current(row[-1])])
            self.examined += len(rows)
            place = tuple(rows[-1][:-1])

    async def _page(self, place: tuple[str, ...] | None) -> list[Any]:
        query = select(*self._identity, self._content).where(self._content.is_not(None))
        if place is not None:
            after = tuple_(
                *(literal(v, c.type) for v, c in zip(place, self._identity, strict=True))
            )
            query = query.where(tuple_(*self._identity) > after)
        return await self._database.rows(query.order_by(*self._identity).limit(BATCH))

    async def _renew(self, rows: list[Any]) -> None:
        """Encryption first, outside of the transaction; then only what is still as it was read,
        because what somebody wrote meanwhile is newer and under their current key."""
        renewed = [(row, self._cipher.renew(row[-1], self._context(row))) for row in rows]
        if renewed:
            self.rewritten += await self._database.write(partial(self._replace_all, renewed))

    async def _replace_all(
        self, renewed: list[tuple[Any, bytes]], connection: AsyncConnection
    ) -> int:
        return sum([await self._replace(connection, row, blob) for row, blob in renewed])

    async def _replace(self, connection: AsyncConnection, row: Any, blob: bytes) -> int:
        same = [c == value for c, value in zip(self._identity, row[:-1], strict=True)]
        statement = (
            update(self._encrypted.table)
            .where(and_(*same), self._content == row[-1])
            .values({self._content: blob})
        )
        return (await connection.execute(statement)).rowcount

    def _context(self, row: Any) -> str:
        return self._encrypted.context(tuple(row[:-1]))
