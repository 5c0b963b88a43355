"""What commands show to a person, and ask of one."""

from __future__ import annotations

import sys

import typer
from rich.console import Console

from workers.refusal import Refusal

_WIDE = 200


def screen() -> Console:
    """Standard output: as wide as the terminal, and wide where a file or a pipe takes it."""
    console = Console()
    return console if console.is_terminal else Console(width=_WIDE)


def ask_secret(what: str) -> str:
    """Something that must not be seen: typed without echo, or the next line of a pipe.

    Raises Refusal when nothing was given.
    """
    if sys.stdin.isatty():
        given = str(typer.prompt(what, hide_input=True)).strip()
    else:
        given = sys.stdin.readline().strip()
    if not given:
        raise Refusal(f"{what}: nothing was given")
    return given
