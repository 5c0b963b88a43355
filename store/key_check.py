"""A known content, encrypted when the store is made: a wrong key shows at once, not months later
when the first token is read."""

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
    blob = await _read(database)
    if blob is None:
        await _write(database, cipher)
        blob = await _read(database)
    if blob is None:
        raise Tampered(_context())
    try:
        known = cipher.decrypt(blob, _context())
    except Tampered:
        raise WrongKey(key_id_of(blob)) from None
    if known != _KNOWN:
        raise Tampered(_context())


async def _read(database: Database) -> bytes | None:
    row = await database.row(select(key_checks.c.content).where(key_checks.c.name == _NAME))
    return row.content if row else None


async def _write(database: Database, cipher: Cipher) -> None:
    content = cipher.encrypt(_KNOWN, _context())
    statement = upsert(database, key_checks).values(name=_NAME, content=content)
    await database.change(statement.on_conflict_do_nothing(index_elements=["name"]))


def _context() -> str:
    return KEY_CHECK.context((_NAME,))
