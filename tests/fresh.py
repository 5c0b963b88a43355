"""A store's database as its migrations leave it, without running them for every test."""

from __future__ import annotations

import tempfile
from pathlib import Path

from store.address import Address
from store.engine import connect
from store.migrate import bring_up_to_date

_template: list[bytes] = []


async def fresh_database(path: Path) -> str:
    """The URL of a migrated database without rows, at a path where nothing is yet. A power cut
    may cost its last commits, which in a test nobody misses."""
    if not _template:
        _template.append(await _migrated())
    _lay(path)
    return f"sqlite:///{path}?synchronous=NORMAL"


def _lay(path: Path) -> None:
    path.write_bytes(_template[0])
    path.chmod(0o600)


async def _migrated() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "template.db"
        database = await connect(Address.parse(f"sqlite:///{file}"))
        try:
            await bring_up_to_date(database, migrate=True)
        finally:
            await database.close()
        return file.read_bytes()
