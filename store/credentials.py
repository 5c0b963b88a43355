"""Secrets of connections (passwords, client secrets, keys), and the rotation of our own keys."""

from __future__ import annotations

from sqlalchemy import delete, select

from store.cipher import Cipher
from store.engine import Database
from store.keyring import KeyRing
from store.rotation import Rotation, keys_in_use, rotate
from store.tables import CREDENTIAL_SECRET, credentials
from store.upsert import upsert

_c = credentials.c


class Credentials:
    """Named secrets of each connection, encrypted."""

    def __init__(self, database: Database, cipher: Cipher) -> None:
        self._database = database
        self._cipher = cipher

    async def put(self, connection: str, name: str, secret: str) -> None:
        """Keep a secret; the one that was kept under this name is gone."""
        context = CREDENTIAL_SECRET.context((connection, name))
        blob = self._cipher.encrypt(secret.encode(), context)
        statement = upsert(self._database, credentials).values(
            connection=connection, name=name, secret=blob
        )
        statement = statement.on_conflict_do_update(
            index_elements=[_c.connection, _c.name], set_={"secret": blob}
        )
        await self._database.change(statement)

    async def get(self, connection: str, name: str) -> str | None:
        """The secret of that name, or None."""
        query = select(_c.secret).where(_c.connection == connection, _c.name == name)
        row = await self._database.row(query)
        if row is None:
            return None
        context = CREDENTIAL_SECRET.context((connection, name))
        return self._cipher.decrypt(row.secret, context).decode()

    async def names(self, connection: str) -> list[str]:
        """Which secrets a connection has."""
        query = select(_c.name).where(_c.connection == connection).order_by(_c.name)
        return [row.name for row in await self._database.rows(query)]

    async def remove(self, connection: str, name: str) -> bool:
        """Forget a secret. False when there was none."""
        statement = delete(credentials).where(_c.connection == connection, _c.name == name)
        return bool(await self._database.change(statement))

    async def rotate(self, ring: KeyRing) -> Rotation:
        """Encrypt everything in the store anew under the current key of `ring`.

        The ring must still have every key that was used so far (UnknownKey). Give it to all
        other processes first: they must be able to read what is written anew. Interrupted, it is
        simply run again; once it has ended, the old keys may go.
        """
        return await rotate(self._database, self._cipher, ring)

    async def keys_in_use(self) -> dict[tuple[str, str], int]:
        """How many contents are under which key: column and key id to their number."""
        return await keys_in_use(self._database)
