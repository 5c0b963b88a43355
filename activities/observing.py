"""What a look at every kind of document does in the same way: our row, the target's answers, what
is told to the process."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from activities import rows
from activities.context import Connection
from activities.decisions import second_person_for
from activities.doubt import Doubt, unless_posted
from activities.posting import is_adopted
from activities.signatures import DocumentRef
from documents.key import Key, Kind
from documents.plan import Outcome, Plan
from documents.posting import Posting
from documents.row import DocumentRow, PostingRow
from policies.facts import Record
from store.seal import Seal
from store.store import Store


class Versioned(Protocol):
    """What the source shows of a document."""

    @property
    def version(self) -> str:
        """Another one after each change."""
        ...


@dataclass(frozen=True)
class Observing:
    """The base of who looks at one document of one connection, at one moment."""

    connection: Connection
    store: Store
    seal: Seal
    now: datetime

    async def _stored(self, document: DocumentRef | DocumentRow) -> DocumentRow | None:
        """Our row as it was left; None for a document that was never looked at."""
        return await self.store.documents.get(
            document.connection, document.kind, document.source_id
        )

    async def _lookup(self, ours: PostingRow) -> Posting:
        """What the target says of a posting. What was adopted does not carry our key: it is found
        by its number."""
        if not is_adopted(ours):
            return await self._doubt.ask(ours)
        found = await self.connection.target.lookup_number(Key.parse(ours.key), ours.number)
        return unless_posted(ours, found)

    @property
    def _doubt(self) -> Doubt:
        return Doubt(self.connection, self.store, lambda: self.now)

    async def _planned(self, record: Record, plan: Plan, key: Key | None) -> DocumentRow:
        """Our row as the plan leaves it, saved where that is news; `key` is that of what stands
        for the document in the target."""
        live = key is not None and record.is_live(key)
        after = rows.planned(record.row, plan, live=live, now=self.now)
        before = await self._stored(record.row)
        return after if after == before else await self.store.documents.save(after)

    async def _looked(self, document: DocumentRef, found: Versioned | None) -> None:
        """The sweep need not tell us of what we have just looked at."""
        if found is not None:
            await self.store.sightings.looked(
                document.connection, document.kind.value, document.source_id, found.version
            )

    def _ignored(self, reason: str) -> dict[str, Any]:
        """What a look says of a document that is none of ours."""
        plan = Plan(outcome=Outcome.IGNORED, reason=reason)
        return {"plan": plan, "queue": self.connection.target_queue}

    def _told(self, row: DocumentRow, plan: Plan) -> dict[str, Any]:
        """What every look says of its document."""
        return {
            "plan": plan,
            "queue": self.connection.target_queue,
            "document_number": row.source_number,
            "target_number": row.target_number,
            "amount": str(row.amount) if row.amount else "",
            "version": row.version,
            "second_person_for": second_person_for(row, self.connection.policy),
        }


def past_reversals(record: Record, kind: Kind) -> Record:
    """A confirmed reversal ends a generation, also when the step that made it could not say so."""
    key = record.key(kind, record.row.source_id, record.row.generation)
    while record.is_posted(key.of_kind(kind.reversal)):
        row = rows.reversed_once_more(record.row, key)
        record = record.model_copy(update={"row": row})
        key = record.key(kind, row.source_id, row.generation)
    return record
