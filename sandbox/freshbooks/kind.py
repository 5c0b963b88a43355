"""One kind of accounting object: its fields, and what create, update, delete and list do.

Subclasses say which fields there are, and add what is particular to them by overriding `derive`
(computed fields), `effect` (postings) and `committed` (consequences for other objects).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import ClassVar

from sandbox.freshbooks import times
from sandbox.freshbooks.books import Books, Index
from sandbox.freshbooks.errors import DELETED, ApiError, invalid, not_found, required
from sandbox.freshbooks.fields import FieldReader, Fields
from sandbox.freshbooks.ledger import Line
from sandbox.freshbooks.query import Filter, Query, matches, ordered
from sandbox.storage import Row

Filters = Mapping[str, Filter]

ACTIVE, REMOVED, ARCHIVED = 0, 1, 2
ALL_VERBS = frozenset({"create", "get", "list", "update", "delete"})


class Kind(FieldReader):
    """Rows of one resource over all accounts.

    Fields that begin with an underscore are the stand-in's own and are never shown.
    """

    path: ClassVar[str]
    plural: ClassVar[str]
    aliases: ClassVar[tuple[str, ...]] = ("id",)
    event: ClassVar[str] = ""
    scope: ClassVar[str] = ""
    first_id: ClassVar[int]
    verbs: ClassVar[frozenset[str]] = ALL_VERBS
    http_delete: ClassVar[bool] = False
    hard_delete: ClassVar[bool] = False
    readonly: ClassVar[Fields] = {}
    create_only: ClassVar[frozenset[str]] = frozenset()
    needed: ClassVar[tuple[str, ...]] = ()
    actions: ClassVar[frozenset[str]] = frozenset()
    hidden: ClassVar[frozenset[str]] = frozenset()
    stamps: ClassVar[tuple[str, ...]] = ("updated",)
    birth: ClassVar[str] = ""
    stamp_in_utc: ClassVar[bool] = False
    versioned: ClassVar[bool] = False
    filters: ClassVar[Filters] = {}
    indexed: ClassVar[tuple[str, ...]] = ()

    def __init__(self, books: Books) -> None:
        super().__init__(books.settings.lengths)
        self.books = books
        self.table = books.table(self.plural)
        self._indexes = {name: Index() for name in ("_account", "id", *self.indexed)}
        self._filters = self._all_filters()
        self._answers: dict[str, tuple[tuple[int, date], list[Row]]] = {}
        for key, row in self.table.items():
            self._note(key, row)

    def create(self, account_id: str, body: Row) -> Row:
        """Make a new object; raises ApiError. What is not a field is ignored."""
        self._require(body, self.needed)
        with self.books.change():
            row = self._blank(account_id) | self.accept(account_id, body, creating=True)
            row = self.save(self.derive(row, body))
            self.announce(row, "create")
            self.committed(None, row)
            return self.table[self.key(row)]

    def get(self, account_id: str, object_id: str) -> Row:
        """One object, deleted ones too; raises ApiError 1012."""
        row = self.table.get(self.key_of(account_id, object_id))
        if row is None or row["_account"] != account_id:
            raise not_found(self.singular, self.aliases[-1], object_id)
        return row

    def update(self, account_id: str, object_id: str, body: Row) -> Row:
        """Change an object by the phase rule (freshbooks.md, section 9).

        Only the first phase of the body is carried out, in the order `ext_vis_state`, `vis_state`,
        actions, fields; the rest is dropped silently, as the real one does.
        """
        former = self.get(account_id, object_id)
        if "ext_vis_state" in body:
            return former
        with self.books.change():
            row = self._phase(former, body)
            self.announce(row, "update" if row["vis_state"] != REMOVED else "delete")
            self.committed(former, row)
            return self.table[self.key(row)]

    def delete(self, account_id: str, object_id: str) -> None:
        """Delete softly, or for good where the kind has no vis_state."""
        row = self.get(account_id, object_id)
        if not self.hard_delete:
            self.update(account_id, object_id, {"vis_state": REMOVED})
            return
        with self.books.change():
            del self.table[self.key(row)]
            self.announce(row, "delete")

    def search(self, account_id: str, query: Query) -> list[Row]:
        """All objects that match, in order; deleted ones only when asked for by vis_state.

        The last answers are kept until something changes, so that turning pages stays cheap.
        """
        asked = repr((account_id, sorted(query.search.items()), query.sort))
        state = (self.table.revision, times.today(self.books.now()))
        known = self._answers.get(asked)
        if known is not None and known[0] == state:
            return known[1]
        rows = self._find(account_id, query)
        self._answers = {**dict(list(self._answers.items())[-7:]), asked: (state, rows)}
        return rows

    def rows(self, account_id: str) -> Iterable[Row]:
        """Every row of one account, as stored."""
        keys = self._indexes["_account"].find(account_id)
        return (self.table[key] for key in keys if key in self.table)

    def with_value(self, field: str, value: object) -> list[Row]:
        """Every row whose indexed field has this value, as stored."""
        keys = self._indexes[field].find(value)
        found = (self.table[key] for key in keys if key in self.table)
        return [row for row in found if str(row[field]).casefold() == str(value).casefold()]

    def view(self, row: Row, includes: frozenset[str]) -> Row:
        """The object as the API shows it, with the extra parts that were asked for."""
        shown = {
            name: value
            for name, value in self.present(row).items()
            if not name.startswith("_") and (name not in self.hidden or name in includes)
        }
        return shown | self.included(row, includes)

    def present(self, row: Row) -> Row:
        """The row with what depends on the present moment."""
        return row

    def included(self, row: Row, includes: frozenset[str]) -> Row:
        """Parts that are computed only when they are asked for."""
        return {}

    def accept(self, account_id: str, body: Row, *, creating: bool) -> Row:
        """The writable fields of a body in their stored form; raises ApiError for a bad value."""
        allowed = set(self.writable) - (set() if creating else self.create_only)
        return {name: self.clean(name, body[name]) for name in body if name in allowed}

    def derive(self, row: Row, body: Row) -> Row:
        """The row with its computed fields, before it is saved."""
        return row

    def act(self, row: Row, body: Row) -> Row:
        """Carry out the actions of a body."""
        return row

    def effect(self, row: Row) -> list[Line]:
        """What the row posts to the books."""
        return []

    def committed(self, former: Row | None, row: Row) -> None:
        """Consequences for other objects, within the same change."""

    def key(self, row: Row) -> str:
        """The key of a row in the table."""
        return self.key_of(row["_account"], str(row["id"]))

    def key_of(self, account_id: str, object_id: str) -> str:
        """The key of an id; ids are unique over all accounts except where a kind says otherwise."""
        return object_id

    def save(self, row: Row) -> Row:
        """Stamp, post and store a row."""
        now = self.books.now()
        stamped = row | {name: self.stamp(now) for name in self.stamps} | {"_at": now.isoformat()}
        if self.versioned:
            stamped["version"] = times.version(now)
        key = self.key(stamped)
        removed = stamped["vis_state"] == REMOVED
        document = f"{self.singular}/{key}"
        self.books.ledger.book(
            stamped["_account"], document, [] if removed else self.effect(stamped)
        )
        self.table[key] = stamped
        self._note(key, stamped)
        return self.table[key]

    def announce(self, row: Row, verb: str) -> None:
        """Queue the event of a change."""
        if self.event:
            self.books.emit(row["_account"], f"{self.event}.{verb}", row["id"])

    def stamp(self, moment: datetime) -> str:
        """The moment in this kind's clock."""
        return times.utc(moment) if self.stamp_in_utc else times.eastern(moment)

    def clear(self) -> None:
        """Forget the indexes after the table was emptied, and take up what was left in it."""
        for index in self._indexes.values():
            index.clear()
        for key, row in self.table.items():
            self._note(key, row)

    def _find(self, account_id: str, query: Query) -> list[Row]:
        search = dict(query.search)
        wanted = search.pop("vis_state", None)
        rows = (self.present(row) for row in self._candidates(account_id, search))
        found = (row for row in rows if self._visible(row, wanted))
        return ordered((row for row in found if matches(row, search, self._filters)), query)

    def _phase(self, former: Row, body: Row) -> Row:
        if "vis_state" in body:
            return self.save(self.derive({**former, "vis_state": self._vis_state(body)}, {}))
        if former["vis_state"] == REMOVED:
            raise ApiError(DELETED, f"{self.singular} is deleted.", entity=self.singular)
        if any(body.get(name) for name in self.actions):
            return self.save(self.act(former, body))
        self._require(body, [name for name in self.needed if name in body])
        changes = self.accept(former["_account"], body, creating=False)
        return self.save(self.derive({**former, **changes}, body))

    def _require(self, body: Row, names: Iterable[str]) -> None:
        for name in names:
            if body.get(name) in (None, ""):
                raise required(self.singular, name)

    def _vis_state(self, body: Row) -> int:
        state = body["vis_state"]
        if state not in (ACTIVE, REMOVED, ARCHIVED) or isinstance(state, bool):
            raise invalid(self.singular, "vis_state", state)
        return int(state)

    def _blank(self, account_id: str) -> Row:
        object_id = self.books.next_id(self.plural, self.first_id)
        now = self.books.now()
        row: Row = {"id": object_id, **dict.fromkeys(self.aliases, object_id)}
        row |= {"accounting_systemid": account_id, "_account": account_id, "vis_state": ACTIVE}
        if self.birth:
            row[self.birth] = self.stamp(now)
        return row | dict(self.readonly) | dict(self.writable)

    def _visible(self, row: Row, wanted: list[str] | None) -> bool:
        if wanted is None:
            return bool(row["vis_state"] != REMOVED)
        return str(row["vis_state"]) in wanted

    def _candidates(self, account_id: str, search: Mapping[str, list[str]]) -> Iterable[Row]:
        for key, values in search.items():
            known = self._filters.get(key)
            name = (known.field or key) if known else ""
            if known and known.operation in ("equal", "in") and name in self._indexes:
                found = [row for value in values for row in self.with_value(name, value)]
                return [row for row in found if row["_account"] == account_id]
        return self.rows(account_id)

    def _all_filters(self) -> dict[str, Filter]:
        own = {name: Filter("equal", "id") for name in self.aliases}
        own |= {f"{name}s": Filter("in", "id") for name in self.aliases}
        return own | dict(self.filters)

    def _note(self, key: str, row: Row) -> None:
        for name, index in self._indexes.items():
            index.add(row[name], key)
