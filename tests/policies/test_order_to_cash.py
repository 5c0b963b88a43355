"""The decision of order to cash, by example and by property."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from activities import rows
from documents.hold import Hold, HoldClass
from documents.invoice import InvoiceStage
from documents.key import Kind
from documents.money import Money
from documents.plan import Outcome, StepName
from documents.posting import Posting, PostingState
from documents.row import Action, Decision, PostingRow, Send
from policies.facts import Record
from policies.order_to_cash import decide
from policies.settings import OrderToCashPolicy
from tests.policies.ledger_model import FINAL_OUTCOMES, ID, World, usd

REPOST = OrderToCashPolicy(edits="reverse and repost")
HOLD = OrderToCashPolicy()


def sent(policy: OrderToCashPolicy = HOLD) -> World:
    return World(policy, stage=InvoiceStage.FINAL)


def names(world: World) -> list[StepName]:
    return [step.name for step in world.look().steps]


def test_a_draft_is_ignored_until_it_is_sent() -> None:
    world = World(HOLD)
    plan = world.settle_down()
    assert (plan.outcome, plan.reason) == (
        Outcome.IGNORED,
        "a draft: it is taken up when it is sent",
    )
    world.stage = InvoiceStage.FINAL
    assert names(world) == [StepName.POST_INVOICE]


def test_a_draft_that_is_deleted_is_ignored_with_the_reason() -> None:
    world = World(HOLD, stage=InvoiceStage.DELETED)
    assert world.look().reason == "deleted before it was posted"


def test_a_posted_invoice_waits_for_its_payment() -> None:
    world = sent()
    plan = world.settle_down()
    assert (plan.outcome, plan.reason) == (Outcome.WAITING, "waits for payment of 100.00 USD")


def test_a_partial_payment_is_posted_and_the_rest_is_waited_for() -> None:
    world = sent()
    world.payments["7000001"] = Decimal(40)
    assert world.settle_down().reason == "waits for payment of 60.00 USD"
    assert world.open_amount("TEST-I1234567-1") == 60


def test_a_paid_invoice_closes() -> None:
    world = sent()
    world.payments |= {"7000001": Decimal(40), "7000002": Decimal(60)}
    assert world.settle_down().outcome is Outcome.CLOSED


def test_the_last_payment_closes_without_another_look() -> None:
    world = sent()
    world.settle_down()
    world.payments["7000001"] = Decimal(100)
    plan = world.look()
    assert plan.closes_when_settled
    assert not plan.look_again


def test_a_void_after_payment_unapplies_the_cash_before_the_credit_memo() -> None:
    world = sent()
    world.payments["7000001"] = Decimal(100)
    world.settle_down()
    world.stage = InvoiceStage.DELETED
    loose = StepName.UNAPPLY_PAYMENT
    assert names(world) == [StepName.PREPARE_REVERSAL, loose, StepName.REVERSE_INVOICE]
    assert world.settle_down().outcome is Outcome.CLOSED
    assert world.live(Kind.INVOICE) == []


def test_a_deleted_payment_is_reversed_and_a_new_one_posted() -> None:
    world = sent()
    world.payments["7000001"] = Decimal(100)
    world.settle_down()
    world.payments = {"7000002": Decimal(100)}
    world.settle_down()
    assert world.live(Kind.PAYMENT) == ["TEST-P7000002-1"]


def test_an_edit_after_posting_is_held_with_both_amounts_by_default() -> None:
    world = sent()
    world.settle_down()
    world.row = world.row.model_copy(update={"amount": usd(100)})
    world.total = Decimal(120)
    hold = world.look().hold
    assert hold is not None
    assert hold.cause == "edited-after-posting"
    assert hold.values == {"posted": "100.00 USD", "source": "120.00 USD"}


def test_an_edit_by_the_other_policy_is_reversed_and_posted_anew_under_the_next_generation() -> (
    None
):
    world = sent(REPOST)
    world.payments["7000001"] = Decimal(40)
    world.settle_down()
    world.total = Decimal(120)
    world.settle_down()
    assert world.live(Kind.INVOICE) == ["TEST-I1234567-2"]
    assert world.open_amount("TEST-I1234567-2") == 80


def test_the_write_back_happens_only_by_policy() -> None:
    policy = OrderToCashPolicy(write_reference="po_number")
    assert names(sent(policy)) == [StepName.POST_INVOICE, StepName.WRITE_REFERENCE]


def test_what_is_dated_before_the_cut_over_is_never_posted() -> None:
    world = sent(OrderToCashPolicy(cut_over_date=date(2026, 12, 1)))
    assert names(world) == [StepName.LINK_INVOICE]
    assert "before the cut-over" in world.look().reason


def test_a_payment_in_another_currency_is_held() -> None:
    world = sent()
    world.payments["7000001"] = Decimal(100)
    world.settle_down()
    source = world.source()
    euro = source.payments[0].model_copy(update={"amount": Money.of(100, "EUR")})
    plan = decide(source.model_copy(update={"payments": (euro,)}), world.record(), HOLD)
    assert plan.hold is not None
    assert plan.hold.values == {"payment_id": "7000001", "payment": "EUR", "invoice": "USD"}


def test_what_does_not_add_up_is_held_with_its_own_words() -> None:
    world = sent()
    hold = Hold(cause="does-not-add-up", hold_class=HoldClass.DATA, reason="99 is not 100")
    source = world.source().model_copy(update={"unreadable": hold, "invoice": None})
    assert decide(source, world.record(), HOLD).hold == hold


@pytest.mark.parametrize("action", [Action.SKIP, Action.ABANDON])
def test_what_a_person_gave_up_stays_ignored(action: Action) -> None:
    world = sent()
    decision = Decision(action=action, who="Ada", why="test", at="2026-11-20T00:00:00Z")
    world.row = world.row.model_copy(update={"decision": decision})
    assert world.look().reason == f"{action.value} decided by Ada"


def _sent_without_an_answer(world: World) -> Record:
    """What was sent for the invoice is not to be seen, and may still come."""
    record = world.record()
    key, at = record.invoice_key, datetime(2026, 11, 20, tzinfo=UTC)
    send = Send(send_id="s", operation="create", sent_at=at, deadline=at)
    row = PostingRow(
        key=key.text(), connection="c", kind=Kind.INVOICE, source_id=ID, generation=1, send=send
    )
    unseen = Posting(key=key.text(), kind=Kind.INVOICE, state=PostingState.ABSENT)
    return record.model_copy(update={"postings": {key.text(): row}, "target": {key.text(): unseen}})


@pytest.mark.parametrize("stage", [InvoiceStage.DELETED, InvoiceStage.DRAFT])
def test_what_was_withdrawn_is_not_ignored_while_a_send_for_it_may_come(
    stage: InvoiceStage,
) -> None:
    world = World(HOLD, stage=stage)
    plan = decide(world.source(), _sent_without_an_answer(world), HOLD)
    assert [step.name for step in plan.steps] == [StepName.DISCARD_DRAFT]
    assert (plan.outcome, plan.look_again) == (Outcome.WAITING, True)


@pytest.mark.parametrize("action", [Action.SKIP, Action.ABANDON])
def test_what_a_person_gave_up_is_not_ignored_while_a_send_for_it_may_come(action: Action) -> None:
    world = sent()
    decision = Decision(action=action, who="Ada", why="test", at="2026-11-20T00:00:00Z")
    world.row = world.row.model_copy(update={"decision": decision})
    plan = decide(world.source(), _sent_without_an_answer(world), HOLD)
    assert [step.name for step in plan.steps] == [StepName.DISCARD_DRAFT]
    assert plan.reason == f"{action.value} decided by Ada"


@pytest.mark.parametrize("action", [Action.SKIP, Action.ABANDON, Action.ADOPT])
def test_a_word_about_the_target_takes_nothing_back_of_what_was_decided(action: Action) -> None:
    world, at = sent(), "2026-11-20T00:00:00Z"
    first = Decision(action=action, who="Ada", why="test", at=at, number="103001")
    word = Decision(action=Action.RELEASE, who="Bo", why="looked, not there", at=at)
    row = rows.decided(rows.decided(world.row, first), word)
    assert row.decision == first.model_copy(update={"released": True})


def test_what_people_deleted_while_it_waited_to_be_posted_is_held() -> None:
    world = sent()
    record = _sent_without_an_answer(world)
    key = record.invoice_key.text()
    created = record.postings[key].model_copy(
        update={"send": None, "state": PostingState.CREATED, "number": "D1"}
    )
    row = record.row.model_copy(update={"fingerprint": world.invoice().fingerprint()})
    record = record.model_copy(update={"postings": {key: created}, "row": row})
    plan = decide(world.source(), record, HOLD)
    assert plan.hold is not None
    assert plan.hold.cause == "draft-gone"
    assert "D1" in plan.hold.reason


@pytest.mark.parametrize("policy", [HOLD, REPOST])
def test_a_posted_invoice_that_is_abandoned_is_taken_back_and_its_money_let_go(
    policy: OrderToCashPolicy,
) -> None:
    world = sent(policy)
    world.payments |= {"7000001": Decimal(40), "7000002": Decimal(60)}
    world.settle_down()
    (invoice,) = world.live(Kind.INVOICE)
    decision = Decision(action=Action.ABANDON, who="Ada", why="test", at="2026-11-20T00:00:00Z")
    world.row = world.row.model_copy(update={"decision": decision})
    world.settle_down()
    assert world.live(Kind.INVOICE) == []
    assert world.ledger[invoice].reversed
    assert len(world.live(Kind.PAYMENT)) == 2
    assert all(world.ledger[key].applied_to is None for key in world.live(Kind.PAYMENT))
    assert world.look().steps == ()


def test_cash_that_the_bank_feed_owns_is_not_posted() -> None:
    world = sent(OrderToCashPolicy(cash_owner="bank feed"))
    world.settle_down()
    world.payments["7000001"] = Decimal(100)
    assert names(world) == []


def test_an_entry_that_people_settled_in_the_target_closes_as_such() -> None:
    world = sent(OrderToCashPolicy(cash_owner="bank feed"))
    world.settle_down()
    record = world.record()
    key = record.invoice_key.text()
    settled = record.target[key].model_copy(update={"remaining": usd(0)})
    record = record.model_copy(update={"target": {key: settled}})
    plan = decide(world.source(), record, world.policy)
    assert plan.outcome is Outcome.CLOSED
    assert plan.reason == (
        "settled in target: FreshBooks still shows 100.00 USD outstanding; "
        "record the payment or a credit of that amount there"
    )


CHANGES = st.sampled_from(
    ["send", "delete", "restore", "edit", "pay", "pay rest", "delete payment", "run", "run part"]
)


def _change(world: World, change: str, n: int) -> None:
    match change:
        case "send" | "restore":
            world.stage = InvoiceStage.FINAL
        case "delete" if world.stage is not InvoiceStage.DRAFT or n % 2:
            world.stage = InvoiceStage.DELETED
        case "edit":
            world.total = Decimal(100 + n)
        case "pay" if world.stage is InvoiceStage.FINAL:
            world.payments[str(7000000 + n)] = Decimal(10)
        case "pay rest" if world.stage is InvoiceStage.FINAL:
            rest = world.invoice().outstanding.amount
            world.payments |= {str(7000000 + n): rest} if rest else {}
        case "delete payment" if world.payments:
            world.payments.popitem()
        case "run":
            world.run()
        case "run part":
            world.run(steps=n % 3)


@given(st.lists(CHANGES, max_size=25))
def test_any_interleaving_of_changes_and_looks_ends_in_the_same_books(changes: list[str]) -> None:
    world = World(REPOST)
    for n, change in enumerate(changes):
        _change(world, change, n)
    plan = world.settle_down()
    paid_and_gone = plan.hold is not None and plan.hold.cause == "paid-without-invoice"
    assert plan.outcome in FINAL_OUTCOMES or paid_and_gone
    live = [world.ledger[key].amount.amount for key in world.live(Kind.INVOICE)]
    assert live == ([world.total] if world.stage is InvoiceStage.FINAL else [])
    if world.stage is InvoiceStage.FINAL:
        posted = [world.ledger[key].amount.amount for key in world.live(Kind.PAYMENT)]
        assert sorted(posted) == sorted(world.payments.values())
        (invoice,) = world.live(Kind.INVOICE)
        assert world.open_amount(invoice) == world.invoice().outstanding.amount


@given(st.lists(CHANGES, max_size=25))
def test_looking_twice_plans_the_same_and_changes_nothing(changes: list[str]) -> None:
    world = World(REPOST)
    for n, change in enumerate(changes):
        _change(world, change, n)
    before = replace(world)
    assert world.look() == world.look()
    assert world == before


def test_a_payment_that_was_changed_after_posting_is_held_by_default() -> None:
    world = sent()
    world.payments["7000001"] = Decimal(40)
    world.settle_down()
    row = world.payment_row("7000001")
    world.payments["7000001"] = Decimal(50)
    record = world.record().model_copy(update={"payments": {"7000001": row}})
    hold = decide(world.source(), record, HOLD).hold
    assert hold is not None
    assert hold.cause == "payment-edited-after-posting"
    plan = decide(world.source(), record, REPOST)
    prepared, reversed_ = plan.steps
    assert (prepared.name, prepared.key) == (StepName.PREPARE_PAYMENT_AGAIN, "TEST-P7000001-2")
    assert (reversed_.name, reversed_.target_key) == (StepName.REVERSE_PAYMENT, "TEST-P7000001-1")
    assert plan.look_again


def test_a_late_fee_is_held_with_its_amount_under_either_policy() -> None:
    for policy in (HOLD, REPOST):
        world = sent(policy)
        world.settle_down()
        source = world.source()
        assert source.invoice is not None
        fee = source.invoice.lines[0].model_copy(
            update={"name": "Late Fee", "amount": usd(15), "unit_price": usd(15), "taxes": ()}
        )
        more = source.invoice.model_copy(
            update={
                "lines": (*source.invoice.lines, fee),
                **{name: usd(115) for name in ("subtotal", "net", "total", "outstanding")},
            }
        )
        hold = decide(source.model_copy(update={"invoice": more}), world.record(), policy).hold
        assert hold is not None
        assert (hold.cause, hold.values["fee"]) == ("late-fee", "15.00 USD")


def test_money_for_a_draft_is_held_and_not_ignored() -> None:
    world = World(HOLD)
    world.payments["7000001"] = Decimal(40)
    hold = world.look().hold
    assert hold is not None
    assert (hold.cause, hold.values["amounts"]) == ("paid-without-invoice", "40.00 USD")
