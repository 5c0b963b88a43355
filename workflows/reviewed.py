"""What people approve: the answers they give, and the timers that remind them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime

from temporalio import workflow
from temporalio.exceptions import ApplicationError

with workflow.unsafe.imports_passed_through():
    from activities.signatures import DocumentRef, Look, LookRequest
    from activities.signatures_expenses import AskRequest, ExpenseLookRequest, ReviewedLook
    from documents.review import Answer, Verdict
    from workflows.approval import Answered, Approval, VerdictRequest
    from workflows.process import DocumentProcess


class ReviewedProcess(DocumentProcess):
    """The loop of a process that people have to approve."""

    def __init__(
        self,
        document: DocumentRef,
        source: str,
        noun: str,
        look: Callable[..., Awaitable[ReviewedLook]],
    ) -> None:
        super().__init__(document, source, noun, look)
        self._verdicts: list[Verdict] = []
        self._seen: ReviewedLook | None = None
        self._remind_at: datetime | None = None

    async def _look(self, request: LookRequest) -> Look:
        """Look, with the first answer that no look has heard."""
        # Forgotten only when a look has heard it: one that fails says nothing of an answer.
        heard, self._remind_at = self._verdicts[:1], None
        asked = ExpenseLookRequest(
            document=request.document,
            decision=request.decision,
            verdict=heard[0] if heard else None,
        )
        look = await super()._look(asked)
        assert isinstance(look, ReviewedLook), "what people approve is looked at by its own step"
        self._verdicts = self._verdicts[len(heard) :]
        self._hints += len(self._verdicts)
        self._seen = look
        self._remind_at = look.again_at or (look.need.until if look.need else None)
        return look

    def _question(self, look: ReviewedLook, what: str) -> AskRequest:
        assert look.need is not None and look.asking is not None, "a plan that asks says whom"
        return AskRequest(document=self._document, asking=look.asking, need=look.need, what=what)

    async def _wait_for_news(self) -> None:
        """Until somebody says something, or it is time to remind those who were asked."""
        if self._remind_at is None:
            await super()._wait_for_news()
            return
        left = self._remind_at - workflow.now()
        try:
            await workflow.wait_condition(
                self._has_reason_to_look, timeout=max(left.total_seconds(), 1.0)
            )
        except TimeoutError:
            workflow.logger.info("nobody has answered yet")

    def _has_pending(self) -> bool:
        return super()._has_pending() or bool(self._verdicts)

    @workflow.update(name="approve", description="Approve the present version of the expense.")
    def approve(self, request: VerdictRequest) -> Answered:
        return self._answer(Answer.APPROVE, request)

    @workflow.update(name="reject", description="Reject the present version, and say why.")
    def reject(self, request: VerdictRequest) -> Answered:
        return self._answer(Answer.REJECT, request)

    @approve.validator
    def _check_approve(self, request: VerdictRequest) -> None:
        self._check(Answer.APPROVE, request)

    @reject.validator
    def _check_reject(self, request: VerdictRequest) -> None:
        self._check(Answer.REJECT, request)

    @workflow.query(name="approval", description="Whose answer is missing, and what was found.")
    def approval(self) -> Approval:
        look = self._seen
        if look is None:
            return Approval()
        return Approval(
            need=look.need,
            findings=look.findings,
            verdicts=look.verdicts,
            refused=look.refused,
            shown=look.shown,
        )

    def _answer(self, answer: Answer, request: VerdictRequest) -> Answered:
        need = self._seen.need if self._seen else None
        verdict = request.verdict(answer, need, workflow.now())
        self._verdicts.append(verdict)
        self._hints += 1
        levels = need.levels if need else 1
        return Answered(answer=answer, who=request.who, level=verdict.level, levels=levels)

    def _check(self, answer: Answer, request: VerdictRequest) -> None:
        look = self._seen
        if look is None:
            problem = "it is being looked at: answer again in a moment"
            raise ApplicationError(problem, type="ApprovalRefused", non_retryable=True)
        request.check(answer, look.need, (*look.verdicts, *self._verdicts))
