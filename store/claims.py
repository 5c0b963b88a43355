"""What was claimed: enough of every expense to recognise the same one when it comes again.

Vendor and receipt stand here as digests only; what a receipt was found to be is kept with the
digest of its reference, so that it is fetched once.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import BigInteger, Column, Index, Integer, Table, and_, delete, or_, select

from documents.money import Money
from store.columns import Clear, from_millionths, to_millionths
from store.engine import Database
from store.tables import metadata
from store.upsert import upsert

claims = Table(
    "claims",
    metadata,
    Column("connection", Clear, primary_key=True),
    Column("source_id", Clear, primary_key=True),
    Column("person", Clear, nullable=False),
    Column("day", Clear, nullable=False),
    Column("category", Clear, nullable=False),
    Column("vendor_digest", Clear, nullable=False),
    Column("amount_millionths", BigInteger, nullable=False),
    Column("currency", Clear, nullable=False),
    Column("receipt_reference", Clear, nullable=False),
    Column("receipt_digest", Clear, nullable=False),
    Column("receipt_size", Integer, nullable=False),
    Column("receipt_kind", Clear, nullable=False),
    Index(None, "connection", "person", "day"),
    Index(None, "connection", "receipt_digest"),
)

_c = claims.c
_KEY = [_c.connection, _c.source_id]


def digest_of(text: str) -> str:
    """Of a name as people compare it: without regard to case and blanks. Empty stays empty."""
    plain = " ".join(text.casefold().split())
    return hashlib.sha256(plain.encode()).hexdigest() if plain else ""


@dataclass(frozen=True)
class Claim:
    """One expense as it was last looked at. `person` is the staff id, `day` a civil date."""

    source_id: str
    person: str
    day: date
    category: str
    vendor_digest: str
    amount: Money
    receipt_reference: str = ""
    receipt_digest: str = ""
    receipt_size: int = 0
    receipt_kind: str = ""


class Claims:
    """The claims of all connections."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def put(self, connection: str, claim: Claim) -> None:
        """Remember a claim as it is now."""
        values = _columns(claim)
        place = {"connection": connection, "source_id": claim.source_id}
        statement = upsert(self._database, claims).values(**place, **values)
        await self._database.change(
            statement.on_conflict_do_update(index_elements=_KEY, set_=values)
        )

    async def get(self, connection: str, source_id: str) -> Claim | None:
        """What is remembered of an expense."""
        where = and_(_c.connection == connection, _c.source_id == source_id)
        row = await self._database.row(select(claims).where(where))
        return _claim(row) if row else None

    async def forget(self, connection: str, source_id: str) -> None:
        """A withdrawn expense is nobody's duplicate."""
        where = and_(_c.connection == connection, _c.source_id == source_id)
        await self._database.change(delete(claims).where(where))

    async def alike(self, connection: str, claim: Claim, days: int) -> list[Claim]:
        """Other claims with the same receipt, or of the same person, amount and vendor within
        this many days, in the order in which they were entered."""
        first, last = claim.day - timedelta(days), claim.day + timedelta(days)
        same = and_(
            _c.person == claim.person,
            _c.amount_millionths == to_millionths(claim.amount.amount),
            _c.currency == claim.amount.currency,
            _c.vendor_digest == claim.vendor_digest,
            _c.day.between(first.isoformat(), last.isoformat()),
        )
        if claim.receipt_digest:
            same = or_(same, _c.receipt_digest == claim.receipt_digest)
        return await self._others(connection, claim, same)

    async def same_day(self, connection: str, claim: Claim) -> list[Claim]:
        """Earlier claims of the same person, day and currency."""
        same = and_(
            _c.person == claim.person,
            _c.day == claim.day.isoformat(),
            _c.currency == claim.amount.currency,
        )
        others = await self._others(connection, claim, same)
        return [each for each in others if order_of(each) < order_of(claim)]

    async def _others(self, connection: str, claim: Claim, same: Any) -> list[Claim]:
        where = and_(_c.connection == connection, _c.source_id != claim.source_id, same)
        rows = await self._database.rows(select(claims).where(where))
        found = [_claim(row) for row in rows]
        return sorted(found, key=order_of)


def order_of(claim: Claim) -> tuple[int, str]:
    """Which of two was entered first: ids rise."""
    return len(claim.source_id), claim.source_id


def _columns(claim: Claim) -> dict[str, Any]:
    return {
        "person": claim.person,
        "day": claim.day.isoformat(),
        "category": claim.category,
        "vendor_digest": claim.vendor_digest,
        "amount_millionths": to_millionths(claim.amount.amount),
        "currency": claim.amount.currency,
        "receipt_reference": claim.receipt_reference,
        "receipt_digest": claim.receipt_digest,
        "receipt_size": claim.receipt_size,
        "receipt_kind": claim.receipt_kind,
    }


def _claim(row: Any) -> Claim:
    return Claim(
        source_id=row.source_id,
        person=row.person,
        day=date.fromisoformat(row.day),
        category=row.category,
        vendor_digest=row.vendor_digest,
        amount=Money(
            amount=from_millionths(row.amount_millionths, row.currency), currency=row.currency
        ),
        receipt_reference=row.receipt_reference,
        receipt_digest=row.receipt_digest,
        receipt_size=row.receipt_size,
        receipt_kind=row.receipt_kind,
    )
