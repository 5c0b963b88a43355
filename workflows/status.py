"""What a running process shows of itself: details in the Web UI, attributes, a query."""

from __future__ import annotations

import zlib

from pydantic import BaseModel, ConfigDict
from temporalio import workflow

from activities.signatures import Look, StepResult
from documents.hold import Hold
from documents.key import Key, Kind
from documents.plan import Outcome, Plan, Step, StepName
from documents.row import Action, Decision
from workflows.attributes import CONNECTION, DOCUMENT, HOLD_CAUSE, HOLD_CLASS, STAGE, TARGET


class Status(BaseModel):
    """The answer of the `status` query. `version` identifies the hold a decision is about."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    stage: str
    reason: str
    document_number: str = ""
    target_number: str = ""
    amount: str = ""
    hold: Hold | None = None
    version: int = 0
    proposal: Decision | None = None
    steps: tuple[str, ...] = ()


class ProcessResult(BaseModel):
    """How a run ended: closed or ignored, and why."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    outcome: Outcome
    reason: str
    document_number: str = ""
    target_number: str = ""


class StatusBoard:
    """The process's face. Search attributes are upserted only when the stage changes to one
    people search for (each upsert is billed); details and memo cost nothing."""

    def __init__(self, connection: str, noun: str, source_id: str) -> None:
        self._connection = connection
        self._noun = noun
        self._source_id = source_id
        self._outcome: Outcome | None = None
        self._hold: Hold | None = None
        self._shown: tuple[str, ...] = ()
        self._is_noted = False
        self._steps: list[str] = []
        self.stage = "received"
        self.reason = "received"
        self._proposal: Decision | None = None
        self._look: Look | None = None
        self._target = ""
        self._version = 0

    @property
    def is_final(self) -> bool:
        return self._outcome in (Outcome.CLOSED, Outcome.IGNORED)

    @property
    def version(self) -> int:
        """Which hold this is: the same for the same words, whichever run of the process says
        them, so that a decision about a hold of an earlier run is not one about this."""
        return self._version

    @property
    def held_payment(self) -> str:
        """The payment that the hold is about; empty when it is about the document itself."""
        return self._hold.values.get("payment_id", "") if self._hold else ""

    def is_held_as(self, version: int) -> bool:
        return self._hold is not None and self._version == version

    def saw(self, look: Look, proposal: Decision | None) -> None:
        self._look = look
        self._proposal = proposal
        self._target = look.target_number or self._target

    def doing(self, step: Step) -> None:
        self._details(f"{step.name.value}: {step.why}")

    def unattended(self, queue: str) -> None:
        """Nobody took the first step. It still waits; this says what for."""
        self.reason = (
            f"no worker carries out the steps of {queue} yet: is the name of the connection "
            "right, does its worker run, or has it much to do before this?"
        )
        self._details(self.reason)

    def needs_second_person(self, action: Action) -> bool:
        """Whether the policy wants somebody else to approve this action on this document."""
        return self._look is not None and action in self._look.second_person_for

    def proposed(self, decision: Decision) -> None:
        """A decision waits for a second person; the document stays held."""
        self._proposal = decision
        self._steps.append(f"{decision.action.value} proposed by {decision.who}, to be approved")
        self._details(self.reason)

    def decided(self, decision: Decision) -> None:
        """Somebody decided; the next look carries it out."""
        approved = f", approved by {decision.approved_by}" if decision.approved_by else ""
        self._steps.append(f"{decision.action.value} by {decision.who}{approved}")
        self._details(self.reason)

    def proposed_nothing(self) -> None:
        self._proposal = None

    def did(self, step: Step, done: StepResult) -> None:
        number = f" as {done.number}" if done.number else ""
        self._steps.append(f"{step.name.value}: {done.how}{number}")
        if step.name in _NAMES_THE_DOCUMENT and done.posted and not _is_beside(step):
            self._target = done.number

    def created(self, done: StepResult) -> None:
        reason = f"created as {done.number or 'a draft'}, waits to be posted in the target"
        self._set(Outcome.WAITING, "created", reason, None)

    def planned(self, plan: Plan) -> None:
        if plan.hold:
            self.hold(plan.hold)
            return
        waits_there = plan.outcome is Outcome.WAITING and not self._target
        stage = plan.stage or ("created" if waits_there else _STAGES[plan.outcome])
        self._set(plan.outcome, stage, plan.reason, None)

    def closed(self, reason: str) -> None:
        self._set(Outcome.CLOSED, "closed", reason, None)

    def hold(self, hold: Hold) -> None:
        self._version = zlib.crc32(hold.model_dump_json().encode())
        self._set(Outcome.HELD, "held", hold.reason, hold)

    def _set(self, outcome: Outcome, stage: str, reason: str, hold: Hold | None) -> None:
        self._outcome, self.stage, self.reason, self._hold = outcome, stage, reason, hold
        self._details(reason)
        if outcome is not Outcome.IGNORED or self._shown:
            self._show()

    def _show(self) -> None:
        number = self._look.document_number[:_LONGEST] if self._look else ""
        cause = (self._hold.cause, self._hold.hold_class.value) if self._hold else ("", "")
        shown = (self.stage, number, self._target, *cause)
        if shown == self._shown:
            return
        self._shown = shown
        searched = zip((DOCUMENT, TARGET, HOLD_CAUSE, HOLD_CLASS), shown[1:], strict=True)
        optional = [k.value_set(v) if v else k.value_unset() for k, v in searched]
        workflow.upsert_search_attributes(
            [CONNECTION.value_set(self._connection), STAGE.value_set(self.stage), *optional]
        )
        if self._hold or self._is_noted:
            noted = self._hold.model_dump(mode="json") if self._hold else None
            workflow.upsert_memo({"hold": noted})
            self._is_noted = self._hold is not None

    def _details(self, now: str) -> None:
        number = self._look.document_number if self._look else self._source_id
        amount = f", {self._look.amount}" if self._look and self._look.amount else ""
        parts = [f"**{self._noun} {number}**{amount}", f"**{self.stage}**: {now}"]
        if self._hold and self._hold.remedy:
            parts.append(f"**What to do:** {self._hold.remedy}")
        parts.append("\n".join(f"- {line}" for line in self._steps))
        workflow.set_current_details("\n\n".join(parts))

    def status(self) -> Status:
        look = self._look
        return Status(
            stage=self.stage,
            reason=self.reason,
            document_number=look.document_number if look else "",
            target_number=self._target,
            amount=look.amount if look else "",
            hold=self._hold,
            version=self._version,
            proposal=self._proposal,
            steps=tuple(self._steps),
        )

    def result(self) -> ProcessResult:
        assert self._outcome is not None, "a result is asked for only after an outcome"
        return ProcessResult(
            outcome=self._outcome,
            reason=self.reason,
            document_number=self._look.document_number if self._look else "",
            target_number=self._target,
        )


def _is_beside(step: Step) -> bool:
    """Whether a step posts a late fee: the document keeps the number of its invoice."""
    return Key.parse(step.key).kind is Kind.LATE_FEE


_LONGEST = 255
"""Characters of a keyword that every visibility store keeps; PostgreSQL refuses a longer one, and
with it everything that is shown of the process. Details have the whole number."""

_NAMES_THE_DOCUMENT = (
    StepName.POST_INVOICE,
    StepName.ADOPT_INVOICE,
    StepName.POST_CREDIT_NOTE,
    StepName.ADOPT_CREDIT_NOTE,
    StepName.POST_EXPENSE,
    StepName.ADOPT_EXPENSE,
    StepName.POST_BILL,
    StepName.ADOPT_BILL,
)
_STAGES = {
    Outcome.WAITING: "posted",
    Outcome.CLOSED: "closed",
    Outcome.IGNORED: "ignored",
    Outcome.HELD: "held",
}
