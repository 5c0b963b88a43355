"""Which document owns a number of the target: one target document, one source document.

Only numbers of posted documents are owned. A draft's number comes from another series and may be
the number of somebody else's posted document. A reversal of a payment may bear the number of what
it reverses (NAV keeps the document number), so it has a group of its own.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import ColumnElement, Delete, and_, delete, or_
from sqlalchemy.ext.asyncio import AsyncConnection

from documents.key import Kind
from store.engine import Database
from store.errors import NumberTaken
from store.tables import target_numbers
from store.upsert import upsert

_OWNED = {
    Kind.INVOICE: "invoice",
    Kind.INVOICE_REVERSAL: "credit_memo",
    Kind.DUPLICATE_REVERSAL: "credit_memo",
    Kind.LATE_FEE: "invoice",
    Kind.LATE_FEE_REVERSAL: "credit_memo",
    Kind.CREDIT_NOTE: "credit_memo",
    Kind.PAYMENT: "payment",
    Kind.REFUND: "refund",
}
_c = target_numbers.c


@dataclass(frozen=True)
class Owner:
    """A source document that owns a number, and the posting that has it once confirmed."""

    connection: str
    kind: Kind
    source_id: str
    key: str | None = None

    @property
    def target_kind(self) -> str:
        return _OWNED.get(self.kind, self.kind.value)


def is_owned(kind: Kind) -> bool:
    """Whether a posting of this kind must have a number of its own."""
    return kind in _OWNED


async def claim(database: Database, owner: Owner, number: str, connection: AsyncConnection) -> None:
    """Take the number in the transaction of the caller. NumberTaken when it is not free."""
    values = {
        "connection": owner.connection,
        "target_kind": owner.target_kind,
        "number": number,
        "kind": owner.kind.value,
        "source_id": owner.source_id,
        "key": owner.key,
    }
    statement = upsert(database, target_numbers).values(values)
    taken = await connection.scalar(
        statement.on_conflict_do_update(
            index_elements=[_c.connection, _c.target_kind, _c.number],
            set_={"key": owner.key or _c.key},
            where=_may_have(owner),
        ).returning(_c.number)
    )
    if taken is None:
        raise NumberTaken(owner.connection, owner.target_kind, number)


def release(owner: Owner, number: str) -> Delete:
    """Give back a number that no posting was confirmed under."""
    return delete(target_numbers).where(
        _c.connection == owner.connection,
        _c.target_kind == owner.target_kind,
        _c.number == number,
        _is_of(owner),
        _c.key.is_(None),
    )


def _is_of(owner: Owner) -> ColumnElement[bool]:
    return and_(_c.kind == owner.kind.value, _c.source_id == owner.source_id)


def _may_have(owner: Owner) -> ColumnElement[bool]:
    if owner.key is None:
        return _is_of(owner)
    return and_(_is_of(owner), or_(_c.key.is_(None), _c.key == owner.key))
