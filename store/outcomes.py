"""What became of documents: their state, and whether the entry was ours or was there before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, exists, select

from documents.key import Kind
from documents.money import Money
from documents.posting import PostingState
from documents.row import DocumentState
from store.columns import money_of
from store.engine import Database
from store.tables import documents, postings

_c, _p = documents.c, postings.c


@dataclass(frozen=True)
class DocumentOutcome:
    """Where a document stands. `linked` says that its entry in the target was made by others."""

    source_id: str
    number: str
    state: DocumentState
    linked: bool
    cause: str
    amount: Money | None


class Outcomes:
    """Reads light columns only: nothing is decrypted."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def of(
        self, connection: str, kind: Kind, source_ids: Sequence[str]
    ) -> list[DocumentOutcome]:
        """The outcomes of those documents that were ever seen, by id."""
        where = (
            _c.connection == connection,
            _c.kind == kind.value,
            _c.source_id.in_(source_ids),
        )
        statement = select(documents, _made_by_others().label("linked")).where(*where)
        rows = await self._database.rows(statement.order_by(_c.source_id))
        return [_outcome(row) for row in rows]

    async def of_parents(
        self, connection: str, kind: Kind, parent_ids: Sequence[str]
    ) -> list[DocumentOutcome]:
        """The outcomes of the documents that belong to others (the payments of invoices)."""
        where = (
            _c.connection == connection,
            _c.kind == kind.value,
            _c.parent_id.in_(parent_ids),
        )
        statement = select(documents, _made_by_others().label("linked")).where(*where)
        rows = await self._database.rows(statement.order_by(_c.source_id))
        return [_outcome(row) for row in rows]


def _made_by_others() -> Any:
    """A posted entry that we never sent a record for."""
    return exists().where(
        and_(
            _p.connection == _c.connection,
            _p.source_id == _c.source_id,
            _p.state == PostingState.POSTED.value,
            _p.number == _c.target_number,
            _p.number != "",
            _p.record.is_(None),
            _p.forgotten.is_(False),
        )
    )


def _outcome(row: Any) -> DocumentOutcome:
    return DocumentOutcome(
        source_id=row.source_id,
        number=row.source_number,
        state=DocumentState(row.state),
        linked=bool(row.linked),
        cause=row.hold_cause or "",
        amount=money_of(row),
    )
