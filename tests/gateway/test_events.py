"""Which events concern which process."""

from __future__ import annotations

import pytest

from workers.gateway.events import DOCUMENTED, Concern, Process, concern_of


@pytest.mark.parametrize("verb", ["create", "update", "delete", "sendByEmail"])
def test_an_invoice_event_concerns_its_own_process(verb: str) -> None:
    assert concern_of(f"invoice.{verb}") == Concern(Process.ORDER_TO_CASH, "invoice")


@pytest.mark.parametrize("noun", ["payment", "credit_note", "client"])
@pytest.mark.parametrize("verb", ["create", "update", "delete"])
def test_an_event_of_another_object_is_a_hint(noun: str, verb: str) -> None:
    assert concern_of(f"{noun}.{verb}") == Concern(Process.HINT, noun)


@pytest.mark.parametrize(
    "event", ["estimate.create", "invoice", "invoice.", "invoice.explode", "INVOICE.create", ""]
)
def test_every_other_name_concerns_nobody(event: str) -> None:
    assert concern_of(event) is None


def test_the_documented_names_are_those_of_the_reference() -> None:
    assert len(DOCUMENTED) == 15 * 3 + 2
    assert {"time_entry.delete", "estimate.sendByEmail"} <= DOCUMENTED


@pytest.mark.parametrize("verb", ["create", "update", "delete"])
def test_a_bill_is_looked_at_by_its_own_process(verb: str) -> None:
    concern = concern_of(f"bill.{verb}")
    assert concern is not None
    assert (concern.process, concern.kind) == (Process.VENDOR_BILL, "bill")


@pytest.mark.parametrize("verb", ["create", "update", "delete"])
def test_an_expense_is_looked_at_by_its_own_process(verb: str) -> None:
    concern = concern_of(f"expense.{verb}")
    assert concern is not None
    assert (concern.process, concern.kind) == (Process.EXPENSE_REIMBURSEMENT, "expense")
