"""Tables of one company: records by RecId, with indexes that follow a failed transaction back."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager

from sandbox.ax.schema import Row
from sandbox.storage import Storage
from sandbox.storage import Table as StoredTable

Keys = Callable[[Row], Iterable[str]]
"""The values under which an index finds a record."""

_FIRST_REC_ID = 5_637_144_576
_FIRST_VERSION = 1_000_001

CHANGED = "$changed"
"""Where a record says when it was last written (ISO 8601 in UTC)."""


class Database:
    """The tables of all companies, and the transactions over them."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage
        self._undo: list[Callable[[], None]] | None = None

    def table(self, name: str) -> StoredTable:
        """A stored table."""
        return self._storage.table(name)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing; one inside another joins it."""
        if self._undo is not None:
            yield
            return
        self._undo = []
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

    def rec_id(self) -> int:
        """The next RecId; it is never given twice."""
        return self._storage.counter("RecId", _FIRST_REC_ID)

    def version(self) -> int:
        """The next RecVersion, another one for every write."""
        return self._storage.counter("RecVersion", _FIRST_VERSION)

    def number(self, sequence: str, letters: str) -> str:
        """The next number of a sequence, letters and seven digits; it is never given twice."""
        return f"{letters}{self._storage.counter(sequence, 1_000_001)}"


class Rows:
    """The records of one table in the order of their RecIds."""

    def __init__(
        self, stored: StoredTable, database: Database, indexes: Mapping[str, Keys]
    ) -> None:
        self._stored = stored
        self._database = database
        self._keys = indexes
        self._indexes: dict[str, dict[str, dict[int, None]]] = {name: {} for name in indexes}
        for row in stored.values():
            self._enter(row)

    def __len__(self) -> int:
        return len(self._stored)

    def get(self, rec_id: int) -> Row | None:
        """The record with that RecId; it must not be changed in place."""
        return self._stored.get(str(rec_id))

    def has_index(self, name: str) -> bool:
        """Whether `find` knows the index."""
        return name in self._indexes

    def find(self, index: str, value: str) -> list[Row]:
        """The records an index has under a value, whatever its case; oldest first."""
        found = self._indexes[index].get(value.lower(), {})
        return [self._stored[str(rec_id)] for rec_id in sorted(found)]

    def first(self, index: str, value: str) -> Row | None:
        """The oldest record an index has under a value."""
        found = self.find(index, value)
        return found[0] if found else None

    def all(self) -> Iterator[Row]:
        """Every record."""
        return iter(list(self._stored.values()))

    def put(self, row: Row) -> Row:
        """Store a record, replacing the one with the same RecId; returns it as stored."""
        key = str(row["RecId"])
        with self._database.transaction():
            before = self._stored.get(key)
            self._stored[key] = row
            after = self._stored[key]
            self._swap(before, after)
            self._database.on_failure(lambda: self._swap(after, before))
        return after

    def delete(self, row: Row) -> None:
        """Remove a record."""
        with self._database.transaction():
            before = self._stored[str(row["RecId"])]
            del self._stored[str(row["RecId"])]
            self._swap(before, None)
            self._database.on_failure(lambda: self._swap(None, before))

    def clear(self) -> None:
        """Remove all records."""
        for row in list(self.all()):
            self.delete(row)

    def _swap(self, before: Row | None, after: Row | None) -> None:
        if before is not None:
            self._leave(before)
        if after is not None:
            self._enter(after)

    def _enter(self, row: Row) -> None:
        for name, keys in self._keys.items():
            for value in keys(row):
                # Blank values are not indexed: nobody searches for them.
                if value:
                    self._indexes[name].setdefault(value.lower(), {})[row["RecId"]] = None

    def _leave(self, row: Row) -> None:
        for name, keys in self._keys.items():
            for value in keys(row):
                found = self._indexes[name].get(value.lower(), {})
                found.pop(row["RecId"], None)
                if not found:
                    self._indexes[name].pop(value.lower(), None)
