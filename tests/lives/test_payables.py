"""Bills and expenses are posted, paid and taken back by one mechanism: each of its ways, on NAV."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest_asyncio
from temporalio.testing import WorkflowEnvironment

from activities.bills.rehearsal import BillRehearsal
from activities.expenses.rehearsal import ExpenseRehearsal
from activities.tally import Tally
from documents.key import Kind
from tests.lives.payables import TODAY, PayablesDesk, open_payables
from tests.lives.site import Site
from workers.demo.people import BillLine

PAPER = BillLine("Supplies", "100.00", "HST", "13")


@pytest_asyncio.fixture(loop_scope="session")
async def desk(site: Site, temporal_env: WorkflowEnvironment) -> AsyncIterator[PayablesDesk]:
    async with open_payables(site, temporal_env.client) as opened:
        yield opened


async def test_a_bill_is_posted_and_paid_and_its_payment_taken_back(desk: PayablesDesk) -> None:
    clerk = desk.site.clerk
    vendor = await clerk.enter_vendor("Harbour Paper", "V-PAPER")
    bill = await clerk.enter_bill(vendor, "HP-1", TODAY, [PAPER])
    status = await desk.told(Kind.BILL, bill, "posted", "waits for payment of 113.00 USD")
    assert await desk.owed() == [("Invoice", -113)]
    payment = await clerk.pay_bill(bill, "13.00", TODAY)
    await desk.told(Kind.BILL, bill, "posted", "waits for payment of 100.00 USD")
    await clerk.delete_bill_payment(payment)
    await desk.told(Kind.BILL, bill, "posted", "waits for payment of 113.00 USD")
    assert sum(amount for _, amount in await desk.owed()) == -113
    row = await desk.row(Kind.BILL, bill)
    assert (str(row.amount), row.target_number) == ("113.00 USD", status.target_number)
    assert (await desk.row(Kind.BILL_PAYMENT, payment)).reversed_count == 1


async def test_a_bill_that_is_deleted_is_taken_back_by_a_memo(desk: PayablesDesk) -> None:
    clerk = desk.site.clerk
    vendor = await clerk.enter_vendor("Harbour Paper", "V-PAPER")
    bill = await clerk.enter_bill(vendor, "HP-2", TODAY, [PAPER])
    await desk.told(Kind.BILL, bill, "posted")
    await clerk.change_bill(bill, vis_state=1)
    await desk.told(Kind.BILL, bill, "closed", "reversed")
    assert await desk.owed() == [("Invoice", -113), ("Credit Memo", 113)]


async def test_an_expense_is_posted_and_taken_back_when_it_is_withdrawn(
    desk: PayablesDesk,
) -> None:
    clerk = desk.site.clerk
    expense = await clerk.enter_expense("18.00", TODAY, "Travel", vendor="Taxi")
    await desk.told(Kind.EXPENSE, expense, "posted", "waits for payment of 18.00 USD")
    assert await desk.owed() == [("Invoice", -18)]
    assert str((await desk.row(Kind.EXPENSE, expense)).amount) == "18.00 USD"
    await clerk.change_expense(expense, vis_state=1)
    await desk.told(Kind.EXPENSE, expense, "closed")
    assert sum(amount for _, amount in await desk.owed()) == 0


async def test_what_a_journal_owes_is_adopted_and_was_never_a_draft(
    desk: PayablesDesk,
) -> None:
    by_hand = await desk.site.books.owe("V-OWEN", "18.00", TODAY)
    expense = await desk.site.clerk.enter_expense("18.00", TODAY, "Travel", vendor="Taxi")
    status = await desk.told(Kind.EXPENSE, expense, "held")
    assert status.hold is not None and status.hold.cause == "possible-duplicate"
    await desk.adopt(Kind.EXPENSE, expense, by_hand)
    status = await desk.told(Kind.EXPENSE, expense, "posted", "waits for payment")
    assert status.target_number == by_hand
    assert await desk.shown(Kind.EXPENSE, expense, "TieoutStage") == ["held", "posted"]


async def test_a_dry_run_says_what_would_become_of_each_and_does_none_of_it(
    desk: PayablesDesk,
) -> None:
    clerk, connection = desk.site.clerk, desk.site.connection
    known = await clerk.enter_vendor("Harbour Paper", "V-PAPER")
    unknown = await clerk.enter_vendor("Nobody knows Ltd")
    bills = [await clerk.enter_bill(v, "HP-3", TODAY, [PAPER]) for v in (known, unknown)]
    costs = [await clerk.enter_expense(a, TODAY, "Travel", vendor="Taxi") for a in ("18", "60")]
    tally, given = Tally(), (connection, desk.site.store, desk.site.seal, datetime.now(UTC))
    assert connection.bills and connection.expenses
    for bill in bills:
        await BillRehearsal.of(*given).bill(str(bill), connection.bills, tally)
    for cost in costs:
        await ExpenseRehearsal.of(*given).expense(str(cost), connection.expenses, tally)
    told = {(line.kind, line.outcome): line.number for line in tally.sorted_lines()}
    assert told == {
        ("bill", "post"): 1, ("bill", "hold"): 1,
        ("expense", "post"): 1, ("expense", "ask for approval"): 1,
    }  # fmt: skip
    assert await desk.owed() == []


async def test_a_number_too_long_for_lists_is_shown_as_far_as_they_take_it(
    desk: PayablesDesk,
) -> None:
    vendor = await desk.site.clerk.enter_vendor("Harbour Paper", "V-PAPER")
    bill = await desk.site.clerk.enter_bill(vendor, "9" * 300, TODAY, [PAPER])
    status = await desk.told(Kind.BILL, bill, "held")
    assert status.document_number == "9" * 300
    assert await desk.shown(Kind.BILL, bill, "TieoutDocument") == ["9" * 255]
