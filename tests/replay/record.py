"""Record the golden histories anew: `python -m tests.replay.record`, only when a change of a
workflow is meant to break the replay of documents that wait. Each file is named for its story.
"""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path

from tests.e2e.house import CONNECTION, House, open_house
from workers.demo.people import Line

HISTORIES = Path(__file__).parent / "histories"


async def paid_in_two_parts(house: House) -> str:
    invoice = await house.sent_invoice()
    await house.pay(invoice, "13.00")
    await house.watch.wait(invoice, "posted")
    await house.pay(invoice, "100.00")
    return await _ends(house, invoice, "closed")


async def draft_ignored(house: House) -> str:
    return await _ends(house, await house.invoice(), "ignored")


async def voided_after_payment(house: House) -> str:
    invoice = await house.sent_invoice()
    await house.pay(invoice, "13.00")
    await house.watch.wait(invoice, "posted")
    await asyncio.sleep(1)
    await house.clerk.void_invoice(invoice)
    return await _ends(house, invoice, "closed")


async def payment_deleted_and_paid_again(house: House) -> str:
    invoice = await house.sent_invoice()
    payment = await house.pay(invoice, "50.00")
    await house.watch.wait(invoice, "posted")
    await asyncio.sleep(1)
    await house.clerk.delete_payment(payment)
    await asyncio.sleep(1)
    await house.pay(invoice, "113.00")
    return await _ends(house, invoice, "closed")


async def held_and_corrected_at_the_source(house: House) -> str:
    invoice = await house.sent_invoice([Line("Hardware sale", "1", "10.00")])
    await house.watch.wait(invoice, "held")
    await house.clerk.change_lines(invoice, "USD", [Line("Service", "1", "10.00")])
    await house.watch.wait(invoice, "posted")
    await house.pay(invoice, "10.00")
    return await _ends(house, invoice, "closed")


async def held_and_retried_by_a_person(house: House) -> str:
    client = await house.new_client("Blocked once")
    await house.watch.wait(await house.sent_invoice(client=client), "posted")
    await house.block_customer("Blocked once", "All")
    invoice = await house.sent_invoice(client=client)
    await house.watch.wait(invoice, "held")
    await house.block_customer("Blocked once", " ")
    await house.resolve(invoice, action="retry", who="Ada", why="unblocked in NAV")
    return await _ends(house, invoice, "posted")


async def skipped_by_a_person(house: House) -> str:
    invoice = await house.sent_invoice([Line("Hardware sale", "1", "10.00")])
    await house.watch.wait(invoice, "held")
    await house.decide(invoice, action="skip")
    return await _ends(house, invoice, "ignored")


STORIES: tuple[Callable[[House], Awaitable[str]], ...] = (
    paid_in_two_parts,
    draft_ignored,
    voided_after_payment,
    payment_deleted_and_paid_again,
    held_and_corrected_at_the_source,
    held_and_retried_by_a_person,
    skipped_by_a_person,
)


async def _ends(house: House, invoice: int, stage: str) -> str:
    await house.watch.wait(invoice, stage)
    return f"order-to-cash/{CONNECTION}/{invoice}"


async def main() -> None:
    # Golden histories are read by people and replayed without keys.
    os.environ["TIEOUT_ENCRYPTION"] = "false"
    with tempfile.TemporaryDirectory(prefix="tieout-record-") as folder:
        async with open_house(Path(folder)) as house:
            for story in STORIES:
                handle = house.client.get_workflow_handle(await story(house))
                history = await handle.fetch_history()
                path = HISTORIES / f"{story.__name__}.json"
                path.write_text(history.to_json() + "\n")
                sys.stderr.write(f"{path.name}: {len(history.events)} events\n")


if __name__ == "__main__":
    asyncio.run(main())
    os._exit(0)
