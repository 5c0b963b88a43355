"""What the operator interface takes and gives about tie-outs."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Self

from pydantic import AfterValidator, Field, model_validator

from documents.sign_off import SignOff
from documents.tieout import Break, BreakState, TieOutSummary
from policies.tieout.causes import cause_of
from policies.tieout.verdict import verdict
from workers.operator.models import Connection, Given, Taken, shown_as_is

PERIOD = r"^[12][0-9]{3}-(0[1-9]|1[0-2])$"
_BREAK_ID = r"^[^\x00-\x1f\x7f]{1,200}$"
_AFTER = r"^[^\x00-\x1f\x7f]{0,200}$"


class TieOutQuery(Taken):
    """Which connection the period is of."""

    connection: Connection


class BreaksQuery(Taken):
    """Which breaks: those that are not closed, or those of one state; a page, by id."""

    connection: Connection
    state: BreakState | None = None
    after: str = Field(default="", pattern=_AFTER, description="`next` of the page before.")
    limit: int = Field(default=50, ge=1, le=200)


class BreakDecision(StrEnum):
    """Propose to let a difference stay, to write it off, or to take back what is too many or was
    written off; or approve what somebody else proposed."""

    ACCEPT = "accept"
    REVERSE = "reverse"
    WRITE_OFF = "write off"
    APPROVE = "approve"


class DecideBody(Taken):
    """A decision about a break. Who decides is whoever is signed in. A proposal needs `why`."""

    connection: Connection
    break_id: str = Field(pattern=_BREAK_ID, description="`id` of the break.")
    action: BreakDecision
    why: Annotated[str, Field(max_length=500), AfterValidator(shown_as_is)] = ""

    @model_validator(mode="after")
    def _says_why(self) -> Self:
        if self.action is not BreakDecision.APPROVE and not self.why:
            raise ValueError(f"why: is required to {self.action.value}")
        return self


class SignOffBody(Taken):
    """A sign-off of the figures of `run`, which is the one that was looked at."""

    connection: Connection
    run: int = Field(ge=1, le=2**53)


class SignOffView(Given):
    """How the sign-off of a period stands."""

    state: str
    run: int
    preparer: str
    prepared_at: datetime
    approver: str
    approved_at: datetime | None
    reason: str

    @classmethod
    def of(cls, sign_off: SignOff) -> Self:
        """The view of a sign-off."""
        fields = sign_off.model_dump(include=set(cls.model_fields), mode="json")
        return cls.model_validate(fields)


class TieOutView(Given):
    """What the last run over a period came to. `breaks` counts them by state; `sign_off` is null
    for a period that nobody signed."""

    connection: str
    period: str
    run: int
    finished_at: datetime | None
    verdict: str
    is_tied: bool
    is_provisional: bool
    note: str
    source_read: int
    target_read: int
    customers_that_differ: int
    breaks: dict[str, int]
    sign_off: SignOffView | None

    @classmethod
    def of(cls, summary: TieOutSummary, sign_off: SignOff | None) -> Self:
        """The view of a run."""
        found = verdict(summary)
        counts = {state.value: summary.count(state) for state in BreakState}
        return cls(
            connection=summary.connection,
            period=summary.period,
            run=summary.run,
            finished_at=summary.finished_at,
            verdict=str(found),
            is_tied=found.is_tied,
            is_provisional=summary.is_provisional,
            note=summary.note,
            source_read=summary.source_read,
            target_read=summary.target_read,
            customers_that_differ=summary.movements_that_differ,
            breaks={state: count for state, count in counts.items() if count},
            sign_off=SignOffView.of(sign_off) if sign_off else None,
        )


class BreakView(Given):
    """A break. Amounts are decimal strings in `currency`, `difference` is target less source;
    `action` is what was proposed, empty unless somebody did."""

    id: str
    state: str
    type: str
    kind: str
    number: str
    target_number: str
    customer: str
    currency: str
    amount: str
    difference: str
    source_value: str
    target_value: str
    cause: str
    advice: str
    remedy: str
    suggestion: str
    how: str
    action: str
    proposer: str
    approver: str
    first_seen: datetime | None

    @classmethod
    def of(cls, found: Break) -> Self:
        """The view of a break."""
        cause = cause_of(found.cause)
        return cls(
            id=found.break_id,
            state=found.state.value,
            type=found.type.value,
            kind=found.kind.value,
            number=found.number,
            target_number=found.target_number,
            customer=found.party,
            currency=found.currency,
            amount=f"{found.amount:f}",
            difference=f"{found.difference:f}",
            source_value=found.source_value,
            target_value=found.target_value,
            cause=cause.words,
            advice=cause.advice,
            remedy=found.remedy.value,
            suggestion=found.suggestion,
            how=found.how,
            action=found.action.value if found.proposer else "",
            proposer=found.proposer,
            approver=found.approver,
            first_seen=found.first_seen,
        )


class Breaks(Given):
    """A page of breaks; `next` is empty on the last one."""

    breaks: list[BreakView]
    next: str
