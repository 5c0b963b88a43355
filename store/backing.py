"""What stands behind the rows of documents: the postings of each in the ledger.

A row says of itself that its document is posted; whether it is, and over what, is asked of the
postings, which are confirmed one by one and never by the row.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Join,
    Row,
    Select,
    and_,
    case,
    cast,
    exists,
    func,
    not_,
    null,
    or_,
    select,
)

from documents.key import Kind
from documents.money import Money
from documents.posting import PostingState
from documents.row import DocumentState
from store.columns import from_millionths
from store.fences import LEDGERED
from store.tables import documents, postings, sightings

POSTED_AS = {
    Kind.INVOICE: (Kind.INVOICE, Kind.LATE_FEE),
    Kind.PAYMENT: (Kind.PAYMENT, Kind.REFUND, Kind.CREDIT_APPLICATION),
    Kind.CREDIT_NOTE: (Kind.CREDIT_NOTE, Kind.PREPAYMENT),
    Kind.EXPENSE: (Kind.EXPENSE,),
    Kind.BILL: (Kind.BILL,),
    Kind.BILL_PAYMENT: (Kind.BILL_PAYMENT,),
}
"""What a document of each kind may be in the books."""

MOST_SHOWN = 1000
_KINDS = {posting.value: kind.value for kind, family in POSTED_AS.items() for posting in family}
_LOOKED_AT = [Kind.INVOICE.value, Kind.CREDIT_NOTE.value, Kind.EXPENSE.value, Kind.BILL.value]
"""Kinds whose row is written by the same look that is noted as a sighting. A payment's is not:
it is the look at its invoice that knows of it."""

_d, _s = documents.c, sightings.c


def document_kind(posting: Any) -> ColumnElement[str]:
    """The kind of document that a posting belongs to."""
    return case(_KINDS, value=posting.c.kind, else_=posting.c.kind)


def _of_documents() -> Any:
    """Per document: its postings in the ledger, how many of them were not taken back, and what
    the one is over, with the late fee that stands beside it."""
    made, back = postings.alias("made"), postings.alias("back")
    taken_back = exists().where(
        back.c.connection == made.c.connection,
        back.c.kind == made.c.kind + "_reversal",
        back.c.source_id == made.c.source_id,
        back.c.generation == made.c.generation,
        back.c.state.in_(LEDGERED),
    )
    stands = and_(made.c.state == PostingState.POSTED.value, not_(taken_back))
    live = and_(stands, made.c.kind != Kind.LATE_FEE.value)
    fee = and_(stands, made.c.kind == Kind.LATE_FEE.value)
    amount = made.c.amount_millionths
    # A sum of whole numbers is a decimal number on PostgreSQL, and a quotient of it is not whole.
    fees = cast(func.coalesce(func.sum(case((fee, amount))), 0), BigInteger)
    place = (made.c.connection, document_kind(made).label("kind"), made.c.source_id)
    return (
        select(
            *place,
            func.count().label("number"),
            func.sum(case((live, 1), else_=0)).label("live"),
            func.sum(case((fee, 1), else_=0)).label("fees"),
            (func.max(case((live, amount))) + fees).label("amount_millionths"),
            func.max(case((live, made.c.currency))).label("currency"),
        )
        .where(made.c.state.in_(LEDGERED), made.c.kind.in_(_KINDS))
        .group_by(*place)
        .subquery("backing")
    )


backing = _of_documents()
_b = backing.c

is_over_another_amount = and_(
    _d.state == DocumentState.POSTED.value,
    _b.live == 1,
    _b.currency == _d.currency,  # a conversion has another currency, and its own rate
    func.abs(_b.amount_millionths) != func.abs(_d.amount_millionths),  # a refund is negative here
)

_in_ledger = func.coalesce(_b.number, 0)
_is_live = func.coalesce(_b.live, 0)

_is_unbacked = and_(_d.state == DocumentState.POSTED.value, _in_ledger == 0)
_is_causeless = and_(_d.state == DocumentState.HELD.value, _d.hold_cause.is_(None))
is_accounted_for = not_(or_(_is_unbacked, _is_causeless))
"""Whether there is something behind what a row says of itself."""

_OTHER_AMOUNT = "was posted over another amount"
_wrong: tuple[tuple[ColumnElement[bool], str], ...] = (
    (_is_unbacked, "counts as posted, and no posting of it is in the ledger"),
    (or_(_is_live > 1, _b.fees > 1), "is in the ledger more than once"),
    (is_over_another_amount, _OTHER_AMOUNT),
    (
        and_(_d.state == DocumentState.IGNORED.value, _is_live > 0),
        "counts as ignored, and a posting of it is in the ledger",
    ),
    (_is_causeless, "counts as held, and nothing says why"),
)


def with_backing() -> Join:
    """The rows of documents, each with what stands behind it, if anything does."""
    return documents.outerjoin(
        backing,
        and_(_b.connection == _d.connection, _b.kind == _d.kind, _b.source_id == _d.source_id),
    )


@dataclass(frozen=True)
class Stray:
    """A document that is not what its row says; `posted` is what its posting is over."""

    kind: Kind
    source_id: str
    what: str
    amount: Money | None = None
    posted: Money | None = None


def contradicted(where: Iterable[ColumnElement[bool]]) -> Select[Any]:
    """The documents whose row and postings do not agree, and why not."""
    what = case(*_wrong, else_=null()).label("what")
    columns = (
        _d.kind,
        _d.source_id,
        what,
        _d.amount_millionths,
        _d.currency,
        _b.amount_millionths.label("posted_millionths"),
        _b.currency.label("posted_currency"),
    )
    wrong = or_(*(condition for condition, _ in _wrong))
    found = select(*columns).select_from(with_backing()).where(wrong, *where)
    return found.order_by(_d.kind, _d.source_id).limit(MOST_SHOWN)


def without_row(where: Iterable[ColumnElement[bool]]) -> Select[Any]:
    """What was looked at, and is in no row: by kind and id."""
    row = exists().where(
        _d.connection == _s.connection, _d.kind == _s.kind, _d.source_id == _s.source_id
    )
    return select(_s.kind, _s.source_id).where(
        _s.kind.in_(_LOOKED_AT), _s.looked != "", not_(row), *where
    )


def posted_without_row(connection: str | None) -> Select[Any]:
    """Documents with a posting in the ledger, and no row."""
    row = exists().where(
        _d.connection == _b.connection, _d.kind == _b.kind, _d.source_id == _b.source_id
    )
    found = select(_b.kind, _b.source_id).where(not_(row))
    found = found if connection is None else found.where(_b.connection == connection)
    return found.order_by(_b.kind, _b.source_id).limit(MOST_SHOWN)


def stray(row: Row[Any]) -> Stray:
    """A row of `contradicted`; the amounts only where they are what is wrong."""
    found = Stray(Kind(row.kind), row.source_id, row.what)
    if row.what != _OTHER_AMOUNT:
        return found
    return Stray(
        found.kind,
        found.source_id,
        found.what,
        _money(row.amount_millionths, row.currency),
        _money(row.posted_millionths, row.posted_currency),
    )


def _money(units: int, currency: str) -> Money:
    return Money(amount=from_millionths(int(units), currency), currency=currency)
