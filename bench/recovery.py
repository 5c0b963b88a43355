"""Recovery: every worker killed when half of the documents are posted, then started again.

Measured is how long the rest takes from the moment of death, and how many documents need a
person's hand afterwards: none may, and none may stand twice.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from store.store import Store
from tests.e2e.house import CONNECTION, House, open_house
from workers.account.report import account
from workers.connections import load_connections
from workers.opening import open_store

_AT_ONCE = 16
_EVERY_SECONDS = 0.5
_PATIENCE_SECONDS = 1800.0


@dataclass(frozen=True)
class Drain:
    """How a run went: seconds from the first document to the kill, and from there to the last."""

    before: float
    after: float
    posted_at_death: int


async def measure(documents: int) -> bool:
    """Print the figures of one run; False unless each document stands once, by no one's hand."""
    with tempfile.TemporaryDirectory(prefix="tieout-bench-") as folder:
        async with open_house(Path(folder)) as house, open_store(house.settings) as store:
            numbers = await _written(house, documents)
            drain = await _killed_at_half(house, numbers)
            right = await _report(house, store, numbers, drain)
    return right


async def _written(house: House, documents: int) -> dict[int, str]:
    """Drafts of one client, and the numbers that people see."""
    client = await house.new_client("Recovery Ltd")
    turn = asyncio.Semaphore(_AT_ONCE)

    async def one() -> int:
        async with turn:
            return await house.invoice(client=client)

    drafts = set(await asyncio.gather(*(one() for _ in range(documents))))
    rows = await house.journal("freshbooks")
    return {
        int(row["document"]): str(row["number"])
        for row in rows
        if row["kind"] == "invoice" and int(row["document"]) in drafts
    }


async def _killed_at_half(house: House, numbers: dict[int, str]) -> Drain:
    """Send all, kill the worker at half, wait until everything stands in the books."""
    began = time.perf_counter()
    sending = asyncio.create_task(_sent(house, list(numbers)))
    at_death = await _until(house, len(numbers) // 2)
    died = time.perf_counter()
    house.kill("worker")
    await sending
    await _until(house, len(numbers))
    return Drain(died - began, time.perf_counter() - died, at_death)


async def _sent(house: House, drafts: list[int]) -> None:
    turn = asyncio.Semaphore(_AT_ONCE)

    async def one(draft: int) -> None:
        async with turn:
            await house.clerk.send_invoice(draft)

    await asyncio.gather(*(one(draft) for draft in drafts))


async def _until(house: House, count: int) -> int:
    """Until so many invoices are posted; how many there are then."""
    async with asyncio.timeout(_PATIENCE_SECONDS):
        while True:
            posted = sum(_is_posted(row) for row in await house.journal())
            if posted >= count:
                return posted
            await asyncio.sleep(_EVERY_SECONDS)


def _is_posted(row: dict[str, object]) -> bool:
    return row["kind"] == "invoice" and row["state"] == "posted"


async def _report(house: House, store: Store, numbers: dict[int, str], drain: Drain) -> bool:
    found = Counter(str(r["document"]) for r in await house.journal() if _is_posted(r))
    once = sum(found[number] == 1 for number in numbers.values())
    held = len(await store.documents.held(CONNECTION, limit=len(numbers)))
    connection = load_connections(house.settings.connections)[CONNECTION]
    accounted = await account(house.client, store, connection, ask_source=True)
    left = len(numbers) - drain.posted_at_death
    print(f"documents                         {len(numbers):8}")
    print(f"posted when all workers died      {drain.posted_at_death:8} after {drain.before:.1f} s")
    print(f"time to drain from the death      {drain.after:8.1f} s for {left} documents")
    print(f"  a second                        {left / drain.after:8.1f}")
    print(f"posted exactly once               {once:8}")
    print(f"held, for a person to decide      {held:8}")
    for sentence in accounted.findings:
        print(f"not accounted for: {sentence}")
    return once == len(numbers) and not held and not accounted.findings


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--documents", type=int, default=1000, help="how many invoices")
    return 0 if asyncio.run(measure(parser.parse_args().documents)) else 1


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    # As the commands do: the interpreter's own farewell can abort with a poll outstanding.
    os._exit(code)
