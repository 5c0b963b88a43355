"""A vendor's bill: one run follows one bill until it is paid and settled on both sides."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from activities.signatures import (
        DocumentRef,
        Look,
        OrderToCashSteps,
        StepRequest,
        StepResult,
    )
    from activities.signatures_bills import (
        BillInput,
        BillLook,
        BillSteps,
        PayBillRequest,
        PostBillRequest,
    )
    from documents.key import Kind
    from documents.plan import Step, StepName
    from workflows.process import Asked, DocumentProcess
    from workflows.starts import check_start
    from workflows.status import ProcessResult

_WITH_BILL: Mapping[StepName, Callable[[Any, PostBillRequest], Awaitable[StepResult]]] = {
    StepName.POST_BILL: BillSteps.post_bill,
    StepName.ADOPT_BILL: BillSteps.adopt_bill,
}
_ON_POSTING: Mapping[StepName, Callable[[Any, StepRequest], Awaitable[StepResult]]] = {
    StepName.REVERSE_BILL: BillSteps.reverse_bill,
    StepName.APPLY_BILL_PAYMENT: BillSteps.apply_bill_payment,
    StepName.REVERSE_BILL_PAYMENT: BillSteps.reverse_bill_payment,
    StepName.DISCARD_DRAFT: OrderToCashSteps.discard_draft,
}


@workflow.defn(name="VendorBill")
class VendorBill(DocumentProcess):
    """Posts a bill once, then what is paid on it; takes back what is deleted."""

    @workflow.init
    def __init__(self, request: BillInput) -> None:
        document = DocumentRef(
            connection=request.connection, kind=Kind.BILL, source_id=request.bill_id
        )
        super().__init__(document, request.source, "Bill", BillSteps.look_at_bill)

    @workflow.run
    async def run(self, request: BillInput) -> ProcessResult:
        check_start(request.connection, request.source, "bill_id", request.bill_id)
        return await self._follow(request)

    async def _asked(self, step: Step, look: Look) -> Asked:
        assert isinstance(look, BillLook), "a bill is looked at by its own step"
        if step.name in _WITH_BILL:
            assert look.bill is not None, "a plan that posts comes with the bill"
            return _WITH_BILL[step.name], PostBillRequest(
                document=self._document,
                key=step.key,
                bill=look.bill,
                vendor=look.vendor,
                number=step.number,
            )
        if step.name is StepName.POST_BILL_PAYMENT:
            assert step.bill_payment is not None, "a step that pays comes with the payment"
            return BillSteps.post_bill_payment, PayBillRequest(
                document=self._document, key=step.key, payment=step.bill_payment
            )
        request = StepRequest(document=self._document, key=step.key, target_key=step.target_key)
        return _ON_POSTING[step.name], request
