"""What our own store remembers of a document and of each posting made for it."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum

from pydantic import AwareDatetime, BaseModel, ConfigDict

from documents.exchange import Exchange
from documents.hold import Hold
from documents.key import Kind
from documents.money import Money
from documents.posting import PostingState
from documents.record import MappedRecord
from documents.review import Review


class DocumentState(StrEnum):
    """Conservation counts these: received = posted + in flight + held + ignored."""

    IN_FLIGHT = "in flight"
    POSTED = "posted"
    HELD = "held"
    IGNORED = "ignored"


class Action(StrEnum):
    """What a person can decide about a held document."""

    RETRY = "retry"
    CORRECT = "correct"
    APPROVE = "approve"
    ADOPT = "adopt"
    RELEASE = "release"
    SKIP = "skip"
    ABANDON = "abandon"


class Decision(BaseModel):
    """What a person decided, who and why. `number` is the adopted target number; `values` what
    corrections change (coding, matching and posting date), all of them so far, `correctors` who
    made them; `released` that a possible duplicate was looked at and is none. `proof` and
    `approval` are the seals that the operator interface puts on what an authenticated person
    decides and approves, at `sealed_at`
    about the hold `version`. `payment_id` is the payment that the hold was about, empty for the
    document itself; None: the hold says it.
    """

    model_config = ConfigDict(frozen=True)

    action: Action
    who: str
    why: str
    at: AwareDatetime
    number: str = ""
    values: dict[str, str] = {}
    released: bool = False
    correctors: tuple[str, ...] = ()
    approved_by: str = ""
    proof: str = ""
    approval: str = ""
    version: int | None = None
    sealed_at: AwareDatetime | None = None
    payment_id: str | None = None


def decision_text(connection: str, kind: str, source_id: str, decision: Decision) -> str:
    """What the seal of who decides is made of: who decides what, when and why, about which hold
    of which document."""
    parts = [connection, kind, source_id, decision.action.value, decision.who, decision.number]
    parts += [f"{name}={decision.values[name]}" for name in sorted(decision.values)]
    parts += [decision.why, str(decision.version)]
    parts += [decision.sealed_at.astimezone(UTC).isoformat() if decision.sealed_at else ""]
    return "\x1f".join(parts)


def approval_text(
    connection: str, kind: str, source_id: str, decision: Decision, approver: str
) -> str:
    """What the seal of an approver is made of: this very decision, so that it serves no other."""
    text = decision_text(connection, kind, source_id, decision)
    return "\x1f".join([text, decision.at.isoformat(), Action.APPROVE.value, approver])


class DocumentRow(BaseModel):
    """One row per source document: connection, kind and source id are its identity.

    `generation` is that of the next or present posting, `fingerprint` digests the content that
    was posted, `parent_id` is the invoice of a payment, `closed` says that nothing is expected
    any more, `version` rises with every change of the row. Times are aware UTC.
    """

    model_config = ConfigDict(frozen=True)

    connection: str
    kind: Kind
    source_id: str
    source_number: str = ""
    party_id: str = ""
    parent_id: str = ""
    state: DocumentState = DocumentState.IN_FLIGHT
    reason: str = ""
    amount: Money | None = None
    generation: int = 1
    fingerprint: str = ""
    target_number: str = ""
    target_party: str = ""
    reversed_count: int = 0
    hold: Hold | None = None
    held_since: datetime | None = None
    decision: Decision | None = None
    review: Review = Review()
    closed: bool = False
    received_at: datetime | None = None
    updated_at: datetime | None = None
    version: int = 0

    @property
    def corrections(self) -> dict[str, str]:
        """What a person said is to be sent instead, by what it replaces."""
        return self.decision.values if self.decision else {}


class Send(BaseModel):
    """The fence: a send that may still be under way, and when it must have ended (UTC)."""

    model_config = ConfigDict(frozen=True)

    send_id: str
    operation: str
    sent_at: AwareDatetime
    deadline: AwareDatetime
    acknowledged: str | None = None
    """The number of what the target said it created and has not shown since; it may be empty."""


class PostingRow(BaseModel):
    """One row per key: the record that is sent, the target's answer, the open send if any.

    `forgotten` says that there was a record of ours, erased with the client that it named.
    """

    model_config = ConfigDict(frozen=True)

    key: str
    connection: str
    kind: Kind
    source_id: str
    generation: int
    state: PostingState = PostingState.ABSENT
    number: str = ""
    amount: Money | None = None
    record: MappedRecord | None = None
    forgotten: bool = False
    send: Send | None = None
    in_doubt_since: datetime | None = None

    @property
    def is_unshown(self) -> bool:
        """Whether the target said that it created what was sent, and has not shown it since."""
        return self.send is not None and self.send.acknowledged is not None

    @property
    def was_sent(self) -> bool:
        """Whether the record is ours; a number without one was given by people."""
        return self.record is not None or self.forgotten

    @property
    def stated(self) -> Money | None:
        """The posted amount as the source says it: before it was converted."""
        return self.exchange.amount if self.exchange else self.amount

    @property
    def exchange(self) -> Exchange | None:
        """How the amount was converted, where it was and the record is still kept."""
        return self.record.exchange if self.record else None
