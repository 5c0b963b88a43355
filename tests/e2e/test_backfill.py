"""The backfill through the whole house: a dry run, then the real one, as an operator sees them."""

from __future__ import annotations

import asyncio
import os
import re
import sys
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
import pytest_asyncio

from tests.e2e.bills import open_payables
from tests.e2e.expenses import open_claims
from tests.e2e.house import CONNECTION, TODAY, House
from workers.demo.people import Line


@pytest_asyncio.fixture(loop_scope="session")
async def deaf(house: House) -> AsyncIterator[House]:
    """The house while no webhook arrives and no sweep runs: history is only there to be loaded."""
    url = f"{house.ready.control}/webhooks"
    sweep = house.client.get_schedule_handle(f"sweep/{CONNECTION}")
    await sweep.pause()
    async with asyncio.timeout(60):
        while (await sweep.describe()).info.running_actions:  # noqa: ASYNC110
            await asyncio.sleep(0.2)
    await house.http.post(url, json={"system": "freshbooks", "drop": 1.0})
    yield house
    await house.http.post(url, json={"system": "freshbooks"})
    await sweep.unpause()


async def _tieout(house: House, *arguments: str) -> tuple[int, str]:
    script = Path(sys.executable).with_name("tieout")
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        str(script),
        "backfill",
        f"--connection={CONNECTION}",
        *arguments,
        f"--config={house.state / 'tieout.yaml'}",
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        env={**os.environ, "TEMPORAL_ADDRESS": house.ready.temporal},
    )
    out, _ = await process.communicate()
    return process.returncode or 0, out.decode()


async def test_a_dry_run_posts_nothing_and_the_backfill_everything(deaf: House) -> None:
    client = await deaf.new_client("History Ltd")
    day = TODAY - timedelta(days=3)
    invoices = []
    for n in range(4):
        lines = [Line("Advice", "1", f"{100 + n}.00")]
        invoices.append(await deaf.clerk.write_invoice(client, "USD", day, lines))
        await deaf.clerk.send_invoice(invoices[-1])
    await deaf.pay(invoices[0], "100.00", day)
    payables = await open_payables(deaf)
    bill = await payables.enter()
    await deaf.clerk.pay_bill(bill, "125.50", TODAY)
    claims = await open_claims(deaf)
    claim = await claims.enter("40.00", day=day)
    made = {*map(str, invoices), str(bill), str(claim)}
    code, shown = await _tieout(deaf, f"--from={day}", "--dry-run")
    assert code == 0, shown
    assert "would become" in shown
    assert re.search(r"bill payment\W+post", shown), shown
    assert re.search(r"expense\W+post", shown), shown
    # What earlier tests left in the house may still be posted meanwhile.
    keys = [str(row["key"]) for row in await deaf.journal()]
    assert [key for key in keys if made & set(re.findall(r"\d+", key))] == []
    assert await deaf.watch.stage(invoices[0]) == "none"

    code, shown = await _tieout(deaf, f"--from={day}")
    assert code == 0, shown
    assert "posted" in shown
    await deaf.watch.wait(invoices[0], "closed")
    await payables.wait(bill, "closed", "paid and settled on both sides")
    await claims.wait(claim, "posted")
    for invoice in invoices:
        (row,) = await deaf.posted("invoice", await deaf.number(invoice))
        assert row["currency"] == "USD"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--from=yesterday",), "is not a day"),
        (("--from=2026-02-30",), "is not a day"),
        (("--from=2999-01-01",), "lies ahead"),
        (("--from=2026-01-01", "--connection=nobody"), "there is no connection"),
    ],
)
async def test_a_backfill_that_makes_no_sense_is_refused(
    house: House, arguments: tuple[str, ...], said: str
) -> None:
    code, shown = await _tieout(house, *arguments)
    assert code == 1
    assert said in shown
