"""`tieout replay`"""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated

import typer
from temporalio.client import Client
from temporalio.worker import Replayer

from workers import temporal
from workers.commands.options import ConfigOption
from workers.settings import load_settings
from workers.worker import WORKFLOWS, workflow_runner

app = typer.Typer()

QueryOption = Annotated[str, typer.Option("--query", help="Which processes: a visibility query.")]


@app.command()
def replay(query: QueryOption = "ExecutionStatus = 'Running'", config: ConfigOption = None) -> None:
    """Replay the histories of processes with the code that is installed here.

    Before a release takes over: a process that does not replay would stand still under it. Changes
    nothing; ends with code 1 if one does not replay.
    """
    if not asyncio.run(_replay(query, config)):
        raise typer.Exit(1)


async def _replay(query: str, config: Path | None) -> bool:
    client = await temporal.connect(load_settings(config))
    count, failed = 0, 0
    async with _replayer(client).workflow_replay_iterator(
        client.list_workflows(query).map_histories()
    ) as results:
        async for result in results:
            count += 1
            if result.replay_failure is not None:
                failed += 1
                typer.echo(f"{result.history.workflow_id}: {result.replay_failure}")
    typer.echo(f"{count} replayed, {failed} of them not as they were")
    return not failed


def _replayer(client: Client) -> Replayer:
    return Replayer(
        workflows=WORKFLOWS,
        workflow_runner=workflow_runner(),
        data_converter=client.data_converter,
        namespace=client.namespace,
    )
