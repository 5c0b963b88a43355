"""Forgetting a client: what names them goes, what the books must keep stays."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Table, and_, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from documents.key import Kind
from documents.ledger import family_of
from documents.row import DocumentState
from store.audit import Audit
from store.backing import POSTED_AS
from store.engine import Database
from store.entries import FORGOTTEN, Fact
from store.errors import ClientInUse
from store.tables import cross_references, documents, postings
from store.tieout_tables import audit_entries, tieout_breaks

_d, _p, _x, _b = documents.c, postings.c, cross_references.c, tieout_breaks.c


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


@dataclass(frozen=True)
class _Identity:
    """A source document under each kind that it has somewhere."""

    connection: str
    kinds: tuple[str, ...]
    source_id: str

    def among(self, table: Table) -> tuple[ColumnElement[bool], ...]:
        c = table.c
        same = (c.connection == self.connection, c.source_id == self.source_id)
        return (*same, c.kind.in_(self.kinds))


class Forgetting:
    """Erases what is personal about a client of the source."""

    def __init__(self, database: Database, audit: Audit) -> None:
        self._database = database
        self._audit = audit

    async def client(self, connection: str, client_id: str) -> Forgotten:
        """Erase the reasons, holds and decisions of all documents of a client, what people said
        of them in the tie-out and the audit journal, and every record as it was sent, that of
        the customer too.

        Ids, numbers, amounts, states and the cross-reference stay: without them a document could
        be posted twice, and the law wants the books kept. Again is harmless. ClientInUse, with
        nothing erased, while documents are not settled: their records are still to be sent.
        """

        async def work(transaction: AsyncConnection) -> Forgotten:
            found = await _documents_of(transaction, connection, client_id)
            unsettled = [row for row in found if not _is_settled(row)]
            if unsettled:
                raise ClientInUse(len(unsettled))
            number = await _customer_number(transaction, connection, client_id)
            customer = _Identity(connection, (Kind.CUSTOMER.value,), client_id)
            theirs = [customer, *(_in_the_books(row) for row in found)]
            texts = sum([await _erase_text(transaction, row) for row in found])
            texts += sum([await self._erase_words(transaction, each) for each in theirs])
            texts += await self._erase_breaks(transaction, theirs, {client_id, number})
            records = sum([await _erase_records(transaction, each) for each in theirs])
            return Forgotten(texts, records, tuple(_kept(row) for row in found), number)

        return await self._database.write(work)

    async def _erase_breaks(
        self, transaction: AsyncConnection, identities: Sequence[_Identity], parties: set[str]
    ) -> int:
        """What people said about differences of these documents or of this customer."""
        matches = {f"{kind}/{each.source_id}" for each in identities for kind in each.kinds}
        query = select(tieout_breaks).where(
            _b.connection == identities[0].connection, _b.words.is_not(None)
        )
        erased = 0
        for found in (await transaction.execute(query)).all():
            content = json.loads(found.content)
            if found.match in matches or (content.get("party") or None) in parties:
                await transaction.execute(_without_words(found))
                journalled = _Identity(found.connection, ("break",), content.get("entry", ""))
                erased += 1 + await self._erase_words(transaction, journalled)
        return erased

    async def _erase_words(self, transaction: AsyncConnection, document: _Identity) -> int:
        """The reasons in the audit journal, whose chain holds only digests of them. An entry of
        its own says which: a reason that is gone without one was removed by somebody."""
        entry = audit_entries.c
        theirs = and_(*document.among(audit_entries), entry.words.is_not(None))
        query = select(entry.seq).where(theirs).order_by(entry.seq)
        found = [str(seq) for seq in (await transaction.scalars(query)).all()]
        if found:
            await transaction.execute(update(audit_entries).where(theirs).values(words=None))
            fact = Fact(
                document.connection, document.kinds[0], document.source_id, FORGOTTEN,
                after={"entries": " ".join(found)},
            )  # fmt: skip
            await self._audit.append_in(transaction, fact)
        return len(found)


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


def _in_the_books(row: Any) -> _Identity:
    kinds = POSTED_AS.get(Kind(row.kind), (Kind(row.kind),))
    # What takes them back, what takes back duplicates of them, and what was written off.
    others = [kind for kind in Kind if family_of(kind) in kinds and kind not in kinds]
    names = tuple(kind.value for kind in (*kinds, *others))
    return _Identity(row.connection, names, row.source_id)


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


async def _erase_records(transaction: AsyncConnection, document: _Identity) -> int:
    """A record that is gone is still ours: without that, its posting would be people's."""
    theirs = and_(*document.among(postings), _p.record.is_not(None))
    erased = update(postings).where(theirs)
    erased = erased.values(record=None, forgotten=True, version=_p.version + 1)
    return (await transaction.execute(erased)).rowcount


def _without_words(found: Any) -> Any:
    this = and_(
        _b.connection == found.connection,
        _b.period == found.period,
        _b.break_id == found.break_id,
    )
    return update(tieout_breaks).where(this).values(words=None)


async def _customer_number(transaction: AsyncConnection, connection: str, client_id: str) -> str:
    query = select(_x.target_number).where(
        _x.connection == connection, _x.kind == Kind.CUSTOMER.value, _x.source_id == client_id
    )
    return str(await transaction.scalar(query) or "")


def _kept(row: Any) -> KeptDocument:
    return KeptDocument(row.kind, row.source_id, row.source_number, row.target_number)
