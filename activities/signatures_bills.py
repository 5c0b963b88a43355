"""What the steps of bills take and give: all that their workflow knows of the activities.

Like activities.signatures, this imports nothing but documents. Contracts only ever gain optional
fields.
"""

from __future__ import annotations

from abc import ABC, abstractmethod

from temporalio import activity

from activities.signatures import (
    Contract,
    DocumentRef,
    Look,
    LookRequest,
    StartInput,
    StepRequest,
    StepResult,
)
from documents.bill import Bill, BillPayment


class BillInput(StartInput):
    """Start of a bill's process."""

    bill_id: str = ""
    source: str = "freshbooks"


class BillLook(Look):
    """The state of a bill and the plan. `bill` and `vendor` (its number in the target) are there
    when it will be posted or adopted."""

    bill: Bill | None = None
    vendor: str = ""


class PostBillRequest(Contract):
    """Post this content of a bill, which is the one that was decided on. `number` is that of the
    posting that people made, where it is to be adopted."""

    document: DocumentRef
    key: str
    bill: Bill
    vendor: str
    number: str = ""


class PayBillRequest(Contract):
    """Post this content of a payment of a bill."""

    document: DocumentRef
    key: str
    payment: BillPayment


class BillSteps(ABC):
    """The steps of a bill's process."""

    @activity.defn(name="look at bill")
    @abstractmethod
    async def look_at_bill(self, request: LookRequest) -> BillLook: ...

    @activity.defn(name="post bill")
    @abstractmethod
    async def post_bill(self, request: PostBillRequest) -> StepResult: ...

    @activity.defn(name="adopt bill")
    @abstractmethod
    async def adopt_bill(self, request: PostBillRequest) -> StepResult: ...

    @activity.defn(name="reverse bill")
    @abstractmethod
    async def reverse_bill(self, request: StepRequest) -> StepResult: ...

    @activity.defn(name="post bill payment")
    @abstractmethod
    async def post_bill_payment(self, request: PayBillRequest) -> StepResult: ...

    @activity.defn(name="apply bill payment")
    @abstractmethod
    async def apply_bill_payment(self, request: StepRequest) -> StepResult: ...

    @activity.defn(name="reverse bill payment")
    @abstractmethod
    async def reverse_bill_payment(self, request: StepRequest) -> StepResult: ...
