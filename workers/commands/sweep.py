"""`tieout sweep start`, `pause`, `run-now` and `status`"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer
from temporalio.client import Client, ScheduleDescription, ScheduleOverlapPolicy
from temporalio.service import RPCError, RPCStatusCode

from documents.naming import sweep_id
from workers import temporal
from workers.commands.options import ConfigOption
from workers.commands.screen import PlainTable, screen
from workers.commands.site import Desk, opened_desk
from workers.connections import ConnectionSettings
from workers.refusal import Refusal
from workers.schedules import keep, period, sweep_of

app = typer.Typer(
    no_args_is_help=True,
    help="The catch-up sweep: it finds what the webhooks missed, and repairs them.",
)

NameOption = Annotated[
    str | None, typer.Option("--connection", help="Only this connection; without it, all.")
]
EveryOption = Annotated[
    str | None, typer.Option("--every", help="How often, as 90s, 5m or 2h; without it, as set.")
]
_Act = Callable[[Desk, Client, ConnectionSettings], Awaitable[None]]
_UNITS = {"s": 1, "m": 60, "h": 3600}


@app.command()
def start(
    connection: NameOption = None, every: EveryOption = None, config: ConfigOption = None
) -> None:
    """Make the schedule if there is none, and let it run."""
    wanted = _duration(every) if every else None

    async def act(_: Desk, client: Client, each: ConnectionSettings) -> None:
        errand = sweep_of(each)
        if wanted is not None:
            errand = replace(errand, every=wanted, by_hand=True)
        handle = await keep(client, errand)
        description = await handle.describe()
        if description.schedule.state.paused:
            await handle.unpause(note="started by tieout sweep start")
        screen().print(f"{errand.schedule_id} runs {_every(await handle.describe())}")

    asyncio.run(_each(config, connection, act))


@app.command()
def pause(connection: NameOption = None, config: ConfigOption = None) -> None:
    """Let no sweep start until `tieout sweep start`; one that is running ends in order."""

    async def act(_: Desk, client: Client, each: ConnectionSettings) -> None:
        await _described(client, each)
        handle = client.get_schedule_handle(sweep_id(each.name))
        await handle.pause(note="paused by tieout sweep pause")
        screen().print(f"{sweep_id(each.name)} is paused")

    asyncio.run(_each(config, connection, act))


@app.command("run-now")
def run_now(connection: NameOption = None, config: ConfigOption = None) -> None:
    """Start a sweep now, unless one is running."""

    async def act(_: Desk, client: Client, each: ConnectionSettings) -> None:
        await _described(client, each)
        handle = client.get_schedule_handle(sweep_id(each.name))
        await handle.trigger(overlap=ScheduleOverlapPolicy.SKIP)
        screen().print(f"{sweep_id(each.name)} was started")

    asyncio.run(_each(config, connection, act))


@app.command()
def status(connection: NameOption = None, config: ConfigOption = None) -> None:
    """Show how often each sweep runs, when it ran and will run, and how far it came."""
    table = PlainTable(title="Sweeps", title_justify="left")
    for column in ("connection", "runs", "state", "last run", "next run", "watermarks (UTC)"):
        table.add_column(column, overflow="fold")

    async def act(desk: Desk, client: Client, each: ConnectionSettings) -> None:
        marks = _summed_up(await desk.store.watermarks.all(each.name))
        shown = "\n".join(f"{name}: {_moment(at)}" for name, at in marks.items())
        table.add_row(each.name, *_row(await _described(client, each)), shown)

    asyncio.run(_each(config, connection, act))
    screen().print(table)


async def _each(config: Path | None, name: str | None, act: _Act) -> None:
    async with opened_desk(config) as desk:
        client = await temporal.connect(desk.settings, interceptors=())
        for connection in desk.chosen(name):
            await act(desk, client, connection)


async def _described(client: Client, connection: ConnectionSettings) -> ScheduleDescription:
    try:
        return await client.get_schedule_handle(sweep_id(connection.name)).describe()
    except RPCError as error:
        if error.status is not RPCStatusCode.NOT_FOUND:
            raise
        raise Refusal(
            f"{connection.name} has no sweep yet: a worker makes it, or `tieout sweep start`"
        ) from None


def _row(found: ScheduleDescription) -> tuple[str, ...]:
    state = "paused" if found.schedule.state.paused else "runs"
    last, following = found.info.recent_actions[-1:], found.info.next_action_times[:1]
    return (
        _every(found),
        state,
        _moment(last[0].started_at) if last else "never",
        _moment(following[0]) if following and state == "runs" else "",
    )


def _summed_up(marks: Mapping[str, datetime]) -> dict[str, datetime]:
    """What is kept in parts (`name/part`) has come as far as its last part."""
    found: dict[str, datetime] = {}
    for name, at in marks.items():
        whole = name.partition("/")[0]
        found[whole] = min(at, found.get(whole, at))
    return found


def _every(found: ScheduleDescription) -> str:
    spec = found.schedule.spec
    periods = ", ".join(f"every {i.every.total_seconds():g} s" for i in spec.intervals)
    return periods or "by its calendar"


def _moment(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S}"


def _duration(text: str) -> timedelta:
    """A period as people type it. Raises Refusal for anything else, and for an impossible one."""
    match = re.fullmatch(r"(\d{1,6})([smh])", text.strip())
    if not match:
        raise Refusal(f"--every {text!r} is not a period: write it as 90s, 5m or 2h")
    wanted = timedelta(seconds=int(match[1]) * _UNITS[match[2]])
    period(wanted)
    return wanted
