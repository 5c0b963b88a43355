"""`tieout account`"""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from workers import temporal
from workers.account.law import days_of
from workers.account.report import Accounting, account
from workers.commands.options import ConfigOption
from workers.commands.screen import screen
from workers.commands.site import opened_desk

app = typer.Typer()


@app.command()
def account_for(
    connection: Annotated[
        str | None, typer.Option("--connection", help="Only this connection; without it, all.")
    ] = None,
    period: Annotated[
        str | None, typer.Option("--period", help="Only what was received in a month: 2026-03.")
    ] = None,
    against_source: Annotated[
        bool,
        typer.Option("--against-source", help="Compare with everything the source lists, too."),
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    config: ConfigOption = None,
) -> None:
    """Account for every document: received = posted + in flight + held + ignored.

    Code 1 when something is not accounted for: the law does not hold, an open document has no
    process, a process has no document, or the source shows what was never received.
    """
    found = asyncio.run(_found(connection, period, config, ask_source=against_source))
    if as_json:
        sys.stdout.write(json.dumps([each.as_json() for each in found], indent=2) + "\n")
    else:
        _print(found)
    if any(each.findings for each in found):
        raise typer.Exit(1)


async def _found(
    name: str | None, period: str | None, config: Path | None, *, ask_source: bool
) -> list[Accounting]:
    days = days_of(period)
    async with opened_desk(config) as desk:
        client = await temporal.connect(desk.settings, interceptors=())
        return [
            await account(client, desk.store, each, period or "", days, ask_source=ask_source)
            for each in desk.chosen(name)
        ]


def _print(found: list[Accounting]) -> None:
    console = screen()
    for each in found:
        if not each.rows and not each.findings:
            console.print(f"{each.connection}: nothing was received")
            continue
        console.print(each.as_table())
        for remark in each.remarks():
            console.print(remark)
