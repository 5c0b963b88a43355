"""`tieout mapping check` and `tieout mapping preview`"""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from documents.hold import HoldRequired
from documents.key import Key, Kind
from documents.record import MappedRecord
from mapping.mapper import Mapper
from workers.commands.options import ConfigOption
from workers.commands.screen import screen
from workers.commands.site import opened_desk
from workers.commands.specimen import read_specimen
from workers.refusal import Refusal
from workers.settings import load_settings
from workers.wiring import open_target

app = typer.Typer(
    no_args_is_help=True, help="Mapping specs: checked and tried out without sending anything."
)

# Words that stand for what only a target can say.
_CUSTOMER = "CUSTOMER"
_TAG = "TRY"

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
        typer.echo(f"{asyncio.run(_live(connection, config)).identity} fits its target")
        return
    for path in files or _all(config):
        typer.echo(f"{path}: {Mapper.load(path).identity} fits the schema it names")


@app.command()
def preview(
    document: Annotated[
        Path, typer.Option(help="Invoice as JSON, as FreshBooks' API gives it.", exists=True)
    ],
    mapping: Annotated[
        Path | None, typer.Option(help="The spec; may be left out where there is only one.")
    ] = None,
    connection: ConnectionChoice = None,
    config: ConfigOption = None,
) -> None:
    """Show what an invoice would be sent as, field by field, with the rule behind each value.

    Ends with code 1 when the document would be held, and shows why.
    """
    live = connection is not None
    mapper = (
        asyncio.run(_live(connection or "", config))
        if live
        else Mapper.load(mapping or _only(_all(config)))
    )
    try:
        _show(mapper, _mapped(mapper, document))
    except HoldRequired as held:
        raise Refusal(
            f"the document would be held ({held.hold.cause}): {held.hold.reason} "
            f"{held.hold.remedy}".rstrip()
        ) from held


def _mapped(mapper: Mapper, document: Path) -> MappedRecord:
    specimen = read_specimen(document)
    invoice = specimen.invoice
    key = Key(tag=_TAG, kind=Kind.INVOICE, source_id=invoice.source_id)
    return mapper.map_invoice(
        invoice, specimen.customer, _CUSTOMER, key, posting_date=invoice.document_date
    )


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


def _show(mapper: Mapper, record: MappedRecord) -> None:
    console = screen()
    console.print(f"{mapper.identity}: target entity {record.entity}; nothing was sent.")
    console.print(_fields("Header", record))
    if record.lines:
        console.print(_lines(record))
    console.print(_trace(record))


def _fields(title: str, record: MappedRecord) -> Table:
    table = Table("field", "value", title=title, title_justify="left")
    for field, value in record.header.items():
        table.add_row(field, str(value))
    return table


def _lines(record: MappedRecord) -> Table:
    columns = list(dict.fromkeys(field for line in record.lines for field in line))
    table = Table(title="Lines", title_justify="left")
    for column in columns:
        table.add_column(column, overflow="fold")
    for line in record.lines:
        table.add_row(*(str(line.get(column, "")) for column in columns))
    return table


def _trace(record: MappedRecord) -> Table:
    table = Table(title="Why", title_justify="left")
    for column in ("field", "rule", "from", "value", "note"):
        table.add_column(column, overflow="fold")
    for entry in record.trace:
        table.add_row(entry.field, entry.rule, entry.source, entry.value, entry.note)
    return table
