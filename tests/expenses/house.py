"""The real process of one expense on a Temporal server; its steps act on the model of the world."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from temporalio import activity
from temporalio.client import Client, WorkflowHandle
from temporalio.worker import Worker

from activities.signatures import StepRequest, StepResult
from activities.signatures_expenses import (
    AdoptExpenseRequest,
    AskRequest,
    ExpenseLook,
    ExpenseLookRequest,
    ExpenseSteps,
    MarkRequest,
    PostExpenseRequest,
)
from documents.key import Kind
from documents.naming import process_id
from documents.plan import Step, StepName
from documents.row import Action
from policies.expenses.decide import decide
from tests.policies.expense_model import World
from workers.worker import WORKFLOWS, workflow_runner
from workflows.approval import Answered, Approval
from workflows.status import Status


class Desk(ExpenseSteps):
    """Steps over a `World`. A look waits at `gate`; it fails with each error of `failures`."""

    def __init__(self, world: World) -> None:
        self.world, self.looks = world, 0
        self.asked: list[tuple[int, tuple[str, ...]]] = []
        self.gate, self.looking = asyncio.Event(), asyncio.Event()
        self.failures: list[Exception] = []
        self.decisions: list[Action] = []
        self.gate.set()

    @activity.defn(name="look at expense")
    async def look_at_expense(self, request: ExpenseLookRequest) -> ExpenseLook:
        self.looks += 1
        self.looking.set()
        await self.gate.wait()
        if self.failures:
            raise self.failures.pop(0)
        if request.decision:
            self.decisions.append(request.decision.action)
        world, verdict = self.world, request.verdict
        world.now = datetime.now(UTC)
        if verdict:
            world.answer(verdict.who, verdict.answer, verdict.version)
        facts = world.facts()
        planned = decide(facts, world.policy)
        posts = any(step.name is StepName.POST_EXPENSE for step in planned.plan.steps)
        return ExpenseLook(
            plan=planned.plan,
            queue="target",
            document_number="5000001",
            amount="100",
            need=planned.need,
            asking=planned.asking,
            payer=planned.payer,
            vendor=planned.vendor,
            expense=facts.expense if posts else None,
            verdicts=facts.review.of(facts.version),
        )

    @activity.defn(name="ask for approval")
    async def ask_for_approval(self, request: AskRequest) -> StepResult:
        self.asked.append((request.asking.times, request.asking.who))
        return self._carry_out(StepName.ASK_APPROVAL)

    @activity.defn(name="post expense")
    async def post_expense(self, request: PostExpenseRequest) -> StepResult:
        return self._carry_out(StepName.POST_EXPENSE)

    @activity.defn(name="adopt expense")
    async def adopt_expense(self, request: AdoptExpenseRequest) -> StepResult:
        return self._carry_out(StepName.ADOPT_EXPENSE)

    @activity.defn(name="mark expense")
    async def mark_expense(self, request: MarkRequest) -> StepResult:
        return self._carry_out(StepName.MARK_EXPENSE)

    @activity.defn(name="reverse expense")
    async def reverse_expense(self, request: StepRequest) -> StepResult:
        return self._carry_out(StepName.REVERSE_EXPENSE)

    def _carry_out(self, name: StepName) -> StepResult:
        planned = decide(self.world.facts(), self.world.policy)
        step: Step = next(s for s in planned.plan.steps if s.name is name)
        self.world.carry_out(step, planned)
        return StepResult(how="done")


class Claim:
    """The process of the expense, and what people say to it."""

    def __init__(self, handle: WorkflowHandle[Any, Any], desk: Desk) -> None:
        self.handle, self.desk = handle, desk

    async def look_again(self) -> None:
        self.desk.looking.clear()
        await self.handle.signal("look_again")
        await asyncio.wait_for(self.desk.looking.wait(), 10)

    async def approve(self, who: str, version: str = "") -> Answered:
        seen = await self.handle.query("approval", result_type=Approval)
        version = version or (seen.need.version if seen.need else "")
        request = {"who": who, "version": version, "proof": "a seal"}
        answered: Answered = await self.handle.execute_update(
            "approve", request, result_type=Answered
        )
        return answered

    async def decide(self, action: Action, version: int | None = None) -> None:
        sealed = {"proof": "a seal", "sealed_at": datetime.now(UTC).isoformat()}
        request = {"action": action.value, "who": "Pat", "why": "x", "version": version}
        await self.handle.execute_update("resolve", {**request, **sealed})

    async def until_held(self) -> int:
        """Which hold it is."""
        for _ in range(200):
            status: Status = await self.handle.query("status", result_type=Status)
            if status.stage == "held":
                return status.version
            await asyncio.sleep(0.05)
        raise AssertionError("it is not held")

    async def until(self, is_true: Callable[[], object], seconds: float = 20) -> None:
        async with asyncio.timeout(seconds):
            while not is_true():  # noqa: ASYNC110 - steps of a worker
                await asyncio.sleep(0.05)


@asynccontextmanager
async def claim_of(client: Client, world: World, name: str = "") -> AsyncIterator[Claim]:
    """A started process of a connection of this or any name, until the end of the test."""
    desk, name = Desk(world), name or f"e{uuid4().hex[:8]}"
    steps: list[Callable[..., Any]] = [
        desk.look_at_expense,
        desk.ask_for_approval,
        desk.post_expense,
        desk.adopt_expense,
        desk.mark_expense,
        desk.reverse_expense,
    ]
    runner = workflow_runner()
    async with (
        Worker(client, task_queue=name, workflows=WORKFLOWS, workflow_runner=runner),
        Worker(client, task_queue=f"freshbooks.{name}", activities=steps),
        Worker(client, task_queue="target", activities=steps),
    ):
        start = {"connection": name, "expense_id": "5000001"}
        handle: WorkflowHandle[Any, Any] = await client.start_workflow(
            "ExpenseReimbursement",
            start,
            id=process_id(name, Kind.EXPENSE, "5000001"),
            task_queue=name,
        )
        yield Claim(handle, desk)
        await handle.terminate()
