"""`tieout worker`"""

from __future__ import annotations

import asyncio

import typer

from workers.commands.options import ConfigOption, ReadyOption, announce
from workers.settings import load_settings
from workers.worker import run_worker

app = typer.Typer()


@app.command()
def worker(config: ConfigOption = None, ready_fd: ReadyOption = None) -> None:
    """Run a worker: it carries out the steps of the processes until it is interrupted."""
    asyncio.run(run_worker(load_settings(config), announce(ready_fd)))
