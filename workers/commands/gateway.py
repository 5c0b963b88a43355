"""`tieout gateway`"""

from __future__ import annotations

import asyncio

import typer

from workers.commands.options import ConfigOption, ReadyOption, announce
from workers.gateway.run import run_gateway
from workers.settings import load_settings

app = typer.Typer()


@app.command()
def gateway(config: ConfigOption = None, ready_fd: ReadyOption = None) -> None:
    """Run the webhook gateway: it turns what FreshBooks sends into hints, until interrupted."""
    asyncio.run(run_gateway(load_settings(config), announce(ready_fd)))
