"""A claim: one run follows the expenses of one person and period until all are paid."""

from __future__ import annotations

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from activities.signatures import DocumentRef, Look
    from activities.signatures_expenses import (
        ClaimInput,
        ClaimLook,
        ClaimSteps,
        TellExpensesRequest,
    )
    from documents.key import Kind
    from documents.plan import Step, StepName
    from workflows.process import Asked
    from workflows.reviewed import ReviewedProcess
    from workflows.starts import check_claim_start
    from workflows.status import ProcessResult


@workflow.defn(name="ExpenseClaim")
class ExpenseClaim(ReviewedProcess):
    """Gathers expenses, asks once for all of them, tells each what was decided. Each posts and is
    paid by its own process."""

    @workflow.init
    def __init__(self, request: ClaimInput) -> None:
        document = DocumentRef(
            connection=request.connection, kind=Kind.EXPENSE_CLAIM, source_id=request.claim_id
        )
        super().__init__(document, request.source, "Claim", ClaimSteps.look_at_claim)
        self._source = request.source

    @workflow.run
    async def run(self, request: ClaimInput) -> ProcessResult:
        check_claim_start(request.connection, request.source, request.claim_id)
        return await self._follow(request)

    async def _asked(self, step: Step, look: Look) -> Asked:
        assert isinstance(look, ClaimLook), "a claim is looked at by its own step"
        if step.name is StepName.ASK_APPROVAL:
            what = f"claim {look.document_number} over {look.amount}"
            return ClaimSteps.ask_about_claim, self._question(look, what)
        return ClaimSteps.tell_expenses, TellExpensesRequest(
            document=self._document, source=self._source, settled=look.settled
        )
