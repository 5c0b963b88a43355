"""`tieout webhooks register` and `tieout webhooks status`"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from store.store import Store
from workers import webhooks
from workers.commands.options import ConfigOption
from workers.commands.screen import PlainTable, screen
from workers.commands.site import opened_desk
from workers.connections import ConnectionSettings
from workers.sources import open_source
from workers.webhooks import CallbackPort, WebhookRow, WebhookState

app = typer.Typer(
    no_args_is_help=True,
    help="The webhook registrations at FreshBooks, by which it tells of changes.",
)

NameOption = Annotated[
    str | None, typer.Option("--connection", help="Only this connection; without it, all.")
]
_Act = Callable[[ConnectionSettings, CallbackPort, Store, str], Awaitable[list[WebhookRow]]]


@app.command()
def register(connection: NameOption = None, config: ConfigOption = None) -> None:
    """Register what is missing, and ask for the verification of what does not work again."""
    asyncio.run(_each(config, connection, webhooks.register))


@app.command()
def status(connection: NameOption = None, config: ConfigOption = None) -> None:
    """Show every registration; ends with code 1 if one that we need does not work."""
    if not asyncio.run(_each(config, connection, webhooks.status)):
        raise typer.Exit(1)


async def _each(config: Path | None, name: str | None, act: _Act) -> bool:
    """Act on each connection and show the result; true when everything works."""
    works = True
    async with opened_desk(config) as desk:
        for connection in desk.chosen(name):
            async with open_source(connection, desk.store) as source:
                rows = await act(connection, source, desk.store, desk.settings.gateway.public_url)
            screen().print(_table(connection.name, rows))
            works = works and all(row.state is WebhookState.WORKING for row in _needed(rows))
    return works


def _needed(rows: list[WebhookRow]) -> list[WebhookRow]:
    return [row for row in rows if row.state is not WebhookState.ELSEWHERE]


def _table(connection: str, rows: list[WebhookRow]) -> Table:
    table = PlainTable(title=f"Webhooks of {connection}", title_justify="left")
    for column in ("event", "id", "address", "state", "done now"):
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(row.event, row.callback_id, row.uri, row.state.value, row.did)
    return table
