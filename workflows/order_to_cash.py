"""Order to cash: one run follows one invoice from the source to cash in the target."""

from __future__ import annotations

from datetime import timedelta

from temporalio import workflow
from temporalio.exceptions import ActivityError, ApplicationError

with workflow.unsafe.imports_passed_through():
    from activities.signatures import (
        CustomerRequest,
        CustomerResult,
        DocumentRef,
        Look,
        LookRequest,
        OrderToCashInput,
        OrderToCashSteps,
        PostRequest,
        PrepareRequest,
        StepRequest,
        StepResult,
    )
    from documents.hold import Hold
    from documents.key import Kind
    from documents.naming import task_queue
    from documents.plan import Step, StepName
    from documents.row import Decision
    from workflows.options import step_options
    from workflows.resolution import Resolution, ResolveRequest
    from workflows.status import OrderToCashResult, Status, StatusBoard

_ON_POSTING = {
    StepName.DISCARD_DRAFT: OrderToCashSteps.discard_draft,
    StepName.WRITE_REFERENCE: OrderToCashSteps.write_reference,
    StepName.POST_PAYMENT: OrderToCashSteps.post_payment,
    StepName.APPLY_PAYMENT: OrderToCashSteps.apply_payment,
    StepName.UNAPPLY_PAYMENT: OrderToCashSteps.unapply_payment,
    StepName.REVERSE_PAYMENT: OrderToCashSteps.reverse_payment,
    StepName.REVERSE_INVOICE: OrderToCashSteps.reverse_invoice,
}


@workflow.defn(name="OrderToCash")
class OrderToCash:
    """Clear the hints, look at both sides, carry out the steps, wait. It is told *look again*
    by signals without content, and closes when nothing more is expected of the document."""

    @workflow.init
    def __init__(self, request: OrderToCashInput) -> None:
        self._request = request
        self._document = DocumentRef(
            connection=request.connection, kind=Kind.INVOICE, source_id=request.invoice_id
        )
        self._hints = 0
        self._decision: Decision | None = None
        self._board = StatusBoard(request.connection, request.invoice_id)

    @workflow.run
    async def run(self, request: OrderToCashInput) -> OrderToCashResult:
        while True:
            self._hints = 0
            await self._go_as_far_as_possible()
            if self._board.is_final and await self._nothing_came_meanwhile():
                return self._board.result()
            await workflow.wait_condition(self._has_reason_to_look)
            await self._continue_as_new_when_long()

    async def _go_as_far_as_possible(self) -> None:
        try:
            look = await self._look()
            while await self._carry_out(look):
                look = await self._look()
        except ActivityError as error:
            self._board.hold(_hold_of(error))

    async def _look(self) -> Look:
        request = LookRequest(document=self._document, decision=self._take_decision())
        queue = task_queue(self._request.source, self._request.connection)
        look: Look = await workflow.execute_activity_method(
            OrderToCashSteps.look, request, **step_options(queue, "look at both sides")
        )
        self._board.saw(look)
        return look

    async def _carry_out(self, look: Look) -> bool:
        """Carry out the plan; True when another look is wanted at once."""
        for step in look.plan.steps:
            settled = await self._step(step, look)
        if look.plan.steps and look.plan.closes_when_settled and settled:
            self._board.closed("paid and settled on both sides")
            return False
        self._board.planned(look.plan)
        return look.plan.look_again

    async def _step(self, step: Step, look: Look) -> bool:
        self._board.doing(step)
        if step.name is StepName.POST_INVOICE:
            return await self._post_invoice(step, look)
        request = StepRequest(
            document=self._document,
            key=step.key,
            target_key=step.target_key,
            payment=step.payment,
            posting_date=step.posting_date,
            closes=look.plan.closes_when_settled,
        )
        is_source = step.name is StepName.WRITE_REFERENCE
        queue = self._source_queue() if is_source else look.queue
        done: StepResult = await workflow.execute_activity_method(
            _ON_POSTING[step.name], request, **step_options(queue, step.why)
        )
        self._board.did(step, done.how)
        return done.settled

    async def _post_invoice(self, step: Step, look: Look) -> bool:
        assert look.invoice is not None, "a plan that posts comes with the invoice"
        customer: CustomerResult = await workflow.execute_activity_method(
            OrderToCashSteps.upsert_customer,
            CustomerRequest(document=self._document, party_id=look.invoice.party_id),
            **step_options(look.queue, "find or create the customer"),
        )
        prepare = PrepareRequest(
            document=self._document,
            key=step.key,
            invoice=look.invoice,
            customer_number=customer.number,
        )
        await workflow.execute_activity_method(
            OrderToCashSteps.prepare, prepare, **step_options(look.queue, "map and validate")
        )
        posted: StepResult = await workflow.execute_activity_method(
            OrderToCashSteps.post_invoice,
            PostRequest(
                document=self._document, key=step.key, fingerprint=look.invoice.fingerprint()
            ),
            **step_options(look.queue, step.why),
        )
        self._board.posted(posted)
        return posted.settled

    def _source_queue(self) -> str:
        return task_queue(self._request.source, self._request.connection)

    def _take_decision(self) -> Decision | None:
        decision, self._decision = self._decision, None
        return decision

    def _has_reason_to_look(self) -> bool:
        return self._hints > 0 or self._decision is not None

    async def _nothing_came_meanwhile(self) -> bool:
        """A hint that came after the last look may be news: then the document stays open."""
        await workflow.wait_condition(workflow.all_handlers_finished)
        return not self._has_reason_to_look()

    async def _continue_as_new_when_long(self) -> None:
        """The books and the store know everything: a new run starts from a look of its own."""
        if workflow.info().is_continue_as_new_suggested() and self._decision is None:
            await workflow.wait_condition(workflow.all_handlers_finished)
            workflow.continue_as_new(self._request, backoff_start_interval=timedelta(0))

    @workflow.signal(name="look_again", description="Something may have changed: look again.")
    def look_again(self) -> None:
        self._hints += 1

    @workflow.query(name="status", description="Stage, reason, hold and references of now.")
    def status(self) -> Status:
        return self._board.status()

    @workflow.update(name="resolve", description="Decide about a held document.")
    def resolve(self, request: ResolveRequest) -> Resolution:
        self._decision = request.decision(workflow.now())
        return Resolution(accepted=request.action, was=self._board.reason)

    @resolve.validator
    def _check_resolve(self, request: ResolveRequest) -> None:
        request.check(self._board.status())


def _hold_of(error: ActivityError) -> Hold:
    """The hold an activity raised. Anything else that ended a step for good is a bug: it fails
    the run visibly rather than waiting for a person who could do nothing."""
    cause = error.cause
    if isinstance(cause, ApplicationError) and cause.details:
        return Hold.model_validate(cause.details[0])
    raise error
