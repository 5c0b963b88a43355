"""Whatever happens to a bill and its payments, and in which order: never twice, never half."""

from __future__ import annotations

from collections import Counter
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from documents.key import Kind
from documents.money import Money
from documents.plan import Outcome, StepName
from documents.row import Action
from policies.bills.settings import BillPolicy
from tests.policies.bill_model import VENDOR, World, bill

REPOST = BillPolicy(edits="reverse and repost")
_ACTS = st.one_of(
    st.tuples(st.just("edit"), st.sampled_from(["40", "100", "900"])),
    st.tuples(st.just("withdraw"), st.booleans()),
    st.tuples(st.just("pay"), st.sampled_from(["1", "2"]), st.sampled_from(["10", "30", "60"])),
    st.tuples(st.just("unpay"), st.sampled_from(["1", "2"])),
    st.tuples(st.just("others"), st.sampled_from(["5"])),
    st.tuples(st.just("look"), st.booleans()),
)


def _act(world: World, act: tuple[Any, ...]) -> None:
    match act:
        case ("edit", amount):
            world.edit(amount)
        case ("withdraw", back):
            world.withdraw(back=back)
        case ("pay", payment, amount):
            world.pay(payment, amount)
        case ("unpay", payment):
            world.unpay(payment)
        case ("others", amount):
            world.by_others = Decimal(amount) if world.standing(Kind.BILL) else Decimal(0)
        case ("look", dies):
            world.look(dies=dies)
        case _:
            raise AssertionError(f"unknown act {act}")


def _check(world: World) -> None:
    stands = Counter((p.key.kind, p.key.source_id) for p in world.target.values() if p.stands)
    ours = {k: n for k, n in stands.items() if k[0] in (Kind.BILL, Kind.BILL_PAYMENT)}
    assert all(n == 1 for n in ours.values()), "one document stands twice"


@given(st.lists(_ACTS, max_size=25), st.booleans(), st.sampled_from([BillPolicy(), REPOST]))
@settings(max_examples=40, deadline=None)
def test_nothing_stands_twice_and_nothing_that_is_paid_is_taken_back(
    acts: list[tuple[Any, ...]], applies: bool, policy: BillPolicy
) -> None:
    world = World(policy=policy, applies=applies)
    for act in acts:
        _act(world, act)
        _check(world)
    world.rest()
    _check(world)


@given(st.lists(_ACTS.filter(lambda a: a[0] != "others"), max_size=20), st.booleans())
@settings(max_examples=40, deadline=None)
def test_any_interleaving_ends_in_the_same_books(
    acts: list[tuple[Any, ...]], applies: bool
) -> None:
    """Once the source is at peace with itself: what it says stands, with what it says was paid."""
    world = World(policy=REPOST, applies=applies)
    for act in acts:
        _act(world, act)
    world.withdraw(back=True)
    for payment in list(world.payments):
        world.unpay(payment)
    world.rest()
    world.edit("100")
    world.rest()
    world.pay("3", "60")
    world.pay("4", "40")
    assert world.rest().outcome is Outcome.CLOSED
    (stands,) = world.standing(Kind.BILL)
    assert stands.amount == world.paid == Decimal(100)


@pytest.mark.parametrize(
    ("payments", "cause"),
    [
        ([("1", "60", date(2026, 3, 1))], "paid-before-bill"),
        ([("1", "60", date(2026, 3, 2)), ("2", "60", date(2026, 3, 3))], "bill-overpaid"),
    ],
)
def test_a_payment_that_no_rule_can_decide_holds_the_bill_and_says_which(
    payments: list[tuple[str, str, date]], cause: str
) -> None:
    world = World()
    world.rest()
    for payment in payments:
        world.pay(*payment)
    plan = world.rest()
    assert plan.hold is not None
    assert (plan.hold.cause, plan.hold.values["payment_id"]) == (cause, payments[-1][0])


def test_a_payment_in_another_currency_is_held() -> None:
    world = World()
    world.rest()
    world.pay("1", "60")
    euro = Money.of("60", "EUR")
    world.payments["1"] = world.payments["1"].model_copy(update={"amount": euro})
    plan = world.rest()
    assert plan.hold is not None
    assert plan.hold.cause == "payment-currency"


def test_a_changed_payment_is_held_or_reversed_and_posted_anew_as_the_policy_says() -> None:
    causes = []
    for policy in (BillPolicy(), REPOST):
        world = World(policy=policy)
        world.pay("1", "60")
        world.rest()
        world.pay("1", "50")
        plan = world.rest()
        causes.append(plan.hold.cause if plan.hold else "")
    assert causes == ["payment-edited-after-posting", ""]
    assert [p.amount for p in world.standing(Kind.BILL_PAYMENT)] == [Decimal(50)]


def test_an_edit_after_payment_is_held_whatever_the_policy() -> None:
    world = World(policy=REPOST)
    world.pay("1", "60")
    world.rest()
    world.edit("110")
    plan = world.rest()
    assert plan.hold is not None
    assert plan.hold.cause == "edited-after-payment"
    assert "60.00 USD" in plan.hold.reason


def test_what_others_paid_in_the_target_is_never_reversed() -> None:
    world = World(policy=REPOST)
    world.rest()
    world.by_others = Decimal(5)
    world.withdraw()
    plan = world.rest()
    assert plan.hold is not None
    assert plan.hold.cause == "withdrawn-after-payment"


def test_where_the_target_pays_bills_payments_of_the_source_are_not_posted() -> None:
    world = World(policy=BillPolicy(payments="target"))
    world.pay("1", "100")
    world.rest()
    assert world.standing(Kind.BILL_PAYMENT) == []
    world.by_others = Decimal(100)
    assert world.rest().reason == "paid and settled on both sides"


def test_a_number_that_the_vendor_used_before_is_held_until_it_is_released() -> None:
    world = World(alike=("7000000",))
    plan = world.rest()
    assert plan.hold is not None
    assert plan.hold.cause == "duplicate-bill"
    world.decide(Action.RELEASE)
    world.rest()
    assert len(world.standing(Kind.BILL)) == 1


def test_a_bill_from_before_the_cut_over_is_left_out() -> None:
    world = World(policy=BillPolicy(cut_over_date=date(2026, 3, 3)))
    assert world.rest().outcome is Outcome.IGNORED


def test_a_vendor_is_known_by_the_policy_first_and_then_by_the_account_number() -> None:
    policy = BillPolicy(vendors={"harbour paper": "V-1", "7100002": "V-2"})
    other = VENDOR.model_copy(update={"source_id": "7100002", "name": "Other"})
    third = VENDOR.model_copy(update={"source_id": "7100003", "name": "Third"})
    assert [policy.vendor_number(v) for v in (VENDOR, other, third)] == ["V-1", "V-2", "V-PAPER"]


def test_a_deleted_bill_whose_payments_we_posted_is_taken_back_with_them() -> None:
    world = World()
    world.pay("1", "60")
    world.rest()
    world.withdraw()
    assert world.rest().outcome is Outcome.CLOSED
    assert world.standing(Kind.BILL, Kind.BILL_PAYMENT) == []


def test_a_bill_that_is_skipped_is_left_as_it_is() -> None:
    world = World()
    world.rest()
    world.decide(Action.SKIP)
    world.edit("1")
    assert [step.name for step in world.rest().steps] == []
    assert len(world.standing(Kind.BILL)) == 1


def test_steps_of_payments_name_the_bill_they_settle() -> None:
    world = World(content=bill("60"))
    world.rest()
    world.pay("1", "60")
    (step,) = world.look().steps
    assert (step.name, step.target_key) == (StepName.POST_BILL_PAYMENT, "T-B7000001-1")
