"""Documents that both sides have and our cross-reference does not."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import exists, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from documents.key import Kind
from documents.ledger import Mark, document_of, match_of
from documents.posting import ExternalReference
from store.audit import Audit
from store.engine import Database
from store.entries import Fact
from store.references import References
from store.tables import cross_references
from store.tieout_tables import tieout_lines

_REFERENCED = (Kind.INVOICE, Kind.PAYMENT)
"""Kinds of which every posting is written into the cross-reference."""

_c = tieout_lines.c
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
        self, connection: str, run: int, after: str, limit: int = 500
    ) -> tuple[list[Unreferenced], str]:
        """Of what a run read behind a match, documents that bear our key in the target once, and
        of which nothing stands in the cross-reference; and behind which match to go on, empty at
        the end."""
        here: list[tuple[str, str]] = []
        for kind in _REFERENCED:
            query = _unknown(connection, run, kind, after).limit(limit)
            here += [(row.match, row.number) for row in await self._database.rows(query)]
        here = sorted(here)[:limit]
        there = await self._there(run, [match for match, _ in here])
        found = [Unreferenced(m, number, there[m]) for m, number in here if m in there]
        return found, here[-1][0] if here else ""

    async def _there(self, run: int, matches: Sequence[str]) -> dict[str, str]:
        """The target's numbers of what stands there once, and is ours."""
        query = select(_c.match, _c.number, _c.marks).where(
            _c.run == run, _c.side == "t", _c.match.in_(matches)
        )
        lines: dict[str, list[Any]] = defaultdict(list)
        for row in await self._database.rows(query):
            lines[row.match].append(row)
        single = {match: found[0] for match, found in lines.items() if len(found) == 1}
        return {match: row.number for match, row in single.items() if not row.marks & _NOT_OURS}

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


def _unknown(connection: str, run: int, kind: Kind, after: str) -> Any:
    r, prefix = cross_references.c, match_of(kind, "")
    known = exists().where(
        r.connection == connection,
        r.kind == kind.value,
        r.source_id == func.substr(_c.match, len(prefix) + 1),
    )
    return (
        select(_c.match, _c.number)
        .where(
            _c.run == run,
            _c.side == "s",
            _c.match > max(prefix, after),
            _c.match < f"{prefix}\U0010ffff",
            ~known,
        )
        .order_by(_c.match)
    )
