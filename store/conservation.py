"""The conservation law: received = posted + in flight + held + ignored, reversed beside it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, select

from documents.key import Kind
from documents.posting import PostingState
from documents.row import DocumentState
from store.columns import DECIMALS, from_millionths
from store.engine import Database
from store.tables import documents, postings

_SCALE = 10**DECIMALS
_d = documents.c
_REVERSIBLE = {kind.reversal.value: kind for kind in (
    Kind.INVOICE, Kind.PAYMENT, Kind.CREDIT_NOTE, Kind.EXPENSE
)}  # fmt: skip


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
    """Counts the document rows. Amounts are added as whole millionths, so the sums are exact."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def totals(
        self, connection: str | None = None, period: tuple[date, date] | None = None
    ) -> list[ConservationRow]:
        """The table per kind and currency, for one connection or all, ordered.

        `period` takes the documents that were first received from its first to its last day
        (UTC), both included; ValueError when it ends before it begins.
        """
        where = _scope(connection, period)
        counted = await self._database.rows(_counted(where))
        return _table(counted, await self._database.rows(_reversed(where)))


def _scope(connection: str | None, period: tuple[date, date] | None) -> list[ColumnElement[bool]]:
    where = [] if connection is None else [_d.connection == connection]
    if period is not None:
        first, last = period
        if last < first:
            raise ValueError(f"the period {first} to {last} ends before it begins")
        where.append(_d.received_at >= _midnight(first))
        where.append(_d.received_at < _midnight(last + timedelta(days=1)))
    return where


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def _sums(units: ColumnElement[int]) -> tuple[ColumnElement[int], ...]:
    """Whole units and the millionths left over are added apart: no sum of 64-bit integers
    overflows then, and both are exact."""
    return func.count(), func.sum(units // _SCALE), func.sum(units % _SCALE)


def _counted(where: list[ColumnElement[bool]]) -> Select[Any]:
    groups = (_d.kind, _d.currency, _d.state)
    return select(*groups, *_sums(_d.amount_millionths)).where(*where).group_by(*groups)


def _reversed(where: list[ColumnElement[bool]]) -> Select[Any]:
    """Reversals in the ledger, each with its own amount or else that of what it reverses."""
    back, original = postings.alias("back"), postings.alias("original")
    units = func.coalesce(back.c.amount_millionths, original.c.amount_millionths)
    currency = func.coalesce(back.c.currency, original.c.currency)
    joined = original.join(back, _same_generation(original, back)).join(
        documents, _same_document(original)
    )
    return (
        select(_d.kind, currency, *_sums(units))
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
        _d.kind == posting.c.kind,
        _d.source_id == posting.c.source_id,
    )


def _tally(currency: str | None, count: int, whole: Any, below: Any) -> Tally:
    units = int(whole or 0) * _SCALE + int(below or 0)
    return Tally(count, from_millionths(units, currency or ""))


def _table(counted: Iterable[Any], back: Iterable[Any]) -> list[ConservationRow]:
    states: dict[tuple[str, str], dict[str, Tally]] = {}
    for kind, currency, state, *sums in counted:
        states.setdefault((kind, currency or ""), {})[state] = _tally(currency, *sums)
    returned = {(kind, currency or ""): _tally(currency, *sums) for kind, currency, *sums in back}
    places = sorted(states.keys() | returned.keys())
    return [_row(p, states.get(p, {}), returned.get(p, Tally())) for p in places]


def _row(place: tuple[str, str], states: dict[str, Tally], back: Tally) -> ConservationRow:
    kind, currency = place

    def of(state: DocumentState) -> Tally:
        return states.get(state.value, Tally())

    return ConservationRow(
        kind=Kind(kind),
        currency=currency,
        # Every row, in whatever state: one in a state that is not counted below breaks the law.
        received=sum(states.values(), Tally()),
        posted=of(DocumentState.POSTED),
        in_flight=of(DocumentState.IN_FLIGHT),
        held=of(DocumentState.HELD),
        ignored=of(DocumentState.IGNORED),
        reversed=back,
    )
