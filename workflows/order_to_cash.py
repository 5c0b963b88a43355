"""Order to cash: one run follows one invoice from the source to cash in the target."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from activities.errands import LinkSteps
    from activities.signatures import (
        AdoptRequest,
        DocumentRef,
        Look,
        LookRequest,
        OrderToCashInput,
        OrderToCashSteps,
        PostRequest,
        PrepareRequest,
        RepostRequest,
        StepRequest,
        StepResult,
    )
    from documents.key import Kind
    from documents.plan import Step, StepName
    from workflows.options import step_options
    from workflows.process import DocumentProcess
    from workflows.starts import check_start
    from workflows.status import ProcessResult

_ON_POSTING: Mapping[StepName, Callable[[Any, StepRequest], Awaitable[StepResult]]] = {
    StepName.DISCARD_DRAFT: OrderToCashSteps.discard_draft,
    StepName.WRITE_REFERENCE: OrderToCashSteps.write_reference,
    StepName.LINK_INVOICE: LinkSteps.link_invoice,
    StepName.POST_PAYMENT: OrderToCashSteps.post_payment,
    StepName.ADOPT_PAYMENT: OrderToCashSteps.adopt_payment,
    StepName.APPLY_PAYMENT: OrderToCashSteps.apply_payment,
    StepName.UNAPPLY_PAYMENT: OrderToCashSteps.unapply_payment,
    StepName.APPLY_CREDIT: OrderToCashSteps.apply_credit,
    StepName.UNAPPLY_CREDIT: OrderToCashSteps.unapply_credit,
    StepName.REVERSE_PAYMENT: OrderToCashSteps.reverse_payment,
    StepName.REVERSE_INVOICE: OrderToCashSteps.reverse_invoice,
}


@workflow.defn(name="OrderToCash")
class OrderToCash(DocumentProcess):
    """Posts an invoice once, applies every payment, takes back what was voided."""

    @workflow.init
    def __init__(self, request: OrderToCashInput) -> None:
        document = DocumentRef(
            connection=request.connection, kind=Kind.INVOICE, source_id=request.invoice_id
        )
        super().__init__(document, request.source, "Invoice")

    @workflow.run
    async def run(self, request: OrderToCashInput) -> ProcessResult:
        check_start(request.connection, request.source, "invoice_id", request.invoice_id)
        return await self._follow(request)

    async def _look(self, request: LookRequest) -> Look:
        look: Look = await workflow.execute_activity_method(
            OrderToCashSteps.look,
            request,
            **self._look_options(),
        )
        return look

    async def _step(self, step: Step, look: Look) -> StepResult:
        if step.name is StepName.POST_INVOICE:
            return await self._post_invoice(step, look)
        if step.name is StepName.ADOPT_INVOICE:
            return await self._adopt_invoice(step, look)
        if step.name is StepName.PREPARE_AGAIN:
            return await self._prepare_again(step, look)
        is_source = step.name is StepName.WRITE_REFERENCE
        done: StepResult = await workflow.execute_activity_method(
            _ON_POSTING[step.name],
            self._request_of(step, look),
            **step_options(self._source_queue if is_source else look.queue, step.why),
        )
        return done

    async def _post_invoice(self, step: Step, look: Look) -> StepResult:
        invoice = look.invoice_of(step.key)
        prepare = PrepareRequest(
            document=self._document,
            key=step.key,
            invoice=invoice,
            customer_number=await self._customer(invoice.party_id, look.queue),
        )
        await workflow.execute_activity_method(
            OrderToCashSteps.prepare, prepare, **step_options(look.queue, "map and validate")
        )
        fingerprint = invoice.fingerprint()
        posted: StepResult = await workflow.execute_activity_method(
            OrderToCashSteps.post_invoice,
            PostRequest(document=self._document, key=step.key, fingerprint=fingerprint),
            **step_options(look.queue, step.why),
        )
        return posted

    async def _prepare_again(self, step: Step, look: Look) -> StepResult:
        invoice = look.invoice_of(step.key)
        request = RepostRequest(
            document=self._document,
            key=step.key,
            target_key=step.target_key,
            invoice=invoice,
            customer_number=await self._customer(invoice.party_id, look.queue),
            posting_date=step.posting_date,
        )
        prepared: StepResult = await workflow.execute_activity_method(
            OrderToCashSteps.prepare_again, request, **step_options(look.queue, step.why)
        )
        return prepared

    async def _adopt_invoice(self, step: Step, look: Look) -> StepResult:
        invoice = look.invoice_of(step.key)
        request = AdoptRequest(
            document=self._document,
            key=step.key,
            number=step.number,
            customer_number=await self._customer(invoice.party_id, look.queue),
            invoice=invoice,
        )
        adopted: StepResult = await workflow.execute_activity_method(
            OrderToCashSteps.adopt_invoice, request, **step_options(look.queue, step.why)
        )
        return adopted

    def _request_of(self, step: Step, look: Look) -> StepRequest:
        return StepRequest(
            document=self._document,
            key=step.key,
            target_key=step.target_key,
            payment=step.payment,
            posting_date=step.posting_date,
            number=step.number,
            amount=step.amount,
            closes=look.plan.closes_when_settled,
        )
