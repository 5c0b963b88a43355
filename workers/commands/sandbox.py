"""`tieout sandbox`"""

from __future__ import annotations

import contextlib
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer
from pydantic import ValidationError

from sandbox.server import run_sandbox
from sandbox.settings import SandboxSettings
from workers.commands.options import ReadyOption, announce
from workers.dev.identity import keep_identity
from workers.dev.ports import LOOPBACK, claimed_ports
from workers.dev.stand_ins import sandbox_settings
from workers.dev.state import opened_state
from workers.dev.templates import TEMPLATES
from workers.refusal import Refusal

app = typer.Typer()


@app.command()
def sandbox(
    config: Annotated[
        Path | None,
        typer.Option(help="Settings file (JSON); without it, as in `tieout dev`.", exists=True),
    ] = None,
    ports: Annotated[int, typer.Option(help="First of consecutive ports; 0: free ones.")] = 0,
    state: Annotated[Path | None, typer.Option(help="Folder to keep all state in.")] = None,
    ready_fd: ReadyOption = None,
) -> None:
    """Run the stand-ins for the outside systems until interrupted; prints their addresses."""
    tell = announce(ready_fd)

    def ready(opened: dict[str, int]) -> None:
        urls = {name: f"http://{LOOPBACK}:{port}" for name, port in opened.items()}
        sys.stdout.write(json.dumps(urls) + "\n")
        sys.stdout.flush()
        tell()

    with _settings(config, ports, state) as settings:
        run_sandbox(settings, ready)


@contextlib.contextmanager
def _settings(config: Path | None, first: int, state: Path | None) -> Iterator[SandboxSettings]:
    if config is not None:
        yield _read(config)
        return
    with opened_state(state) as folder, claimed_ports(first, folder.ports) as ports:
        house = keep_identity(folder.identity, [each.name for each in TEMPLATES])
        yield sandbox_settings(TEMPLATES, house, ports, folder.kept)


def _read(config: Path) -> SandboxSettings:
    try:
        return SandboxSettings.load(config)
    except ValidationError as error:
        fields = ", ".join(".".join(map(str, each["loc"])) for each in error.errors())
        raise Refusal(f"{config}: wrong or missing: {fields or 'not JSON'}") from error
