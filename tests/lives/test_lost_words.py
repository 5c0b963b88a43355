"""What a step could not say before its worker was killed is made up for by the next look."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from documents.key import Kind
from sandbox.faults import FaultPlan
from tests.bookkeeper import BANKS
from tests.lives.desk import TODAY, Desk, begin
from tests.lives.site import Site
from workers.demo.people import Line

EDITS: dict[str, dict[str, Any]] = {
    "amount": {"amount": {"amount": "60.00", "code": "USD"}},
    "day": {"date": str(TODAY - timedelta(days=3))},
    "account": {"type": "Cash"},
}


async def posted_and_not_written_down(desk: Desk) -> tuple[int, int]:
    """An invoice, and its payment whose posting step was killed before it wrote its row."""
    invoice = await desk.posted()
    payment = await desk.pay(invoice, "50.00")
    await desk.look(invoice)
    row = await desk.row(Kind.PAYMENT, payment)
    forgotten = {"fingerprint": "", "target_number": "", "target_party": ""}
    await desk.site.store.documents.save(row.model_copy(update=forgotten))
    return invoice, payment


@pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS)
async def test_an_edit_of_a_payment_is_seen_although_its_posting_was_not_written_down(
    site: Site, edit: dict[str, Any]
) -> None:
    desk = await begin(site, edits="hold")
    invoice, payment = await posted_and_not_written_down(desk)
    await desk.clerk.change_payment(payment, **edit)
    assert (await desk.look(invoice)).cause == "payment-edited-after-posting"


async def test_an_edited_payment_whose_posting_was_not_written_down_is_posted_anew(
    site: Site,
) -> None:
    desk = await begin(site, edits="reverse and repost")
    invoice, payment = await posted_and_not_written_down(desk)
    await desk.clerk.change_payment(payment, **EDITS["amount"])
    assert (await desk.look(invoice)).reason == "waits for payment of 53.00 USD"
    assert await desk.balance(*BANKS) == "60.00"


async def test_a_payment_whose_posting_was_not_written_down_is_found_and_written_down(
    site: Site,
) -> None:
    desk = await begin(site)
    invoice, payment = await posted_and_not_written_down(desk)
    assert (await desk.look(invoice)).steps == ["post payment"]
    row, entry = await desk.row(Kind.PAYMENT, payment), await desk.entry(Kind.PAYMENT, payment)
    assert row.target_number == entry["Document_No"]
    assert (await desk.look(invoice)).steps == []
    assert await desk.balance(*BANKS) == "50.00"


CALLS = [".*UnapplyEntry.*", ".*Apply(Entry|Amount).*"]


@pytest.mark.parametrize("action", CALLS)
@pytest.mark.parametrize("skip", [0, 1])
@pytest.mark.parametrize("is_void", [True, False])
async def test_what_another_document_took_is_settled_again_after_a_failure_in_between(
    site: Site, action: str, skip: int, is_void: bool
) -> None:
    """NAV takes the use of the later document back with that of the earlier one, and answers
    nothing more: whoever goes on has to know what that was."""
    desk = await begin(site)
    credit = await desk.clerk.write_credit(desk.client, "USD", TODAY, "prepayment", "213.00")
    await desk.look_at_credit(credit)
    first, second = await desk.posted(), await desk.posted(Line("Later", "1", "100.00"))
    use = await desk.use_credit(first, "113.00", credit)
    await desk.look(first)
    await desk.use_credit(second, "100.00", credit)
    assert (await desk.look(second)).stage == "closed"
    if is_void:
        await desk.clerk.void_invoice(first)
    else:
        await desk.clerk.delete_payment(use)
    fault = {"system": site.nav.name, "action": action, "fault": "status", "status": 503}
    site.faults.add(FaultPlan.model_validate({**fault, "times": 1, "skip": skip}))
    await desk.look(first)
    assert await desk.open_amount(Kind.INVOICE, second) == "0.00"
    assert await desk.open_amount(Kind.PREPAYMENT, credit) == "113.00"
