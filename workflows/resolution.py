"""The `resolve` update: what a person may decide about a held document."""

from __future__ import annotations

from datetime import datetime, timedelta

from pydantic import AwareDatetime, BaseModel, ConfigDict
from temporalio.exceptions import ApplicationError

from documents.row import Action, Decision
from workflows.status import Status

_FRESH = timedelta(minutes=10)
"""How long a sealed decision may be on its way, and how far clocks may be apart."""


class ResolveRequest(BaseModel):
    """A decision: the action, who takes it and why. `version` is the one of the hold as it was
    seen; a decision about an older version is refused. `proof` is the operator interface's seal,
    made at `sealed_at`, without which nobody decides anything but a retry."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    action: Action
    who: str
    why: str
    version: int | None = None
    number: str = ""
    values: dict[str, str] = {}
    proof: str = ""
    sealed_at: AwareDatetime | None = None

    def decision(self, at: datetime, proposal: Decision | None) -> Decision:
        """What was decided; an approval is the proposal with the approver's name and seal."""
        if self.action is Action.APPROVE and proposal:
            return proposal.model_copy(update={"approved_by": self.who, "approval": self.proof})
        return Decision(
            action=self.action,
            who=self.who,
            why=self.why,
            at=at,
            number=self.number,
            values=self.values,
            proof=self.proof,
            version=self.version,
            sealed_at=self.sealed_at,
        )

    def check(self, status: Status, proposal: Decision | None, now: datetime) -> None:
        """Refuse nonsense with a sentence; raises ApplicationError, which rejects the update."""
        problems = (*self._problems(status), *self._proof_problems(now))
        for problem in (*problems, *self._approval_problems(proposal)):
            raise ApplicationError(problem, type="ResolveRefused", non_retryable=True)

    def _problems(self, status: Status) -> list[str]:
        problems = []
        if status.stage != "held":
            problems.append(f"the document is not held: its stage is {status.stage}")
        if not self.who.strip() or not self.why.strip():
            problems.append("who and why are required: both go into the audit trail")
        if self.version is not None and self.version != status.version:
            problems.append(f"version {self.version} is stale: the hold is {status.version} now")
        if self.action is Action.ADOPT and not self.number:
            problems.append("adopt needs the number of the existing posting")
        if self.action is Action.CORRECT and not self.values:
            problems.append("correct needs the values to change")
        return problems

    def _proof_problems(self, now: datetime) -> list[str]:
        """An old decision that is sent again must not be one about a later hold."""
        if self.action is Action.RETRY:
            return []
        if not self.proof:
            return [f"{self.action.value} needs a person who signed in: use `tieout holds resolve`"]
        if self.sealed_at is None or abs(now - self.sealed_at) > _FRESH:
            return ["this was not decided just now: take the decision again"]
        return []

    def _approval_problems(self, proposal: Decision | None) -> list[str]:
        if self.action is not Action.APPROVE:
            return []
        if proposal is None:
            return ["there is nothing to approve: nobody proposed a decision"]
        if proposal.who == self.who:
            return [f"{self.who} proposed this: somebody else has to approve it"]
        return []


class Resolution(BaseModel):
    """The answer to a decision that was accepted: it is carried out by the next look, or waits
    for a second person (`needs_approval`)."""

    model_config = ConfigDict(frozen=True)

    accepted: Action
    was: str
    needs_approval: bool = False
