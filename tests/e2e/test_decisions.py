"""Decisions of people and the hold that each is about."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from temporalio.client import WorkflowUpdateFailedError

from tests.e2e.house import CONNECTION, House
from workers.demo.people import Line

HARDWARE = [Line("Hardware sale", "1", "10.00")]
SERVICE = [Line("Service", "1", "10.00")]


async def _held(house: House) -> int:
    invoice = await house.sent_invoice(HARDWARE)
    await house.watch.wait(invoice, "held")
    return invoice


async def test_what_was_held_and_is_skipped_is_not_found_as_held_any_more(house: House) -> None:
    invoice = await _held(house)
    await house.decide(invoice, action="skip")
    await house.watch.wait(invoice, "ignored")
    handle = house.client.get_workflow_handle(f"order-to-cash/{CONNECTION}/{invoice}")
    await handle.result()
    attributes = (await handle.describe()).search_attributes
    assert attributes["TieoutStage"] == ["ignored"]
    assert "TieoutHoldCause" not in attributes
    assert not (await (await handle.describe()).memo()).get("hold")


async def test_a_proposal_ends_with_the_hold_that_it_was_about(house: House) -> None:
    invoice = await _held(house)
    await house.decide(invoice, action="correct", values={"account:4999": "4050"})
    proposed = await house.watch.status(invoice)
    assert proposed is not None
    assert proposed.proposal is not None
    await house.clerk.change_lines(invoice, "USD", SERVICE)
    await house.watch.wait(invoice, "posted")
    await house.clerk.change_lines(invoice, "USD", [Line("Service", "1", "12.00")])
    await house.watch.wait(invoice, "held")
    status = await house.watch.status(invoice)
    assert status is not None
    assert status.proposal is None
    now = datetime.now(UTC).isoformat()
    approval = {"who": "Grace", "why": "agreed", "proof": "seal", "sealed_at": now}
    with pytest.raises(WorkflowUpdateFailedError) as refused:
        await house.resolve(invoice, action="approve", **approval)
    assert "nothing to approve" in str(refused.value.cause)


async def test_two_decisions_in_a_row_are_both_carried_out(house: House) -> None:
    """The second comes before the process has looked again after the first."""
    invoice = await _held(house)
    await house.fault(
        system="freshbooks", path=f".*/invoices/{invoice}", fault="delay", delay=1, times=1
    )
    await house.decide(invoice, action="release")
    name = await house.decide(invoice, action="skip")
    await house.watch.wait(invoice, "ignored")
    status = await house.watch.status(invoice)
    assert status is not None
    assert status.reason == f"skip decided by {name}"
