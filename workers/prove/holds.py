"""Which documents wait for a person, and whether they should."""

from __future__ import annotations

from collections.abc import Mapping

from documents.hold import Hold
from store.store import Store

# What only a person can decide is held on purpose: the schedules make these and no others.
_MEANT = frozenset({"edited-after-posting", "paid-without-invoice", "withdrawn-after-payment"})


async def holds_of(store: Store, connection: str) -> dict[str, Hold]:
    """The holds of a connection by the source id of the document that they hold up."""
    held: dict[str, Hold] = {}
    after = ""
    while page := await store.documents.held(connection, after=after):
        for row in page:
            if row.hold is not None:
                held[row.parent_id or row.source_id] = row.hold
        after = store.documents.cursor(page[-1])
    return held


def not_meant(holds: Mapping[str, Hold]) -> list[str]:
    """A sentence for each hold that no act of a person explains."""
    return [
        f"{source_id} is held, {hold.cause}: {hold.reason}"
        for source_id, hold in sorted(holds.items())
        if hold.cause not in _MEANT
    ]
