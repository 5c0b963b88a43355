"""The audit journal: append-only, hash-chained per connection, kept for years.

Each entry holds the SHA-256 of the one before it, so that an entry which is altered, removed or
put elsewhere breaks the chain. How many there are and the last hash are kept beside it under a
seal that only our keys make: without that, whoever removes the end of a chain leaves a chain.

Entries name people and tell reasons, so their content is encrypted; the hash is that of the plain
text, and a key rotation changes none. The reason in words stands apart and the chain holds only a
salted digest of it: when a client is forgotten the words go, and the chain is whole.

Nothing here stops who may write to the database from doing so: it is found, not prevented. A whole
journal that is put back as it was some time ago is found by a head that is kept elsewhere.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Select, exists, func, insert, select, union, update
from sqlalchemy.ext.asyncio import AsyncConnection

from documents.key import Kind
from store.cipher import Cipher
from store.engine import Database
from store.entries import FORGOTTEN, OCCASION, START, Entry, Fact
from store.errors import Tampered
from store.tables import documents
from store.tieout_tables import AUDIT_CONTENT, AUDIT_SEAL, AUDIT_WORDS, audit_entries, audit_heads
from store.upsert import upsert

_PAGE = 500
_e = audit_entries.c
_h = audit_heads.c


@dataclass(frozen=True)
class Damage:
    """An entry that is not what was written, or is not there; `seq` where the chain breaks."""

    connection: str
    seq: int
    problem: str


@dataclass(frozen=True)
class Verified:
    """A chain as it was found: its entries, its last hash, and what is wrong with it."""

    connection: str
    entries: int
    head: str
    damages: tuple[Damage, ...] = ()


@dataclass
class _Walk:
    """How far a verification has come. `erased` are entries whose reason is gone, `forgotten`
    those that a later entry says were forgotten."""

    seen: bool
    expected: int = 1
    previous: str = START
    damages: list[Damage] = field(default_factory=list)
    erased: set[int] = field(default_factory=set)
    forgotten: set[int] = field(default_factory=set)

    def note(self, entry: Entry, *, erased: bool) -> None:
        if erased and entry.words:
            self.erased.add(entry.seq)
        if entry.what == FORGOTTEN:
            self.forgotten |= {int(n) for n in entry.after.get("entries", "").split()}

    def unexplained(self, connection: str) -> list[Damage]:
        lost = sorted(self.erased - self.forgotten)
        return [Damage(connection, seq, "its reason was removed") for seq in lost]


class Audit:
    """The journal of all connections."""

    def __init__(self, database: Database, cipher: Cipher, now: Callable[[], datetime]) -> None:
        self._database = database
        self._cipher = cipher
        self._now = now

    async def append(self, fact: Fact) -> Entry:
        """Journal something that stands for itself, in a transaction of its own."""
        return await self._database.write(lambda connection: self.append_in(connection, fact))

    async def append_in(self, transaction: AsyncConnection, fact: Fact) -> Entry:
        """Journal something in the transaction that does it."""
        (entry,) = await self.append_all_in(transaction, fact.connection, (fact,))
        return entry

    async def append_all_in(
        self, transaction: AsyncConnection, connection: str, facts: Sequence[Fact]
    ) -> list[Entry]:
        """Journal several things about one connection, in order."""
        count, last = await self._head(transaction, connection)
        entries, columns = [], []
        for seq, fact in enumerate(facts, start=count + 1):
            salt = secrets.token_hex(16)
            entry = self._entry(fact, seq, last, salt)
            count, last = seq, entry.hash()
            entries.append(entry)
            columns.append(self._columns(entry, salt))
        await transaction.execute(insert(audit_entries), columns)
        await transaction.execute(
            update(audit_heads)
            .where(_h.connection == connection)
            .values(self._head_columns(connection, count, last))
        )
        return entries

    async def of_document(self, connection: str, kind: Kind, source_id: str) -> list[Entry]:
        """Everything about one document, oldest first."""
        query = _entries(connection).where(_e.kind == kind.value, _e.source_id == source_id)
        return [self._read(row) for row in await self._database.rows(query)]

    async def of_family(self, connection: str, kind: Kind, source_id: str) -> list[Entry]:
        """Everything about one document and about what belongs to it (its payments)."""
        own = await self.of_document(connection, kind, source_id)
        d = documents.c
        below = select(d.kind, d.source_id).where(
            d.connection == connection, d.parent_id == source_id
        )
        for row in await self._database.rows(below.order_by(d.kind, d.source_id)):
            own += await self.of_document(connection, Kind(row.kind), row.source_id)
        return own

    async def connections(self) -> list[str]:
        """The connections that have a journal, or had to have one: whoever removes all of it
        must not be passed over."""
        names = union(select(_h.connection), select(_e.connection), select(documents.c.connection))
        return sorted(row[0] for row in await self._database.rows(names))

    async def head(self, connection: str) -> tuple[int, str]:
        """How many entries there should be, and the last hash."""
        row = await self._database.row(select(audit_heads).where(_h.connection == connection))
        return (row.entries, row.hash) if row else (0, START)

    async def verify(self, connection: str, since: str = "") -> Verified:
        """Go through the whole chain, a page in memory at a time. The first damage of a kind of
        break is told; what follows it is checked against what is there.

        `since` is a head that was told earlier and kept elsewhere: it must still be in the chain,
        which also finds a journal that was put back as a whole. What is written meanwhile is
        left to the next verification.
        """
        last = await self._last(connection)
        head = await self._database.row(select(audit_heads).where(_h.connection == connection))
        walk = _Walk(seen=since in ("", START))
        async for row in self._rows(connection, max(last, head.entries if head else 0)):
            self._step(walk, connection, row, since)
        damages = [
            *walk.damages,
            *self._problems_of_head(connection, head, walk.expected - 1, walk.previous),
            *walk.unexplained(connection),
            *await self._unjournalled(connection),
        ]
        if not walk.seen:
            damages.append(Damage(connection, walk.expected - 1, f"the head {since} is not in it"))
        return Verified(connection, walk.expected - 1, walk.previous, tuple(damages))

    def _step(self, walk: _Walk, connection: str, row: Any, since: str) -> None:
        problem, entry = self._problem(row, walk.expected, walk.previous)
        if problem:
            walk.damages.append(Damage(connection, row.seq, problem))
        if entry is not None:
            walk.note(entry, erased=row.words is None)
        walk.seen = walk.seen or row.hash == since
        walk.expected, walk.previous = row.seq + 1, row.hash

    async def _last(self, connection: str) -> int:
        """The number of the last entry; asked before the head, which is never behind it."""
        query = select(func.max(_e.seq)).where(_e.connection == connection)
        return int((await self._database.rows(query))[0][0] or 0)

    async def _unjournalled(self, connection: str) -> list[Damage]:
        """Every document was journalled when it was first written down."""
        d = documents.c
        journalled = exists().where(
            _e.connection == d.connection, _e.kind == d.kind, _e.source_id == d.source_id
        )
        query = select(d.kind, d.source_id).where(d.connection == connection, ~journalled)
        rows = await self._database.rows(query.order_by(d.kind, d.source_id).limit(_PAGE))
        return [Damage(connection, 0, f"{r.kind} {r.source_id} has no entry") for r in rows]

    async def _rows(self, connection: str, upto: int) -> AsyncIterator[Any]:
        after = 0
        while page := await self._database.rows(
            _entries(connection).where(_e.seq > after, _e.seq <= upto).limit(_PAGE)
        ):
            for row in page:
                yield row
            after = page[-1].seq

    def _problem(self, row: Any, expected: int, previous: str) -> tuple[str, Entry | None]:
        try:
            entry = self._read(row)
        except (Tampered, ValueError):
            return "its content was altered", None
        if row.seq != expected:
            return f"entries {expected} to {row.seq - 1} are missing", entry
        beside = (entry.connection, entry.seq, entry.kind, entry.source_id, entry.what, entry.at)
        stored = (row.connection, row.seq, row.kind, row.source_id, row.what, row.at)
        if entry.hash() != row.hash or beside != stored:
            return "it was altered", entry
        follows = entry.previous == previous
        return "" if follows else "it does not follow the entry before it", entry

    def _problems_of_head(self, connection: str, row: Any, count: int, last: str) -> list[Damage]:
        if row is None:
            return [Damage(connection, count, "its head was removed")] if count else []
        try:
            sealed = self._cipher.decrypt(row.seal, AUDIT_SEAL.context((connection,))).decode()
        except Tampered:
            sealed = ""
        if sealed != _sealed(row.entries, row.hash):
            return [Damage(connection, count, "its head was altered")]
        if (row.entries, row.hash) != (count, last):
            problem = f"it ends here, and there should be {row.entries} entries"
            return [Damage(connection, count, problem)]
        return []

    async def _head(self, transaction: AsyncConnection, connection: str) -> tuple[int, str]:
        """The end of the chain, locked until this transaction ends."""
        query = select(_h.entries, _h.hash).where(_h.connection == connection)
        locked = query if self._database.is_sqlite else query.with_for_update()
        found = (await transaction.execute(locked)).one_or_none()
        if found is None:
            values = self._head_columns(connection, 0, START)
            statement = upsert(self._database, audit_heads).values(connection=connection, **values)
            await transaction.execute(statement.on_conflict_do_nothing())
            found = (await transaction.execute(locked)).one()
        return found.entries, found.hash

    def _entry(self, fact: Fact, seq: int, previous: str, salt: str) -> Entry:
        occasion = OCCASION.get()
        return Entry(
            connection=fact.connection,
            seq=seq,
            at=fact.at or self._now(),
            kind=fact.kind,
            source_id=fact.source_id,
            number=fact.number,
            target_number=fact.target_number,
            what=fact.what,
            who=fact.who,
            why=fact.why,
            words=_digest(salt, fact.why),
            before=fact.before or {},
            after=fact.after or {},
            step=occasion.step,
            workflow_id=occasion.workflow_id,
            run_id=occasion.run_id,
            previous=previous,
        )

    def _columns(self, entry: Entry, salt: str) -> dict[str, Any]:
        place = (entry.connection, entry.seq)
        words = json.dumps([salt, entry.why]).encode() if entry.why else None
        return {
            "connection": entry.connection,
            "seq": entry.seq,
            "kind": entry.kind,
            "source_id": entry.source_id,
            "at": entry.at,
            "what": entry.what,
            "hash": entry.hash(),
            "content": self._cipher.encrypt(
                entry.text().encode(), AUDIT_CONTENT.context(place), compress=True
            ),
            "words": self._cipher.encrypt(words, AUDIT_WORDS.context(place)) if words else None,
        }

    def _head_columns(self, connection: str, count: int, last: str) -> dict[str, Any]:
        context = AUDIT_SEAL.context((connection,))
        seal = self._cipher.encrypt(_sealed(count, last).encode(), context)
        return {"entries": count, "hash": last, "seal": seal}

    def _read(self, row: Any) -> Entry:
        context = AUDIT_CONTENT.context((row.connection, row.seq))
        entry = Entry.model_validate_json(self._cipher.decrypt(row.content, context))
        if row.words is None:
            return entry
        words = AUDIT_WORDS.context((row.connection, row.seq))
        salt, why = json.loads(self._cipher.decrypt(row.words, words))
        if _digest(salt, why) != entry.words:
            raise ValueError("the words are not those that were written")
        return entry.model_copy(update={"why": why})


def _entries(connection: str) -> Select[Any]:
    return select(audit_entries).where(_e.connection == connection).order_by(_e.seq)


def _digest(salt: str, why: str) -> str:
    """Digest of a reason; without the salt, which goes with the words, nobody can try sentences."""
    return hashlib.sha256(f"{salt}:{why}".encode()).hexdigest() if why else ""


def _sealed(count: int, last: str) -> str:
    return f"{count}:{last}"
