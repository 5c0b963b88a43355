"""Durable tables for the stand-ins: plain dicts in memory, written through to one SQLite file.

A stand-in that loses a committed document in a power cut would be blamed on the product, so a
transaction is on the disk before it ends. Everything runs in one event loop and a transaction never
awaits; therefore it needs no lock and sees no half-made change of another.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Container, Iterator, MutableMapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

Row = dict[str, Any]

_COUNTERS = "counters"

_SCHEMA = """
CREATE TABLE IF NOT EXISTS rows (
    place INTEGER NOT NULL,
    name TEXT NOT NULL,
    key TEXT NOT NULL,
    data TEXT NOT NULL,
    PRIMARY KEY (name, key)
)
"""
_DELETE = "DELETE FROM rows WHERE name = ? AND key = ?"
_UPSERT = "INSERT OR REPLACE INTO rows (place, name, key, data) VALUES (?, ?, ?, ?)"


class _Change(NamedTuple):
    """What a key held before it was touched; `row` is None if it was absent."""

    table: Table
    key: str
    row: Row | None
    place: int


class Table(MutableMapping[str, Row]):
    """Rows by key, in the order of their first insertion.

    A row is stored as a copy, and is replaced whole: `table[key] = {**row, "state": "paid"}`.
    What is read must not be changed in place. Values must be JSON; other types raise TypeError.
    `revision` grows with every change.
    """

    def __init__(self, name: str, storage: Storage) -> None:
        self.name = name
        self._storage = storage
        self._rows: dict[str, Row] = {}
        self._places: dict[str, int] = {}
        self.revision = 0

    def __getitem__(self, key: str) -> Row:
        return self._rows[key]

    def __setitem__(self, key: str, row: Row) -> None:
        copy: Row = json.loads(json.dumps(row))
        with self._storage.transaction():
            self._storage.touch(self, key)
            self.revision += 1
            self._rows[key] = copy
            self._places.setdefault(key, self._storage.next_place())

    def __delitem__(self, key: str) -> None:
        if key not in self._rows:
            raise KeyError(key)
        with self._storage.transaction():
            self._storage.touch(self, key)
            self.revision += 1
            del self._rows[key]
            del self._places[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._rows)

    def __reversed__(self) -> Iterator[str]:
        return reversed(self._rows)

    def __len__(self) -> int:
        return len(self._rows)

    def __contains__(self, key: object) -> bool:
        return key in self._rows

    def place(self, key: str) -> int:
        """The insertion number of a row: lower is older; -1 if absent."""
        return self._places.get(key, -1)

    def load(self, key: str, place: int, row: Row) -> None:
        """Put back a row as it was read from the file, without writing it again."""
        self._rows[key] = row
        self._places[key] = place

    def restore(self, key: str, row: Row | None, place: int) -> None:
        """Undo a change of one key."""
        self.revision += 1
        if row is None:
            self._rows.pop(key, None)
            self._places.pop(key, None)
        else:
            self.load(key, place, row)

    def sort(self) -> None:
        """Bring the rows back into the order of their insertion, after deletes were undone."""
        self._rows = {
            key: self._rows[key] for key in sorted(self._rows, key=self._places.__getitem__)
        }


class Storage:
    """All tables of one stand-in; kept in memory only when `path` is None."""

    def __init__(self, path: Path | None) -> None:
        self._tables: dict[str, Table] = {}
        self._place = 0
        self._depth = 0
        self._changes: dict[tuple[str, str], _Change] = {}
        self._database = None if path is None else _open(path)
        self._load()

    def table(self, name: str) -> Table:
        """The table of that name; always the same object."""
        if name not in self._tables:
            self._tables[name] = Table(name, self)
        return self._tables[name]

    def counter(self, name: str, start: int = 1) -> int:
        """The next value of a durable counter; the first one is `start`.

        Counters outlive `clear`, so that an id is never given twice.
        """
        counters = self.table(_COUNTERS)
        value = int(counters[name]["value"]) + 1 if name in counters else start
        counters[name] = {"value": value}
        return value

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing, in memory and on disk; durable when it ends without an exception.

        A transaction inside another one joins it.
        """
        self._depth += 1
        try:
            yield
            if self._depth == 1:
                self._commit()
        except BaseException:
            if self._depth == 1:
                self._roll_back()
            raise
        finally:
            self._depth -= 1

    def clear(self, keep: Container[str] = ()) -> None:
        """Delete every row except those of the tables named in `keep`, and the counters."""
        with self.transaction():
            for name, table in self._tables.items():
                if name != _COUNTERS and name not in keep:
                    table.clear()

    def close(self) -> None:
        """Close the file; the storage must not be used afterwards."""
        if self._database is not None:
            self._database.close()
            self._database = None

    def touch(self, table: Table, key: str) -> None:
        """Remember what `key` held before its first change in this transaction."""
        if (table.name, key) not in self._changes:
            before = _Change(table, key, table.get(key), table.place(key))
            self._changes[table.name, key] = before

    def next_place(self) -> int:
        """A number higher than that of every row so far."""
        self._place += 1
        return self._place

    def _commit(self) -> None:
        changes = list(self._changes.values())
        if self._database is not None and changes:
            self._write(self._database, changes)
        self._changes.clear()

    def _write(self, database: sqlite3.Connection, changes: list[_Change]) -> None:
        with database:
            for table, key, _, _ in changes:
                if key in table:
                    data = json.dumps(table[key])
                    database.execute(_UPSERT, (table.place(key), table.name, key, data))
                else:
                    database.execute(
                        "DELETE FROM rows WHERE name = ? AND key = ?", (table.name, key)
                    )

    def _roll_back(self) -> None:
        disturbed: dict[str, Table] = {}
        for table, key, row, place in self._changes.values():
            if row is not None and table.place(key) != place:
                disturbed[table.name] = table
            table.restore(key, row, place)
        self._changes.clear()
        for table in disturbed.values():
            table.sort()

    def _load(self) -> None:
        if self._database is None:
            return
        rows = self._database.execute("SELECT place, name, key, data FROM rows ORDER BY place")
        for place, name, key, data in rows:
            self.table(name).load(key, place, json.loads(data))
            self._place = place


def _open(path: Path) -> sqlite3.Connection:
    path.parent.mkdir(parents=True, exist_ok=True)
    database = sqlite3.connect(path)
    database.execute("PRAGMA journal_mode = WAL")
    # FULL, because NORMAL may lose the last commits in a power cut when the log is a WAL.
    database.execute("PRAGMA synchronous = FULL")
    database.execute(_SCHEMA)
    database.commit()
    return database
