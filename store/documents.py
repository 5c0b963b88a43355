"""One row per source document: what was decided about it, and where it stands."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    bindparam,
    insert,
    literal,
    or_,
    select,
    tuple_,
    update,
)
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from documents.hold import Hold
from documents.key import Kind
from documents.row import DocumentRow, DocumentState
from store import numbers
from store.audit import Audit
from store.audit_facts import fact_of
from store.cipher import Cipher
from store.document_columns import from_columns, to_columns
from store.engine import Database
from store.errors import StaleRow
from store.tables import documents

_TRIES = 10
_c = documents.c
_PLACE = (_c.held_since, _c.connection, _c.kind, _c.source_id)


# The two statements of every look are built once, which takes a third of their time.
_THIS = and_(
    _c.connection == bindparam("the_connection"),
    _c.kind == bindparam("the_kind"),
    _c.source_id == bindparam("the_source_id"),
)
_GET = select(documents).where(_THIS)
_UPDATE = (
    update(documents).where(_THIS, _c.version == bindparam("the_version")).returning(_c.received_at)
)


class Documents:
    """The document rows. Amounts are exact; moments are aware UTC."""

    def __init__(
        self, database: Database, cipher: Cipher, now: Callable[[], datetime], audit: Audit
    ) -> None:
        self._database = database
        self._cipher = cipher
        self._now = now
        self._audit = audit

    async def get(self, connection: str, kind: Kind, source_id: str) -> DocumentRow | None:
        """The row of a document, or None when it was never seen."""
        row = await self._database.row(_GET, _identity(connection, kind, source_id))
        return from_columns(row, self._cipher) if row else None

    async def children(self, connection: str, kind: Kind, parent_id: str) -> list[DocumentRow]:
        """The documents of a kind that belong to another one, by their id (its payments)."""
        where = and_(_c.connection == connection, _c.kind == kind.value, _c.parent_id == parent_id)
        return await self._fetch(_all().where(where).order_by(_c.source_id))

    async def save(self, row: DocumentRow) -> DocumentRow:
        """Insert (version 0) or update the row, and return it as it is stored now.

        The version rises by one, `updated_at` is set, `received_at` is set at the insert (unless
        given) and never changes, `held_since` is set when a held row has none. What was decided
        about the document is journalled in the same transaction.

        StaleRow when the stored version is another one; Unstorable when a value cannot be kept
        exactly.
        """
        now = self._now()
        if row.state is DocumentState.HELD and row.held_since is None:
            row = row.model_copy(update={"held_since": now})
        received = await (self._insert(row, now) if row.version == 0 else self._update(row, now))
        return row.model_copy(
            update={"received_at": received, "updated_at": now, "version": row.version + 1}
        )

    async def hold(
        self,
        connection: str,
        kind: Kind,
        source_id: str,
        hold: Hold,
        *,
        defaults: DocumentRow | None = None,
    ) -> DocumentRow:
        """Hold a document, whatever version its row has; make the row if there is none.

        `defaults` gives what the row does not know yet (number, party, parent, amount). Since
        when it is held stays while the cause stays.
        """
        for left in reversed(range(_TRIES)):
            found = await self.get(connection, kind, source_id)
            row = found or DocumentRow(connection=connection, kind=kind, source_id=source_id)
            try:
                return await self.save(self._held(_completed(row, defaults), hold))
            except StaleRow:
                if not left:
                    raise
        raise AssertionError("unreachable: the last try returns or raises")

    async def held(
        self,
        connection: str | None = None,
        cause: str | None = None,
        after: str = "",
        limit: int = 100,
    ) -> list[DocumentRow]:
        """A page of the held documents, longest held first. `after` is `cursor()` of the last
        row of the page before, empty for the first page. ValueError for anything else."""
        statement = _all().where(_c.state == DocumentState.HELD.value)
        if connection is not None:
            statement = statement.where(_c.connection == connection)
        if cause is not None:
            statement = statement.where(_c.hold_cause == cause)
        if after:
            statement = statement.where(_later_than(after))
        return await self._fetch(statement.order_by(*_PLACE).limit(limit))

    @staticmethod
    def cursor(row: DocumentRow) -> str:
        """Where a page that ends with this row goes on."""
        if row.held_since is None:
            raise ValueError(f"{row.kind.value} {row.source_id} is not held")
        moment = row.held_since.isoformat()
        return json.dumps([moment, row.connection, row.kind.value, row.source_id])

    async def find_by_number(self, connection: str, text: str) -> list[DocumentRow]:
        """Documents with exactly this number at the source or in the target, or this id."""
        wanted = text.strip()
        if not wanted:
            return []
        anywhere = or_(
            _c.source_number == wanted, _c.target_number == wanted, _c.source_id == wanted
        )
        statement = _all().where(_c.connection == connection, anywhere)
        return await self._fetch(statement.order_by(_c.kind, _c.source_id))

    async def concerned(self, connection: str, party_id: str) -> list[DocumentRow]:
        """The documents of a party that are not closed."""
        where = and_(_c.connection == connection, _c.party_id == party_id, _c.closed.is_(False))
        return await self._fetch(_all().where(where).order_by(_c.kind, _c.source_id))

    async def claim_number(self, connection: str, kind: Kind, number: str, source_id: str) -> None:
        """Take a target number for a document (to adopt what stands in the target); again is
        harmless. NumberTaken when it belongs to another document."""
        owner = numbers.Owner(connection, kind, source_id)
        await self._database.write(partial(numbers.claim, self._database, owner, number))

    async def release_number(
        self, connection: str, kind: Kind, number: str, source_id: str
    ) -> bool:
        """Give back a number that was claimed by mistake. False when it is not claimed by this
        document, or a posting of it was confirmed under the number already."""
        owner = numbers.Owner(connection, kind, source_id)
        return bool(await self._database.change(numbers.release(owner, number)))

    async def _fetch(self, statement: Select[Any]) -> list[DocumentRow]:
        rows = await self._database.rows(statement)
        return [from_columns(row, self._cipher) for row in rows]

    async def _insert(self, row: DocumentRow, now: datetime) -> datetime:
        received = row.received_at or now
        statement = insert(documents).values(
            connection=row.connection,
            kind=row.kind.value,
            source_id=row.source_id,
            **to_columns(row, self._cipher),
            received_at=received,
            updated_at=now,
            version=1,
        )

        async def work(transaction: AsyncConnection) -> None:
            await transaction.execute(statement)
            await self._journal(transaction, None, row, now)

        try:
            await self._database.write(work)
        except IntegrityError as error:
            raise _stale(row) from error
        return received

    async def _update(self, row: DocumentRow, now: datetime) -> datetime:
        place = _identity(row.connection, row.kind, row.source_id)
        values = {
            **place,
            "the_version": row.version,
            **to_columns(row, self._cipher),
            "updated_at": now,
            "version": row.version + 1,
        }

        async def work(transaction: AsyncConnection) -> Any | None:
            before = (await transaction.execute(_GET, place)).one_or_none()
            stored = (await transaction.execute(_UPDATE, values)).one_or_none()
            if stored is not None and before is not None:
                await self._journal(transaction, from_columns(before, self._cipher), row, now)
            return stored

        stored = await self._database.write(work)
        if stored is None:
            raise _stale(row)
        received: datetime = stored.received_at
        return received

    async def _journal(
        self,
        transaction: AsyncConnection,
        before: DocumentRow | None,
        after: DocumentRow,
        now: datetime,
    ) -> None:
        fact = fact_of(before, after)
        if fact is not None:
            await self._audit.append_in(transaction, replace(fact, at=now))

    def _held(self, row: DocumentRow, hold: Hold) -> DocumentRow:
        # A row that is being tried again has no hold for the time being, and keeps its age.
        same = row.hold is None or row.hold.cause == hold.cause
        since = row.held_since if same else None
        return row.model_copy(
            update={
                "state": DocumentState.HELD,
                "hold": hold,
                "held_since": since or self._now(),
            }
        )


def _all() -> Select[Any]:
    return select(documents)


def _identity(connection: str, kind: Kind, source_id: str) -> dict[str, Any]:
    return {"the_connection": connection, "the_kind": kind.value, "the_source_id": source_id}


def _stale(row: DocumentRow) -> StaleRow:
    return StaleRow(row.connection, row.kind.value, row.source_id, row.version)


def _completed(row: DocumentRow, defaults: DocumentRow | None) -> DocumentRow:
    """The row, with what it does not know yet taken from the defaults."""
    if defaults is None:
        return row
    names = ("source_number", "party_id", "parent_id", "amount", "received_at")
    # Compared with "nothing known": an amount of zero is known, and false.
    unknown = {n: getattr(defaults, n) for n in names if getattr(row, n) in (None, "")}
    return row.model_copy(update=unknown)


def _later_than(after: str) -> ColumnElement[bool]:
    moment, *names = json.loads(after)
    values = (datetime.fromisoformat(moment), *names)
    place = tuple_(*(literal(value, c.type) for value, c in zip(values, _PLACE, strict=True)))
    return tuple_(*_PLACE) > place
