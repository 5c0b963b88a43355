"""Options that several commands share."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

ConfigOption = Annotated[
    Path | None,
    typer.Option(
        "--config",
        help="Settings file (YAML).",
        envvar="TIEOUT_CONFIG",
        exists=True,
        dir_okay=False,
    ),
]
ConnectionOption = Annotated[
    str, typer.Option("--connection", help="Name of the connection: its file without .yaml.")
]
TokenOption = Annotated[
    str,
    typer.Option(
        "--token",
        envvar="TIEOUT_TOKEN",
        help="Your token (tieout person add); better by environment.",
    ),
]
ReadyOption = Annotated[
    int | None, typer.Option("--ready-fd", hidden=True, help="Gets a byte when all is ready.")
]


def announce(ready_fd: int | None) -> Callable[..., None]:
    """What to call when all is ready: tells a supervisor, if one is listening."""

    def ready(*_: object) -> None:
        if ready_fd is not None:
            os.write(ready_fd, b"\n")
            os.close(ready_fd)

    return ready
