"""The documents that are not at rest, as those see them who wake or count them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, exists, func, literal, or_, select, tuple_

from documents.hold import HoldClass
from documents.key import Kind
from documents.posting import PostingState
from documents.row import DocumentState
from store.engine import Database
from store.tables import documents, postings

_c = documents.c
_NOT_AT_REST = (DocumentState.HELD.value, DocumentState.IN_FLIGHT.value)
_PLACE = (_c.kind, _c.source_id)
_IS_OWED = and_(
    _c.kind.in_([Kind.EXPENSE.value, Kind.BILL.value]),
    _c.state == DocumentState.POSTED.value,
    _c.closed.is_(False),
)
"""A posted expense or bill waits for somebody to pay it in the target."""
_IS_UNPAID = and_(
    _c.kind == Kind.INVOICE.value,
    _c.state == DocumentState.POSTED.value,
    _c.closed.is_(False),
)
_OTHER_KINDS = {
    Kind.PAYMENT: Kind.REFUND,
    Kind.CREDIT_NOTE: Kind.PREPAYMENT,
    Kind.INVOICE: Kind.LATE_FEE,
}
"""What a document of a kind may become besides a posting of its own kind."""
_p = postings.c
_IS_CREATED = exists().where(
    _p.connection == _c.connection,
    _p.state == PostingState.CREATED.value,
    _p.send_id.is_(None),
    or_(
        and_(_p.source_id == _c.source_id, _p.kind == _c.kind),
        *(
            and_(_p.source_id == _c.source_id, _c.kind == kind.value, _p.kind == other.value)
            for kind, other in _OTHER_KINDS.items()
        ),
        and_(
            _p.source_id == _c.parent_id,
            or_(
                and_(_c.kind == Kind.PAYMENT.value, _p.kind == Kind.INVOICE.value),
                and_(_c.kind == Kind.BILL_PAYMENT.value, _p.kind == Kind.BILL.value),
            ),
        ),
    ),
)
"""Created in the target, with nothing under way: people there post it when they do."""


@dataclass(frozen=True)
class WaitingDocument:
    """A document that is held, or in flight since its row last changed (`since`, aware UTC)."""

    kind: Kind
    source_id: str
    state: DocumentState
    cause: str
    hold_class: HoldClass | None
    since: datetime
    parent_id: str = ""
    is_created: bool = False
    """Created in the target, with nothing under way: it waits for people there to post it."""

    @property
    def place(self) -> tuple[str, str]:
        """Where a page that ends with this document goes on."""
        return self.kind.value, self.source_id


@dataclass(frozen=True)
class HeldGroup:
    """The held documents of one cause: how many, and since when the oldest is held."""

    cause: str
    hold_class: HoldClass
    number: int
    oldest: datetime


class Waiting:
    """Reads light columns only: nothing is decrypted."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def page(
        self,
        connection: str,
        kinds: Sequence[Kind],
        after: tuple[str, str] | None = None,
        limit: int = 200,
    ) -> list[WaitingDocument]:
        """A page of the documents of these kinds that are held or in flight, by kind and id."""
        statement = _waiting(connection).where(_c.kind.in_([kind.value for kind in kinds]))
        if after is not None:
            place = (literal(v, c.type) for v, c in zip(after, _PLACE, strict=True))
            statement = statement.where(tuple_(*_PLACE) > tuple_(*place))
        rows = await self._database.rows(statement.order_by(*_PLACE).limit(limit))
        return [_document(row) for row in rows]

    async def among(
        self, connection: str, named: Iterable[tuple[Kind, str]]
    ) -> list[WaitingDocument]:
        """Of these documents those that are held or in flight, and posted invoices that wait for
        their money."""
        ids: dict[Kind, list[str]] = {}
        for kind, source_id in named:
            ids.setdefault(kind, []).append(source_id)
        if not ids:
            return []
        chosen = (and_(_c.kind == kind.value, _c.source_id.in_(of)) for kind, of in ids.items())
        statement = _columns().where(
            _c.connection == connection,
            or_(_c.state.in_(_NOT_AT_REST), _IS_UNPAID),
            or_(*chosen),
        )
        return [_document(row) for row in await self._database.rows(statement.order_by(*_PLACE))]

    async def of_party(
        self, connection: str, kinds: Sequence[Kind], party_id: str
    ) -> list[WaitingDocument]:
        """The documents of one party that are held or in flight."""
        statement = _waiting(connection).where(
            _c.party_id == party_id, _c.kind.in_([kind.value for kind in kinds])
        )
        return [_document(row) for row in await self._database.rows(statement.order_by(*_PLACE))]

    async def stuck(self, connection: str, before: datetime) -> tuple[int, datetime | None]:
        """The documents in flight whose row has not changed since a moment: how many, and when
        the oldest of them changed last. What was created in the target, and waits for people
        there to post it, is not stuck; nor is the money of such an invoice."""
        where = and_(
            _c.connection == connection,
            _c.state == DocumentState.IN_FLIGHT.value,
            _c.updated_at < before,
            ~_IS_CREATED,
        )
        oldest = func.min(_c.updated_at, type_=_c.updated_at.type)
        columns: tuple[Any, ...] = (func.count().label("number"), oldest.label("oldest"))
        row = await self._database.row(select(*columns).where(where))
        return (row.number, row.oldest) if row else (0, None)

    async def held_by_cause(self, connection: str) -> list[HeldGroup]:
        """The held documents of a connection counted by cause, in the order of the causes."""
        held = and_(
            _c.connection == connection,
            _c.state == DocumentState.HELD.value,
            _c.hold_cause.is_not(None),
        )
        oldest = func.min(_c.held_since, type_=_c.held_since.type)
        groups = (_c.hold_cause, _c.hold_class)
        statement = select(*groups, func.count().label("number"), oldest.label("oldest"))
        rows = await self._database.rows(statement.where(held).group_by(*groups).order_by(*groups))
        return [
            HeldGroup(row.hold_cause, HoldClass(row.hold_class), row.number, row.oldest)
            for row in rows
        ]


def _waiting(connection: str) -> Select[Any]:
    return _columns().where(_c.connection == connection, or_(_c.state.in_(_NOT_AT_REST), _IS_OWED))


def _columns() -> Select[Any]:
    columns = (
        _c.kind,
        _c.source_id,
        _c.state,
        _c.hold_cause,
        _c.hold_class,
        _c.held_since,
        _c.updated_at,
        _c.parent_id,
        _IS_CREATED.label("is_created"),
    )
    return select(*columns)


def _document(row: Any) -> WaitingDocument:
    held = row.state == DocumentState.HELD.value
    return WaitingDocument(
        kind=Kind(row.kind),
        source_id=row.source_id,
        state=DocumentState(row.state),
        cause=(row.hold_cause or "") if held else "",
        hold_class=HoldClass(row.hold_class) if held and row.hold_class else None,
        since=row.held_since if held and row.held_since else row.updated_at,
        parent_id=row.parent_id,
        is_created=bool(row.is_created),
    )
