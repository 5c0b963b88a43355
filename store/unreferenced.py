"""Documents that both sides have and our cross-reference does not."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import exists, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from documents.key import Kind
from documents.ledger import Mark, document_of, match_of
from documents.posting import ExternalReference
from store.audit import Audit, Fact
from store.engine import Database
from store.references import References
from store.tables import cross_references
from store.tieout_tables import tieout_lines

_REFERENCED = (Kind.INVOICE, Kind.PAYMENT)
"""Kinds of which every posting is written into the cross-reference."""

_NOT_OURS = int(Mark.REVERSED | Mark.REVERSAL | Mark.UNPOSTED | Mark.ADOPTED)


class Unreferenced(NamedTuple):
    """A document by its match, with the numbers that both sides give it."""

    match: str
    source_number: str
    target_number: str


class MissingReferences:
    """What the cross-reference lost, with an older backup, say."""

    def __init__(self, database: Database, references: References, audit: Audit) -> None:
        self._database = database
        self._references = references
        self._audit = audit

    async def page(
        self, connection: str, run: int, after: str, limit: int = 200
    ) -> list[Unreferenced]:
        """Of what a run read, documents behind a match that bear our key in the target once, and
        of which nothing stands in the cross-reference."""
        found: list[Unreferenced] = []
        for kind in _REFERENCED:
            rows = await self._database.rows(_of_kind(connection, run, kind, after).limit(limit))
            found += [Unreferenced(*row) for row in rows]
        return sorted(found)[:limit]

    async def write_back(self, connection: str, page: Sequence[Unreferenced]) -> None:
        """Complete the cross-reference by these, each with its entry in the journal: all or
        none."""

        async def work(transaction: AsyncConnection) -> None:
            references = [_reference(connection, each) for each in page]
            await self._references.put_all_in(transaction, references)
            facts = [_fact(each) for each in references]
            await self._audit.append_all_in(transaction, connection, facts)

        await self._database.write(work)


def _reference(connection: str, found: Unreferenced) -> ExternalReference:
    kind, source_id = document_of(found.match)
    return ExternalReference(
        connection=connection,
        kind=kind,
        source_id=source_id,
        source_number=found.source_number,
        target_number=found.target_number,
    )


def _fact(reference: ExternalReference) -> Fact:
    return Fact(
        connection=reference.connection,
        kind=reference.kind.value,
        source_id=reference.source_id,
        number=reference.source_number,
        target_number=reference.target_number,
        what="missing reference written back",
        why="both sides have the document under our key, and the cross-reference did not",
    )


def _of_kind(connection: str, run: int, kind: Kind, after: str) -> Any:
    s, t, r = tieout_lines.alias("s"), tieout_lines.alias("t"), cross_references.c
    prefix = match_of(kind, "")
    known = exists().where(
        r.connection == connection,
        r.kind == kind.value,
        r.source_id == func.substr(s.c.match, len(prefix) + 1),
    )
    return (
        select(s.c.match, func.min(s.c.number), func.min(t.c.number))
        .join_from(s, t, (t.c.run == s.c.run) & (t.c.match == s.c.match))
        .where(
            s.c.run == run,
            s.c.side == "s",
            t.c.side == "t",
            s.c.match > max(prefix, after),
            s.c.match < f"{prefix}\U0010ffff",
            ~known,
        )
        .group_by(s.c.match)
        .having(func.count() == 1, func.max(t.c.marks.op("&")(_NOT_OURS)) == 0)
        .order_by(s.c.match)
    )
