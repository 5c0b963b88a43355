"""The source against our rows: every document it shows has a row, or it is named.

One page of the source in memory at a time, whatever the total.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from connectors.ports import ChangedPage, SourcePort
from documents.key import Kind
from store.store import Store

_KINDS = {"invoice": Kind.INVOICE, "payment": Kind.PAYMENT, "credit_note": Kind.CREDIT_NOTE}
_MOST_SHOWN = 1000


@dataclass(frozen=True)
class Listed:
    """One kind of object: how many the source shows, and those that we have never seen."""

    kind: Kind
    listed: int
    findings: tuple[str, ...]


async def against_source(
    source: SourcePort, store: Store, connection: str, since: date | None
) -> list[Listed]:
    """Compare what is dated or was changed since a day (everything, without one) with our rows.

    Deleted objects need none: what was deleted before anybody saw it never was a document.
    """
    return [
        await _listed(source, store, connection, name, kind, since) for name, kind in _KINDS.items()
    ]


async def _listed(
    source: SourcePort, store: Store, connection: str, name: str, kind: Kind, since: date | None
) -> Listed:
    listed, missing = 0, list[str]()
    async for page in _pages(source, name, since):
        ids = [row.source_id for row in page.rows if not row.deleted]
        known = await store.accounted.known(connection, kind, ids)
        listed += len(ids)
        unknown = [f"{kind.value} {each} was never received" for each in ids if each not in known]
        missing += unknown[: _MOST_SHOWN - len(missing)]
    return Listed(kind, listed, tuple(dict.fromkeys(missing)))


def _pages(source: SourcePort, name: str, since: date | None) -> AsyncIterator[ChangedPage]:
    day = since or date(1970, 1, 2)
    if name == "payment":
        # Payments are listed by their last change: one of a later day than the cut-over counts.
        return source.changes(name, datetime.combine(day, time(), UTC))
    return source.dated(name, day)
