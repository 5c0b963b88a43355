"""One row per key: the record that is sent, what the target says of it, the open send."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from documents.key import Key, Kind
from documents.money import Money
from documents.posting import Posting, PostingState
from documents.record import MappedRecord
from documents.row import PostingRow
from store import numbers
from store.cipher import Cipher
from store.columns import money_columns
from store.engine import Database
from store.errors import FenceLost, KeyClash, RecordKept, UnknownPosting
from store.fences import LEDGERED, NO_SEND, Fences, ended
from store.posting_columns import StoredPosting, from_columns, new_columns, record_columns
from store.tables import postings

_c = postings.c


class Postings(Fences):
    """The posting rows, with their fences."""

    def __init__(self, database: Database, cipher: Cipher) -> None:
        super().__init__(database)
        self._cipher = cipher

    async def get(self, key: str) -> StoredPosting | None:
        """The row of a key, or None when it was never opened."""
        rows = await self._fetch(_all().where(_c.key == key))
        return rows[0] if rows else None

    async def open(
        self, key: Key, connection: str, record: MappedRecord | None, amount: Money | None
    ) -> StoredPosting:
        """The row of a key, made if there is none.

        The first record and the first amount are kept for good, whatever comes later: every
        retry sends the same bytes. KeyClash when the key belongs to another connection, or this
        generation of the document has a key with another tag already.
        """
        row = await self.get(key.text())
        if row is None:
            row = await self._make(key, connection, record, amount)
        if row.connection != connection:
            raise KeyClash(row.key, row.connection, connection)
        lacks_record = row.record is None and record is not None
        if lacks_record or (row.amount is None and amount is not None):
            row = await self._fill_in(row, record, amount)
        return row

    async def of_kind(self, connection: str, kind: Kind) -> list[PostingRow]:
        """All postings of a kind of which there are few, in the order of their keys."""
        statement = _all().where(_c.connection == connection, _c.kind == kind.value)
        return [*await self._fetch(statement.order_by(_c.key))]

    async def of_document(
        self, connection: str, kinds: Kind | Iterable[Kind], source_id: str
    ) -> list[PostingRow]:
        """All generations of the given kinds for one source document, oldest first."""
        wanted = [kinds] if isinstance(kinds, Kind) else list(kinds)
        statement = _all().where(
            _c.connection == connection,
            _c.kind.in_([kind.value for kind in wanted]),
            _c.source_id == source_id,
        )
        return [*await self._fetch(statement.order_by(_c.generation, _c.key))]

    async def confirm(
        self,
        key: str,
        posting: Posting,
        *,
        version: int | None = None,
        send: str | None = None,
        left: datetime | None = None,
    ) -> StoredPosting:
        """Record what the target says, state and number, and the end of the doubt, at once.

        With `send` it is the answer to that send, whose fence comes down in the same breath;
        `left` is the deadline of an earlier send that may still commit. Without it, an absent
        posting proves nothing while a send may commit, so it takes down no fence.
        What is in the ledger stays there: FenceLost when the answer is older than the row
        (absent, created or rejected after posted), when another send was made since `send`, or,
        with `version`, when the row changed since it was read. NumberTaken when the number
        belongs to another key; nothing is changed then. UnknownPosting when the key was never
        opened.
        """
        statement = (
            update(postings)
            .where(_c.key == key, _not_older(posting.state))
            .values(**_confirmed(posting, send, left), version=_c.version + 1)
            .returning(*_c)
        )
        if version is not None:
            statement = statement.where(_c.version == version)
        if send is not None and posting.state.value not in LEDGERED:
            statement = statement.where(_c.send_id == send)

        async def work(connection: AsyncConnection) -> Any | None:
            row = (await connection.execute(statement)).one_or_none()
            if row is not None and row.number and _owns_number(row):
                owner = numbers.Owner(row.connection, Kind(row.kind), row.source_id, key)
                await numbers.claim(self._database, owner, row.number, connection)
            return row

        row = await self._database.write(work)
        if row is None:
            raise await self._missing_or_moved(key)
        return from_columns(row, self._cipher)

    async def replace_record(
        self, key: str, record: MappedRecord | None, *, version: int | None = None
    ) -> StoredPosting:
        """Put a corrected record, or none, in place of one that surely never reached the ledger:
        the posting is absent and no send is open. RecordKept otherwise. With the `version` of a
        row whose unposted document the caller brings in line, it may be created."""
        amount = record.expected.total if record and record.expected else None
        values = {**record_columns(record, key, self._cipher), "version": _c.version + 1}
        if amount is not None:
            values |= money_columns(amount)
        statement = (
            update(postings)
            .where(_c.key == key, _replaceable(version), _c.send_id.is_(None))
            .values(values)
            .returning(*_c)
        )
        row = await self._database.changed(statement)
        if row is None:
            raise await self._why_kept(key)
        return from_columns(row, self._cipher)

    async def release(self, key: str, record: MappedRecord | None, version: int) -> StoredPosting:
        """Record that a person looked and what was sent under the key is not in the target: it
        is absent, nothing is under way, and `record` is what is sent next. FenceLost when the
        row changed since it was read, or is in the ledger."""
        statement = (
            update(postings)
            .where(_c.key == key, _c.version == version, _c.state.not_in(LEDGERED))
            .values(
                **NO_SEND,
                state=PostingState.ABSENT.value,
                number="",
                in_doubt_since=None,
                **record_columns(record, key, self._cipher),
                version=_c.version + 1,
            )
            .returning(*_c)
        )
        row = await self._database.changed(statement)
        if row is None:
            raise await self._missing_or_moved(key)
        return from_columns(row, self._cipher)

    async def _fetch(self, statement: Select[Any]) -> list[StoredPosting]:
        rows = await self._database.rows(statement)
        return [from_columns(row, self._cipher) for row in rows]

    async def _make(
        self, key: Key, connection: str, record: MappedRecord | None, amount: Money | None
    ) -> StoredPosting:
        values = new_columns(key, connection, amount)
        values |= record_columns(record, key.text(), self._cipher)
        try:
            await self._database.change(insert(postings).values(values))
        except IntegrityError as error:
            # Somebody else opened it meanwhile, or the connection's tag was changed.
            row = await self.get(key.text())
            if row is None:
                raise KeyClash(key.text(), connection, "its new tag") from error
            return row
        return await self._present(key.text())

    async def _fill_in(
        self, row: StoredPosting, record: MappedRecord | None, amount: Money | None
    ) -> StoredPosting:
        """First come, first kept, decided by the database."""
        new = record if row.record is None else None
        given = {**record_columns(new, row.key, self._cipher), **money_columns(amount)}
        values = {n: func.coalesce(_c[n], v, type_=_c[n].type) for n, v in given.items()}
        statement = update(postings).where(_c.key == row.key).values(values)
        await self._database.change(statement)
        return await self._present(row.key)

    async def _present(self, key: str) -> StoredPosting:
        row = await self.get(key)
        if row is None:
            raise UnknownPosting(key)
        return row

    async def _missing_or_moved(self, key: str) -> Exception:
        return FenceLost(key) if await self.get(key) else UnknownPosting(key)

    async def _why_kept(self, key: str) -> Exception:
        row = await self.get(key)
        if row is None:
            return UnknownPosting(key)
        if row.send is not None:
            return RecordKept(key, "a send may still be under way")
        return RecordKept(key, f"the posting is {row.state.value}")


def _all() -> Select[Any]:
    return select(postings)


def _owns_number(row: Any) -> bool:
    return row.state in LEDGERED and numbers.is_owned(Kind(row.kind))


def _not_older(state: PostingState) -> ColumnElement[bool]:
    return _c.key.is_not(None) if state.value in LEDGERED else _c.state.not_in(LEDGERED)


def _replaceable(version: int | None) -> ColumnElement[bool]:
    if version is None:
        return _c.state == PostingState.ABSENT.value
    return and_(_c.state.not_in(LEDGERED), _c.version == version)


def _confirmed(posting: Posting, send: str | None, left: datetime | None) -> dict[str, Any]:
    values: dict[str, Any] = {"state": posting.state.value}
    if posting.number or posting.state is not PostingState.CREATED:
        # Who is asked to post what was created may not know its number again.
        values["number"] = posting.number or ""
    if posting.state.value in LEDGERED:
        return {**values, **ended(None)}
    if send is None and posting.state is PostingState.ABSENT:
        return values
    return {**values, **ended(left)}
