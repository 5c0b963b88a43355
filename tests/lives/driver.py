"""The loop of the processes, played without Temporal: the real steps, with the real interceptor,
the real store and the real connectors, one document at a time."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment
from temporalio.worker import ActivityInboundInterceptor, ExecuteActivityInput

from activities.credit_notes import CreditNoteActivities
from activities.interceptor import StepInterceptor
from activities.linking import LinkActivities
from activities.order_to_cash import OrderToCashActivities
from activities.signatures import (
    AdoptRequest,
    CreditNoteRequest,
    CustomerRequest,
    DocumentRef,
    Look,
    LookRequest,
    PostRequest,
    PrepareRequest,
    RepostRequest,
    StepRequest,
    StepResult,
)
from documents.hold import Hold
from documents.key import Kind
from documents.plan import Outcome, Step, StepName
from documents.row import Action, Decision, decision_text
from tests.lives.site import Business

_METHODS: dict[StepName, str] = {name: name.value.replace(" ", "_") for name in StepName}
_METHODS[StepName.WRITE_REFERENCE] = "write_reference"
_LINKS = (StepName.LINK_INVOICE, StepName.LINK_CREDIT_NOTE)
_WITH_NOTE = (
    StepName.POST_CREDIT_NOTE,
    StepName.ADOPT_CREDIT_NOTE,
    StepName.PREPARE_CREDIT_NOTE_AGAIN,
)
_TRIES = 6
_LOOKS = 25


class Waits(Exception):
    """A step that would be tried again for as long as it takes."""


@dataclass
class Status:
    """What a process would show of itself after its last look."""

    stage: str = "received"
    reason: str = ""
    hold: Hold | None = None
    steps: list[str] = field(default_factory=list)

    @property
    def cause(self) -> str:
        return self.hold.cause if self.hold else ""


class _Direct(ActivityInboundInterceptor):
    def __init__(self) -> None:
        """The end of the chain: nothing comes after it."""

    async def execute_activity(self, input: ExecuteActivityInput) -> Any:  # noqa: A002
        return await input.fn(*input.args)


class Driver:
    """Plays the processes of one connection. `dies_after` ends a plan after so many steps, as when
    a worker is killed."""

    def __init__(self, site: Business) -> None:
        self._site = site
        self._steps = OrderToCashActivities(site.place)
        self._notes = CreditNoteActivities(site.place)
        self._links = LinkActivities(site.place)
        self._chain = StepInterceptor(site.place).intercept_activity(_Direct())

    async def invoice(self, invoice: int, **options: Any) -> Status:
        return await self.follow(Kind.INVOICE, invoice, **options)

    async def credit(self, credit: int, **options: Any) -> Status:
        return await self.follow(Kind.CREDIT_NOTE, credit, **options)

    async def follow(
        self,
        kind: Kind,
        source_id: int,
        decision: Decision | None = None,
        dies_after: int | None = None,
    ) -> Status:
        """Look and carry out until nothing more can be done now."""
        document = DocumentRef(
            connection=self._site.connection.name, kind=kind, source_id=str(source_id)
        )
        status = Status()
        try:
            for _ in range(_LOOKS):
                look = await self._look(LookRequest(document=document, decision=decision))
                decision = None
                if not await self._carry_out(document, look, status, dies_after):
                    return status
        except ApplicationError as error:
            if not error.details:
                raise
            hold = Hold.model_validate(error.details[0])
            status.stage, status.reason, status.hold = "held", hold.reason, hold
            return status
        except Waits as error:
            status.stage, status.reason = "waits", str(error)
            return status
        raise AssertionError(f"never at rest: {look.plan} after {status.steps}")

    async def decide(
        self,
        kind: Kind,
        source_id: int,
        action: Action,
        number: str = "",
        values: dict[str, str] | None = None,
    ) -> Status:
        """A person who signed in decides about a held document."""
        decision = Decision(
            action=action, who="Ada", why="looked at it", at=datetime.now(UTC),
            number=number, values=values or {},
        )  # fmt: skip
        text = decision_text(self._site.connection.name, kind, str(source_id), decision)
        proved = decision.model_copy(update={"proof": self._site.seal.sign(text)})
        return await self.follow(kind, source_id, decision=proved)

    async def _look(self, request: LookRequest) -> Look:
        is_note = request.document.kind is Kind.CREDIT_NOTE
        step = self._notes.look_at_credit_note if is_note else self._steps.look
        look: Look = await self._call(step, request)
        return look

    async def _carry_out(
        self, document: DocumentRef, look: Look, status: Status, dies_after: int | None
    ) -> bool:
        """As the process does; True when another look is wanted at once."""
        settled = False
        for step in look.plan.steps[:dies_after]:
            done = await self._step(document, step, look)
            status.steps.append(step.name.value)
            if not done.posted:
                status.stage, status.reason = "created", done.how
                return False
            settled = done.settled
        if look.plan.steps and dies_after is not None:
            status.stage = "killed"
            return False
        if look.plan.steps and look.plan.closes_when_settled and settled:
            status.stage, status.reason, status.hold = "closed", "paid and settled", None
            return False
        status.stage = _STAGES[look.plan.outcome]
        status.reason, status.hold = look.plan.reason, look.plan.hold
        return look.plan.look_again

    async def _step(self, document: DocumentRef, step: Step, look: Look) -> StepResult:
        if step.name is StepName.POST_INVOICE:
            return await self._post_invoice(document, step, look)
        if step.name is StepName.ADOPT_INVOICE:
            return await self._adopt(document, step, look)
        if step.name is StepName.PREPARE_AGAIN:
            return await self._prepare_again(document, step, look)
        if step.name in _WITH_NOTE:
            return await self._post_credit(document, step, look)
        request = StepRequest(
            document=document, key=step.key, target_key=step.target_key, payment=step.payment,
            posting_date=step.posting_date, number=step.number, amount=step.amount,
            closes=look.plan.closes_when_settled,
        )  # fmt: skip
        is_note = document.kind is Kind.CREDIT_NOTE
        desk: object = self._notes if is_note else self._steps
        desk = self._links if step.name in _LINKS else desk
        done: StepResult = await self._call(getattr(desk, _METHODS[step.name]), request)
        return done

    async def _post_invoice(self, document: DocumentRef, step: Step, look: Look) -> StepResult:
        invoice = look.invoice_of(step.key)
        customer = await self._customer(document, invoice.party_id)
        prepare = PrepareRequest(
            document=document, key=step.key, invoice=invoice, customer_number=customer
        )
        await self._call(self._steps.prepare, prepare)
        post = PostRequest(document=document, key=step.key, fingerprint=invoice.fingerprint())
        done: StepResult = await self._call(self._steps.post_invoice, post)
        return done

    async def _prepare_again(self, document: DocumentRef, step: Step, look: Look) -> StepResult:
        invoice = look.invoice_of(step.key)
        request = RepostRequest(
            document=document, key=step.key, target_key=step.target_key, invoice=invoice,
            customer_number=await self._customer(document, invoice.party_id),
            posting_date=step.posting_date,
        )  # fmt: skip
        done: StepResult = await self._call(self._steps.prepare_again, request)
        return done

    async def _adopt(self, document: DocumentRef, step: Step, look: Look) -> StepResult:
        invoice = look.invoice_of(step.key)
        request = AdoptRequest(
            document=document, key=step.key, number=step.number, invoice=invoice,
            customer_number=await self._customer(document, invoice.party_id),
        )  # fmt: skip
        done: StepResult = await self._call(self._steps.adopt_invoice, request)
        return done

    async def _post_credit(self, document: DocumentRef, step: Step, look: Look) -> StepResult:
        assert look.credit_note is not None
        request = CreditNoteRequest(
            document=document, key=step.key, credit_note=look.credit_note,
            customer_number=await self._customer(document, look.credit_note.party_id),
            number=step.number, target_key=step.target_key, posting_date=step.posting_date,
        )  # fmt: skip
        method = getattr(self._notes, _METHODS[step.name])
        done: StepResult = await self._call(method, request)
        return done

    async def _customer(self, document: DocumentRef, party_id: str) -> str:
        request = CustomerRequest(document=document, party_id=party_id)
        return str((await self._call(self._steps.upsert_customer, request)).number)

    async def _call(self, step: Callable[[Any], Awaitable[Any]], request: Any) -> Any:
        """One step, tried again as Temporal would when it is worth it."""
        failure: ApplicationError | None = None
        for attempt in range(1, _TRIES + 1):
            environment = ActivityEnvironment()
            environment.info = replace(environment.info, attempt=attempt)
            call = ExecuteActivityInput(fn=step, args=[request], executor=None, headers={})
            try:
                return await environment.run(self._chain.execute_activity, call)
            except ApplicationError as error:
                if error.non_retryable:
                    raise
                failure = error
        raise Waits(str(failure))


_STAGES = {
    Outcome.WAITING: "posted",
    Outcome.CLOSED: "closed",
    Outcome.IGNORED: "ignored",
    Outcome.HELD: "held",
}
