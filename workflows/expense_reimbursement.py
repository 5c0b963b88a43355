"""Expense reimbursement: one run follows one expense from the claim to the paid-out payable."""

from __future__ import annotations

from temporalio import workflow

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
        ExpenseInput,
        ExpenseLook,
        ExpenseSteps,
        MarkRequest,
        PostExpenseRequest,
    )
    from documents.key import Kind
    from documents.plan import Step, StepName
    from workflows.options import step_options
    from workflows.reviewed import ReviewedProcess
    from workflows.starts import check_start
    from workflows.status import ProcessResult


@workflow.defn(name="ExpenseReimbursement")
class ExpenseReimbursement(ReviewedProcess):
    """Checks a claim, asks for approval, posts it once, waits until it is paid, marks it."""

    @workflow.init
    def __init__(self, request: ExpenseInput) -> None:
        document = DocumentRef(
            connection=request.connection, kind=Kind.EXPENSE, source_id=request.expense_id
        )
        super().__init__(document, request.source, "Expense")

    @workflow.run
    async def run(self, request: ExpenseInput) -> ProcessResult:
        check_start(request.connection, request.source, "expense_id", request.expense_id)
        return await self._follow(request)

    async def _look(self, request: LookRequest) -> Look:
        return await self._review(request, ExpenseSteps.look_at_expense, ExpenseLook)

    async def _step(self, step: Step, look: Look) -> StepResult:
        assert isinstance(look, ExpenseLook), "an expense is looked at by its own step"
        match step.name:
            case StepName.ASK_APPROVAL:
                what = f"expense {look.document_number} over {look.amount}"
                return await self._ask(step, look, ExpenseSteps.ask_for_approval, what)
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
