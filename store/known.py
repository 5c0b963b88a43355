"""What the store knows of many documents at once, for a tie-out: light columns, no decryption."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import func, or_, select

from documents.key import Kind
from documents.ledger import document_of, match_of
from documents.posting import PostingState
from documents.row import DocumentState
from store.engine import Database
from store.tables import documents, postings, target_numbers

_d, _p, _n = documents.c, postings.c, target_numbers.c


@dataclass(frozen=True)
class KnownDocument:
    """A document row's figures, and what was posted for its present generation."""

    match: str
    state: str
    cause: str
    number: str
    amount: int | None
    currency: str
    target_number: str
    target_party: str
    parent: str
    generation: int
    posted_amount: int | None = None
    posted_currency: str = ""
    posted_tax: int | None = None
    posted_day: int | None = None
    late_fees: int = 0
    """The highest generation of what was posted for late fees of an invoice."""


class KnownDocuments:
    """Reads document and posting rows by matches and numbers, a few statements for a page."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def by_match(self, connection: str, matches: Collection[str]) -> dict[str, KnownDocument]:
        """The documents behind matches; those that were never seen are left out."""
        found: dict[str, KnownDocument] = {}
        for kind, ids in _by_kind(matches).items():
            rows = await self._rows(connection, _row_kind(kind), ids)
            amounts = await self._posted(connection, kind, ids)
            fees = await self._late_fees(connection, ids) if kind is Kind.INVOICE else {}
            for row in rows:
                match = match_of(kind, row.source_id)
                known = _known(match, row, amounts.get((row.source_id, row.generation)))
                found[match] = _with_fees(known, fees.get(row.source_id, {}))
        return found

    async def by_number(
        self, connection: str, numbers: Collection[str]
    ) -> dict[str, list[KnownDocument]]:
        """The documents that bear one of these numbers at the source."""
        found: dict[str, list[KnownDocument]] = defaultdict(list)
        if numbers:
            query = select(documents).where(
                _d.connection == connection, _d.source_number.in_(numbers)
            )
            for row in await self._database.rows(query):
                known = _known(match_of(Kind(row.kind), row.source_id), row, None)
                found[row.source_number].append(known)
        return dict(found)

    async def owners(
        self, connection: str, target_kind: str, numbers: Collection[str]
    ) -> dict[str, str]:
        """The matches of the documents that own these numbers of the target: what was adopted
        or linked has no key of ours, and is ours all the same."""
        query = select(_n.number, _n.kind, _n.source_id).where(
            _n.connection == connection, _n.target_kind == target_kind, _n.number.in_(numbers)
        )
        rows = await self._database.rows(query) if numbers else []
        return {row.number: match_of(Kind(row.kind), row.source_id) for row in rows}

    async def bought(self, connection: str, kind: Kind, numbers: Collection[str]) -> dict[str, str]:
        """The matches of the documents of what is bought that stand under these numbers of the
        target, adopted ones too: they own no number."""
        query = select(_d.target_number, _d.source_id).where(
            _d.connection == connection,
            _d.kind == kind.value,
            _d.target_number.in_(numbers),
            _d.state == DocumentState.POSTED.value,
        )
        rows = await self._database.rows(query) if numbers else []
        return {row.target_number: match_of(kind, row.source_id) for row in rows}

    async def generations(
        self, connection: str, kind: Kind, first: date | None, last: date, after: str, limit: int
    ) -> list[tuple[str, int]]:
        """A page of the documents of a kind of which something was prepared, with their latest
        generation, by id: those dated in a span, and those of which the date is not known."""
        day = _p.document_day
        since = first.toordinal() if first else 0
        query = (
            select(_p.source_id, func.max(_p.generation))
            .where(_p.connection == connection, _p.kind == kind.value, _p.source_id > after)
            .where(or_(day.is_(None), day.between(since, last.toordinal())))
            .group_by(_p.source_id)
            .order_by(_p.source_id)
            .limit(limit)
        )
        return [(row[0], row[1]) for row in await self._database.rows(query)]

    async def _rows(self, connection: str, kind: Kind, ids: Collection[str]) -> list[Any]:
        query = select(documents).where(
            _d.connection == connection, _d.kind == kind.value, _d.source_id.in_(ids)
        )
        return await self._database.rows(query)

    async def _posted(
        self, connection: str, kind: Kind, ids: Collection[str]
    ) -> Mapping[tuple[str, int], Any]:
        columns = (_p.amount_millionths, _p.currency, _p.tax_millionths, _p.document_day)
        query = select(_p.source_id, _p.generation, *columns).where(
            _p.connection == connection, _p.kind == kind.value, _p.source_id.in_(ids)
        )
        return {
            (row.source_id, row.generation): row
            for row in await self._database.rows(query)
            if row.amount_millionths is not None
        }

    async def _late_fees(self, connection: str, ids: Collection[str]) -> dict[str, dict[int, int]]:
        """By invoice and generation, what a late fee is over: nothing once it was taken back."""
        kinds = (Kind.LATE_FEE_REVERSAL.value, Kind.LATE_FEE.value)
        query = select(_p.source_id, _p.kind, _p.generation, _p.amount_millionths).where(
            _p.connection == connection,
            _p.kind.in_(kinds),
            _p.source_id.in_(ids),
            _p.state == PostingState.POSTED.value,
        )
        found: dict[str, dict[int, int]] = defaultdict(dict)
        for row in sorted(await self._database.rows(query), key=lambda row: kinds.index(row.kind)):
            is_back = row.kind == Kind.LATE_FEE_REVERSAL.value
            units = 0 if is_back else row.amount_millionths or 0
            found[row.source_id].setdefault(row.generation, units)
        return found


def _by_kind(matches: Collection[str]) -> dict[Kind, list[str]]:
    found: dict[Kind, list[str]] = defaultdict(list)
    for match in matches:
        kind, source_id = document_of(match)
        found[kind].append(source_id)
    return dict(found)


def _row_kind(kind: Kind) -> Kind:
    """The kind of the document row: a refund is a payment, a prepayment a credit note there."""
    return {Kind.REFUND: Kind.PAYMENT, Kind.PREPAYMENT: Kind.CREDIT_NOTE}.get(kind, kind)


def _with_fees(known: KnownDocument, fees: Mapping[int, int]) -> KnownDocument:
    """An invoice and its late fees are one document of the source."""
    if not fees:
        return known
    posted = None if known.posted_amount is None else known.posted_amount + sum(fees.values())
    return replace(known, posted_amount=posted, late_fees=max(fees))


def _parent_kind(kind: str) -> Kind:
    return Kind.BILL if kind == Kind.BILL_PAYMENT.value else Kind.INVOICE


def _known(match: str, row: Any, posted: Any) -> KnownDocument:
    columns = row._mapping
    parent = columns["parent_id"]
    return KnownDocument(
        match=match,
        state=columns["state"],
        cause=columns["hold_cause"] or "",
        number=columns["source_number"],
        amount=columns["amount_millionths"],
        currency=columns["currency"] or "",
        target_number=columns["target_number"],
        target_party=columns["target_party"],
        parent=match_of(_parent_kind(columns["kind"]), parent) if parent else "",
        generation=columns["generation"],
        posted_amount=posted.amount_millionths if posted else None,
        posted_currency=posted.currency if posted else "",
        posted_tax=posted.tax_millionths if posted else None,
        posted_day=posted.document_day if posted else None,
    )
