"""Everything that an export writes down, however much it is: a page in memory at a time."""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator
from dataclasses import dataclass

from documents.ledger import BookRow
from documents.tieout import Break, Movement, TieOutSummary
from store.store import Store


@dataclass(frozen=True)
class Streams:
    """All breaks of a period, closed ones included, all that others posted and is no break, and
    all customers that differ. Each can be read once."""

    breaks: AsyncIterable[Break]
    others: AsyncIterable[BookRow]
    customers: AsyncIterable[Movement]


def streams_of(store: Store, summary: TieOutSummary) -> Streams:
    """What the store has of the run that a summary is of."""
    return Streams(
        breaks=_breaks(store, summary.connection, summary.period),
        others=store.figures.reconciling(summary.run),
        customers=_customers(store, summary.run),
    )


async def _breaks(store: Store, connection: str, period: str) -> AsyncIterator[Break]:
    after = ""
    while page := await store.breaks.page(connection, period, after=after):
        after = page[-1].break_id
        for each in page:
            yield each


async def _customers(store: Store, run: int) -> AsyncIterator[Movement]:
    after = ("", "")
    while page := await store.runs.movements(run, differing=True, after=after):
        after = (page[-1].party, page[-1].currency)
        for each in page:
            yield each
