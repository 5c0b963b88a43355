"""Expense reimbursement: one run follows one expense from the claim to the paid-out payable."""

from __future__ import annotations

from typing import Any

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from activities.signatures import (
        DocumentRef,
        Look,
        OrderToCashSteps,
        StepRequest,
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
    from workflows.process import Asked
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
        super().__init__(document, request.source, "Expense", ExpenseSteps.look_at_expense)

    @workflow.run
    async def run(self, request: ExpenseInput) -> ProcessResult:
        check_start(request.connection, request.source, "expense_id", request.expense_id)
        return await self._follow(request)

    async def _asked(self, step: Step, look: Look) -> Asked:
        assert isinstance(look, ExpenseLook), "an expense is looked at by its own step"
        document = self._document
        match step.name:
            case StepName.ASK_APPROVAL:
                what = f"expense {look.document_number} over {look.amount}"
                return ExpenseSteps.ask_for_approval, self._question(look, what)
            case StepName.POST_EXPENSE:
                return ExpenseSteps.post_expense, PostExpenseRequest(**self._posted(step, look))
            case StepName.ADOPT_EXPENSE:
                return ExpenseSteps.adopt_expense, AdoptExpenseRequest(
                    **self._posted(step, look), number=step.number
                )
            case StepName.MARK_EXPENSE:
                return ExpenseSteps.mark_expense, MarkRequest(document=document, text=step.number)
            case StepName.REVERSE_EXPENSE:
                return ExpenseSteps.reverse_expense, StepRequest(
                    document=document, key=step.key, target_key=step.target_key
                )
            case _:
                request = StepRequest(document=document, key=step.key)
                return OrderToCashSteps.discard_draft, request

    def _posted(self, step: Step, look: ExpenseLook) -> dict[str, Any]:
        assert look.expense is not None and look.payer is not None, "a plan that posts has both"
        return {
            "document": self._document,
            "key": step.key,
            "expense": look.expense,
            "payer": look.payer,
            "vendor": look.vendor,
        }
