"""`tieout codec`"""

from __future__ import annotations

import asyncio

import typer

from workers.codec_process import run_codec
from workers.commands.options import ConfigOption, ReadyOption, announce
from workers.settings import load_settings

app = typer.Typer()


@app.command()
def codec(config: ConfigOption = None, ready_fd: ReadyOption = None) -> None:
    """Run the codec server: it shows people the payloads that Temporal keeps encrypted."""
    asyncio.run(run_codec(load_settings(config), announce(ready_fd)))
