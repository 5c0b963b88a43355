"""What commands show to a person, and ask of one."""

from __future__ import annotations

import sys
from typing import Any

import typer
from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from workers.refusal import Refusal

_WIDE = 200


class PlainTable(Table):
    """A table whose cells are shown as they are: what a client typed is never markup."""

    def add_row(self, *cells: RenderableType | None, **options: Any) -> None:
        shown = (Text(cell) if isinstance(cell, str) else cell for cell in cells)
        super().add_row(*shown, **options)


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
