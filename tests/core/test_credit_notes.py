"""A credit note whose worker dies comes to rest with the right books."""

from __future__ import annotations

from documents.key import Kind
from documents.posting import PostingState
from documents.row import DocumentState
from tests.core.desk import TODAY, Desk


async def _reversed_unseen(desk: Desk) -> int:
    """NAV took the credit back, we noted the posting, and the worker died before the row."""
    clerk = desk.site.clerk
    client = await clerk.add_client("Northwind", "ap@northwind.example")
    credit = await clerk.write_credit(client, "USD", TODAY, "goodwill", "25.00")
    await desk.driver.credit(credit)
    await clerk.delete_credit(credit)
    await desk.driver.credit(credit)
    row = await desk.row(credit, Kind.CREDIT_NOTE)
    assert row.reversed_count == 1
    before = row.model_copy(update={"generation": 1, "reversed_count": 0})
    await desk.site.store.documents.save(before)
    return credit


async def test_a_reversal_that_nobody_wrote_down_is_seen_at_the_next_look(desk: Desk) -> None:
    credit = await _reversed_unseen(desk)
    status = await desk.driver.credit(credit)
    assert (status.stage, status.reason) == (
        "closed", "deleted at the source, reversed in the target",
    )  # fmt: skip
    row = await desk.row(credit, Kind.CREDIT_NOTE)
    assert (row.state, row.generation) == (DocumentState.POSTED, 2)


async def test_a_credit_that_is_restored_after_that_is_posted_anew_once(desk: Desk) -> None:
    credit = await _reversed_unseen(desk)
    await desk.site.clerk.restore_credit(credit)
    status = await desk.driver.credit(credit)
    assert status.stage == "closed"
    second = await desk.in_nav(desk.key(Kind.CREDIT_NOTE, credit, 2))
    assert second.state is PostingState.POSTED
