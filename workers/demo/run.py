"""`tieout demo`: the whole house, the story, and a table that ties to the cent."""

from __future__ import annotations

import asyncio
import signal
from collections import Counter
from collections.abc import Callable, Coroutine, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime

import httpx
from rich.console import Console
from rich.table import Table
from temporalio.client import Client

from documents.key import Kind
from store.keyring import KeyRing
from store.seal import Seal
from workers import temporal
from workers.answers import Answers
from workers.commands.screen import PlainTable, screen
from workers.connections import NavTarget
from workers.demo.bill_story import BillStory
from workers.demo.books import NavBooks, Side, lines, source_side, ties
from workers.demo.expenses_story import ExpensesStory
from workers.demo.house import Neighbourhood, embedded_house
from workers.demo.last_month import LastMonth
from workers.demo.listed import listed_side
from workers.demo.more_story import CashStory, EditStory
from workers.demo.operator import Operator
from workers.demo.payables_clerk import Accounts, AxPayablesClerk, PayablesClerk
from workers.demo.people import Clerk
from workers.demo.story import Story
from workers.demo.tie_out import tie_out
from workers.demo.watch import Watch
from workers.dev.announcement import as_exports
from workers.wiring import target_of

REPOSTING = "lane-2"
EXPENSES = ("demo-nav", "demo-ax")
CONNECTIONS = ("demo-nav", "demo-ax", REPOSTING)
"""The same story in the first two, in NAV and in AX; the last one, in NAV, posts edits again."""


@dataclass(frozen=True)
class Ended:
    """A story that was played in one connection."""

    connection: str
    story: Story
    watch: Watch


@dataclass(frozen=True)
class Outcome:
    """The stories that were told, the invoice that they leave held, and whether all books tie and
    every process is where it should be."""

    told: Sequence[Ended]
    expenses: ExpensesStory
    held: int
    tied: bool


async def run_demo(*, once: bool, ports: int = 0) -> bool:
    """Play the story; True when both sides tie and every process is where it should be.

    Without `once` everything stays up until SIGINT or SIGTERM, for looking around.
    """
    console = screen()
    stopped = _listen()
    with console.status("starting Temporal, the stand-ins, the gateway and a worker"):
        async with embedded_house(ports) as house:
            console.print(f"[bold]Temporal Web UI[/] {house.ready.temporal_ui}")
            outcome = await _unless(stopped, play(house, console))
            if outcome is None:
                return False
            await _try_out(house, outcome, console)
            if not once:
                console.print("Everything stays up; Ctrl-C ends it.")
                await stopped.wait()
            return outcome.tied


def _listen() -> asyncio.Event:
    stopped = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    return stopped


async def _unless(stopped: asyncio.Event, play: Coroutine[None, None, Outcome]) -> Outcome | None:
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


async def play(house: Neighbourhood, console: Console) -> Outcome:
    """Every story in every connection, then a tie-out of each."""
    client = await temporal.connect(
        house.settings, address=house.ready.temporal, namespace=house.ready.namespace
    )
    async with httpx.AsyncClient(timeout=30) as http:
        with console.status("the story begins") as status:
            watches = [Watch(client, name) for name in CONNECTIONS]
            counting = asyncio.create_task(_count(watches, status.update))
            async with asyncio.TaskGroup() as group:
                claims = [
                    group.create_task(_tell_expenses(house, http, client, console, name))
                    for name in EXPENSES
                ]
                for name in EXPENSES:
                    group.create_task(_tell_bill(house, http, client, console, name))
                told = [group.create_task(_tell(house, http, client, w, console)) for w in watches]
            expenses, ended = [e.result() for e in claims], [e.result() for e in told]
            counting.cancel()
        tied = [await _compared(house, http, each, console) for each in ended]
        tied += [await _paid_out(*each, console) for each in zip(EXPENSES, expenses, strict=True)]
        with console.status("the month before"):
            tied.append(await _signed_off(house, http, client, watches[0], console))
        with console.status("tying out the month"):
            today = datetime.now(UTC).date()
            tied += [await tie_out(house, client, n, today, console) for n in CONNECTIONS]
        held = await ended[0].story.leave_one_held()
    return Outcome(ended, expenses[0], held, all(tied))


async def _signed_off(
    house: Neighbourhood, http: httpx.AsyncClient, client: Client, watch: Watch, console: Console
) -> bool:
    """The month before, which is over: two people sign what it came to."""
    ends = house.ready.connections[watch.connection]
    clerk = Clerk(http, house.ready.sandbox["freshbooks"], ends.source)
    month = LastMonth(house, client, clerk, watch, datetime.now(UTC).date())
    await month.live()
    return await month.sign_off(console)


async def _tell(
    house: Neighbourhood, http: httpx.AsyncClient, client: Client, watch: Watch, console: Console
) -> Ended:
    ends = house.ready.connections[watch.connection]
    clerk = Clerk(http, house.ready.sandbox["freshbooks"], ends.source)
    tell = _teller(console, watch.connection)
    spec = house.settings.mappings / house.connections[watch.connection].mapping
    story = _story(watch, clerk, tell, Operator(client, watch.connection, spec))
    await story.play()
    return Ended(watch.connection, story, watch)


async def _tell_expenses(
    house: Neighbourhood, http: httpx.AsyncClient, client: Client, console: Console, name: str
) -> ExpensesStory:
    """What people claim, in the company of a connection."""
    story = ExpensesStory(
        Clerk(http, house.ready.sandbox["freshbooks"], house.ready.connections[name].source),
        await _accounts(house, http, name),
        Answers(client, Seal(KeyRing.from_source(house.settings.keys.get_secret_value())), name),
        _teller(console, f"{name}, expenses"),
        datetime.now(UTC).date(),
    )
    await story.play()
    return story


async def _tell_bill(
    house: Neighbourhood, http: httpx.AsyncClient, client: Client, console: Console, name: str
) -> None:
    """What a vendor bills, in the company of a connection."""
    ends = house.ready.connections[name]
    await BillStory(
        Clerk(http, house.ready.sandbox["freshbooks"], ends.source),
        await _accounts(house, http, name),
        Watch(client, name, Kind.BILL).wait,
        _teller(console, f"{name}, bills"),
        datetime.now(UTC).date(),
    ).play()


async def _accounts(house: Neighbourhood, http: httpx.AsyncClient, name: str) -> Accounts:
    target = house.connections[name].target
    if isinstance(target, NavTarget):
        return PayablesClerk(http, target, await house.target_secret(name))
    return AxPayablesClerk(http, target)


async def _paid_out(name: str, story: ExpensesStory, console: Console) -> bool:
    right = await story.is_as_told()
    number = len(story.stages)
    said = "as told" if right else "[red]NOT as told[/]"
    console.print(f"{name}, {number} expenses: each ended {said}")
    return right


def _story(watch: Watch, clerk: Clerk, tell: Callable[[str], None], operator: Operator) -> Story:
    today = datetime.now(UTC).date()
    if watch.connection == REPOSTING:
        return EditStory(clerk, watch.wait, tell, today, number=watch.number)
    return CashStory(clerk, watch.wait, tell, today, operator=operator, reason=watch.reason)


async def _compared(
    house: Neighbourhood, http: httpx.AsyncClient, ended: Ended, console: Console
) -> bool:
    """Show both sides of a connection; whether they tie and everything ended as told."""
    sides = await _sides(house, http, ended)
    right = await _as_told(ended.story, ended.watch, console)
    tied = ties(*sides)
    console.print(_table(ended.connection, sides, tied))
    return tied and right


def _teller(console: Console, connection: str) -> Callable[[str], None]:
    numbers = iter(range(1, 1000))

    def tell(sentence: str) -> None:
        console.print(f"[cyan]{connection:<18}[/] {next(numbers):>2}. {sentence}")

    return tell


async def _count(watches: Sequence[Watch], update: Callable[[str], None]) -> None:
    while True:
        counts = sum([await watch.counts() for watch in watches], Counter[str]())
        shown = ", ".join(f"{n} {stage}" for stage, n in sorted(counts.items()))
        update(f"processes: {shown or 'none yet'}")
        await asyncio.sleep(0.5)


async def _sides(house: Neighbourhood, http: httpx.AsyncClient, ended: Ended) -> tuple[Side, Side]:
    settings = house.connections[ended.connection]
    secret = await house.target_secret(ended.connection)
    source = await source_side(ended.story.clerk)
    if isinstance(settings.target, NavTarget):
        return source, await NavBooks(http, settings.target, secret).side()
    async with target_of(settings.target, secret) as target:
        last = ended.story.today
        return source, await listed_side("Dynamics AX", target.ledger, settings.tag, last)


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


def _table(connection: str, sides: tuple[Side, Side], tied: bool) -> Table:
    verdict = "[green]ties to the cent[/]" if tied else "[red]does not tie[/]"
    title = f"{connection}, both sides per currency: {verdict}"
    table = PlainTable(title=title, title_justify="left")
    for name in ("currency", "system"):
        table.add_column(name)
    for name in ("invoices", "invoiced", "payments", "paid", "open"):
        table.add_column(name, justify="right")
    for row in lines(sides):
        table.add_row(*row)
    return table


async def _try_out(house: Neighbourhood, outcome: Outcome, console: Console) -> None:
    """What to look at next; the commands work as they stand, each on one line to be copied."""
    ended, expense = outcome.told[0], outcome.expenses.left
    waiting = next(i for i, stage in ended.story.stages.items() if stage == "posted")
    held, status = str(outcome.held), await ended.watch.status(outcome.held)
    number = status.document_number if status else ""
    document = f"--workflow-id order-to-cash/{ended.connection}/$ID"
    page = f"{house.ready.temporal_ui}/namespaces/{house.ready.namespace}/workflows"
    for line in (
        "",
        f"Look around: {page}, or in another terminal",
        as_exports(house.ready, ID=str(waiting), HELD=held, NUMBER=number, EXPENSE=str(expense)),
        "temporal workflow list --query \"TieoutStage = 'held' AND ExecutionStatus = 'Running'\"",
        f"temporal workflow query --type status {document}",
        f"temporal workflow signal --name look_again {document}",
        f"tieout expenses list --connection {ended.connection}",
    ):
        console.print(line, soft_wrap=True, highlight=False, markup=False)
