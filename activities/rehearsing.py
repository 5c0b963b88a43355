"""What a backfill's dry run of every kind of document shares: it only reads, and says what would
become of a document."""

from __future__ import annotations

from collections.abc import Awaitable
from dataclasses import dataclass
from datetime import datetime
from typing import Self

from activities.context import Connection
from activities.readonly import read_only
from activities.signatures import DocumentRef
from activities.tally import Tally
from connectors.errors import Rejected
from documents.hold import HoldRequired
from documents.key import Kind
from documents.money import Money
from documents.plan import Outcome, Plan
from store.seal import Seal
from store.store import Store

POSTED, LINKED, HELD, IGNORED, IN_BOOKS = "post", "link", "hold", "ignore", "in the books"
"""What would become of a document."""


@dataclass(frozen=True)
class Rehearsing:
    """The base of who goes through documents of one connection with ports that only read, and
    writes nothing into our store."""

    connection: Connection
    store: Store
    seal: Seal
    now: datetime

    @classmethod
    def of(cls, connection: Connection, store: Store, seal: Seal, now: datetime) -> Self:
        """The only way to make one: the connection loses its writes here."""
        return cls(read_only(connection), store, seal, now)

    def _document(self, kind: Kind, source_id: str) -> DocumentRef:
        return DocumentRef(connection=self.connection.name, kind=kind, source_id=source_id)

    async def _tried(self, step: Awaitable[str]) -> tuple[str, str]:
        """The outcome of a step, or the hold that it would end in."""
        try:
            outcome = await step
        except (HoldRequired, Rejected) as error:
            return HELD, error.hold.reason
        return outcome, ""


def add(
    tally: Tally, noun: str, number: str, amount: Money | None, outcome: str, reason: str
) -> None:
    """Count a document, and tell why where it would be held."""
    tally.add(noun, outcome, amount)
    if outcome == HELD:
        tally.explain(noun, number, outcome, reason)


def settled(plan: Plan) -> tuple[str, str]:
    """The outcome of a plan without a step that makes or links an entry."""
    if plan.outcome is Outcome.HELD:
        return HELD, plan.reason
    return (IGNORED if plan.outcome is Outcome.IGNORED else IN_BOOKS), plan.reason
