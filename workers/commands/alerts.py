"""`tieout alerts show` and `tieout alerts test`"""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from connectors.errors import ConnectorError
from connectors.notices.ports import Channel
from workers.commands.options import ConfigOption
from workers.commands.screen import PlainTable, screen
from workers.commands.site import opened_desk
from workers.refusal import Refusal
from workers.settings import AppSettings, load_settings

app = typer.Typer(
    no_args_is_help=True, help="Who is told of trouble, by Slack and e-mail, and of what."
)

NameOption = Annotated[
    str | None, typer.Option("--connection", help="Only this connection; without it, all.")
]


@app.command()
def show(connection: NameOption = None, config: ConfigOption = None) -> None:
    """Show the trouble that each channel was told of and that is not solved."""
    screen().print(asyncio.run(_open_ones(config, connection)))


@app.command()
def test(config: ConfigOption = None) -> None:
    """Send a test message through every channel that is set; ends with code 1 if one fails."""
    settings = load_settings(config)
    channels = _channels(settings)
    failures = asyncio.run(_test(channels))
    for channel in channels:
        screen().print(f"{channel.name}: {failures.get(channel.name, 'taken')}")
    if failures:
        raise typer.Exit(1)


async def _test(channels: list[Channel]) -> dict[str, str]:
    failures = {}
    for channel in channels:
        try:
            await channel.send("Tieout: test", "Tieout: this is a test, nothing is wrong.")
        except ConnectorError as error:
            failures[channel.name] = str(error)
    return failures


async def _open_ones(config: Path | None, name: str | None) -> Table:
    table = PlainTable(title="Open alerts", title_justify="left")
    for column in ("connection", "channel", "cause", "since", "last told", "times"):
        table.add_column(column, overflow="fold")
    async with opened_desk(config) as desk:
        for connection in desk.chosen(name):
            for channel in _channels(desk.settings):
                known = await desk.store.alerts.open_ones(connection.name, channel.name)
                for state in known.values():
                    moments = (f"{at:%Y-%m-%d %H:%M}" for at in (state.first_at, state.told_at))
                    table.add_row(
                        connection.name, channel.name, state.cause, *moments, str(state.times)
                    )
    return table


def _channels(settings: AppSettings) -> list[Channel]:
    if not settings.alerts.channels:
        raise Refusal("no channel is set: give alerts.slack_url or alerts.email in the settings")
    return settings.alerts.channels
