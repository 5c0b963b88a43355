"""What every target adapter must do so that nothing is posted twice and nothing lost.

To join, a target makes a `Subject` for its stand-in and derives a test class:

    class TestNav(TargetContract): ...      # with a fixture `subject`

The suite knows the port only. What it demands depends on the `Safety` that the adapter states:
one that claims to refuse duplicates must do so at once and under concurrency; one that does not
must show what was sent within its settle time.
"""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from datetime import date
from itertools import count
from typing import Any, ClassVar, TypeVar

import pytest

from connectors.errors import Conflict, ConnectorError, OutcomeUnknown, Rejected, Unavailable
from connectors.ports import TargetPort
from documents.key import Key, Kind
from documents.money import Money
from documents.posting import Posting, PostingState
from documents.record import MappedRecord

DAY = date(2026, 3, 2)
AMOUNT = Money.of("119.00", "EUR")
CALL_SECONDS = 0.2
LATE_SECONDS = CALL_SECONDS + 0.2
"""Later than the caller waits, so that it has given up when the target commits."""

LOST: list[dict[str, Any]] = [
    {"fault": "reset_before"},
    {"fault": "reset_after"},
    {"fault": "hang_before"},
    {"fault": "hang_after"},
    {"fault": "malformed"},
    {"fault": "commit_late", "delay": LATE_SECONDS},
    {"fault": "status", "status": 429, "retry_after": 0},
    {"fault": "status", "status": 429},
    {"fault": "status", "status": 500},
    {"fault": "status", "status": 502},
    {"fault": "status", "status": 503},
]
ESSENTIAL = [p for p in LOST if p["fault"] in ("reset_after", "commit_late") or 503 in p.values()]
"""One of each sort: done and unheard, done later, not done."""

_IN_LEDGER = (PostingState.POSTED, PostingState.REVERSED)
_TRIES = 40
_PAUSE = 0.05
_MOST_CALLS = 60
_ids = count(7_000_001)

Result = TypeVar("Result")


@dataclass
class Subject(ABC):
    """One target over its stand-in, with two adapters: while a misfortune is planned the hurried
    one is at work, which waits CALL_SECONDS for a reply; otherwise one that waits as long as a busy
    machine may need."""

    patient: TargetPort
    hurried: TargetPort
    customers: dict[str, str] = field(default_factory=dict)
    in_trouble: bool = False

    @property
    def target(self) -> TargetPort:
        return self.hurried if self.in_trouble else self.patient

    @abstractmethod
    def customer_record(self, name: str) -> MappedRecord: ...

    @abstractmethod
    def invoice_record(self, customer: str) -> MappedRecord:
        """One over AMOUNT in total, dated DAY."""

    @abstractmethod
    def payment_record(self, customer: str, invoice_number: str) -> MappedRecord:
        """One over AMOUNT, applied to the invoice if a number is given, dated DAY."""

    @abstractmethod
    async def journal(self, key: Key) -> list[dict[str, Any]]:
        """What the stand-in's books hold under a key."""

    async def fault(self, **plan: Any) -> None:
        """Plan one misfortune in place of all others."""
        await self.plan(**plan)
        self.in_trouble = True

    async def forget_faults(self) -> None:
        await self.plan()
        self.in_trouble = False

    @abstractmethod
    async def plan(self, **plan: Any) -> None:
        """Tell the stand-in of a misfortune, or without one that there are none any more."""

    @abstractmethod
    async def fault_hits(self) -> int: ...

    def key(self, kind: Kind) -> Key:
        """A document that the books do not know."""
        return Key(tag="CT", kind=kind, source_id=str(next(_ids)))

    async def customer(self) -> str:
        """The number of a customer, made once."""
        if "one" not in self.customers:
            record = self.customer_record("Northwind Traders")
            made = await self.target.create_customer(self.key(Kind.CUSTOMER), record)
            self.customers["one"] = made.number
        return self.customers["one"]

    async def posted(self, key: Key, record: MappedRecord) -> Posting:
        """Create and post undisturbed; where others post, wait until they did."""
        await self.target.create(key, record)
        return await self.until_posted(key)

    async def until_posted(self, key: Key) -> Posting:
        for _ in range(_TRIES):
            found = await self.target.post(key)
            if found.state in _IN_LEDGER:
                return found
            await asyncio.sleep(4 * _PAUSE)
        raise AssertionError(f"{key} was never posted")

    async def persist(self, attempt: Callable[[], Awaitable[Result]]) -> Result:
        """Try again after what is transient, and after nothing else."""
        for _ in range(_TRIES):
            try:
                return await attempt()
            except (OutcomeUnknown, Unavailable, Conflict) as error:
                await asyncio.sleep(self._pause(error))
        raise AssertionError("it never went well")

    def _pause(self, error: ConnectorError) -> float:
        safety = self.target.safety
        unknown = isinstance(error, OutcomeUnknown) and not safety.refuses_duplicates
        return safety.settle_seconds if unknown else _PAUSE

    async def bring(self, key: Key, record: MappedRecord) -> Posting:
        """What the posting step does, without its fence: look, create, post."""

        async def attempt() -> Posting:
            found = await self.target.lookup(key)
            if found.state in _IN_LEDGER:
                return found
            await self._complete(key, record, found)
            return await self.until_posted(key)

        return await self.persist(attempt)

    async def _complete(self, key: Key, record: MappedRecord, found: Posting) -> None:
        """Create unless it is there, and complete where what is there may be half done."""
        resumes = self.target.safety.resumes_creation
        if found.state is PostingState.ABSENT or (resumes and found.figures != record.expected):
            await self.target.create(key, record)

    async def each_call(self, plan: dict[str, Any]) -> AsyncIterator[None]:
        """Once per call of what is done in between, with the fault planned for that call."""
        skip = 0
        for _ in range(_MOST_CALLS):
            await self.fault(**plan, skip=skip, times=1)
            yield
            hit = await self.fault_hits()
            await self.forget_faults()
            if not hit and skip:
                return
            # On a busy machine the caller may give up before its first call arrives.
            skip += 1 if hit else 0
        raise AssertionError("the story did not end, or no call was made at all")


def _named(plan: dict[str, Any]) -> str:
    return " ".join(str(value) for value in plan.values())


class PostingContract:
    """Every target, also one that shows nobody a document before a clerk posts it; `subject` is a
    fixture of the module that derives from it. Every test that takes a `plan` is run with each of
    `faults`."""

    faults: ClassVar[list[dict[str, Any]]] = LOST

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        if "plan" in metafunc.fixturenames:
            metafunc.parametrize("plan", self.faults, ids=_named)

    async def test_it_states_what_makes_a_second_send_safe(self, subject: Subject) -> None:
        safety = subject.target.safety
        assert len(safety.explanation) > 20
        assert safety.settle_seconds >= 0
        assert safety.refuses_duplicates or safety.settle_seconds > 0

    async def test_an_unknown_key_is_absent(self, subject: Subject) -> None:
        kinds = (Kind.INVOICE, Kind.PAYMENT, Kind.LATE_FEE)
        for kind in (*kinds, *(each.reversal for each in kinds)):
            assert (await subject.target.lookup(subject.key(kind))).state is PostingState.ABSENT

    async def test_posting_again_gives_the_number_there_is(self, subject: Subject) -> None:
        key, record = subject.key(Kind.INVOICE), subject.invoice_record(await subject.customer())
        first = await subject.posted(key, record)
        assert (await subject.target.post(key)).number == first.number
        assert len(await subject.journal(key)) == 1

    async def test_a_second_create_makes_no_second_document(self, subject: Subject) -> None:
        record = subject.invoice_record(await subject.customer())
        key = subject.key(Kind.INVOICE)
        for _ in range(3):
            await subject.persist(lambda: subject.target.create(key, record))
        await subject.until_posted(key)
        assert len(await subject.journal(key)) == 1

    async def test_a_customer_is_made_once_though_asked_for_twice(self, subject: Subject) -> None:
        key, record = subject.key(Kind.CUSTOMER), subject.customer_record("Twice Ltd")
        made = [(await subject.target.create_customer(key, record)).number for _ in range(2)]
        assert made[0] == made[1]
        found = await subject.target.find_customers(key=key.text())
        assert [each.number for each in found] == made[:1]

    async def test_many_at_once_with_one_key_make_one_posting(self, subject: Subject) -> None:
        key, record = subject.key(Kind.INVOICE), subject.invoice_record(await subject.customer())
        numbers = {p.number for p in await asyncio.gather(*(
            subject.bring(key, record) for _ in range(6)
        ))}  # fmt: skip
        assert len(numbers) == 1
        assert len(await subject.journal(key)) == 1

    async def test_an_invoice_is_posted_once_whichever_call_is_lost(
        self, subject: Subject, plan: dict[str, Any]
    ) -> None:
        record = subject.invoice_record(await subject.customer())
        posted: dict[Key, Posting] = {}
        async for _ in subject.each_call(plan):
            key = subject.key(Kind.INVOICE)
            posted[key] = await subject.bring(key, record)
        await _arrived(plan)
        for key, found in posted.items():
            assert found.figures == record.expected
            rows = await subject.journal(key)
            assert [(r["number"], r["state"]) for r in rows] == [(found.number, "posted")]

    async def test_a_payment_is_posted_once_whichever_call_is_lost(
        self, subject: Subject, plan: dict[str, Any]
    ) -> None:
        record = subject.payment_record(await subject.customer(), "")
        posted: dict[Key, Posting] = {}
        async for _ in subject.each_call(plan):
            key = subject.key(Kind.PAYMENT)
            posted[key] = await subject.bring(key, record)
        await _arrived(plan)
        for key, found in posted.items():
            assert found.remaining == AMOUNT
            assert [r["state"] for r in await subject.journal(key)] == ["posted"]

    async def test_a_certain_failure_of_a_write_stays_certain(
        self, subject: Subject, plan: dict[str, Any]
    ) -> None:
        """What may still commit is said to be unknown: after any other failure the books stay
        as they are. A customer is the document for which no target refuses a second one."""
        record = subject.customer_record("Ambler")
        tried: list[tuple[Key, ConnectorError | None, int]] = []
        async for _ in subject.each_call(plan):
            key = subject.key(Kind.CUSTOMER)
            error = await _failure_of(subject.target.create_customer(key, record))
            tried.append((key, error, len(await subject.journal(key))))
        await _arrived(plan)
        for key, error, before in tried:
            after = len(await subject.journal(key))
            assert after <= 1
            assert error is not None or after == 1
            assert isinstance(error, OutcomeUnknown) or after == before

    async def test_no_lost_reply_is_taken_for_a_refusal(
        self, subject: Subject, plan: dict[str, Any]
    ) -> None:
        record = subject.invoice_record(await subject.customer())
        async for _ in subject.each_call(plan):
            key = subject.key(Kind.INVOICE)
            error = await _failure_of(subject.posted(key, record))
            assert error is None or isinstance(error, OutcomeUnknown | Unavailable | Conflict)
            assert error is None or error.retryable

    async def test_a_look_up_without_an_answer_never_says_absent(
        self, subject: Subject, plan: dict[str, Any]
    ) -> None:
        key = subject.key(Kind.INVOICE)
        await subject.posted(key, subject.invoice_record(await subject.customer()))
        async for _ in subject.each_call(plan):
            try:
                found = await subject.target.lookup(key)
            except (Unavailable, OutcomeUnknown, Conflict):
                continue
            assert found.state is PostingState.POSTED


class TargetContract(PostingContract):
    """A target that shows and discards drafts, applies, and takes back, by our key."""

    async def test_what_was_created_and_posted_is_found_by_its_key(self, subject: Subject) -> None:
        key, record = subject.key(Kind.INVOICE), subject.invoice_record(await subject.customer())
        created = await subject.target.create(key, record)
        assert (created.state, created.figures) == (PostingState.CREATED, record.expected)
        posted = await subject.until_posted(key)
        assert (posted.state, posted.figures) == (PostingState.POSTED, record.expected)
        found = await subject.target.lookup(key)
        assert (found.state, found.number, found.remaining) == (
            PostingState.POSTED,
            posted.number,
            AMOUNT,
        )
        by_number = await subject.target.lookup_number(key, str(posted.number))
        assert (by_number.state, by_number.figures) == (PostingState.POSTED, record.expected)

    async def test_a_discarded_draft_is_gone_and_may_be_discarded_again(
        self, subject: Subject
    ) -> None:
        key, record = subject.key(Kind.INVOICE), subject.invoice_record(await subject.customer())
        await subject.target.discard(key)
        await subject.target.create(key, record)
        await subject.target.discard(key)
        await subject.target.discard(key)
        assert (await subject.target.lookup(key)).state is PostingState.ABSENT
        assert await subject.journal(key) == []

    @pytest.mark.parametrize("done", [p for p in ESSENTIAL if p["fault"] != "status"], ids=_named)
    async def test_a_payment_is_applied_and_reversed_once_whichever_call_is_lost(
        self, subject: Subject, done: dict[str, Any]
    ) -> None:
        customer, target = await subject.customer(), subject.target
        sale, cash = subject.invoice_record(customer), subject.payment_record(customer, "")
        invoice = subject.key(Kind.INVOICE)
        number = str((await subject.posted(invoice, sale)).number)
        async for _ in subject.each_call({**done, "method": "POST|PUT|PATCH"}):
            payment = subject.key(Kind.PAYMENT)
            reversal = payment.of_kind(Kind.PAYMENT_REVERSAL)
            await subject.bring(payment, cash)

            async def apply(payment: Key = payment) -> Posting:
                return await target.apply(payment, number)

            async def reverse(payment: Key = payment, reversal: Key = reversal) -> Posting:
                return await target.reverse(payment, reversal, DAY)

            await subject.persist(apply)
            assert (await subject.persist(lambda: target.lookup(invoice))).is_settled
            await subject.persist(reverse)
            await _arrived(done)
            found = await subject.persist(lambda: target.lookup(invoice))
            assert found.remaining == AMOUNT
            assert len(await subject.journal(payment)) == 1
            assert len(await subject.journal(reversal)) == 1

    async def test_a_reversed_payment_is_reversed_and_its_reversal_posted(
        self, subject: Subject
    ) -> None:
        payment = subject.key(Kind.PAYMENT)
        reversal = payment.of_kind(Kind.PAYMENT_REVERSAL)
        await subject.posted(payment, subject.payment_record(await subject.customer(), ""))
        first = await subject.target.reverse(payment, reversal, DAY)
        again = await subject.target.reverse(payment, reversal, DAY)
        assert first.number == again.number
        assert (await subject.target.lookup(payment)).state is PostingState.REVERSED
        assert (await subject.target.lookup(reversal)).state in _IN_LEDGER

    @pytest.mark.parametrize("kind", [Kind.INVOICE, Kind.LATE_FEE])
    async def test_an_application_may_be_repeated_and_taken_back_twice(
        self, subject: Subject, kind: Kind
    ) -> None:
        customer = await subject.customer()
        invoice, payment = subject.key(kind), subject.key(Kind.PAYMENT)
        number = str((await subject.posted(invoice, subject.invoice_record(customer))).number)
        await subject.posted(payment, subject.payment_record(customer, ""))
        for _ in range(2):
            assert number in (await subject.target.apply(payment, number)).applied_to
        assert (await subject.target.lookup(invoice)).is_settled
        for _ in range(2):
            assert (await subject.target.unapply(payment, number)).applied_to == ()
        assert (await subject.target.lookup(invoice)).remaining == AMOUNT


async def _arrived(plan: dict[str, Any]) -> None:
    """What commits late has done so now."""
    if plan["fault"] == "commit_late":
        await asyncio.sleep(2 * LATE_SECONDS)


async def _failure_of(attempt: Awaitable[object]) -> ConnectorError | None:
    """How a call failed; None when it went well. A refusal is no answer to a lost reply."""
    try:
        await attempt
    except ConnectorError as error:
        assert not isinstance(error, Rejected), "a lost reply is not a refusal"
        return error
    return None
