"""`tieout dev`"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import Annotated

import typer

from workers.commands.screen import screen
from workers.dev.announcement import Announcement, as_exports, as_table
from workers.dev.house import House
from workers.dev.plan import PACKAGED_MAPPINGS, draw_up
from workers.dev.ports import claimed_ports
from workers.dev.state import opened_state
from workers.dev.templates import with_lanes
from workers.dev.temporal import find_temporal

app = typer.Typer()


@app.command()
def dev(
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one line of JSON when all is ready.")
    ] = False,
    ports: Annotated[int, typer.Option(help="First of consecutive ports; 0: free ones.")] = 0,
    state: Annotated[
        Path | None, typer.Option(help="Folder to keep all state in; without it, memory.")
    ] = None,
    mappings: Annotated[
        Path, typer.Option(help="Folder of the mapping specs, which may be edited meanwhile.")
    ] = PACKAGED_MAPPINGS,
    temporal_bin: Annotated[
        Path | None, typer.Option(help="The Temporal CLI to start the dev server with.")
    ] = None,
    orders: Annotated[
        bool, typer.Option(help="Two more connections, whose invoices become sales orders.")
    ] = False,
    lanes: Annotated[
        int, typer.Option(hidden=True, help="More connections, for proofs and measurements.")
    ] = 0,
    ax_lanes: Annotated[int, typer.Option(hidden=True, help="The same in AX: none or one.")] = 0,
    repost: Annotated[
        bool, typer.Option(hidden=True, help="Every one of them posts edits again.")
    ] = False,
    passing: Annotated[
        bool, typer.Option(hidden=True, help="The state folder ends with us: use memory.")
    ] = False,
    verbose: Annotated[
        bool, typer.Option(help="Copy what the parts write to standard error.")
    ] = False,
) -> None:
    """Run everything on loopback, Temporal and the outside systems too, until interrupted."""
    program = find_temporal(temporal_bin)
    with (
        opened_state(state, lasting=not passing) as folder,
        claimed_ports(ports, folder.ports) as claimed,
    ):
        templates = with_lanes(lanes, ax_lanes, repost=repost, orders=orders)
        plan = draw_up(folder, claimed, templates, mappings.resolve())
        house = House(plan, program, verbose=verbose)
        asyncio.run(house.run(_tell_json if as_json else _tell_people))


def _tell_json(ready: Announcement) -> None:
    sys.stdout.write(ready.model_dump_json() + "\n")
    sys.stdout.flush()


def _tell_people(ready: Announcement) -> None:
    screen().print(as_table(ready))
    # One line however narrow the terminal is, so that it can be copied.
    screen().print(as_exports(ready), soft_wrap=True, highlight=False, markup=False)
