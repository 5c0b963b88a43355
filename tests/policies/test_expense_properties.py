"""Whatever people do with an expense, and in which order: never twice, never unapproved, never
by oneself."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from documents.plan import Outcome, StepName
from documents.review import Answer
from documents.row import Action
from policies.expenses.decide import decide
from policies.expenses.settings import Level
from tests.policies.expense_model import (
    ERIN,
    NOOR,
    OWEN,
    PEOPLE,
    ZOE,
    Posted,
    World,
    expense,
    policy,
)

_ACTS = st.one_of(
    st.tuples(st.just("edit"), st.sampled_from(["40", "100", "900"])),
    st.tuples(st.just("withdraw"), st.booleans()),
    st.tuples(st.just("answer"), st.sampled_from(PEOPLE), st.sampled_from(list(Answer))),
    st.tuples(st.just("late"), st.sampled_from(PEOPLE), st.integers(0, 5)),
    st.tuples(st.just("correct"), st.sampled_from(PEOPLE)),
    st.tuples(st.just("look"), st.booleans()),
    st.tuples(st.just("wait"), st.sampled_from([1, 30])),
    st.tuples(st.just("pay"), st.sampled_from(["", "0.01"])),
    st.tuples(st.just("decide"), st.sampled_from([Action.ADOPT, Action.RELEASE, Action.RETRY])),
)
_BEFORE_PAYMENT = _ACTS.filter(lambda act: act[0] not in ("pay", "correct", "decide"))


def _act(world: World, act: tuple[Any, ...]) -> None:
    match act:
        case ("edit", amount):
            world.edit(amount)
        case ("withdraw", back):
            world.withdraw(back=back)
        case ("answer", who, answer):
            world.answer(who, answer)
        case ("late", who, index):
            seen = world.seen or [world.facts().version]
            world.answer(who, Answer.APPROVE, version=seen[index % len(seen)])
        case ("decide", action):
            world.decide(action, number="N-BY-HAND")
        case ("correct", who):
            world.correct(who)
        case ("look", dies):
            world.look(dies_after_posting=dies) if not dies else _look_once_and_die(world)
        case ("wait", hours):
            world.wait(hours)
        case ("pay", amount):
            world.pay(amount)
        case _:
            raise AssertionError(f"unknown act {act}")


def _look_once_and_die(world: World) -> None:
    """The worker is killed after the target has committed; the next look finds it."""
    try:
        world.look(dies_after_posting=True)
    except AssertionError as error:
        # A worker that dies each time never gets further; nothing else may go wrong here.
        assert "no end of looking" in str(error)


def _check(world: World) -> None:
    standing = [p for p in world.target.values() if not p.reversed]
    assert len(standing) <= 1, "two postings of one expense stand at the same time"
    paid = [p for p in world.target.values() if p.open < p.content.gross.amount]
    assert len(paid) <= 1, "an expense was paid twice"
    assert not any(p.reversed for p in paid), "what was paid out was reversed"
    need = world.last.need if world.last else None
    may = set(need.approvers) if need else set()
    assert not may & {ERIN}, "the claimant may approve"
    for posted in (p for p in world.target.values() if not p.by_hand):
        _check_approval(world, posted)


def _check_approval(world: World, posted: Posted) -> None:
    levels = [n for n in (50, 500) if posted.content.gross.amount > n]
    assert len(set(posted.approved_by)) >= len(levels), "a version was posted unapproved"
    assert ERIN not in posted.approved_by, "somebody approved their own claim"
    said = world.row.review.of(posted.version)
    assert {v.who for v in said if v.answer is Answer.APPROVE} >= set(posted.approved_by)
    assert not levels or not any(v.answer is Answer.REJECT for v in said), "rejected and posted"


@settings(max_examples=300, deadline=None)
@given(
    acts=st.lists(_ACTS, max_size=25),
    edits=st.sampled_from(["hold", "reverse and repost"]),
    amount=st.sampled_from(["40", "100", "900"]),
)
def test_no_order_of_events_pays_twice_or_unapproved(
    acts: list[tuple[Any, ...]], edits: str, amount: str
) -> None:
    world = World(policy(edits=edits), expense(amount))
    for act in acts:
        _act(world, act)
        _check(world)
    world.look()
    _check(world)


@settings(max_examples=150, deadline=None)
@given(acts=st.lists(_BEFORE_PAYMENT, max_size=15))
def test_whatever_happened_before_an_expense_that_all_agree_on_is_paid(
    acts: list[tuple[Any, ...]],
) -> None:
    world = World(policy(edits="reverse and repost"), expense("900"))
    for act in acts:
        _act(world, act)
    world.withdraw(back=True)
    world.edit("901")
    world.look()
    for who in (NOOR, OWEN):
        world.answer(who, Answer.APPROVE)
        world.look()
    world.pay()
    assert world.look().plan.outcome is Outcome.CLOSED
    _check(world)


def test_a_claimant_who_is_an_approver_cannot_approve_the_own_claim() -> None:
    world = World(policy(), expense())
    world.look()
    world.answer(ERIN, Answer.APPROVE)
    assert world.refused == [f"{ERIN} claims this expense: somebody else has to answer"]


def test_who_corrected_an_expense_cannot_approve_it() -> None:
    world = World(policy(), expense())
    world.correct(NOOR)
    planned = world.look()
    assert planned.plan.hold is not None
    assert planned.plan.hold.cause == "no-approver"


def test_two_levels_need_two_people() -> None:
    world = World(policy(), expense("900"))
    world.look()
    world.answer(NOOR, Answer.APPROVE)
    world.look()
    world.answer(NOOR, Answer.APPROVE)
    assert world.refused == [f"{NOOR} has answered about this version already"]
    assert world.target == {}
    world.answer(OWEN, Answer.APPROVE)
    world.look()
    assert len(world.target) == 1


def test_an_approval_of_an_older_version_does_not_count() -> None:
    world = World(policy(), expense("100"))
    world.look()
    version = world.facts().version
    world.edit("120")
    world.answer(NOOR, Answer.APPROVE, version)
    assert world.refused == ["it is about another version of the expense"]
    world.look()
    assert world.target == {}


def test_nobody_who_answers_is_reminded_and_then_others_may_answer() -> None:
    world = World(policy(remind_times=1), expense())
    world.look()
    asked = []
    for _ in range(4):
        world.wait(25)
        world.look()
        review = world.row.review
        assert review.asked is not None
        asked.append((review.asked.times, review.asked.who))
    assert asked[0] == (2, (NOOR,))
    assert asked[1] == (3, (NOOR, ZOE))
    assert asked[2:] == [asked[1]] * 2
    world.answer(ZOE, Answer.APPROVE)
    world.look()
    assert len(world.target) == 1


def test_a_delegate_answers_for_who_is_absent() -> None:
    people = [
        {"name": ERIN, "staff_id": "1", "vendor": "V"},
        {
            "name": NOOR,
            "delegate": OWEN,
            "absences": [{"first": "2026-03-01", "last": "2026-03-05"}],
        },
        {"name": OWEN},
        {"name": ZOE},
    ]
    world = World(policy(people=people), expense())
    planned = world.look()
    assert planned.need is not None
    assert planned.need.approvers == (OWEN,)


def test_a_withdrawal_after_payment_is_held_for_recovery() -> None:
    world = World(policy(), expense("40"))
    world.look()
    world.pay()
    world.withdraw()
    hold = world.look().plan.hold
    assert hold is not None
    assert hold.cause == "withdrawn-after-payment"


@pytest.mark.parametrize("answer", [Answer.APPROVE, Answer.REJECT])
def test_nobody_can_answer_when_nothing_is_asked(answer: Answer) -> None:
    world = World(policy(), expense("40"))
    world.look()
    world.answer(NOOR, answer)
    assert world.refused == ["nothing waits for an approval"]


def test_who_corrected_may_not_approve_although_others_decided_since() -> None:
    both = (Level(above={"USD": Decimal(50)}, approvers=(NOOR, OWEN, ZOE)),)
    world = World(policy(levels=both), expense())
    world.correct(NOOR)
    world.correct(OWEN)
    world.decide(Action.RELEASE, ZOE)
    planned = world.look()
    assert planned.need is not None
    assert planned.need.approvers == (ZOE,)
    world.answer(NOOR, Answer.APPROVE)
    assert world.refused == [f"{NOOR} corrected this expense: somebody else has to answer"]


def test_what_was_posted_by_hand_is_adopted_and_nothing_is_posted_beside_it() -> None:
    world = World(policy(), expense())
    world.look()
    world.decide(Action.ADOPT, number="108001")
    planned = world.look()
    (posted,) = world.target.values()
    assert posted.by_hand
    assert "waits for payment" in planned.plan.reason
    world.pay()
    assert world.look().plan.outcome is Outcome.CLOSED


def test_an_adoption_that_could_not_be_remembered_is_not_posted_under_our_key() -> None:
    world = World(policy(), expense())
    world.decide(Action.ADOPT, number="108001")
    world.look()
    world.row = world.row.model_copy(update={"target_number": "", "decision": None})
    step = decide(world.facts(), world.policy).plan.steps[0]
    assert step.name is StepName.ADOPT_EXPENSE


def test_a_cent_of_a_claim_does_not_pay_it() -> None:
    world = World(policy(), expense("40"))
    world.look()
    world.pay("0.01")
    plan = world.look().plan
    assert plan.outcome is Outcome.WAITING
    assert plan.reason.endswith("waits for payment of 39.99 USD of 40.00 USD")
    world.pay()
    assert world.look().plan.outcome is Outcome.CLOSED


def test_a_payable_that_a_credit_memo_closed_is_not_paid() -> None:
    world = World(policy(), expense("40"))
    world.look()
    world.credit()
    hold = world.look().plan.hold
    assert hold is not None
    assert hold.cause == "settled-unpaid"
    assert world.row.review.told == ""


def test_a_policy_without_levels_is_refused() -> None:
    with pytest.raises(ValidationError, match="levels: at least one"):
        policy(levels=())


def test_what_one_approver_rejected_another_cannot_approve() -> None:
    either = (Level(above={"USD": Decimal(50)}, approvers=(NOOR, OWEN)),)
    world = World(policy(levels=either), expense())
    world.look()
    world.answer(NOOR, Answer.REJECT)
    world.answer(OWEN, Answer.APPROVE)
    assert world.refused == ["nothing waits for an approval"]
    hold = world.look().plan.hold
    assert hold is not None
    assert (hold.cause, world.target) == ("rejected", {})
