"""Documents that both sides have and our cross-reference does not."""

from __future__ import annotations

from typing import Any, NamedTuple

from sqlalchemy import exists, func, select

from documents.key import Kind
from documents.ledger import Mark, match_of
from store.engine import Database
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


async def unreferenced(
    database: Database, connection: str, run: int, after: str, limit: int = 500
) -> list[Unreferenced]:
    """Of what a run read, a page of documents that bear our key in the target once, and of which
    nothing stands in the cross-reference: lost with an older backup, say."""
    found: list[Unreferenced] = []
    for kind in _REFERENCED:
        rows = await database.rows(_of_kind(connection, run, kind, after).limit(limit))
        found += [Unreferenced(*row) for row in rows]
    return sorted(found)[:limit]


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
