"""The document rows as an auditor pages through them: who is there, in what state, still open."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, Select, func, select

from documents.key import Kind
from documents.row import DocumentState
from store.engine import Database
from store.tables import documents

_c = documents.c


@dataclass(frozen=True)
class AccountedDocument:
    """A row without its contents. `closed` says that nothing is expected of it any more."""

    kind: Kind
    source_id: str
    source_number: str
    state: DocumentState
    closed: bool


class Accounted:
    """Reads light columns only: nothing is decrypted, and never more than a page."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def open_page(
        self, connection: str, kind: Kind, after: str = "", limit: int = 200
    ) -> list[AccountedDocument]:
        """A page of the documents of a kind that are not closed, by id, after an id."""
        statement = _of(connection, kind).where(_c.closed.is_(False), _c.source_id > after)
        rows = await self._database.rows(statement.order_by(_c.source_id).limit(limit))
        return [_document(row) for row in rows]

    async def open_count(self, connection: str, kind: Kind) -> int:
        """How many documents of a kind are not closed."""
        statement = select(func.count()).where(
            _c.connection == connection, _c.kind == kind.value, _c.closed.is_(False)
        )
        row = await self._database.row(statement)
        return int(row[0]) if row else 0

    async def known(
        self, connection: str, kind: Kind, source_ids: Iterable[str]
    ) -> dict[str, AccountedDocument]:
        """Those of these documents that have a row, by id."""
        statement = _of(connection, kind).where(_c.source_id.in_(sorted(set(source_ids))))
        rows = await self._database.rows(statement)
        return {row.source_id: _document(row) for row in rows}


def _of(connection: str, kind: Kind) -> Select[Any]:
    columns = (_c.kind, _c.source_id, _c.source_number, _c.state, _c.closed)
    return select(*columns).where(_c.connection == connection, _c.kind == kind.value)


def _document(row: Row[Any]) -> AccountedDocument:
    return AccountedDocument(
        kind=Kind(row.kind),
        source_id=row.source_id,
        source_number=row.source_number,
        state=DocumentState(row.state),
        closed=row.closed,
    )
