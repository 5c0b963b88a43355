"""The stories of every other process: hints, credits, expenses, sweeps, tie-outs, bulk work."""

from __future__ import annotations

import asyncio
from typing import Any

from documents.key import Key, Kind
from documents.ledger import match_of
from documents.naming import (
    bulk_retry_id,
    hint_id,
    process_id,
    put_right_id,
    tie_out_id,
)
from documents.tieout import Break, BreakState
from tests.e2e.bills import open_payables
from tests.e2e.expenses import open_claims
from tests.e2e.house import TODAY, House
from tests.e2e.tie_outs import SETTLE, breaks, decided_by_two, tie_out
from tests.expenses.claim_house import paid_claim
from tests.replay.stories import HARDWARE, Story, clerk_of_ax, posted
from workers.demo.people import Line


async def payment_hinted(house: House) -> str:
    invoice = await posted(house)
    payment = await house.pay(invoice, "113.00")
    await house.watch.wait(invoice, "closed")
    return hint_id(house.connection, "payment", str(payment))


async def prepayment_posted(house: House) -> str:
    client = await house.new_client()
    credit = await house.clerk.write_credit(client, "USD", TODAY, "prepayment", "40.00")
    await house.entry("payment", credit)
    return await _told(house, process_id(house.connection, Kind.CREDIT_NOTE, str(credit)))


async def credit_edited_and_posted_again(house: House) -> str:
    """The second run of its process: the first had ended with the posting."""
    lane = house.on("lane-2")
    credit = await lane.clerk.write_credit(
        await lane.new_client(), "USD", TODAY, "goodwill", "40.00"
    )
    for generation in (1, 2):
        async with asyncio.timeout(30):
            while not any(  # noqa: ASYNC110
                row["key"].endswith(f"-N{credit}-{generation}") and row["state"] == "posted"
                for row in await lane.journal()
            ):
                await asyncio.sleep(0.1)
        identity = process_id(lane.connection, Kind.CREDIT_NOTE, str(credit))
        await _told(lane, identity)
        if generation == 1:
            await lane.clerk.change_credit(credit, "USD", "45.00")
    return identity


async def claim_rejected(house: House) -> str:
    claims = await open_claims(house)
    expense = await claims.enter("60.00")
    await claims.wait(expense, "approval")
    await claims.answer(expense, "Noor", "reject", "not ours")
    return await _told(house, process_id(house.connection, Kind.EXPENSE, str(expense)))


async def claim_withdrawn_after_posting(house: House) -> str:
    claims = await open_claims(house)
    expense = await claims.enter("20.00", receipt=None)
    await claims.wait(expense, "posted")
    await house.clerk.change_expense(expense, vis_state=1)
    await claims.wait(expense, "closed")
    return process_id(house.connection, Kind.EXPENSE, str(expense))


async def claim_of_three_expenses(house: House) -> str:
    process, _, _ = await paid_claim(house.client)
    return process


async def company_card_paid(house: House) -> str:
    claims = await open_claims(house)
    expense = await claims.enter("226.00", account_name="Company card", taxPercent1="13")
    await claims.wait(expense, "closed")
    return process_id(house.connection, Kind.EXPENSE, str(expense))


async def bill_paid_in_two_parts(house: House) -> str:
    payables = await open_payables(house)
    bill = await payables.enter()
    await payables.wait(bill, "posted")
    payment = await payables.pay(bill, "25.50")
    await payables.wait(bill, "posted", "waits for payment of 100.00 USD")
    await house.clerk.delete_bill_payment(payment)
    await payables.look_again(bill)
    await payables.wait(bill, "posted", "waits for payment of 125.50 USD")
    await payables.pay(bill, "125.50")
    await payables.wait(bill, "closed")
    return process_id(house.connection, Kind.BILL, str(bill))


async def swept(house: House) -> str:
    query = "WorkflowType = 'Sweep' AND ExecutionStatus = 'Completed'"
    async with asyncio.timeout(60):
        while True:
            async for run in house.client.list_workflows(query, limit=1):
                return run.id
            await asyncio.sleep(0.5)


async def month_tied_out(house: House) -> str:
    period = f"{TODAY:%Y-%m}"
    start = {"connection": house.connection, "period": period}
    return await _run(house, "TieOut", start, tie_out_id(house.connection, period))


async def every_month_tied_out(house: House) -> str:
    start = {"connection": house.connection}
    return await _run(house, "TieOut", start, tie_out_id(house.connection))


async def duplicate_taken_back(house: House) -> str:
    invoice = await posted(house)
    key = Key(tag="DNAV", kind=Kind.INVOICE, source_id=str(invoice)).text()
    async with house.books() as books:
        (entry,) = await books.rows("CustomerLedgerEntries", External_Document_No=key)
        number = await house.number(invoice)
        await books.invoice(entry["Customer_No"], "113.00", TODAY, number)
    found = await _break_of(house, invoice)
    await decided_by_two(house, found, "reverse")
    return await _put_right(house, found)


async def difference_written_off(house: House) -> str:
    """Nobody posts the journal in AX at first: it waits."""
    ax = house.on("demo-ax")
    invoice = await posted(ax)
    await ax.clerk.change_lines(invoice, "USD", [Line("Advice", "1", "112.60")])
    await ax.watch.wait(invoice, "held")
    found = await _break_of(ax, invoice)
    await clerk_of_ax(ax, "wait")
    try:
        await decided_by_two(ax, found, "write off")
        await asyncio.sleep(5)
    finally:
        await clerk_of_ax(ax, "auto")
    return await _put_right(ax, found)


async def _break_of(house: House, invoice: int) -> Break:
    """What a tie-out says of an invoice."""
    match = match_of(Kind.INVOICE, str(invoice))
    await asyncio.sleep(SETTLE)
    await tie_out(house)
    (found,) = [each for each in await breaks(house, BreakState.OPEN) if each.match == match]
    return found


async def _put_right(house: House, found: Break) -> str:
    identity = put_right_id(house.connection, found.match)
    async with asyncio.timeout(90):
        await house.client.get_workflow_handle(identity).result()
    return identity


async def history_rehearsed(house: House) -> str:
    start = {"connection": house.connection, "since": str(TODAY), "dry_run": True}
    return await _run(house, "Backfill", start, f"backfill/{house.connection}/golden")


async def holds_retried_in_bulk(house: House) -> str:
    invoice = await house.sent_invoice(HARDWARE)
    await house.watch.wait(invoice, "held")
    cause = "account-unknown"
    start = {"connection": house.connection, "cause": cause, "who": "Ada", "why": "mapped it"}
    return await _run(house, "BulkRetry", start, bulk_retry_id(house.connection, cause))


async def trouble_told_of(house: House) -> str:
    start = {"connection": house.connection}
    return await _run(house, "Alerts", start, f"alerts/{house.connection}/golden")


async def _run(house: House, process: str, start: dict[str, Any], identity: str) -> str:
    """Start a process by hand and wait for its end."""
    async with asyncio.timeout(90):
        await house.client.execute_workflow(process, start, id=identity, task_queue="tieout")
    return identity


async def _told(house: House, identity: str) -> str:
    """Until a process has written down what it did last."""
    handle = house.client.get_workflow_handle(identity)
    length = 0
    while length != (length := (await handle.describe()).history_length):  # noqa: ASYNC110
        await asyncio.sleep(2)
    return identity


OTHER_STORIES: tuple[Story, ...] = (
    payment_hinted,
    prepayment_posted,
    credit_edited_and_posted_again,
    claim_rejected,
    claim_withdrawn_after_posting,
    claim_of_three_expenses,
    company_card_paid,
    bill_paid_in_two_parts,
    swept,
    month_tied_out,
    every_month_tied_out,
    duplicate_taken_back,
    difference_written_off,
    history_rehearsed,
    holds_retried_in_bulk,
    trouble_told_of,
)
