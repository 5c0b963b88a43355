"""`tieout version`"""

from __future__ import annotations

import platform
import sys
from importlib.metadata import version

import typer

app = typer.Typer()


@app.command()
def show_version() -> None:
    """Show the versions of tieout, the Temporal SDK and Python."""
    sys.stdout.write(
        f"tieout {version('tieout')} (temporalio {version('temporalio')}, "
        f"Python {platform.python_version()})\n"
    )
