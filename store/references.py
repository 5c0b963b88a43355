"""The cross-reference: which object of the target is the partner of one of the source."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import Row, select
from sqlalchemy.ext.asyncio import AsyncConnection

from documents.key import Kind
from documents.posting import ExternalReference
from store.engine import Database
from store.tables import cross_references
from store.upsert import upsert

_c = cross_references.c


class References:
    """Both numbers of every document and party that has a partner."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def put(
        self, connection: str, kind: Kind, source_id: str, source_number: str, target_number: str
    ) -> ExternalReference:
        """Record the partner of a source object; the latest one counts."""
        reference = ExternalReference(
            connection=connection,
            kind=kind,
            source_id=source_id,
            source_number=source_number,
            target_number=target_number,
        )
        await self._database.write(lambda transaction: self.put_all_in(transaction, [reference]))
        return reference

    async def put_all_in(
        self, transaction: AsyncConnection, references: Sequence[ExternalReference]
    ) -> None:
        """Record partners in the transaction that does more."""
        statement = upsert(self._database, cross_references)
        numbers = {n: statement.excluded[n] for n in ("source_number", "target_number")}
        statement = statement.on_conflict_do_update(
            index_elements=[_c.connection, _c.kind, _c.source_id], set_=numbers
        )
        await transaction.execute(statement, [each.model_dump() for each in references])

    async def get(self, connection: str, kind: Kind, source_id: str) -> ExternalReference | None:
        """The partner of a source object, or None."""
        statement = select(cross_references).where(
            _c.connection == connection, _c.kind == kind.value, _c.source_id == source_id
        )
        row = await self._database.row(statement)
        return _reference(row) if row else None

    async def by_target(
        self, connection: str, kind: Kind, target_number: str
    ) -> list[ExternalReference]:
        """The source objects whose partner has this number (several clients may share one
        customer)."""
        statement = select(cross_references).where(
            _c.connection == connection, _c.kind == kind.value, _c.target_number == target_number
        )
        rows = await self._database.rows(statement.order_by(_c.source_id))
        return [_reference(row) for row in rows]

    async def targets(
        self, connection: str, kind: Kind, source_ids: Collection[str]
    ) -> dict[str, str]:
        """The target numbers of many source objects at once; those without a partner are left
        out."""
        query = select(_c.source_id, _c.target_number).where(
            _c.connection == connection, _c.kind == kind.value, _c.source_id.in_(source_ids)
        )
        rows = await self._database.rows(query) if source_ids else []
        return {row.source_id: row.target_number for row in rows}

    async def page(
        self, connection: str, kind: Kind, after: str, limit: int
    ) -> list[tuple[str, str]]:
        """A page of source objects that have a partner, by id, with its number."""
        query = select(_c.source_id, _c.target_number).where(
            _c.connection == connection, _c.kind == kind.value, _c.source_id > after
        )
        rows = await self._database.rows(query.order_by(_c.source_id).limit(limit))
        return [(row[0], row[1]) for row in rows]

    async def known_targets(
        self, connection: str, kind: Kind, target_numbers: Collection[str]
    ) -> set[str]:
        """Of these numbers of the target, those that are the partner of something."""
        query = select(_c.target_number).where(
            _c.connection == connection, _c.kind == kind.value, _c.target_number.in_(target_numbers)
        )
        rows = await self._database.rows(query.distinct()) if target_numbers else []
        return {row.target_number for row in rows}


def _reference(row: Row[tuple[object, ...]]) -> ExternalReference:
    return ExternalReference.model_validate(dict(row._mapping))
