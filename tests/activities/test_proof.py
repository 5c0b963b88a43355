"""What people decide is carried out only with the proof that they took the decision."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from temporalio.exceptions import ApplicationError

from activities.decisions import require_proof, second_person_for
from documents.hold import HoldRequired
from documents.key import Kind
from documents.money import Money
from documents.row import Action, Decision, DocumentRow, approval_text, decision_text
from policies.settings import OrderToCashPolicy
from store.keyring import KeyRing
from store.seal import Seal
from workflows.resolution import ResolveRequest
from workflows.status import Status

SEAL = Seal(KeyRing.generate())
NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
POLICY = OrderToCashPolicy()
PLACE = ("demo-nav", "invoice", "1")
PROVEN = [action for action in Action if action not in (Action.RETRY, Action.APPROVE)]


def row(amount: str = "50.00") -> DocumentRow:
    return DocumentRow(
        connection="demo-nav", kind=Kind.INVOICE, source_id="1", amount=Money.of(amount, "USD")
    )


def decided(action: Action, **fields: Any) -> Decision:
    """A decision with the seal of the door at which it was taken."""
    taken = Decision(
        action=action, who="Ada", why="looked", at=NOW, version=3, sealed_at=NOW, **fields
    )
    return taken.model_copy(update={"proof": SEAL.sign(decision_text(*PLACE, taken))})


def approved(decision: Decision) -> Decision:
    text = approval_text(*PLACE, decision, "Grace")
    return decision.model_copy(update={"approved_by": "Grace", "approval": SEAL.sign(text)})


@pytest.mark.parametrize("action", PROVEN)
@pytest.mark.parametrize("amount", ["50.00", "50000.00"])
def test_nothing_but_a_retry_is_carried_out_without_proof(action: Action, amount: str) -> None:
    forged = decided(action).model_copy(update={"proof": ""})
    with pytest.raises(HoldRequired) as refused:
        require_proof(row(amount), forged, POLICY, SEAL)
    assert refused.value.hold.cause == "decision-unproven"
    require_proof(row(amount), decided(Action.RETRY), POLICY, SEAL)


@pytest.mark.parametrize("action", PROVEN)
def test_above_the_limit_somebody_else_has_to_approve(action: Action) -> None:
    large = row("50000.00")
    assert action in second_person_for(large, POLICY)
    with pytest.raises(HoldRequired):
        require_proof(large, decided(action), POLICY, SEAL)
    require_proof(large, approved(decided(action)), POLICY, SEAL)


@pytest.mark.parametrize(
    "change",
    [
        {"who": "Mallory"}, {"why": "another"}, {"version": 4}, {"number": "103001"},
        {"sealed_at": NOW + timedelta(seconds=1)}, {"action": Action.ABANDON},
    ],
)  # fmt: skip
def test_a_seal_serves_no_other_decision(change: dict[str, Any]) -> None:
    require_proof(row(), decided(Action.SKIP), POLICY, SEAL)
    with pytest.raises(HoldRequired):
        altered = decided(Action.SKIP).model_copy(update=change)
        require_proof(row(), altered, POLICY, SEAL)


@pytest.mark.parametrize("late", [timedelta(minutes=11), timedelta(minutes=-11)])
def test_a_decision_that_is_sent_again_later_is_refused(late: timedelta) -> None:
    """Its hold may have the same version in another run of the process."""
    held = Status(stage="held", reason="why", version=3)
    sent = ResolveRequest(
        action=Action.SKIP, who="Ada", why="x", version=3, proof="k1:00", sealed_at=NOW
    )
    sent.check(held, None, NOW + timedelta(minutes=5))
    with pytest.raises(ApplicationError, match="not decided just now"):
        sent.check(held, None, NOW + late)


@pytest.mark.parametrize("action", [*PROVEN, Action.APPROVE])
def test_the_process_takes_no_decision_without_a_seal(action: Action) -> None:
    held = Status(stage="held", reason="why", version=3)
    bare = ResolveRequest(action=action, who="Ada", why="x", number="1", values={"a": "b"})
    with pytest.raises(ApplicationError, match="needs a person who signed in"):
        bare.check(held, decided(Action.SKIP), NOW)
