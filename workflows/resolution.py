"""The `resolve` update: what a person may decide about a held document."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, ConfigDict
from temporalio.exceptions import ApplicationError

from documents.row import Action, Decision
from workflows.status import Status


class ResolveRequest(BaseModel):
    """A decision: the action, who takes it and why. `version` is the one of the hold as it was
    seen; a decision about an older version is refused."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    action: Action
    who: str
    why: str
    version: int | None = None
    number: str = ""
    values: dict[str, str] = {}
    approved_by: str = ""

    def decision(self, at: datetime) -> Decision:
        return Decision(
            action=self.action,
            who=self.who,
            why=self.why,
            at=at,
            number=self.number,
            values=self.values,
            approved_by=self.approved_by,
        )

    def check(self, status: Status) -> None:
        """Refuse nonsense with a sentence; raises ApplicationError, which rejects the update."""
        for problem in self._problems(status):
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


class Resolution(BaseModel):
    """The answer to a decision that was accepted: it is carried out by the next look."""

    model_config = ConfigDict(frozen=True)

    accepted: Action
    was: str
