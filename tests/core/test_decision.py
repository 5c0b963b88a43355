"""What is not taken back, or put back, without a person's word."""

from __future__ import annotations

from decimal import Decimal

from documents.invoice import InvoiceStage
from documents.plan import StepName
from documents.posting import PostingState
from policies.facts import Source
from policies.order_to_cash import decide
from policies.settings import OrderToCashPolicy
from tests.policies.ledger_model import World

FREELY = OrderToCashPolicy(edits="reverse and repost")
PAYMENT = "TEST-P7000001-1"


def paid_world(policy: OrderToCashPolicy = FREELY) -> World:
    world = World(policy, stage=InvoiceStage.FINAL)
    world.payments["7000001"] = Decimal(40)
    world.settle_down()
    return world


def test_receipts_posted_before_the_bank_feed_owned_cash_are_not_reversed() -> None:
    world = paid_world()
    world.policy = OrderToCashPolicy(cash_owner="bank feed")
    assert world.look().steps == ()
    world.payments.clear()
    assert [step.name for step in world.look().steps] == [StepName.REVERSE_PAYMENT]


def test_an_invoice_that_the_source_does_not_know_any_more_is_held_not_reversed() -> None:
    """A wrong account, or a wrong answer, must not empty the books."""
    world = paid_world()
    plan = decide(Source(), world.record(), FREELY)
    assert (plan.hold and plan.hold.cause, plan.steps) == ("source-gone", ())


def test_a_payment_that_people_reversed_in_the_target_is_not_posted_again_unasked() -> None:
    world = paid_world()
    record = world.record()
    found = record.target[PAYMENT].model_copy(update={"state": PostingState.REVERSED})
    record = record.model_copy(update={"target": {**record.target, PAYMENT: found}})
    plan = decide(world.source(), record, FREELY)
    assert plan.hold is not None
    assert (plan.hold.cause, plan.steps) == ("reversed-in-target", ())
    assert plan.hold.values == {"payment_id": "7000001"}


def test_an_invoice_that_people_reversed_in_the_target_does_not_loop() -> None:
    world = paid_world()
    record = world.record()
    key = record.invoice_key.text()
    found = record.target[key].model_copy(update={"state": PostingState.REVERSED})
    record = record.model_copy(update={"target": {**record.target, key: found}})
    plan = decide(world.source(), record, FREELY)
    assert plan.hold is not None
    assert (plan.hold.cause, plan.look_again) == ("reversed-in-target", False)
