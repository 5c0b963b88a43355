"""The real process of a claim on a Temporal server; its steps act on the model of the world."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from temporalio import activity
from temporalio.client import Client, WorkflowHandle, WorkflowUpdateFailedError
from temporalio.worker import Worker

from activities.signatures import StepResult
from activities.signatures_expenses import (
    AskRequest,
    ClaimLook,
    ClaimSteps,
    ExpenseLookRequest,
    TellExpensesRequest,
)
from documents.key import Kind
from documents.naming import process_id
from policies.expenses import claims
from tests.policies.expense_model import ERIN, NOOR
from tests.policies.test_claim_properties import Together
from workers.worker import WORKFLOWS, workflow_runner
from workflows.approval import Answered, Approval
from workflows.status import ProcessResult

_CLAIM, _KIND = "1-2026M03", Kind.EXPENSE_CLAIM


class Desk(ClaimSteps):
    """Steps over expenses that are claimed together."""

    def __init__(self, claim: Together) -> None:
        self.claim, self.asked, self.told = claim, list[str](), list[str]()

    @activity.defn(name="look at claim")
    async def look_at_claim(self, request: ExpenseLookRequest) -> ClaimLook:
        book, now = self.claim.book, datetime.now(UTC)
        if request.verdict:
            said = request.verdict
            book.answer(said.who, said.answer, now, said.version)
        planned = claims.decide(book.claim(now), book.policy)
        return ClaimLook(
            plan=planned.plan,
            queue="target",
            document_number=_CLAIM,
            amount=claims.text_of(book.claim(now).totals),
            need=planned.need,
            asking=planned.asking,
            shown=planned.shown,
            settled=planned.settled,
        )

    @activity.defn(name="ask about claim")
    async def ask_about_claim(self, request: AskRequest) -> StepResult:
        self.asked.append(request.what)
        self._review(asked=request.asking)
        return StepResult(how="asked")

    @activity.defn(name="tell expenses")
    async def tell_expenses(self, request: TellExpensesRequest) -> StepResult:
        self.told += [mark.partition(":")[0] for mark in request.settled]
        self._review(told=request.settled)
        return StepResult(how="told")

    def _review(self, **changes: object) -> None:
        book = self.claim.book
        book.review = book.review.model_copy(update=changes)


async def paid_claim(client: Client) -> tuple[str, Desk, ProcessResult]:
    """Three expenses, asked about once, approved, paid: the id of the claim's process, what its
    steps did, and how it ended."""
    claim = Together(("300", "40", "20"))
    claim.gather()
    claim.look()
    desk, name = Desk(claim), f"c{uuid4().hex[:8]}"
    steps: list[Callable[..., Any]] = [
        desk.look_at_claim,
        desk.ask_about_claim,
        desk.tell_expenses,
    ]
    async with (
        Worker(client, task_queue=name, workflows=WORKFLOWS, workflow_runner=workflow_runner()),
        Worker(client, task_queue=f"freshbooks.{name}", activities=steps),
        asyncio.timeout(20),
    ):
        start, process = {"connection": name, "claim_id": _CLAIM}, process_id(name, _KIND, _CLAIM)
        handle: WorkflowHandle[Any, ProcessResult] = await client.start_workflow(
            "ExpenseClaim", start, id=process, task_queue=name, result_type=ProcessResult
        )
        await _approved(handle, desk)
        claim.look()
        for world in claim.worlds:
            world.pay()
        claim.look()
        await handle.signal("look_again")
        return process, desk, await handle.result()


async def _approved(handle: WorkflowHandle[Any, Any], desk: Desk) -> None:
    """Noor says yes to what she sees; Erin, whose claim it is, is refused."""
    while not desk.asked:  # noqa: ASYNC110 - steps of a worker
        await asyncio.sleep(0.05)
    seen = await handle.query("approval", result_type=Approval)
    assert seen.need is not None
    assert [each.expense for each in seen.shown] == ["5000001", "5000002", "5000003"]
    said = {"version": seen.need.version, "proof": "a seal"}
    with pytest.raises(WorkflowUpdateFailedError):
        await handle.execute_update("approve", {"who": ERIN, **said})
    taken = await handle.execute_update("approve", {"who": NOOR, **said}, result_type=Answered)
    assert taken.level == 1
    while len(desk.told) < 3:  # noqa: ASYNC110 - steps of a worker
        await asyncio.sleep(0.05)
