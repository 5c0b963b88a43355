"""The `approve` and `reject` updates: what an approver may say, refused at once where it cannot
count."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from pydantic import BaseModel, ConfigDict
from temporalio.exceptions import ApplicationError

from documents.claim import Shown
from documents.review import Answer, ApprovalNeed, Verdict

_LONGEST_COMMENT = 1000


class VerdictRequest(BaseModel):
    """Who answers about which version, with a comment. `proof` is the seal of the door at which
    the person was recognised: without it nothing counts. `but` are expenses of a claim that an
    approval rejects."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    who: str
    version: str
    comment: str = ""
    proof: str = ""
    but: tuple[str, ...] = ()

    def verdict(self, answer: Answer, need: ApprovalNeed | None, at: datetime) -> Verdict:
        return Verdict(
            answer=answer,
            who=self.who,
            version=self.version,
            at=at,
            comment=self.comment,
            level=need.level if need else 1,
            proof=self.proof,
            but=self.but,
        )

    def check(self, answer: Answer, need: ApprovalNeed | None, answered: Sequence[Verdict]) -> None:
        """Refuse what cannot count with a sentence; raises ApplicationError, which rejects the
        update. The look decides again, by what the expense is then."""
        problem = self._problem(answer, need, answered)
        if problem:
            raise ApplicationError(problem, type="ApprovalRefused", non_retryable=True)

    def _problem(
        self, answer: Answer, need: ApprovalNeed | None, answered: Sequence[Verdict]
    ) -> str:
        if any((v.who, v.version) == (self.who, self.version) for v in answered):
            return f"{self.who} has answered about this version already"
        if need is None:
            return "nothing waits for an approval"
        if self.version != need.version:
            return "this is about another version: the expense was changed since"
        if self.who in (need.claimant, *need.correctors):
            return f"{self.who} claimed or corrected this expense: somebody else has to answer"
        if self.who not in need.approvers:
            return f"{self.who} is not among those who may answer now"
        return self._incomplete(answer)

    def _incomplete(self, answer: Answer) -> str:
        if not self.proof:
            return "an answer needs a person who was recognised: use `tieout expenses approve`"
        if (answer is Answer.REJECT or self.but) and not self.comment.strip():
            return "a rejection says why"
        if len(self.comment) > _LONGEST_COMMENT:
            return f"a comment has at most {_LONGEST_COMMENT} characters"
        return ""


class Answered(BaseModel):
    """A verdict that was taken: the next look decides by it."""

    model_config = ConfigDict(frozen=True)

    answer: Answer
    who: str
    level: int
    levels: int


class Approval(BaseModel):
    """The answer of the `approval` query: what is missing, what the policy found, what people
    said of this version so far."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    need: ApprovalNeed | None = None
    findings: tuple[str, ...] = ()
    verdicts: tuple[Verdict, ...] = ()
    refused: str = ""
    shown: tuple[Shown, ...] = ()
