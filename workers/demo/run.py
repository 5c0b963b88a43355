"""`tieout demo`: the whole house, the story, and a table that ties to the cent."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable, Coroutine
from contextlib import suppress
from datetime import UTC, datetime

import httpx
from rich.console import Console
from rich.panel import Panel
from rich.table import Table

from workers import temporal
from workers.connections import NavTarget
from workers.demo.books import NavBooks, Side, lines, source_side, ties
from workers.demo.house import Neighbourhood, embedded_house
from workers.demo.people import Clerk
from workers.demo.story import Story
from workers.demo.watch import Watch
from workers.refusal import Refusal

CONNECTION = "demo-nav"


async def run_demo(*, once: bool, ports: int = 0) -> bool:
    """Play the story; True when both sides tie and every process is where it should be.

    Without `once` everything stays up until SIGINT or SIGTERM, for looking around.
    """
    console = Console()
    stopped = _listen()
    with console.status("starting Temporal, the stand-ins, the gateway and a worker"):
        async with embedded_house(ports) as house:
            console.print(f"[bold]Temporal Web UI[/] {house.ready.temporal_ui}")
            tied = await _unless(stopped, _play(house, console))
            if tied is None:
                return False
            console.print(_try_out(house))
            if not once:
                console.print("Everything stays up; Ctrl-C ends it.")
                await stopped.wait()
            return tied


def _listen() -> asyncio.Event:
    stopped = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    return stopped


async def _unless(stopped: asyncio.Event, play: Coroutine[None, None, bool]) -> bool | None:
    """The outcome of the story, or None when it was interrupted."""
    playing, waiting = asyncio.create_task(play), asyncio.create_task(stopped.wait())
    await asyncio.wait((playing, waiting), return_when=asyncio.FIRST_COMPLETED)
    waiting.cancel()
    if playing.done():
        return playing.result()
    playing.cancel()
    with suppress(asyncio.CancelledError):
        await playing
    return None


async def _play(house: Neighbourhood, console: Console) -> bool:
    ends = house.ready.connections[CONNECTION]
    client = await temporal.connect(
        house.settings, address=house.ready.temporal, namespace=house.ready.namespace
    )
    watch = Watch(client, CONNECTION)
    async with httpx.AsyncClient(timeout=30) as http:
        clerk = Clerk(http, house.ready.sandbox["freshbooks"], ends.source)
        story = Story(clerk, watch.wait, _teller(console), datetime.now(UTC).date())
        with console.status("the story begins") as status:
            counting = asyncio.create_task(_count(watch, status.update))
            await story.play()
            counting.cancel()
        sides = await _sides(house, http, clerk)
        right = await _as_told(story, watch, console)
    tied = ties(*sides)
    console.print(_table(sides, tied))
    return tied and right


def _teller(console: Console) -> Callable[[str], None]:
    numbers = iter(range(1, 1000))

    def tell(sentence: str) -> None:
        console.print(f"{next(numbers):>2}. {sentence}")

    return tell


async def _count(watch: Watch, update: Callable[[str], None]) -> None:
    while True:
        counts = await watch.counts()
        shown = ", ".join(f"{n} {stage}" for stage, n in sorted(counts.items()))
        update(f"processes: {shown or 'none yet'}")
        await asyncio.sleep(0.5)


async def _sides(house: Neighbourhood, http: httpx.AsyncClient, clerk: Clerk) -> tuple[Side, Side]:
    target = house.connections[CONNECTION].target
    if not isinstance(target, NavTarget):
        raise Refusal(f"the story of {CONNECTION} is told in NAV, not in {target.system}")
    books = NavBooks(http, target, await house.target_secret(CONNECTION))
    return await source_side(clerk), await books.side()


async def _as_told(story: Story, watch: Watch, console: Console) -> bool:
    """Whether every process ended at the stage that the story promised."""
    wrong = {
        invoice: (stage, found)
        for invoice, stage in story.stages.items()
        if (found := await watch.stage(invoice)) != stage
    }
    for invoice, (stage, found) in wrong.items():
        console.print(f"[red]invoice {invoice} should be {stage}, it is {found}[/]")
    return not wrong


def _table(sides: tuple[Side, Side], tied: bool) -> Table:
    verdict = "[green]ties to the cent[/]" if tied else "[red]does not tie[/]"
    table = Table(title=f"Both sides per currency: {verdict}", title_justify="left")
    for name in ("currency", "system"):
        table.add_column(name)
    for name in ("invoices", "invoiced", "payments", "paid", "outstanding"):
        table.add_column(name, justify="right")
    for row in lines(sides):
        table.add_row(*row)
    return table


def _try_out(house: Neighbourhood) -> Panel:
    """What to look at next; the commands work as they stand."""
    here = f"--address {house.ready.temporal}"
    commands = (
        f"temporal workflow list {here} --query \"TieoutStage = 'closed'\"",
        f"temporal workflow query {here} --codec-endpoint {house.ready.codec} --type status "
        f"--workflow-id order-to-cash/{CONNECTION}/ID",
        f"temporal workflow signal {here} --name look_again "
        f"--workflow-id order-to-cash/{CONNECTION}/ID",
    )
    page = f"{house.ready.temporal_ui}/namespaces/{house.ready.namespace}/workflows"
    text = "\n".join((page, "", *commands))
    return Panel(text, title="look around (.venv/bin/temporal)", title_align="left")
