"""What the steps of expenses take and give: all that their workflow knows of the activities.

Like activities.signatures, this imports nothing but documents. Contracts only ever gain optional
fields.
"""

from __future__ import annotations

from abc import ABC, abstractmethod

from pydantic import AwareDatetime
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
from documents.claim import Shown
from documents.expense import Expense, Payer
from documents.review import ApprovalNeed, Asked, Verdict


class ExpenseInput(StartInput):
    """Start of an expense's process."""

    expense_id: str = ""
    source: str = "freshbooks"


class ExpenseLookRequest(LookRequest):
    """Look at an expense; `verdict` is what an approver just said about it."""

    verdict: Verdict | None = None


class ReviewedLook(Look):
    """The state of what people approve. `need` is there while they have to answer, `shown` then
    is what they answer about, `asking` is there when some are to be asked now. `findings` are what
    the policy found, in words; `refused` why the verdict did not count. `again_at` is when to look
    again whatever happens until then (aware UTC).
    """

    need: ApprovalNeed | None = None
    asking: Asked | None = None
    findings: tuple[str, ...] = ()
    verdicts: tuple[Verdict, ...] = ()
    refused: str = ""
    shown: tuple[Shown, ...] = ()
    again_at: AwareDatetime | None = None


class ExpenseLook(ReviewedLook):
    """The state of an expense and the plan. `expense`, `payer` and `vendor` are there when it
    will be posted."""

    expense: Expense | None = None
    payer: Payer | None = None
    vendor: str = ""


class ClaimInput(StartInput):
    """Start of the process of a claim: the expenses of one person and period."""

    claim_id: str = ""
    source: str = "freshbooks"


class ClaimLook(ReviewedLook):
    """The state of a claim and the plan. `settled` are the versions of expenses that are to be
    told what was decided."""

    settled: tuple[str, ...] = ()


class TellExpensesRequest(Contract):
    """Tell expenses of a claim, in these versions, that they were decided about."""

    document: DocumentRef
    source: str
    settled: tuple[str, ...]


class AskRequest(Contract):
    """Ask people for their approval of a version; `what` is the expense in words."""

    document: DocumentRef
    asking: Asked
    need: ApprovalNeed
    what: str


class PostExpenseRequest(Contract):
    """Post this content of an expense, which is the one that was decided on."""

    document: DocumentRef
    key: str
    expense: Expense
    payer: Payer
    vendor: str = ""


class AdoptExpenseRequest(PostExpenseRequest):
    """Take the posting with this number, which people made, as the expense's own."""

    number: str


class MarkRequest(Contract):
    """Tell source and claimant how an expense ended."""

    document: DocumentRef
    text: str


class ClaimSteps(ABC):
    """The steps of a claim's process."""

    @activity.defn(name="look at claim")
    @abstractmethod
    async def look_at_claim(self, request: ExpenseLookRequest) -> ClaimLook: ...

    @activity.defn(name="ask about claim")
    @abstractmethod
    async def ask_about_claim(self, request: AskRequest) -> StepResult: ...

    @activity.defn(name="tell expenses")
    @abstractmethod
    async def tell_expenses(self, request: TellExpensesRequest) -> StepResult: ...


class ExpenseSteps(ABC):
    """The steps of an expense's process."""

    @activity.defn(name="look at expense")
    @abstractmethod
    async def look_at_expense(self, request: ExpenseLookRequest) -> ExpenseLook: ...

    @activity.defn(name="ask for approval")
    @abstractmethod
    async def ask_for_approval(self, request: AskRequest) -> StepResult: ...

    @activity.defn(name="post expense")
    @abstractmethod
    async def post_expense(self, request: PostExpenseRequest) -> StepResult: ...

    @activity.defn(name="adopt expense")
    @abstractmethod
    async def adopt_expense(self, request: AdoptExpenseRequest) -> StepResult: ...

    @activity.defn(name="mark expense")
    @abstractmethod
    async def mark_expense(self, request: MarkRequest) -> StepResult: ...

    @activity.defn(name="reverse expense")
    @abstractmethod
    async def reverse_expense(self, request: StepRequest) -> StepResult: ...
