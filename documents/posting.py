"""A posting as the target reports it, and the reference it leaves in our books."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field

from documents.key import Kind
from documents.money import Money
from documents.record import Figures


class PostingState(StrEnum):
    """Create is not post: a created document is not in the ledger yet."""

    ABSENT = "absent"
    CREATED = "created"
    POSTED = "posted"
    REVERSED = "reversed"
    REJECTED = "rejected"


UNPOSTED = (PostingState.CREATED, PostingState.REJECTED)
"""Stands in the target and not in its ledger: it waits to be posted there, or was refused by who
posts, and may be posted yet."""

LEDGERED = (PostingState.POSTED, PostingState.REVERSED)
"""In the ledger, whatever happened to it afterwards."""


class Posting(BaseModel):
    """What the target says about our key.

    `number` is the target's own number (of the draft while created), `figures` what the target
    itself computed, `remaining` what is still open on the entry, all in the document currency.
    `unpaid` says that a payable was closed by something else than a payment, where that is known.
    `applied_to` are the target numbers this entry settles, `applied_amounts` how much of each
    where the target says so. `taxes` is what the target computed for each tax code of the record,
    where it was asked.
    """

    model_config = ConfigDict(frozen=True)

    key: str
    kind: Kind
    state: PostingState
    number: str | None = None
    party: str | None = None
    figures: Figures | None = None
    taxes: dict[str, Money] = Field(default_factory=dict)
    remaining: Money | None = None
    posting_date: date | None = None
    applied_to: tuple[str, ...] = ()
    applied_amounts: tuple[Money, ...] = ()
    reason: str = ""
    unpaid: bool = False

    def applied(self, number: str | None, wanted: Money) -> Money:
        """How much of this entry settles a document; all that is wanted where the target says
        that it settles it and not how much."""
        if not self.applied_amounts and number in self.applied_to:
            return wanted
        pairs = zip(self.applied_to, self.applied_amounts, strict=False)
        return Money.total((amount for other, amount in pairs if other == number), wanted.currency)

    @property
    def is_settled(self) -> bool:
        """Posted with nothing left open."""
        return (
            self.state is PostingState.POSTED and self.remaining is not None and not self.remaining
        )


class ExternalReference(BaseModel):
    """A row of the cross-reference: one source object and its partner in the target."""

    model_config = ConfigDict(frozen=True)

    connection: str
    kind: Kind
    source_id: str
    source_number: str
    target_number: str
