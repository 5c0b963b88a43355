"""`tieout demo`"""

from __future__ import annotations

import asyncio
from typing import Annotated

import typer

from workers.demo.run import run_demo

app = typer.Typer()


@app.command()
def demo(
    once: Annotated[
        bool, typer.Option("--once", help="End after the story; code 0 only if the books tie.")
    ] = False,
    ports: Annotated[int, typer.Option(help="First of consecutive ports; 0: free ones.")] = 0,
) -> None:
    """Watch invoices go from FreshBooks to posted, paid and closed, on embedded systems."""
    if not asyncio.run(run_demo(once=once, ports=ports)):
        raise typer.Exit(1)
