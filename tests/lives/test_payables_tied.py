"""What is bought is tied out: bills with their payments and expenses, adopted ones too, on NAV."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest_asyncio
from temporalio.testing import WorkflowEnvironment

from documents.key import Kind
from documents.tieout import BreakType
from policies.tieout.settings import TieOutPolicy
from tests.lives.payables import TODAY, PayablesDesk, open_payables
from tests.lives.site import Site
from tests.lives.tying import tied_out
from workers.demo.people import BillLine

PAPER = BillLine("Supplies", "100.00", "HST", "13")


@pytest_asyncio.fixture(loop_scope="session")
async def desk(site: Site, temporal_env: WorkflowEnvironment) -> AsyncIterator[PayablesDesk]:
    async with open_payables(site, temporal_env.client) as opened:
        site.connection.tie_out = TieOutPolicy()
        yield opened


async def test_bills_and_what_was_paid_on_them_are_tied_out(desk: PayablesDesk) -> None:
    """Amount, what is open, a payment that is gone, a bill that is gone; then they tie again."""
    clerk, site = desk.site.clerk, desk.site
    vendor = await clerk.enter_vendor("Harbour Paper", "V-PAPER")
    bills = [await clerk.enter_bill(vendor, f"HP-{n}", TODAY, [PAPER]) for n in (11, 12, 13)]
    for bill in bills:
        await desk.told(Kind.BILL, bill, "posted")
    edited, paid, gone = bills
    payments = [await clerk.pay_bill(paid, amount, TODAY) for amount in ("13.00", "20.00")]
    await desk.told(Kind.BILL, paid, "posted", "waits for payment of 80.00 USD")
    before = await tied_out(site)
    assert (before.told, before.verdict) == (set(), "ties to the cent")
    counts = {each.kind.value: each.target.count for each in before.summary.totals}
    assert (counts["bill"], counts["bill payment"]) == (3, 2)
    unknown = await clerk.enter_bill(vendor, "HP-14", TODAY, [PAPER])
    await clerk.change_bill_lines(edited, [BillLine("Supplies", "90.00", "HST", "13")])
    await clerk.change_bill(gone, vis_state=1)
    await clerk.delete_bill_payment(payments[0])
    found = await tied_out(site)
    assert found.told == {
        (BreakType.MISSING_IN_TARGET, f"bill/{unknown}"),
        (BreakType.AMOUNT, f"bill/{edited}"),
        (BreakType.ORPHAN, f"bill/{gone}"),
        (BreakType.ORPHAN, f"bill_payment/{payments[0]}"),
    }
    await clerk.change_bill_lines(edited, [PAPER])
    await desk.told(Kind.BILL, unknown, "posted")
    await desk.told(Kind.BILL, gone, "closed", "reversed")
    await desk.told(Kind.BILL, paid, "posted", "waits for payment of 93.00 USD")
    after = await tied_out(site)
    assert (after.told, after.verdict) == (set(), "ties to the cent")


async def test_a_bill_that_was_adopted_is_tied_out_by_its_number(desk: PayablesDesk) -> None:
    """What else others owe to vendors is no concern of the source."""
    clerk, books = desk.site.clerk, desk.site.books
    by_hand = await books.owe("V-PAPER", "113.00", TODAY)
    await books.owe("V-PAPER", "7.00", TODAY)
    vendor = await clerk.enter_vendor("Harbour Paper", "V-PAPER")
    bill = await clerk.enter_bill(vendor, f"BY HAND {by_hand}", TODAY, [PAPER])
    await desk.told(Kind.BILL, bill, "held")
    await desk.adopt(Kind.BILL, bill, by_hand)
    await desk.told(Kind.BILL, bill, "posted", "waits for payment")
    found = await tied_out(desk.site)
    assert (found.told, found.verdict) == (set(), "ties to the cent")


async def test_an_adopted_expense_is_tied_out_by_its_number(desk: PayablesDesk) -> None:
    """It was taken for two breaks: missing there, and nobody's here."""
    by_hand = await desk.site.books.owe("V-OWEN", "18.00", TODAY)
    expense = await desk.site.clerk.enter_expense("18.00", TODAY, "Travel", vendor="Taxi")
    await desk.told(Kind.EXPENSE, expense, "held")
    await desk.adopt(Kind.EXPENSE, expense, by_hand)
    await desk.told(Kind.EXPENSE, expense, "posted", "waits for payment")
    found = await tied_out(desk.site)
    assert (found.told, found.verdict) == (set(), "ties to the cent")
