"""What a worker registers: every step that a process can call."""

from __future__ import annotations

import pytest
from temporalio.activity import _Definition

from activities.credit_notes import CreditNoteActivities
from activities.expenses.steps import ExpenseActivities
from activities.order_to_cash import OrderToCashActivities
from activities.reconciling import TieOutSteps
from activities.signatures import CreditNoteSteps, OrderToCashSteps
from activities.signatures_expenses import ExpenseSteps
from activities.tie_out import TieOutActivities
from workers.worker import steps_of

DESKS = (
    (OrderToCashSteps, OrderToCashActivities),
    (CreditNoteSteps, CreditNoteActivities),
    (ExpenseSteps, ExpenseActivities),
    (TieOutSteps, TieOutActivities),
)


@pytest.mark.parametrize(("signatures", "desk"), DESKS)
def test_a_step_is_registered_under_the_name_by_which_its_process_calls_it(
    signatures: type, desk: type
) -> None:
    called = {_name(vars(signatures)[name]) for name in signatures.__abstractmethods__}  # type: ignore[attr-defined]
    assert {_name(step) for step in steps_of(signatures, desk)} == called


def test_an_adoption_of_a_credit_is_registered() -> None:
    names = {_name(step) for step in steps_of(CreditNoteSteps, CreditNoteActivities)}
    assert "adopt credit note" in names


def _name(step: object) -> str:
    found = _Definition.from_callable(step)  # type: ignore[arg-type]
    assert found is not None, step
    return str(found.name)
