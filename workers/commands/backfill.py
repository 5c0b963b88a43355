"""`tieout backfill`"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn
from temporalio.client import Client, WorkflowExecutionStatus, WorkflowHandle
from temporalio.common import (
    SearchAttributePair,
    TypedSearchAttributes,
    WorkflowIDConflictPolicy,
    WorkflowIDReusePolicy,
)

from activities.errands import BackfillInput, BackfillProgress, Opening
from activities.telling import LOWEST
from documents.naming import BACKFILL, WORKFLOW_TASK_QUEUE, backfill_id
from workers import temporal
from workers.commands.options import ConfigOption, ConnectionOption
from workers.commands.screen import PlainTable, screen
from workers.commands.site import pick
from workers.connections import ConnectionSettings, load_connections
from workers.refusal import Refusal
from workers.settings import load_settings
from workflows.attributes import CONNECTION

app = typer.Typer()

FromOption = Annotated[str, typer.Option("--from", help="First document date, as YYYY-MM-DD.")]
DryRunOption = Annotated[
    bool, typer.Option("--dry-run", help="Only show what would be posted, linked and held.")
]
DetachOption = Annotated[
    bool, typer.Option("--detach", help="Start it and do not wait; the same command watches it.")
]
_PAUSE_SECONDS = 0.5


@app.command()
def backfill(
    connection: ConnectionOption,
    since: FromOption,
    dry_run: DryRunOption = False,
    detach: DetachOption = False,
    config: ConfigOption = None,
) -> None:
    """Load everything dated from a day on. What is of before the cut-over date is linked to the
    target's own entries and never posted. Closing the terminal does not stop it; the same command
    shows how far it has come.

    Code 1 when a dry run shows opening balances that do not tie."""
    asyncio.run(_run(config, connection, _first_day(since), dry_run=dry_run, detach=detach))


async def _run(config: Path | None, name: str, since: date, *, dry_run: bool, detach: bool) -> None:
    settings = load_settings(config)
    connection = pick(load_connections(settings.connections), name)
    client = await temporal.connect(settings, interceptors=())
    handle = await _started(client, connection, since, dry_run=dry_run)
    if detach:
        screen().print(f"{handle.id} is running")
        return
    progress = await _watched(handle)
    show(screen(), connection, progress, dry_run=dry_run)
    if dry_run and not all(each.ties for each in progress.opening):
        raise typer.Exit(1)


def _first_day(text: str) -> date:
    """The day. Raises Refusal for anything that is not a day, or lies ahead."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise Refusal(f"--from {text!r} is not a day: write it as 2026-01-31") from None
    if day > datetime.now(UTC).date():
        raise Refusal(f"--from {text} lies ahead: there is nothing to load yet")
    return day


async def _started(
    client: Client, connection: ConnectionSettings, since: date, *, dry_run: bool
) -> WorkflowHandle[Any, Any]:
    """The backfill of a connection: the one that is running, else a new one."""
    suffix = "/dry-run" if dry_run else ""
    start = BackfillInput(
        connection=connection.name,
        since=since,
        dry_run=dry_run,
        source=connection.source.system,
        target=connection.target.system,
    )
    handle: WorkflowHandle[Any, Any] = await client.start_workflow(
        BACKFILL,
        start,
        id=f"{backfill_id(connection.name)}{suffix}",
        task_queue=WORKFLOW_TASK_QUEUE,
        id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
        id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
        search_attributes=TypedSearchAttributes([SearchAttributePair(CONNECTION, connection.name)]),
        priority=LOWEST,
    )
    return handle


async def _watched(handle: WorkflowHandle[Any, Any]) -> BackfillProgress:
    """Show the progress until the end, and give it. Raises Refusal when it did not end well."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("backfill", total=None)
        while (await handle.describe()).status is WorkflowExecutionStatus.RUNNING:
            _advance(bar, task, await handle.query("progress", result_type=BackfillProgress))
            await asyncio.sleep(_PAUSE_SECONDS)
    status = (await handle.describe()).status
    if status is not WorkflowExecutionStatus.COMPLETED:
        raise Refusal(f"{handle.id} ended as {status.name.lower() if status else 'unknown'}")
    ended: BackfillProgress = await handle.query("progress", result_type=BackfillProgress)
    return ended


def _advance(bar: Progress, task: TaskID, progress: BackfillProgress) -> None:
    bar.update(
        task,
        description=progress.kind.replace("_", " "),
        completed=progress.documents,
        total=progress.expected or None,
    )


def show(
    console: Console, connection: ConnectionSettings, progress: BackfillProgress, *, dry_run: bool
) -> None:
    """The result as people read it: what became of the documents, who needs help, balances."""
    verb = "would become" if dry_run else "became"
    table = PlainTable(title=f"What {verb} of {progress.documents} documents", title_justify="left")
    for column in ("kind", "outcome", "currency"):
        table.add_column(column)
    for column in ("number", "amount"):
        table.add_column(column, justify="right")
    for line in progress.lines:
        amount = str(line.amount.amount) if line.amount else ""
        table.add_row(line.kind, line.outcome, line.currency, str(line.number), amount)
    console.print(table)
    for example in progress.examples:
        console.print(f"{example.kind} {example.number}: {example.reason}", highlight=False)
    if dry_run:
        _show_opening(console, connection, progress.opening)


def _show_opening(
    console: Console, connection: ConnectionSettings, opening: Sequence[Opening]
) -> None:
    cut_over = connection.policy.cut_over_date
    if cut_over is None:
        console.print("No cut-over date is set (policy.cut_over_date): nothing would be linked.")
        return
    table = PlainTable(title=f"Opening balances before {cut_over}", title_justify="left")
    table.add_column("currency")
    for column in (connection.source.system, connection.target.system, "difference"):
        table.add_column(column, justify="right")
    for each in opening:
        there = str(each.target.amount) if each.target else "not listed"
        difference = str((each.source - each.target).amount) if each.target else ""
        table.add_row(each.currency, str(each.source.amount), there, difference)
    console.print(table)
    ties = all(each.ties for each in opening)
    console.print("Opening balances tie." if ties else "Opening balances do not tie.")
