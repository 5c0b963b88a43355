"""A credit note's own process: a goodwill credit or a prepayment in the target's books."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from activities.errands import LinkSteps
    from activities.signatures import (
        CreditNoteInput,
        CreditNoteRequest,
        CreditNoteSteps,
        DocumentRef,
        Look,
        OrderToCashSteps,
        StepRequest,
        StepResult,
    )
    from documents.key import Kind
    from documents.plan import Step, StepName
    from workflows.process import Asked, DocumentProcess
    from workflows.starts import check_start
    from workflows.status import ProcessResult

_ON_POSTING: Mapping[StepName, Callable[[Any, StepRequest], Awaitable[StepResult]]] = {
    StepName.LINK_CREDIT_NOTE: LinkSteps.link_credit_note,
    StepName.REVERSE_CREDIT_NOTE: CreditNoteSteps.reverse_credit_note,
    StepName.SETTLE_REVERSAL: CreditNoteSteps.settle_reversal,
    StepName.DISCARD_DRAFT: OrderToCashSteps.discard_draft,
}

_WITH_NOTE: Mapping[StepName, Callable[[Any, CreditNoteRequest], Awaitable[StepResult]]] = {
    StepName.POST_CREDIT_NOTE: CreditNoteSteps.post_credit_note,
    StepName.ADOPT_CREDIT_NOTE: CreditNoteSteps.adopt_credit_note,
    StepName.PREPARE_CREDIT_NOTE_AGAIN: CreditNoteSteps.prepare_credit_note_again,
}


@workflow.defn(name="CreditNote")
class CreditNote(DocumentProcess):
    """Posts a credit once and takes it back when it is deleted; its use on invoices belongs to
    their own processes."""

    @workflow.init
    def __init__(self, request: CreditNoteInput) -> None:
        document = DocumentRef(
            connection=request.connection, kind=Kind.CREDIT_NOTE, source_id=request.credit_id
        )
        super().__init__(
            document, request.source, "Credit note", CreditNoteSteps.look_at_credit_note
        )

    @workflow.run
    async def run(self, request: CreditNoteInput) -> ProcessResult:
        check_start(request.connection, request.source, "credit_id", request.credit_id)
        return await self._follow(request)

    async def _asked(self, step: Step, look: Look) -> Asked:
        if step.name in _WITH_NOTE:
            note = look.credit_note
            assert note is not None, "a plan that posts comes with the credit note"
            return _WITH_NOTE[step.name], CreditNoteRequest(
                document=self._document,
                key=step.key,
                credit_note=note,
                customer_number=await self._customer(note.party_id, look.queue),
                number=step.number,
                target_key=step.target_key,
                posting_date=step.posting_date,
            )
        return _ON_POSTING[step.name], StepRequest(
            document=self._document,
            key=step.key,
            target_key=step.target_key,
            posting_date=step.posting_date,
        )
