"""What must hold of our own rows at rest: the law, a row for every document, nothing in flight."""

from __future__ import annotations

from collections.abc import Iterator

from documents.key import Kind
from documents.row import DocumentState
from store.store import Store
from workers.account.law import law_findings
from workers.prove.lane import Journals

_KINDS = {"invoice": Kind.INVOICE, "payment": Kind.PAYMENT, "expense": Kind.EXPENSE}


async def row_findings(store: Store, connection: str, journals: Journals) -> list[str]:
    """A sentence for everything of a lane that is not accounted for."""
    found = await law_findings(store, connection)
    for name, kind in _KINDS.items():
        known = await store.accounted.known(connection, kind, _present(journals, name))
        missing = (each for each in _present(journals, name) if each not in known)
        found += [f"{name} {each} was never received" for each in missing]
    place = None
    while page := await store.waiting.page(connection, list(_KINDS.values()), place):
        found += [
            f"{each.kind.value} {each.source_id} is still in flight"
            for each in page
            if each.state is DocumentState.IN_FLIGHT
        ]
        place = page[-1].place
    return found


def _present(journals: Journals, kind: str) -> Iterator[str]:
    """What the source shows: of what was deleted nobody need have heard."""
    for row in journals.source:
        if row["kind"] == kind and row["state"] != "deleted":
            yield row["document"]
