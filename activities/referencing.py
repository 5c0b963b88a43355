"""Writing back what our cross-reference lost: both sides have the document under our key."""

from __future__ import annotations

from documents.ledger import document_of
from store.audit import Fact
from store.store import Store
from store.unreferenced import Unreferenced


async def write_back(store: Store, connection: str, run: int) -> int:
    """Complete the cross-reference from what a run read; returns how many were missing. Nothing
    is booked, so that it is safe without a person."""
    number, after = 0, ""
    while page := await store.figures.unreferenced(connection, run, after):
        after, number = page[-1].match, number + len(page)
        for each in page:
            await _write(store, connection, each)
    return number


async def _write(store: Store, connection: str, found: Unreferenced) -> None:
    kind, source_id = document_of(found.match)
    numbers = (found.source_number, found.target_number)
    await store.references.put(connection, kind, source_id, *numbers)
    fact = Fact(
        connection=connection,
        kind=kind.value,
        source_id=source_id,
        number=found.source_number,
        target_number=found.target_number,
        what="missing reference written back",
        why="both sides have the document under our key, and the cross-reference did not",
    )
    await store.audit.append(fact)
