"""The cut-over: what is dated before it is linked and never posted."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from documents.invoice import InvoiceStage
from documents.key import Kind
from documents.money import Money
from documents.plan import Outcome, StepName
from documents.posting import Posting, PostingState
from policies.order_to_cash import decide
from policies.settings import OrderToCashPolicy
from tests.policies.ledger_model import World

AFTER = OrderToCashPolicy(cut_over_date=date(2026, 11, 4))
"""The model's invoice is dated 2026-11-02 at the latest, its payments 2026-11-05."""

LONG_AFTER = OrderToCashPolicy(cut_over_date=date(2026, 12, 1))


def world(policy: OrderToCashPolicy, paid: int = 0) -> World:
    found = World(policy, stage=InvoiceStage.FINAL)
    if paid:
        found.payments["7000001"] = Decimal(paid)
    return found


def names(found: World) -> list[StepName]:
    return [step.name for step in found.look().steps]


def test_an_open_invoice_of_before_the_cut_over_is_linked() -> None:
    assert names(world(LONG_AFTER, paid=40)) == [StepName.LINK_INVOICE]


def test_an_invoice_that_was_settled_before_the_cut_over_is_ignored() -> None:
    plan = world(LONG_AFTER, paid=100).look()
    assert (plan.outcome, plan.steps) == (Outcome.IGNORED, ())
    assert "settled before it" in plan.reason


def test_an_invoice_that_was_paid_since_the_cut_over_is_linked_all_the_same() -> None:
    assert names(world(AFTER, paid=100)) == [StepName.LINK_INVOICE]


def test_a_deleted_or_unsent_invoice_of_before_the_cut_over_is_ignored() -> None:
    for stage in (InvoiceStage.DELETED, InvoiceStage.DRAFT):
        found = World(LONG_AFTER, stage=stage)
        assert found.look().outcome is Outcome.IGNORED


def _posted(found: World, remaining: int) -> tuple[World, Posting]:
    """The invoice's entry stands in the target with so much open."""
    key = found.record().invoice_key.text()
    fingerprint = found.invoice().fingerprint()
    found.row = found.row.model_copy(
        update={"fingerprint": fingerprint, "target_number": "OPEN-1", "version": 1}
    )
    usd = Money.of(remaining, "USD")
    return found, Posting(
        key=key, kind=Kind.INVOICE, state=PostingState.POSTED, number="OPEN-1", remaining=usd
    )


def test_payments_since_the_cut_over_act_on_the_linked_entry() -> None:
    found, entry = _posted(world(AFTER, paid=60), remaining=100)
    record = found.record().model_copy(update={"target": {entry.key: entry}})
    (step,) = decide(found.source(), record, AFTER).steps
    assert (step.name, step.target_key) == (StepName.POST_PAYMENT, entry.key)


def test_payments_of_before_the_cut_over_are_never_posted() -> None:
    found, entry = _posted(world(LONG_AFTER, paid=60), remaining=40)
    record = found.record().model_copy(update={"target": {entry.key: entry}})
    plan = decide(found.source(), record, LONG_AFTER)
    assert (plan.outcome, plan.steps) == (Outcome.WAITING, ())
    assert plan.reason == "waits for payment of 40.00 USD"


def test_money_of_before_the_cut_over_for_an_invoice_of_after_it_is_held_until_it_is_applied() -> (
    None
):
    found = world(OrderToCashPolicy(cut_over_date=date(2026, 11, 6)), paid=60)
    source = found.source()
    assert source.invoice is not None
    later = source.invoice.model_copy(update={"document_date": date(2026, 11, 7)})
    source = source.model_copy(update={"invoice": later})
    found, entry = _posted(found, remaining=100)
    found.row = found.row.model_copy(update={"fingerprint": later.fingerprint()})
    record = found.record().model_copy(update={"target": {entry.key: entry}})
    plan = decide(source, record, found.policy)
    assert plan.hold is not None
    assert (plan.outcome, plan.hold.cause) == (Outcome.HELD, "opening-cash-unapplied")
    applied = entry.model_copy(update={"remaining": Money.of(40, "USD")})
    record = record.model_copy(update={"target": {entry.key: applied}})
    assert decide(source, record, found.policy).outcome is Outcome.WAITING
