"""A backlog of hints, drained with flat memory: what waits after an outage of the worker.

The worker is stopped while the hints arrive, half of them for a few posted invoices, half for
payments that nobody knows. Then it is let go, and its memory is sampled until nothing waits.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

from activities.signatures import HintInput
from activities.telling import Messenger
from documents.key import Kind
from documents.naming import HINT, LOOK_AGAIN, WORKFLOW_TASK_QUEUE, hint_id
from tests.e2e.house import CONNECTION, House, open_house

_INVOICES = 20
_AT_ONCE = 64
_SAMPLE_SECONDS = 0.5


@dataclass
class Memory:
    """The resident memory of a process in megabytes, sampled while something runs."""

    pid: int
    samples: list[float] = field(default_factory=list)

    def sample(self) -> None:
        pages = int(Path(f"/proc/{self.pid}/statm").read_text().split()[1])
        self.samples.append(pages * os.sysconf("SC_PAGE_SIZE") / 1e6)

    def quarter(self, number: int) -> float:
        """The highest sample of a quarter of the time (1 to 4)."""
        size = max(len(self.samples) // 4, 1)
        part = self.samples[(number - 1) * size : number * size] or self.samples[-1:]
        return max(part)


async def _each(count: int, act: Callable[[int], Awaitable[object]]) -> float:
    """Act for each number, a few at once; seconds that it took."""
    began, numbers = time.perf_counter(), iter(range(count))

    async def worker() -> None:
        for number in numbers:
            await act(number)

    await asyncio.gather(*(worker() for _ in range(_AT_ONCE)))
    return time.perf_counter() - began


async def _invoices(house: House) -> list[int]:
    client = await house.new_client("Backlog Ltd")
    found = [await house.sent_invoice(client=client) for _ in range(_INVOICES)]
    for invoice in found:
        await house.watch.wait(invoice, "posted")
    return found


async def _hint(house: House, invoices: list[int], number: int) -> None:
    """Every other hint is for a posted invoice, the others for payments that nobody knows."""
    if number % 2:
        messenger = Messenger(house.client, CONNECTION, "freshbooks")
        await messenger.tell(Kind.INVOICE, str(invoices[number % len(invoices)]))
        return
    payment = str(90_000_000 + number)
    await house.client.start_workflow(
        HINT,
        HintInput(connection=CONNECTION, kind="payment", object_id=payment),
        id=hint_id(CONNECTION, "payment", payment),
        task_queue=WORKFLOW_TASK_QUEUE,
        start_signal=LOOK_AGAIN,
    )


async def _drained(house: House, memory: Memory) -> float:
    """Seconds until no hint waits; the memory is sampled meanwhile."""
    began = time.perf_counter()
    query = f"WorkflowType = '{HINT}' AND ExecutionStatus = 'Running'"
    while (await house.client.count_workflows(query)).count:
        memory.sample()
        await asyncio.sleep(_SAMPLE_SECONDS)
    memory.sample()
    return time.perf_counter() - began


async def measure(count: int) -> bool:
    """Print the figures of one run; False when an invoice is not in the books exactly once."""
    with tempfile.TemporaryDirectory(prefix="tieout-bench-") as folder:
        async with open_house(Path(folder)) as house:
            invoices = await _invoices(house)
            memory = Memory(house.part("worker"))
            memory.sample()
            idle = memory.samples.pop()
            os.kill(memory.pid, signal.SIGSTOP)
            sent = await _each(count, lambda number: _hint(house, invoices, number))
            os.kill(memory.pid, signal.SIGCONT)
            drained = await _drained(house, memory)
            once = [
                len(await house.posted("invoice", await house.number(each))) == 1
                for each in invoices
            ]
    print(f"hints taken by Temporal   {count / sent:8.0f} per second ({count} in {sent:.1f} s)")
    print(f"hints drained             {count / drained:8.0f} per second (in {drained:.1f} s)")
    print(f"memory of the idle worker {idle:8.0f} MB")
    for quarter in range(1, 5):
        print(f"  highest in quarter {quarter}    {memory.quarter(quarter):8.0f} MB")
    print(f"invoices posted once      {sum(once):8} of {len(once)}")
    return all(once)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--count", type=int, default=20_000, help="how many hints")
    return 0 if asyncio.run(measure(parser.parse_args().count)) else 1


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    # As the commands do: the interpreter's own farewell can abort with a poll outstanding.
    os._exit(code)
