"""`tieout tie-out run`, `show`, `export`, `sign-off`, `accept` and `reverse`"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from temporalio.client import WorkflowFailureError
from temporalio.common import (
    SearchAttributePair,
    TypedSearchAttributes,
    WorkflowIDConflictPolicy,
)

from activities.reconciling import TieOutInput, TieOutResult
from activities.telling import LOWEST, Messenger
from documents.naming import TIE_OUT, WORKFLOW_TASK_QUEUE, tie_out_id
from documents.tieout import BreakAction
from policies.tieout.periods import Period
from store.keyring import KeyRing
from store.seal import Seal
from workers import temporal
from workers.access.authorities import concierge
from workers.access.callers import Caller, Role
from workers.commands.options import ConfigOption, ConnectionOption
from workers.commands.screen import ask_secret, screen
from workers.commands.site import Desk, opened_desk
from workers.private import make_private
from workers.refusal import Refusal
from workers.tieout import report as reports
from workers.tieout.deciding import PeriodDesk
from workers.tieout.files import write_breaks_csv, write_xlsx
from workers.tieout.page import html
from workers.tieout.signing import somebody
from workers.tieout.streams import Streams, streams_of
from workers.tieout.table import show as show_table
from workflows.attributes import CONNECTION

app = typer.Typer(
    no_args_is_help=True,
    help="Proves that both sides agree for a period, or lists every difference.",
)

PeriodOption = Annotated[str, typer.Option("--period", help="The month, as 2026-11.")]
AllOption = Annotated[bool, typer.Option("--all", help="Also the customers that differ.")]
WaitOption = Annotated[bool, typer.Option(help="Wait for the end, and show what it came to.")]
OutputOption = Annotated[Path, typer.Option("--output", "-o", help="The file to write.")]
WhyOption = Annotated[str, typer.Option("--why", help="Why the difference may stay.")]
BreakArgument = Annotated[str, typer.Argument(help="The id of the break, as the exports show it.")]


class Format(StrEnum):
    CSV = "csv"
    XLSX = "xlsx"
    HTML = "html"


async def _html(path: Path, report: reports.Report, _: Streams) -> None:
    await asyncio.to_thread(path.write_text, html(report), encoding="utf-8")


_WRITERS: dict[Format, Callable[[Path, reports.Report, Streams], Awaitable[None]]] = {
    Format.CSV: write_breaks_csv,
    Format.XLSX: write_xlsx,
    Format.HTML: _html,
}


@app.command()
def run(
    connection: ConnectionOption,
    period: PeriodOption,
    wait: WaitOption = True,
    config: ConfigOption = None,
) -> None:
    """Tie out a period now; ends with code 1 when it does not tie."""
    tied = asyncio.run(_run(config, connection, _checked(period), wait=wait))
    if not tied:
        raise typer.Exit(1)


@app.command()
def show(
    connection: ConnectionOption,
    period: PeriodOption,
    everything: AllOption = False,
    config: ConfigOption = None,
) -> None:
    """Show what the last run came to; ends with code 1 when it does not tie."""
    if not asyncio.run(_show(config, connection, _checked(period), everything=everything)):
        raise typer.Exit(1)


@app.command()
def export(
    connection: ConnectionOption,
    period: PeriodOption,
    output: OutputOption,
    file_format: Annotated[
        Format | None, typer.Option("--format", help="By default the ending.")
    ] = None,
    config: ConfigOption = None,
) -> None:
    """Write the report as a file: CSV (breaks only), XLSX, or a page of HTML."""
    chosen = file_format or _format_of(output)
    asyncio.run(_export(config, connection, _checked(period), output, chosen))


@app.command("sign-off")
def sign_off(
    connection: ConnectionOption, period: PeriodOption, config: ConfigOption = None
) -> None:
    """Prepare the sign-off of a period, or approve what somebody else prepared."""
    token = ask_secret("Your token")
    typer.echo(asyncio.run(_sign_off(config, connection, _checked(period), token)))


@app.command()
def accept(
    break_id: BreakArgument,
    connection: ConnectionOption,
    period: PeriodOption,
    why: WhyOption = "",
    config: ConfigOption = None,
) -> None:
    """Propose to let a difference stay, or approve what somebody else proposed. It books
    nothing: write-off does."""
    about = (break_id, BreakAction.ACCEPT, why)
    token = ask_secret("Your token")
    typer.echo(asyncio.run(_decide(config, connection, _checked(period), about, token)))


@app.command()
def reverse(
    break_id: BreakArgument,
    connection: ConnectionOption,
    period: PeriodOption,
    why: WhyOption = "",
    config: ConfigOption = None,
) -> None:
    """Propose to take back what stands twice (a credit memo is posted against an invoice, a
    receipt is reversed), or a write-off, or approve what somebody else proposed."""
    about = (break_id, BreakAction.REVERSE, why)
    token = ask_secret("Your token")
    typer.echo(asyncio.run(_decide(config, connection, _checked(period), about, token)))


@app.command("write-off")
def write_off(
    break_id: BreakArgument,
    connection: ConnectionOption,
    period: PeriodOption,
    why: Annotated[str, typer.Option("--why", help="Why it is written off.")] = "",
    config: ConfigOption = None,
) -> None:
    """Propose to book a small difference of an invoice to the account of write-offs, or approve
    what somebody else proposed."""
    about = (break_id, BreakAction.WRITE_OFF, why)
    token = ask_secret("Your token")
    typer.echo(asyncio.run(_decide(config, connection, _checked(period), about, token)))


async def _run(config: Path | None, name: str, period: str, *, wait: bool) -> bool:
    async with opened_desk(config) as desk:
        connection = desk.connection(name)
        client = await temporal.connect(desk.settings)
        handle = await client.start_workflow(
            TIE_OUT,
            TieOutInput(connection=name, period=period, source=connection.source.system),
            id=tie_out_id(name, period),
            task_queue=WORKFLOW_TASK_QUEUE,
            # One that is under way is as good as a new one.
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            search_attributes=TypedSearchAttributes([SearchAttributePair(CONNECTION, name)]),
            priority=LOWEST,
            result_type=TieOutResult,
        )
        if not wait:
            typer.echo(f"started {handle.id}")
            return True
        try:
            await handle.result()
        except WorkflowFailureError as error:
            raise Refusal(f"the tie-out failed: {error.cause}") from error
        return await _shown(desk, name, period, everything=False)


async def _show(config: Path | None, name: str, period: str, *, everything: bool) -> bool:
    async with opened_desk(config) as desk:
        return await _shown(desk, name, period, everything=everything)


async def _shown(desk: Desk, name: str, period: str, *, everything: bool) -> bool:
    report = await _report(desk, name, period)
    show_table(report, screen(), everything=everything)
    return report.is_tied


async def _export(
    config: Path | None, name: str, period: str, output: Path, chosen: Format
) -> None:
    async with opened_desk(config) as desk:
        report = await _report(desk, name, period)
        make_private(output)
        await _WRITERS[chosen](output, report, streams_of(desk.store, report.summary))


async def _sign_off(config: Path | None, name: str, period: str, token: str) -> str:
    async with opened_desk(config) as desk:
        caller = await _caller(desk, token)
        signed = await _period(desk, name, period).sign_off(caller)
    return reports.signature(signed)


async def _decide(
    config: Path | None, name: str, period: str, about: tuple[str, BreakAction, str], token: str
) -> str:
    break_id, action, why = about
    async with opened_desk(config) as desk:
        caller = await _caller(desk, token)
        changed = await _period(desk, name, period).decide(break_id, action, caller, why)
    booked = " (it books nothing)" if action is BreakAction.ACCEPT else ""
    return f"{changed.break_id}: {changed.state.value}, {changed.how}{booked}"


async def _caller(desk: Desk, token: str) -> Caller:
    return await somebody(concierge(desk.settings, desk.store.persons), token, Role.OPERATOR)


async def _report(desk: Desk, name: str, period: str) -> reports.Report:
    desk.connection(name)
    return await reports.load(desk.store, name, period, datetime.now(UTC))


def _period(desk: Desk, name: str, period: str) -> PeriodDesk:
    connection = desk.connection(name)

    async def messenger() -> Messenger:
        return Messenger(await temporal.connect(desk.settings), name, connection.source.system)

    seal = Seal(KeyRing.from_source(desk.settings.keys.get_secret_value()))
    return PeriodDesk(desk.store, seal, connection, period, messenger)


def _checked(period: str) -> str:
    try:
        return str(Period.parse(period))
    except ValueError as error:
        raise Refusal(str(error)) from error


def _format_of(output: Path) -> Format:
    ending = output.suffix.lstrip(".").lower()
    known = {"htm": Format.HTML, **{each.value: each for each in Format}}
    if ending not in known:
        raise Refusal("say --format csv, xlsx or html, or choose a file name that ends so")
    return known[ending]
