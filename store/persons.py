"""Who may open our own doors: by a token of ours, of which the digest is kept, or by an account
of the sign-in provider, which is bound to a name once."""

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
    """Somebody we know. `person_id` stands in tokens and logs instead of the name. `subject` is a
    digest of the provider's account, empty for who has a token; its role is then empty, because
    the provider gives it."""

    person_id: str
    name: str
    role: str
    since: datetime
    revoked_at: datetime | None
    digest: str = field(repr=False)
    subject: str = ""


class Persons:
    """All persons. Names are encrypted; moments are aware UTC."""

    def __init__(self, database: Database, cipher: Cipher, now: Callable[[], datetime]) -> None:
        self._database = database
        self._cipher = cipher
        self._now = now

    async def add(
        self, person_id: str, name: str, role: str, digest: str, subject: str = ""
    ) -> Person:
        """A new person. NameTaken when somebody who may come in has the name or account already."""
        blob = self._cipher.encrypt(name.encode(), PERSON_NAME.context((person_id,)))
        person = Person(person_id, name, role, self._now(), None, digest, subject)
        statement = insert(persons).values(
            person_id=person_id,
            name=blob,
            role=role,
            digest=digest,
            subject=subject,
            since=person.since,
        )

        async def work(connection: AsyncConnection) -> None:
            if await self._valid(connection, name, subject):
                raise NameTaken
            await connection.execute(statement)

        await self._database.write(work)
        return person

    async def find(self, person_id: str) -> Person | None:
        """The person of this id, or None when there is none or the token was revoked."""
        valid = select(persons).where(_c.person_id == person_id, _c.revoked_at.is_(None))
        row = await self._database.row(valid)
        return self._person(row) if row else None

    async def of_subject(self, subject: str) -> Person | None:
        """Whom an account of the provider is bound to, the last one if it was bound again; None
        when it never was. Who was revoked is shown as such."""
        row = await self._database.row(
            _IN_ORDER.where(_c.subject == subject, _c.revoked_at.is_(None))
        ) or await self._database.row(_IN_ORDER.where(_c.subject == subject))
        return self._person(row) if row else None

    async def everybody(self) -> list[Person]:
        """Everybody who ever had a token, in the order of their coming."""
        return [self._person(row) for row in await self._database.rows(_IN_ORDER)]

    async def revoke(self, name: str) -> bool:
        """Let nobody in by this name any more. False when nobody was."""
        now = self._now()

        async def work(connection: AsyncConnection) -> bool:
            found = await self._valid(connection, name)
            for person in found:
                this = update(persons).where(_c.person_id == person.person_id)
                await connection.execute(this.values(revoked_at=now))
            return bool(found)

        return await self._database.write(work)

    async def _valid(
        self, connection: AsyncConnection, name: str, subject: str = ""
    ) -> list[Person]:
        """Names are encrypted, so that they are compared here; there are few."""
        rows = await connection.execute(_IN_ORDER.where(_c.revoked_at.is_(None)))
        known = [self._person(row) for row in rows.all()]
        return [p for p in known if p.name == name or (subject and p.subject == subject)]

    def _person(self, row: Any) -> Person:
        name = self._cipher.decrypt(row.name, PERSON_NAME.context((row.person_id,))).decode()
        return Person(
            row.person_id, name, row.role, row.since, row.revoked_at, row.digest, row.subject
        )
