"""Order to cash in the embedded house: latency, throughput, cost, against an empty workflow."""

from __future__ import annotations

import argparse
import asyncio
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from urllib.parse import urlencode

import httpx

from bench.empty import STEPS, empty_runs
from connectors.freshbooks.webhooks import SIGNATURE_HEADER, sign
from tests.e2e.actions import actions
from tests.e2e.house import CONNECTION, House, open_house
from workers.opening import open_store

_RATE = 200


def percentile(values: Sequence[float], percent: int) -> float:
    """The value below which that share lies, in the unit of the values."""
    return statistics.quantiles(values, n=100, method="inclusive")[percent - 1]


def line(name: str, *figures: str) -> None:
    print(f"{name:<46} " + "  ".join(figures))


async def main(invoices: int, seconds: float) -> None:
    with tempfile.TemporaryDirectory(prefix="tieout-bench-") as folder:
        async with open_house(Path(folder)) as house:
            await _latency(house, invoices)
            await _throughput(house, invoices)
            await _webhooks(house, seconds)
            await _cost(house)


async def _latency(house: House, count: int) -> None:
    """One invoice after the other, from the source's commit to the target's, by their clock."""
    client = await house.new_client()
    each = []
    for _ in range(count):
        invoice = await house.sent_invoice(client=client)
        await house.watch.wait(invoice, "posted")
        each.append(await _until_posted(house, invoice))
    empty, _ = await empty_runs(house.client, count, at_once=1)
    line("webhook to posted, one at a time", *_spread(each[3:]))
    line(f"empty workflow of {STEPS} steps, one at a time", *_spread(empty))
    line("ratio of the medians", f"{statistics.median(each) / statistics.median(empty):.1f}")


async def _until_posted(house: House, invoice: int) -> float:
    """From the request that sent the invoice to the moment it stands in NAV's books."""
    (posted,) = await house.posted("invoice", await house.number(invoice))
    requests = (await house.http.get(f"{house.ready.control}/requests/freshbooks")).json()
    path = f"/invoices/invoices/{invoice}"
    puts = [r["at"] for r in requests if r["method"] == "PUT" and r["path"].endswith(path)]
    began = datetime.fromisoformat(min(puts))
    return (datetime.fromisoformat(posted["at"]) - began).total_seconds()


async def _throughput(house: House, count: int) -> None:
    client = await house.new_client()
    drafts = [await house.invoice(client=client) for _ in range(count)]
    began = time.perf_counter()
    await asyncio.gather(*(house.clerk.send_invoice(draft) for draft in drafts))
    await asyncio.gather(*(house.watch.wait(draft, "posted") for draft in drafts))
    ours = count / (time.perf_counter() - began)
    _, took = await empty_runs(house.client, count, at_once=count)
    line("invoices posted per second, all at once", f"{ours:.1f}")
    line(f"empty workflows of {STEPS} steps per second", f"{count / took:.1f}")
    line("ratio", f"{count / took / ours:.1f}")


async def _webhooks(house: House, seconds: float) -> None:
    """Signed hints at a fixed rate, spread over a few invoices that wait for payment."""
    client = await house.new_client()
    waiting = [await house.sent_invoice(client=client) for _ in range(10)]
    await asyncio.gather(*(house.watch.wait(invoice, "posted") for invoice in waiting))
    async with open_store(house.settings) as store:
        active = await store.callbacks.active(CONNECTION)
    verifier = active[0].verifier
    account = house.ready.connections[CONNECTION].source.account_id
    url = f"{house.ready.gateway}/webhooks/freshbooks/{CONNECTION}"

    async def send(http: httpx.AsyncClient, invoice: int) -> float:
        fields = [("name", "invoice.update"), ("object_id", str(invoice)), ("account_id", account)]
        headers = {
            SIGNATURE_HEADER: sign(fields, verifier),
            "Content-Type": "application/x-www-form-urlencoded",
        }
        began = time.perf_counter()
        response = await http.post(url, content=urlencode(fields), headers=headers)
        assert response.status_code == 200, response.text
        return time.perf_counter() - began

    async with httpx.AsyncClient(limits=httpx.Limits(max_connections=200)) as http:
        sending = []
        began = time.perf_counter()
        for n in range(int(_RATE * seconds)):
            await asyncio.sleep(max(0.0, began + n / _RATE - time.perf_counter()))
            sending.append(asyncio.create_task(send(http, waiting[n % len(waiting)])))
        answers = await asyncio.gather(*sending)
        rate = len(answers) / (time.perf_counter() - began)
    line(f"webhook answer at {rate:.0f} requests a second", *_spread(answers))


async def _cost(house: House) -> None:
    invoice = await house.invoice()
    await house.watch.wait(invoice, "ignored")
    await house.clerk.send_invoice(invoice)
    await house.watch.wait(invoice, "posted")
    await asyncio.sleep(2)
    payment = await house.pay(invoice, "113.00")
    await house.watch.wait(invoice, "closed")
    await asyncio.sleep(3)
    ids = (f"order-to-cash/{CONNECTION}/{invoice}", f"hint/{CONNECTION}/payment/{payment}")
    spent = await actions(house.client, " OR ".join(f"WorkflowId = '{i}'" for i in ids))
    line("billable actions per paid invoice", f"{spent.total()}", str(dict(spent)))


def _spread(values: Sequence[float]) -> tuple[str, ...]:
    return tuple(f"p{p} {percentile(values, p) * 1000:.0f} ms" for p in (50, 95, 99))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--invoices", type=int, default=60)
    parser.add_argument("--seconds", type=float, default=5.0)
    given = parser.parse_args()
    asyncio.run(main(given.invoices, given.seconds))
    sys.stdout.flush()
    os._exit(0)
