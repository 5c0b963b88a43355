"""What the steps of expenses take and give: all that their workflow knows of the activities.

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
from documents.expense import Expense, Payer
from documents.review import ApprovalNeed, Asked, Verdict


class ExpenseInput(StartInput):
    """Start of an expense's process."""

    expense_id: str = ""
    source: str = "freshbooks"


class ExpenseLookRequest(LookRequest):
    """Look at an expense; `verdict` is what an approver just said about it."""

    verdict: Verdict | None = None


class ExpenseLook(Look):
    """The state of an expense and the plan. `expense`, `payer` and `vendor` are there when it
    will be posted, `need` while people have to answer, `asking` when some are to be asked now.
    `findings` are what the policy found, in words; `refused` why the verdict did not count.
    """

    expense: Expense | None = None
    payer: Payer | None = None
    vendor: str = ""
    need: ApprovalNeed | None = None
    asking: Asked | None = None
    findings: tuple[str, ...] = ()
    verdicts: tuple[Verdict, ...] = ()
    refused: str = ""


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
