"""Known contents: one encrypted when the store is made, and one under each key that writes. A wrong
key shows at once, not months later when the first token is read."""

from __future__ import annotations

from sqlalchemy import select

from store.cipher import Cipher, key_id_of
from store.engine import Database
from store.errors import Tampered, WrongKey
from store.tables import KEY_CHECK, key_checks
from store.upsert import upsert

_NAME = "store"
_KNOWN = b"tieout"


async def check(database: Database, cipher: Cipher) -> None:
    """UnknownKey or WrongKey when these are not the keys the store was written with."""
    # Two processes could be given two new keys of one id: the first that writes is right.
    for name in (_NAME, f"key/{cipher.ring.current}"):
        await _check(database, cipher, name)


async def _check(database: Database, cipher: Cipher, name: str) -> None:
    blob = await _read(database, name)
    if blob is None:
        await _write(database, cipher, name)
        blob = await _read(database, name)
    if blob is None:
        raise Tampered(_context(name))
    try:
        known = cipher.decrypt(blob, _context(name))
    except Tampered:
        raise WrongKey(key_id_of(blob)) from None
    if known != _KNOWN:
        raise Tampered(_context(name))


async def _read(database: Database, name: str) -> bytes | None:
    row = await database.row(select(key_checks.c.content).where(key_checks.c.name == name))
    return row.content if row else None


async def _write(database: Database, cipher: Cipher, name: str) -> None:
    content = cipher.encrypt(_KNOWN, _context(name))
    statement = upsert(database, key_checks).values(name=name, content=content)
    await database.change(statement.on_conflict_do_nothing(index_elements=["name"]))


def _context(name: str) -> str:
    return KEY_CHECK.context((name,))
