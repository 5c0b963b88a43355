"""What the operator interface takes and gives. The OpenAPI description is made from these."""

from __future__ import annotations

import base64
import binascii
import unicodedata
from datetime import date, datetime
from typing import Annotated, Self

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    TypeAdapter,
    ValidationError,
)

from documents.row import Action, DocumentRow
from store.documents import Documents
from workers.answers import ExpenseView
from workflows.status import Status

_NAME = r"^[a-z0-9][a-z0-9-]{0,39}$"


def _one_paragraph(text: str) -> str:
    """No control or formatting characters: the text is shown, sent and exported by others."""
    text = text.strip()
    if not text or any(unicodedata.category(c) in ("Cc", "Cf", "Zl", "Zp") for c in text):
        raise ValueError("must be text without control characters")
    return text


def shown_as_is(text: str) -> str:
    """As above; may be empty."""
    return _one_paragraph(text) if text else text


Connection = Annotated[str, Field(pattern=_NAME, description="Name of the connection.")]
Text = Annotated[str, Field(max_length=500), AfterValidator(_one_paragraph)]


class Taken(BaseModel):
    """What is sent: nothing more than what is described."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Given(BaseModel):
    """What is answered."""

    model_config = ConfigDict(frozen=True)


class HoldsQuery(Taken):
    """Which holds: of one connection or cause; a page, longest held first."""

    connection: Connection | None = None
    cause: str | None = Field(default=None, pattern=r"^[a-z0-9-]{1,60}$")
    after: str = Field(default="", max_length=1000, description="`next` of the page before.")
    limit: int = Field(default=50, ge=1, le=200)


class DocumentQuery(Taken):
    """Where to look for a number."""

    connection: Connection | None = None


class ResolveBody(Taken):
    """A decision about a held document. Who decides is whoever is signed in.

    `version` is the process's `version` as it was seen; a decision about an older hold is
    refused. `number` is that of the posting to adopt; `values` are what a correction changes.
    """

    connection: Connection
    action: Action
    why: Text
    version: int | None = Field(default=None, ge=0)
    number: str = Field(default="", pattern=r"^[A-Za-z0-9._/-]{0,40}$")
    values: dict[Annotated[str, Field(max_length=100)], Text] = Field(default={}, max_length=50)


class ApprovalQuery(Taken):
    """Which connection the expense or claim is of."""

    connection: Connection


class AnswerBody(Taken):
    """An approver's answer about `version`, as it was seen. Who answers is whoever is signed in.
    `but` are expenses of a claim that an approval rejects; a rejection needs a comment."""

    connection: Connection
    version: str = Field(pattern=r"^[0-9a-f]{1,64}$")
    comment: Annotated[str, Field(max_length=1000), AfterValidator(shown_as_is)] = ""
    but: tuple[Annotated[str, Field(pattern=r"^[0-9]{1,11}$")], ...] = Field(
        default=(), max_length=100
    )


class DocumentView(Given):
    """A document as our store knows it. Amounts are decimal strings, moments UTC.

    `hold_*` say why it is held and are empty unless it is.
    """

    connection: str
    kind: str
    id: str
    number: str
    state: str
    reason: str
    amount: str
    currency: str
    target_number: str
    hold_cause: str
    hold_class: str
    hold_reason: str
    hold_remedy: str
    hold_values: dict[str, str]
    held_since: datetime | None
    updated_at: datetime | None

    @classmethod
    def of(cls, row: DocumentRow) -> Self:
        """The view of a row."""
        hold, amount = row.hold, row.amount
        return cls(
            connection=row.connection,
            kind=row.kind.value,
            id=row.source_id,
            number=row.source_number,
            state=row.state.value,
            reason=row.reason,
            amount=str(amount.amount) if amount else "",
            currency=amount.currency if amount else "",
            target_number=row.target_number,
            hold_cause=hold.cause if hold else "",
            hold_class=hold.hold_class.value if hold else "",
            hold_reason=hold.reason if hold else "",
            hold_remedy=hold.remedy if hold else "",
            hold_values=dict(hold.values) if hold else {},
            held_since=row.held_since,
            updated_at=row.updated_at,
        )


class DocumentFound(Given):
    """A document, and what its process shows now; null when no process is open."""

    document: DocumentView
    process: Status | None


class ExpenseShown(Given):
    """An expense that an approver is asked about."""

    expense: str
    day: date
    category: str
    vendor: str
    amount: str
    tax: str
    notes: str
    receipt: bool
    findings: tuple[str, ...]


class ApprovalView(Given):
    """Where an expense or claim stands, and what an answer would be about. `approvers` is empty
    and `version` too when nobody is asked."""

    id: str
    stage: str
    reason: str
    amount: str
    version: str
    level: int
    levels: int
    claimant: str
    approvers: tuple[str, ...]
    expenses: list[ExpenseShown]

    @classmethod
    def of(cls, view: ExpenseView) -> Self:
        """The view of a process."""
        need = view.approval.need
        return cls(
            id=view.source_id,
            stage=view.status.stage,
            reason=view.status.reason,
            amount=view.status.amount,
            version=need.version if need else "",
            level=need.level if need else 0,
            levels=need.levels if need else 0,
            claimant=need.claimant if need else "",
            approvers=need.approvers if need else (),
            expenses=[
                ExpenseShown(
                    **each.model_dump(exclude={"amount", "tax"}),
                    amount=str(each.amount),
                    tax=str(each.tax),
                )
                for each in view.approval.shown
            ],
        )


class ApprovalTaken(Given):
    """An answer was taken: at which level of how many."""

    answer: str
    who: str
    level: int
    levels: int


class Holds(Given):
    """A page of held documents; `next` is empty on the last one."""

    holds: list[DocumentView]
    next: str


class Found(Given):
    """The documents with a number."""

    documents: list[DocumentFound]


class Resolved(Given):
    """A decision was taken; the process carries it out next, or waits until an approver, who is
    somebody else, sent `approve` (`needs_approval`)."""

    accepted: Action
    was: str
    who: str
    needs_approval: bool = False


class Problem(Given):
    """An error (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str
    fields: list[str] = []


_PLACE: TypeAdapter[tuple[AwareDatetime, str, str, str]] = TypeAdapter(
    tuple[AwareDatetime, str, str, str]
)


def page_after(row: DocumentRow) -> str:
    """Where the next page begins, in characters that fit in a URL."""
    return base64.urlsafe_b64encode(Documents.cursor(row).encode()).decode()


def place_of(after: str) -> str:
    """The place that `page_after` wrote; ValueError for anything else."""
    if not after:
        return ""
    try:
        place = base64.b64decode(after, altchars=b"-_", validate=True)
        _PLACE.validate_json(place)
    except (binascii.Error, ValidationError) as error:
        raise ValueError("must be `next` of the page before") from error
    if b"\\u0000" in place:
        raise ValueError("must be `next` of the page before")
    return place.decode()
