"""`tieout mapping check` and `tieout mapping preview`"""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from documents.hold import HoldRequired
from mapping.errors import CorrectionRefused
from mapping.mapper import Mapper
from mapping.preview import PreviewTable, hold_table, tables
from mapping.preview import preview as record_of
from workers.commands.options import ConfigOption
from workers.commands.screen import PlainTable, screen
from workers.commands.site import opened_desk
from workers.commands.specimen import read_specimen
from workers.refusal import Refusal
from workers.settings import load_settings
from workers.wiring import open_target

app = typer.Typer(
    no_args_is_help=True, help="Mapping specs: checked and tried out without sending anything."
)

ConnectionChoice = Annotated[
    str | None,
    typer.Option("--connection", help="Its mapping, against what its target says of itself."),
]


@app.command()
def check(
    files: Annotated[
        list[Path] | None,
        typer.Argument(help="Specs to check; without them, all of the mappings folder."),
    ] = None,
    connection: ConnectionChoice = None,
    config: ConfigOption = None,
) -> None:
    """Check specs, each against the schema it names, and show every problem with file and line."""
    if connection is not None:
        mapper = asyncio.run(_live(connection, config))
        typer.echo(f"{mapper.identity} fits its target{rates_told(mapper)}")
        return
    for path in files or _all(config):
        mapper = Mapper.load(path)
        typer.echo(f"{path}: {mapper.identity} fits the schema it names{rates_told(mapper)}")


@app.command()
def preview(
    document: Annotated[
        Path,
        typer.Option(
            help="JSON: an invoice as FreshBooks' API gives it, or one like config/examples.",
            exists=True,
            dir_okay=False,
        ),
    ],
    mapping: Annotated[
        Path | None, typer.Option(help="The spec; may be left out where there is only one.")
    ] = None,
    connection: ConnectionChoice = None,
    config: ConfigOption = None,
) -> None:
    """Show what a document would be sent as, field by field, with the rule behind each value.

    Ends with code 1 when the document would be held, and shows why.
    """
    if connection is not None:
        mapper = asyncio.run(_live(connection, config))
    else:
        mapper = Mapper.load(mapping or _only(_all(config)))
    try:
        record = record_of(mapper, read_specimen(document))
    except HoldRequired as held:
        _show(hold_table(held.hold))
        raise typer.Exit(1) from held
    except CorrectionRefused as error:
        raise Refusal(f"{document}: {error}") from error
    for table in tables(record):
        _show(table)


def rates_told(mapper: Mapper) -> str:
    """What is to be said of the exchange rates of today: documents without one are held."""
    lacking = ", ".join(mapper.without_rate(datetime.now(UTC).date()))
    return f"; no exchange rate for today: documents in {lacking} will be held" if lacking else ""


async def _live(name: str, config: Path | None) -> Mapper:
    async with opened_desk(config) as desk:
        settings = desk.connection(name)
        async with open_target(settings, desk.store) as target:
            return Mapper.load(desk.settings.mappings / settings.mapping, await target.schema())


def _all(config: Path | None) -> list[Path]:
    folder = load_settings(config).mappings
    found = sorted(path for path in folder.glob("*.y*ml") if path.is_file())
    if not found:
        raise Refusal(f"there is no mapping in {folder}")
    return found


def _only(paths: list[Path]) -> Path:
    if len(paths) > 1:
        raise Refusal(f"say which with --mapping: {', '.join(map(str, paths))}")
    return paths[0]


def _show(shown: PreviewTable) -> None:
    table = PlainTable(title=shown.title, title_justify="left")
    for column in shown.columns:
        table.add_column(column, overflow="fold")
    for row in shown.rows:
        table.add_row(*row)
    screen().print(table)
