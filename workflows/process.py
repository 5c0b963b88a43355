"""The loop of every document process: clear the hints, look, carry out the steps, wait."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

from temporalio import workflow
from temporalio.exceptions import ActivityError, ApplicationError, TimeoutType
from temporalio.exceptions import TimeoutError as StepTimedOut

with workflow.unsafe.imports_passed_through():
    from activities.signatures import (
        Contract,
        CustomerRequest,
        CustomerResult,
        DocumentRef,
        Look,
        LookRequest,
        OrderToCashSteps,
        StepResult,
    )
    from documents.hold import UNPROVEN, Hold
    from documents.naming import task_queue
    from documents.plan import Step, StepName
    from documents.row import Action, Decision
    from workflows.options import first_look_options, step_options
    from workflows.resolution import Resolution, ResolveRequest
    from workflows.status import ProcessResult, Status, StatusBoard

Asked = tuple[Callable[..., Awaitable[StepResult]], Contract]
"""A step's activity, and what it is asked."""

_AT_THE_SOURCE = (
    StepName.WRITE_REFERENCE,
    StepName.ASK_APPROVAL,
    StepName.MARK_EXPENSE,
    StepName.TELL_EXPENSES,
)
_LOOKS_AT_ONCE = 20
"""More looks in a row than a document needs. One that still does not come to rest is looked at
slowly: it costs little then, and people have time to see it."""

_PAUSE = timedelta(minutes=1)


class DocumentProcess(ABC):
    """One run follows one source document. It is told *look again* by signals without content,
    and closes when nothing more is expected of the document."""

    def __init__(
        self,
        document: DocumentRef,
        source: str,
        noun: str,
        look: Callable[..., Awaitable[Look]],
    ) -> None:
        """`look` is the activity that looks at both sides of such a document."""
        self._document = document
        self._look_step = look
        self._source_queue = task_queue(source, document.connection)
        self._hints = 0
        self._decisions: list[Decision] = []
        self._proposal: Decision | None = None
        self._proposed_about = 0
        self._is_attended = False
        self._board = StatusBoard(document.connection, noun, document.source_id)

    @abstractmethod
    async def _asked(self, step: Step, look: Look) -> Asked:
        """The activity of a step and what it is asked; what has to be known or done before comes
        first."""

    async def _follow(self, start: Any) -> ProcessResult:
        """The story of a document; `start` is what a new run of it is started with."""
        while True:
            self._hints = 0
            await self._go_as_far_as_possible()
            if self._board.is_final and await self._nothing_came_meanwhile():
                return self._board.result()
            await self._wait_for_news()
            await self._continue_as_new_when_long(start)

    async def _go_as_far_as_possible(self) -> None:
        try:
            for _ in range(_LOOKS_AT_ONCE):
                look = await self._look_at_both_sides()
                if not await self._carry_out(look):
                    break
            else:
                await workflow.sleep(_PAUSE)
                self._hints += 1
        except ActivityError as error:
            self._board.hold(_hold_of(error))
        if not self._board.is_held_as(self._proposed_about):
            self._withdraw_proposal()

    async def _look_at_both_sides(self) -> Look:
        """With the first decision that no look has heard. It is forgotten only when one has: a look
        that fails says nothing of it, unless it was the decision that failed."""
        decision = self._decisions[0] if self._decisions else None
        request = LookRequest(document=self._document, decision=decision)
        try:
            look = await self._attended(request)
        except ActivityError as error:
            if _is_unproven(error):
                self._heard(decision)
            raise
        self._heard(decision)
        self._board.saw(look, self._proposal)
        return look

    def _heard(self, decision: Decision | None) -> None:
        if decision is not None:
            self._decisions.remove(decision)
            self._hints += len(self._decisions)

    async def _attended(self, request: LookRequest) -> Look:
        """Look, and say what it waits for when nobody takes the first look of a run."""
        try:
            look = await self._look(request)
        except ActivityError as error:
            if not _was_unattended(error):
                raise
            self._board.unattended(self._source_queue)
            self._is_attended = True
            look = await self._look(request)
        self._is_attended = True
        return look

    async def _look(self, request: LookRequest) -> Look:
        """The first look of a run comes back when nobody took it; the others wait for their
        worker."""
        queue = self._source_queue
        first = not self._is_attended
        options = first_look_options(queue) if first else step_options(queue, "look at both sides")
        look: Look = await workflow.execute_activity_method(self._look_step, request, **options)
        return look

    async def _carry_out(self, look: Look) -> bool:
        """Carry out the plan; True when another look is wanted at once."""
        settled = False
        for step in look.plan.steps:
            self._board.doing(step)
            done = await self._step(step, look)
            self._board.did(step, done)
            if not done.posted:
                self._board.created(done)
                return False
            settled = done.settled
        if look.plan.steps and look.plan.closes_when_settled and settled:
            self._board.closed("paid and settled on both sides")
            return False
        self._board.planned(look.plan)
        return look.plan.look_again

    async def _step(self, step: Step, look: Look) -> StepResult:
        """Carry out one step, where the system is that it changes."""
        activity, request = await self._asked(step, look)
        queue = self._source_queue if step.name in _AT_THE_SOURCE else look.queue
        done: StepResult = await workflow.execute_activity_method(
            activity, request, **step_options(queue, step.why)
        )
        return done

    async def _customer(self, party_id: str, queue: str) -> str:
        """The target's number of the customer: found, created once, or held."""
        customer: CustomerResult = await workflow.execute_activity_method(
            OrderToCashSteps.upsert_customer,
            CustomerRequest(document=self._document, party_id=party_id),
            **step_options(queue, "find or create the customer"),
        )
        return customer.number

    async def _wait_for_news(self) -> None:
        await workflow.wait_condition(self._has_reason_to_look)

    def _has_reason_to_look(self) -> bool:
        return self._hints > 0

    async def _nothing_came_meanwhile(self) -> bool:
        """A hint that came after the last look may be news: then the document stays open."""
        await workflow.wait_condition(workflow.all_handlers_finished)
        return not self._has_reason_to_look()

    async def _continue_as_new_when_long(self, start: Any) -> None:
        """The books and the store know everything: a new run starts from a look of its own."""
        if workflow.info().is_continue_as_new_suggested() and not self._has_pending():
            await workflow.wait_condition(workflow.all_handlers_finished)
            workflow.continue_as_new(start)

    def _has_pending(self) -> bool:
        """Whether people said something that no look has heard: a new run would not know it."""
        return bool(self._decisions or self._proposal)

    @workflow.signal(name="look_again", description="Something may have changed: look again.")
    def look_again(self) -> None:
        self._hints += 1

    @workflow.query(name="status", description="Stage, reason, hold and references of now.")
    def status(self) -> Status:
        return self._board.status()

    @workflow.update(name="resolve", description="Decide about a held document.")
    def resolve(self, request: ResolveRequest) -> Resolution:
        decision = request.decision(workflow.now(), self._proposal)
        if request.action is not Action.APPROVE:
            decision = decision.model_copy(update={"payment_id": self._board.held_payment})
        was, waits = self._board.reason, self._needs_second_person(request.action)
        if waits:
            self._proposal, self._proposed_about = decision, self._board.version
            self._board.proposed(decision)
        else:
            self._decisions.append(decision)
            self._board.decided(decision)
            self._hints += 1
            self._withdraw_proposal()
        return Resolution(accepted=request.action, was=was, needs_approval=waits)

    def _withdraw_proposal(self) -> None:
        """It was carried out, or what it was about is not held any more."""
        self._proposal = None
        self._board.proposed_nothing()

    @resolve.validator
    def _check_resolve(self, request: ResolveRequest) -> None:
        request.check(self._board.status(), self._proposal, workflow.now())

    def _needs_second_person(self, action: Action) -> bool:
        """By the policy and amount of the document, as the last look said."""
        if action in (Action.APPROVE, Action.RETRY):
            return False
        return self._board.needs_second_person(action)


def _was_unattended(error: ActivityError) -> bool:
    cause = error.cause
    return isinstance(cause, StepTimedOut) and cause.type is TimeoutType.SCHEDULE_TO_START


def _is_unproven(error: ActivityError) -> bool:
    return isinstance(error.cause, ApplicationError) and error.cause.type == UNPROVEN


def _hold_of(error: ActivityError) -> Hold:
    """The hold an activity raised. Anything else that ended a step for good is a bug: it fails
    the run visibly rather than waiting for a person who could do nothing."""
    cause = error.cause
    if isinstance(cause, ApplicationError) and cause.details:
        return Hold.model_validate(cause.details[0])
    raise error
