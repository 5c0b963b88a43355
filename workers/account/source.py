"""The source against our rows: every document it shows has a row, or it is named.

One page of the source in memory at a time, whatever the total.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from connectors.ports import ChangedPage, SourcePort
from documents.key import Kind
from store.store import Store

KINDS = (Kind.INVOICE, Kind.PAYMENT, Kind.CREDIT_NOTE)
"""What is listed of every source; expenses and bills only where they are handled."""

_BY_CHANGE = (Kind.PAYMENT, Kind.EXPENSE, Kind.BILL, Kind.BILL_PAYMENT)
_MOST_SHOWN = 1000


@dataclass(frozen=True)
class Listed:
    """One kind of object: how many the source shows, and those that we have never seen."""

    kind: Kind
    listed: int
    findings: tuple[str, ...]


async def against_source(
    source: SourcePort,
    store: Store,
    connection: str,
    since: date | None,
    kinds: Iterable[Kind] = KINDS,
) -> list[Listed]:
    """Compare what is dated or was changed since a day (everything, without one) with our rows.

    Deleted objects need none: what was deleted before anybody saw it never was a document.
    """
    return [await _listed(source, store, connection, kind, since) for kind in kinds]


async def _listed(
    source: SourcePort, store: Store, connection: str, kind: Kind, since: date | None
) -> Listed:
    listed, missing = 0, list[str]()
    async for page in _pages(source, kind, since):
        ids = [row.source_id for row in page.rows if not row.deleted]
        known = await store.accounted.known(connection, kind, ids)
        listed += len(ids)
        unknown = [f"{kind.value} {each} was never received" for each in ids if each not in known]
        missing += unknown[: _MOST_SHOWN - len(missing)]
    return Listed(kind, listed, tuple(dict.fromkeys(missing)))


def _pages(source: SourcePort, kind: Kind, since: date | None) -> AsyncIterator[ChangedPage]:
    day = since or date(1970, 1, 2)
    if kind in _BY_CHANGE:
        # They are listed by their last change: one of a later day than the cut-over counts.
        return source.changes(kind.value, datetime.combine(day, time(), UTC))
    return source.dated(kind.value, day)
