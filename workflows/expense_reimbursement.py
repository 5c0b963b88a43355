"""Expense reimbursement: one run follows one expense from the claim to the paid-out payable."""

from __future__ import annotations

from datetime import datetime

from temporalio import workflow
from temporalio.exceptions import ApplicationError

with workflow.unsafe.imports_passed_through():
    from activities.signatures import (
        DocumentRef,
        Look,
        LookRequest,
        OrderToCashSteps,
        StepRequest,
        StepResult,
    )
    from activities.signatures_expenses import (
        AdoptExpenseRequest,
        AskRequest,
        ExpenseInput,
        ExpenseLook,
        ExpenseLookRequest,
        ExpenseSteps,
        MarkRequest,
        PostExpenseRequest,
    )
    from documents.key import Kind
    from documents.plan import Step, StepName
    from documents.review import Answer, Verdict
    from workflows.approval import Answered, Approval, VerdictRequest
    from workflows.options import step_options
    from workflows.process import DocumentProcess
    from workflows.starts import check_start
    from workflows.status import ProcessResult


@workflow.defn(name="ExpenseReimbursement")
class ExpenseReimbursement(DocumentProcess):
    """Checks a claim, asks for approval, posts it once, waits until it is paid, marks it."""

    @workflow.init
    def __init__(self, request: ExpenseInput) -> None:
        document = DocumentRef(
            connection=request.connection, kind=Kind.EXPENSE, source_id=request.expense_id
        )
        super().__init__(document, request.source, "Expense")
        self._verdicts: list[Verdict] = []
        self._seen: ExpenseLook | None = None
        self._remind_at: datetime | None = None

    @workflow.run
    async def run(self, request: ExpenseInput) -> ProcessResult:
        check_start(request.connection, request.source, "expense_id", request.expense_id)
        return await self._follow(request)

    async def _look(self, request: LookRequest) -> Look:
        # Forgotten only when a look has heard it: one that fails says nothing of an answer.
        heard, self._remind_at = self._verdicts[:1], None
        asked = ExpenseLookRequest(
            document=request.document,
            decision=request.decision,
            verdict=heard[0] if heard else None,
        )
        look: ExpenseLook = await workflow.execute_activity_method(
            ExpenseSteps.look_at_expense, asked, **self._look_options()
        )
        self._verdicts = self._verdicts[len(heard) :]
        self._hints += len(self._verdicts)
        self._seen = look
        self._remind_at = look.need.until if look.need else None
        return look

    async def _step(self, step: Step, look: Look) -> StepResult:
        assert isinstance(look, ExpenseLook), "an expense is looked at by its own step"
        match step.name:
            case StepName.ASK_APPROVAL:
                return await self._ask(step, look)
            case StepName.POST_EXPENSE:
                return await self._post(step, look)
            case StepName.ADOPT_EXPENSE:
                return await self._adopt(step, look)
            case StepName.MARK_EXPENSE:
                return await self._mark(step)
            case StepName.REVERSE_EXPENSE:
                return await self._reverse(step, look)
            case _:
                return await self._discard(step, look)

    async def _ask(self, step: Step, look: ExpenseLook) -> StepResult:
        assert look.need is not None and look.asking is not None, "a plan that asks says whom"
        request = AskRequest(
            document=self._document,
            asking=look.asking,
            need=look.need,
            what=f"expense {look.document_number} over {look.amount}",
        )
        asked: StepResult = await workflow.execute_activity_method(
            ExpenseSteps.ask_for_approval, request, **step_options(self._source_queue, step.why)
        )
        return asked

    async def _post(self, step: Step, look: ExpenseLook) -> StepResult:
        assert look.expense is not None and look.payer is not None, "a plan that posts has both"
        request = PostExpenseRequest(
            document=self._document,
            key=step.key,
            expense=look.expense,
            payer=look.payer,
            vendor=look.vendor,
        )
        posted: StepResult = await workflow.execute_activity_method(
            ExpenseSteps.post_expense, request, **step_options(look.queue, step.why)
        )
        return posted

    async def _adopt(self, step: Step, look: ExpenseLook) -> StepResult:
        assert look.expense is not None and look.payer is not None, "a plan that adopts has both"
        request = AdoptExpenseRequest(
            document=self._document,
            key=step.key,
            expense=look.expense,
            payer=look.payer,
            vendor=look.vendor,
            number=step.number,
        )
        adopted: StepResult = await workflow.execute_activity_method(
            ExpenseSteps.adopt_expense, request, **step_options(look.queue, step.why)
        )
        return adopted

    async def _mark(self, step: Step) -> StepResult:
        marked: StepResult = await workflow.execute_activity_method(
            ExpenseSteps.mark_expense,
            MarkRequest(document=self._document, text=step.number),
            **step_options(self._source_queue, step.why),
        )
        return marked

    async def _reverse(self, step: Step, look: Look) -> StepResult:
        done: StepResult = await workflow.execute_activity_method(
            ExpenseSteps.reverse_expense,
            StepRequest(document=self._document, key=step.key, target_key=step.target_key),
            **step_options(look.queue, step.why),
        )
        return done

    async def _discard(self, step: Step, look: Look) -> StepResult:
        done: StepResult = await workflow.execute_activity_method(
            OrderToCashSteps.discard_draft,
            StepRequest(document=self._document, key=step.key),
            **step_options(look.queue, step.why),
        )
        return done

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
            need=look.need, findings=look.findings, verdicts=look.verdicts, refused=look.refused
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
            problem = "the expense is being looked at: answer again in a moment"
            raise ApplicationError(problem, type="ApprovalRefused", non_retryable=True)
        request.check(answer, look.need, (*look.verdicts, *self._verdicts))
