"""The conservation law: received = posted + in flight + held + ignored, reversed beside it.

The two sides have different witnesses. Received is every row, and what was looked at and has none.
Posted is what has a posting in the ledger, over the amount of that posting; held is what has a
cause. So a posting that is gone, or over another amount, breaks the law.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, select

from documents.key import Kind
from documents.posting import PostingState
from documents.row import DocumentState
from store.backing import (
    MOST_SHOWN,
    Stray,
    backing,
    contradicted,
    document_kind,
    is_accounted_for,
    is_over_another_amount,
    posted_without_row,
    stray,
    with_backing,
    without_row,
)
from store.columns import DECIMALS, from_millionths
from store.engine import Database
from store.tables import documents, postings, sightings

_SCALE = 10**DECIMALS
_d, _s = documents.c, sightings.c
Period = tuple[date, date]


@dataclass(frozen=True)
class Tally:
    """How many documents, and their exact amount in one currency."""

    count: int = 0
    amount: Decimal = Decimal(0)

    def __add__(self, other: Tally) -> Tally:
        return Tally(self.count + other.count, self.amount + other.amount)


@dataclass(frozen=True)
class ConservationRow:
    """The accounting of one kind in one currency; an empty currency stands for documents whose
    amount is not known. `reversed` counts confirmed reversals and is never netted away."""

    kind: Kind
    currency: str
    received: Tally
    posted: Tally
    in_flight: Tally
    held: Tally
    ignored: Tally
    reversed: Tally

    @property
    def law_holds(self) -> bool:
        """Whether every received document is accounted for, by count and by amount."""
        return self.received == self.posted + self.in_flight + self.held + self.ignored


def law_holds(rows: Iterable[ConservationRow]) -> bool:
    """Whether the law holds for every kind and currency."""
    return all(row.law_holds for row in rows)


class Conservation:
    """Counts the documents. Amounts are added as whole millionths, so the sums are exact."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def totals(
        self, connection: str | None = None, period: Period | None = None
    ) -> list[ConservationRow]:
        """The table per kind and currency, for one connection or all, ordered.

        `period` takes the documents that were first received from its first to its last day
        (UTC), both included; ValueError when it ends before it begins.
        """
        where = _scope(_d.connection, _d.received_at, connection, period)
        table = _Table()
        for row in await self._database.rows(_counted(where)):
            table.count(row)
        for row in await self._database.rows(_reversed(where)):
            table.count_reversed(row)
        for kind, count in await self._database.rows(_unwritten(connection, period)):
            table.count_received(kind, count)
        return table.rows()

    async def strays(
        self, connection: str | None = None, period: Period | None = None
    ) -> list[Stray]:
        """The documents behind a law that does not hold, and those that contradict themselves
        without breaking it; at most MOST_SHOWN of each sort."""
        scope = _scope(_d.connection, _d.received_at, connection, period)
        found = [stray(row) for row in await self._database.rows(contradicted(scope))]
        seen = without_row(_scope(_s.connection, _s.at, connection, period)).limit(MOST_SHOWN)
        for kind, source_id in await self._database.rows(seen):
            found.append(Stray(Kind(kind), source_id, "was looked at, and there is no row of it"))
        for kind, source_id in await self._database.rows(posted_without_row(connection)):
            found.append(Stray(Kind(kind), source_id, "is in the ledger, and has no row"))
        return found


def _scope(
    name: ColumnElement[Any], at: ColumnElement[Any], connection: str | None, period: Period | None
) -> list[ColumnElement[bool]]:
    where = [] if connection is None else [name == connection]
    if period is not None:
        first, last = period
        if last < first:
            raise ValueError(f"the period {first} to {last} ends before it begins")
        where.append(at >= _midnight(first))
        where.append(at < _midnight(last + timedelta(days=1)))
    return where


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def _sums(units: ColumnElement[int]) -> tuple[ColumnElement[int], ...]:
    """Whole units and the millionths left over are added apart: no sum of 64-bit integers
    overflows then, and both are exact."""
    return func.sum(units // _SCALE), func.sum(units % _SCALE)


def _counted(where: list[ColumnElement[bool]]) -> Select[Any]:
    """By kind, currency and state, and whether there is something behind what the rows say: how
    many, what they are over, and what they were posted over."""
    groups = (_d.kind, _d.currency, _d.state, is_accounted_for.label("accounted"))
    posted = case((is_over_another_amount, backing.c.amount_millionths), else_=_d.amount_millionths)
    sums = (*_sums(_d.amount_millionths), *_sums(posted))
    counted = select(*groups, func.count(), *sums).select_from(with_backing())
    return counted.where(*where).group_by(*groups)


def _unwritten(connection: str | None, period: Period | None) -> Select[Any]:
    """How many were looked at and have no row, by kind."""
    missing = without_row(_scope(_s.connection, _s.at, connection, period)).subquery()
    return select(missing.c.kind, func.count()).group_by(missing.c.kind)


def _reversed(where: list[ColumnElement[bool]]) -> Select[Any]:
    """Reversals in the ledger, each with its own amount or else that of what it reverses."""
    back, original = postings.alias("back"), postings.alias("original")
    units = func.coalesce(back.c.amount_millionths, original.c.amount_millionths)
    currency = func.coalesce(back.c.currency, original.c.currency)
    joined = original.join(back, _same_generation(original, back)).join(
        documents, _same_document(original)
    )
    return (
        select(_d.kind, currency, func.count(), *_sums(units))
        .select_from(joined)
        .where(back.c.state == PostingState.POSTED.value, *where)
        .group_by(_d.kind, currency)
    )


def _same_generation(original: Any, back: Any) -> ColumnElement[bool]:
    return and_(
        back.c.connection == original.c.connection,
        back.c.kind == original.c.kind + "_reversal",
        back.c.source_id == original.c.source_id,
        back.c.generation == original.c.generation,
    )


def _same_document(posting: Any) -> ColumnElement[bool]:
    return and_(
        _d.connection == posting.c.connection,
        _d.kind == document_kind(posting),
        _d.source_id == posting.c.source_id,
    )


def _tally(currency: str, count: int, whole: Any, below: Any) -> Tally:
    units = int(whole or 0) * _SCALE + int(below or 0)
    return Tally(count, from_millionths(units, currency))


class _Table:
    """Adds up the counts, by kind and currency."""

    def __init__(self) -> None:
        self._received: dict[tuple[str, str], Tally] = defaultdict(Tally)
        self._reversed: dict[tuple[str, str], Tally] = defaultdict(Tally)
        self._states: dict[tuple[str, str, str], Tally] = defaultdict(Tally)

    def count(self, row: Any) -> None:
        kind, currency, state, accounted, number, *sums = row
        place = (kind, currency or "")
        self._received[place] += _tally(place[1], number, *sums[:2])
        if accounted:
            self._states[*place, state] += _tally(place[1], number, *sums[2:])

    def count_reversed(self, row: Any) -> None:
        kind, currency, number, *sums = row
        self._reversed[kind, currency or ""] += _tally(currency or "", number, *sums)

    def count_received(self, kind: str, number: int) -> None:
        """Of what has no row no amount is known."""
        self._received[kind, ""] += Tally(number)

    def rows(self) -> list[ConservationRow]:
        return [self._row(place) for place in sorted(self._received.keys() | self._reversed.keys())]

    def _row(self, place: tuple[str, str]) -> ConservationRow:
        def of(state: DocumentState) -> Tally:
            return self._states.get((*place, state.value), Tally())

        return ConservationRow(
            kind=Kind(place[0]),
            currency=place[1],
            received=self._received.get(place, Tally()),
            posted=of(DocumentState.POSTED),
            in_flight=of(DocumentState.IN_FLIGHT),
            held=of(DocumentState.HELD),
            ignored=of(DocumentState.IGNORED),
            reversed=self._reversed.get(place, Tally()),
        )
