"""Who may open our own doors: a role each, and the digest of a token, never the token."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from store.cipher import Cipher
from store.engine import Database
from store.errors import NameTaken
from store.tables import PERSON_NAME, persons

_c = persons.c
_IN_ORDER = select(persons).order_by(_c.since, _c.person_id)


@dataclass(frozen=True)
class Person:
    """Somebody with a token. `person_id` stands in tokens and logs instead of the name."""

    person_id: str
    name: str
    role: str
    since: datetime
    revoked_at: datetime | None
    digest: str = field(repr=False)


class Persons:
    """All persons. Names are encrypted; moments are aware UTC."""

    def __init__(self, database: Database, cipher: Cipher, now: Callable[[], datetime]) -> None:
        self._database = database
        self._cipher = cipher
        self._now = now

    async def add(self, person_id: str, name: str, role: str, digest: str) -> Person:
        """A new person. NameTaken when somebody with a valid token has the name already."""
        blob = self._cipher.encrypt(name.encode(), PERSON_NAME.context((person_id,)))
        person = Person(person_id, name, role, self._now(), None, digest)
        statement = insert(persons).values(
            person_id=person_id, name=blob, role=role, digest=digest, since=person.since
        )

        async def work(connection: AsyncConnection) -> None:
            if await self._valid(connection, name):
                raise NameTaken
            await connection.execute(statement)

        await self._database.write(work)
        return person

    async def find(self, person_id: str) -> Person | None:
        """The person of this id, or None when there is none or the token was revoked."""
        valid = select(persons).where(_c.person_id == person_id, _c.revoked_at.is_(None))
        row = await self._database.row(valid)
        return self._person(row) if row else None

    async def everybody(self) -> list[Person]:
        """Everybody who ever had a token, in the order of their coming."""
        return [self._person(row) for row in await self._database.rows(_IN_ORDER)]

    async def revoke(self, name: str) -> bool:
        """Make the token of this name worthless from now on. False when there is no valid one."""
        now = self._now()

        async def work(connection: AsyncConnection) -> bool:
            found = await self._valid(connection, name)
            for person in found:
                this = update(persons).where(_c.person_id == person.person_id)
                await connection.execute(this.values(revoked_at=now))
            return bool(found)

        return await self._database.write(work)

    async def _valid(self, connection: AsyncConnection, name: str) -> list[Person]:
        """Names are encrypted, so that they are compared here; there are few."""
        rows = await connection.execute(_IN_ORDER.where(_c.revoked_at.is_(None)))
        return [person for row in rows.all() if (person := self._person(row)).name == name]

    def _person(self, row: Any) -> Person:
        name = self._cipher.decrypt(row.name, PERSON_NAME.context((row.person_id,))).decode()
        return Person(row.person_id, name, row.role, row.since, row.revoked_at, row.digest)
