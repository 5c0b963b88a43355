"""The tables of one company: records in key order with secondary indexes.

The records themselves live in the sandbox's storage, which makes a transaction durable and takes a
failed one back. Order and indexes are derived from them here, kept in memory and taken back with
the same transaction.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from sandbox.nav.errors import missing_record, same_key
from sandbox.nav.schema import Row, Table
from sandbox.storage import Storage
from sandbox.storage import Table as StoredTable

Key = tuple[Any, ...]

VERSION = "$version"
"""Name under which a record holds its row version; it changes with every write."""

_FIRST_ENTRY = 1_000_001


class Records:
    """The records of one table, in the order of the primary key."""

    def __init__(self, table: Table, stored: StoredTable, database: Database) -> None:
        self.table = table
        self._stored = stored
        self._database = database
        self._order: list[Key] = []
        self._indexes: dict[tuple[str, ...], dict[Key, dict[Key, None]]] = {}
        self.load()

    def load(self) -> None:
        """Derive order and indexes from what is stored."""
        self._order = sorted(self.table.key_of(row) for row in self._stored.values())
        self._indexes = {names: {} for names in self.table.indexes}
        for row in self._stored.values():
            self._index(row)

    def __len__(self) -> int:
        return len(self._order)

    def get(self, *key: Any) -> Row | None:
        """The record with that primary key; it must not be changed in place."""
        return self._stored.get(_joined(key))

    def require(self, *key: Any) -> Row:
        """The record with that primary key; raises NavError if there is none."""
        row = self.get(*key)
        if row is None:
            raise missing_record(self.table.name, self.identify(key))
        return row

    def identify(self, key: Iterable[Any]) -> list[tuple[str, Any]]:
        """The captions of the key fields with their values, for messages."""
        captions = [self.table.fields[name].caption for name in self.table.key]
        return list(zip(captions, key, strict=True))

    def describe(self, row: Row) -> str:
        """The record as NAV names it in messages: `Customer: No.=C1000001`."""
        pairs = self.identify(self.table.key_of(row))
        return f"{self.table.name}: " + ", ".join(f"{name}={value}" for name, value in pairs)

    def find(self, **values: Any) -> list[Row]:
        """All records with these values, which must be the fields of one index; in key order."""
        names = tuple(values)
        keys = self.indexed(names, tuple(values.values()))
        found = (self._stored[_joined(key)] for key in keys)
        return [row for row in found if all(row[name] == values[name] for name in names)]

    def first(self, **values: Any) -> Row | None:
        """The first record with these values, which must be the fields of one index."""
        found = self.find(**values)
        return found[0] if found else None

    def indexed(self, names: tuple[str, ...], values: Key) -> list[Key]:
        """The keys of the records with these values of an index, whatever their case; in order."""
        return sorted(self._indexes[names].get(_folded(values), {}))

    def within(self, prefix: Key) -> list[Row]:
        """All records whose primary key begins so, in order."""
        return [self._stored[_joined(key)] for key in self.keys_within(prefix)]

    def keys_within(self, prefix: Key) -> list[Key]:
        """The primary keys that begin so, in order."""
        start = bisect_left(self._order, prefix)
        found = []
        for key in self._order[start:]:
            if key[: len(prefix)] != prefix:
                break
            found.append(key)
        return found

    def keys_after(self, key: Key | None) -> list[Key]:
        """The primary keys behind `key`, or all, in order."""
        return self._order if key is None else self._order[bisect_right(self._order, key) :]

    def keys_between(self, first: Key, last: Key) -> list[Key]:
        """The primary keys from one to another, both included, in order."""
        return self._order[bisect_left(self._order, first) : bisect_right(self._order, last)]

    def last_key(self) -> Key | None:
        """The highest primary key."""
        return self._order[-1] if self._order else None

    def all(self) -> Iterator[Row]:
        """All records in key order."""
        return (self._stored[_joined(key)] for key in list(self._order))

    def insert(self, row: Row) -> Row:
        """Add a record; raises NavError if its key is taken."""
        key = self.table.key_of(row)
        if self.get(*key) is not None:
            raise same_key(self.table.name, self.identify(key))
        return self.put(row)

    def put(self, row: Row) -> Row:
        """Store a record, replacing the one with the same key; returns it as stored."""
        key = self.table.key_of(row)
        with self._database.transaction():
            before = self.get(*key)
            stamped = {**row, VERSION: self._database.version()}
            self._stored[_joined(key)] = stamped
            self._change(key, before, stamped)
        return stamped

    def change(self, row: Row, **values: Any) -> Row:
        """Store a record with some other values."""
        return self.put({**row, **values})

    def delete(self, row: Row) -> None:
        """Remove a record."""
        key = self.table.key_of(row)
        with self._database.transaction():
            before = self._stored[_joined(key)]
            del self._stored[_joined(key)]
            self._change(key, before, None)

    def clear(self) -> None:
        """Remove all records."""
        for row in list(self.all()):
            self.delete(row)

    def _change(self, key: Key, before: Row | None, after: Row | None) -> None:
        self._apply(key, before, after)
        self._database.on_failure(lambda: self._apply(key, after, before))

    def _apply(self, key: Key, before: Row | None, after: Row | None) -> None:
        if before is not None:
            self._unindex(before)
        if after is not None:
            self._index(after)
        if before is None:
            insort(self._order, key)
        elif after is None:
            del self._order[bisect_left(self._order, key)]

    def _index(self, row: Row) -> None:
        key = self.table.key_of(row)
        for names, index in self._indexes.items():
            values = _folded(row[name] for name in names)
            # Blank values are not indexed: nobody searches for them and they would be the longest.
            if values[0] != "":
                index.setdefault(values, {})[key] = None

    def _unindex(self, row: Row) -> None:
        key = self.table.key_of(row)
        for names, index in self._indexes.items():
            values = _folded(row[name] for name in names)
            keys = index.get(values, {})
            keys.pop(key, None)
            if not keys:
                index.pop(values, None)


class Database:
    """All tables of one company, and the transactions over them."""

    def __init__(self, storage: Storage, company: str, tables: Iterable[Table]) -> None:
        self._storage = storage
        self._company = company
        self._undo: list[Callable[[], None]] | None = None
        self._version = 0
        self._records = {
            table.name: Records(table, storage.table(f"{company}/{table.name}"), self)
            for table in tables
        }

    def __getitem__(self, table: str) -> Records:
        return self._records[table]

    def __iter__(self) -> Iterator[Records]:
        return iter(self._records.values())

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing; one inside another joins it."""
        if self._undo is not None:
            yield
            return
        self._undo = []
        self._version = 0
        try:
            with self._storage.transaction():
                yield
        except BaseException:
            for step in reversed(self._undo):
                step()
            raise
        finally:
            self._undo = None

    def on_failure(self, step: Callable[[], None]) -> None:
        """Register what takes a change of derived data back."""
        if self._undo is not None:
            self._undo.append(step)

    def version(self) -> int:
        """The row version of this transaction."""
        if not self._version:
            self._version = self._storage.counter("row version", _FIRST_ENTRY)
        return self._version

    def next_entry(self, table: str) -> int:
        """The next entry number of a ledger; it is never given twice."""
        return self._storage.counter(f"{self._company}/{table}", _FIRST_ENTRY)


def _folded(values: Iterable[Any]) -> Key:
    return tuple(value.lower() if isinstance(value, str) else value for value in values)


def _joined(key: Key) -> str:
    return "\x1f".join(map(str, key))
