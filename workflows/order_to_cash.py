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
        OrderToCashInput,
        OrderToCashSteps,
        PostRequest,
        PrepareRequest,
        RepostRequest,
        StepRequest,
        StepResult,
    )
    from documents.invoice import Invoice
    from documents.key import Kind
    from documents.plan import Step, StepName
    from workflows.options import step_options
    from workflows.process import Asked, DocumentProcess
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
    StepName.PREPARE_REVERSAL: OrderToCashSteps.prepare_reversal,
    StepName.PREPARE_PAYMENT_AGAIN: OrderToCashSteps.prepare_payment_again,
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
        super().__init__(document, request.source, "Invoice", OrderToCashSteps.look)

    @workflow.run
    async def run(self, request: OrderToCashInput) -> ProcessResult:
        check_start(request.connection, request.source, "invoice_id", request.invoice_id)
        return await self._follow(request)

    async def _asked(self, step: Step, look: Look) -> Asked:
        if step.name in _ON_POSTING:
            return _ON_POSTING[step.name], self._request_of(step, look)
        invoice = look.invoice_of(step.key)
        customer = await self._customer(invoice.party_id, look.queue)
        if step.name is StepName.ADOPT_INVOICE:
            return OrderToCashSteps.adopt_invoice, AdoptRequest(
                document=self._document,
                key=step.key,
                number=step.number,
                customer_number=customer,
                invoice=invoice,
            )
        if step.name is StepName.PREPARE_AGAIN:
            return OrderToCashSteps.prepare_again, RepostRequest(
                document=self._document,
                key=step.key,
                target_key=step.target_key,
                invoice=invoice,
                customer_number=customer,
                posting_date=step.posting_date,
            )
        return await self._prepared(step, invoice, customer, look.queue)

    async def _prepared(self, step: Step, invoice: Invoice, customer: str, queue: str) -> Asked:
        prepare = PrepareRequest(
            document=self._document, key=step.key, invoice=invoice, customer_number=customer
        )
        await workflow.execute_activity_method(
            OrderToCashSteps.prepare, prepare, **step_options(queue, "map and validate")
        )
        return OrderToCashSteps.post_invoice, PostRequest(
            document=self._document, key=step.key, fingerprint=invoice.fingerprint()
        )

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
