"""Forgetting a client: what names them goes, what the books must keep stays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from documents.key import Kind
from documents.row import DocumentState
from store.audit import FORGOTTEN, Audit, Fact
from store.engine import Database
from store.errors import ClientInUse
from store.tables import cross_references, documents, postings
from store.tieout_tables import audit_entries

_d, _p, _x = documents.c, postings.c, cross_references.c


@dataclass(frozen=True)
class KeptDocument:
    """A document that stays with its ids, number, amount and state, without any text."""

    kind: str
    source_id: str
    number: str
    target_number: str


@dataclass(frozen=True)
class Forgotten:
    """What was done: texts and records that were erased, documents that stay without them, and
    the target's number of the customer, empty when it was never made there."""

    texts: int
    records: int
    documents: tuple[KeptDocument, ...]
    customer_number: str


class Forgetting:
    """Erases what is personal about a client of the source."""

    def __init__(self, database: Database, audit: Audit) -> None:
        self._database = database
        self._audit = audit

    async def client(self, connection: str, client_id: str) -> Forgotten:
        """Erase the reasons, holds, decisions and mapped records of all documents of a client, in
        the audit journal too.

        Ids, numbers, amounts, states and the cross-reference stay: without them a document could
        be posted twice, and the law wants the books kept. Again is harmless. ClientInUse, with
        nothing erased, while documents are not settled: their records are still to be sent.
        """

        async def work(transaction: AsyncConnection) -> Forgotten:
            found = await _documents_of(transaction, connection, client_id)
            unsettled = [row for row in found if not _is_settled(row)]
            if unsettled:
                raise ClientInUse(len(unsettled))
            texts, records = 0, 0
            for row in found:
                texts += await _erase_text(transaction, row)
                records += await _erase_records(transaction, row)
                await self._erase_words(transaction, row)
            number = await _customer_number(transaction, connection, client_id)
            return Forgotten(texts, records, tuple(_kept(row) for row in found), number)

        return await self._database.write(work)

    async def _erase_words(self, transaction: AsyncConnection, row: Any) -> None:
        """The reasons in the audit journal, whose chain holds only digests of them. An entry of
        its own says which: a reason that is gone without one was removed by somebody."""
        entry = audit_entries.c
        theirs = and_(
            entry.connection == row.connection,
            entry.kind == row.kind,
            entry.source_id == row.source_id,
            entry.words.is_not(None),
        )
        query = select(entry.seq).where(theirs).order_by(entry.seq)
        found = [str(seq) for seq in (await transaction.scalars(query)).all()]
        if not found:
            return
        await transaction.execute(update(audit_entries).where(theirs).values(words=None))
        fact = Fact(
            row.connection, row.kind, row.source_id, FORGOTTEN, after={"entries": " ".join(found)}
        )
        await self._audit.append_in(transaction, fact)


async def _documents_of(
    transaction: AsyncConnection, connection: str, client_id: str
) -> Sequence[Any]:
    """The client's own documents and those that belong to them (payments)."""
    own = and_(_d.connection == connection, or_(_d.party_id == client_id, _is_customer(client_id)))
    ids = select(_d.source_id).where(own)
    below = and_(_d.connection == connection, _d.parent_id != "", _d.parent_id.in_(ids))
    query = select(documents).where(or_(own, below)).order_by(_d.kind, _d.source_id)
    return (await transaction.execute(query)).all()


def _is_customer(client_id: str) -> Any:
    return and_(_d.kind == Kind.CUSTOMER.value, _d.source_id == client_id)


def _is_settled(row: Any) -> bool:
    """A payment has no process of its own that closes: it is done when it is posted."""
    done = (DocumentState.IGNORED.value, *([DocumentState.POSTED.value] if row.parent_id else []))
    return bool(row.closed) or row.state in done


async def _erase_text(transaction: AsyncConnection, row: Any) -> int:
    this = and_(
        _d.connection == row.connection,
        _d.kind == row.kind,
        _d.source_id == row.source_id,
        _d.details.is_not(None),
    )
    # The version rises, so that nobody who read the text before saves it again.
    erased = update(documents).where(this).values(details=None, version=_d.version + 1)
    return (await transaction.execute(erased)).rowcount


async def _erase_records(transaction: AsyncConnection, row: Any) -> int:
    theirs = and_(
        _p.connection == row.connection,
        _p.source_id == row.source_id,
        _p.kind.in_((row.kind, f"{row.kind}_reversal")),
        _p.record.is_not(None),
    )
    erased = update(postings).where(theirs).values(record=None, version=_p.version + 1)
    return (await transaction.execute(erased)).rowcount


async def _customer_number(transaction: AsyncConnection, connection: str, client_id: str) -> str:
    query = select(_x.target_number).where(
        _x.connection == connection, _x.kind == Kind.CUSTOMER.value, _x.source_id == client_id
    )
    return str(await transaction.scalar(query) or "")


def _kept(row: Any) -> KeptDocument:
    return KeptDocument(row.kind, row.source_id, row.source_number, row.target_number)
