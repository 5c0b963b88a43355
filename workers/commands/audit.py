"""`tieout audit verify` and `tieout audit show`"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from documents.row import DocumentRow
from store.audit import Verified
from store.entries import Entry
from store.store import Store
from workers.commands.options import ConfigOption
from workers.commands.screen import PlainTable, screen
from workers.commands.site import opened_desk
from workers.refusal import Refusal

app = typer.Typer(
    no_args_is_help=True,
    help="The audit journal: what was decided about documents, by whom and why.",
)

NameOption = Annotated[
    str | None, typer.Option("--connection", help="Only this connection; without it, all.")
]
NumberArgument = Annotated[
    str, typer.Argument(help="Number of a document at the source or in the target, or its id.")
]


SinceOption = Annotated[
    str,
    typer.Option(
        "--since", help="A head that an earlier verification printed: it must still be there."
    ),
]


@app.command()
def verify(
    connection: NameOption = None, since: SinceOption = "", config: ConfigOption = None
) -> None:
    """Check every entry against its chain; ends with code 1 if anything was touched."""
    if since and not connection:
        raise Refusal("--since is the head of one connection: name it with --connection")
    verified = asyncio.run(_verify(config, connection, since))
    for each in verified:
        problem = f"{len(each.damages)} PROBLEMS" if each.damages else "whole"
        typer.echo(f"{each.connection}: {each.entries} entries, {problem}, head {each.head}")
        for damage in each.damages:
            typer.echo(f"  entry {damage.seq}: {damage.problem}")
    if any(each.damages for each in verified):
        raise typer.Exit(1)


@app.command()
def show(
    number: NumberArgument, connection: NameOption = None, config: ConfigOption = None
) -> None:
    """Tell the life of a document, and of its payments, across both systems."""
    asyncio.run(_show(config, connection, number))


async def _verify(config: Path | None, name: str | None, since: str) -> list[Verified]:
    async with opened_desk(config) as desk:
        names = [desk.connection(name).name] if name else await desk.store.audit.connections()
        return [await desk.store.audit.verify(each, since) for each in names]


async def _show(config: Path | None, name: str | None, number: str) -> None:
    async with opened_desk(config) as desk:
        rows = [
            row
            for connection in desk.chosen(name)
            for row in await desk.store.documents.find_by_number(connection.name, number)
        ]
        if not rows:
            raise Refusal("no document has this number")
        for row in _each_once(rows):
            screen().print(_table(row, await _life(desk.store, row)))


def _each_once(rows: list[DocumentRow]) -> list[DocumentRow]:
    """A payment bears the number of its invoice: it is told of with it."""
    ids = {(row.connection, row.source_id) for row in rows}
    return [row for row in rows if (row.connection, row.parent_id) not in ids]


async def _life(store: Store, row: DocumentRow) -> list[Entry]:
    """The entries of a document and of what belongs to it, in the order of the chain."""
    found = await store.audit.of_family(row.connection, row.kind, row.source_id)
    return sorted(found, key=lambda entry: entry.seq)


def _table(row: DocumentRow, entries: list[Entry]) -> Table:
    where = f", {row.target_number} in the target" if row.target_number else ""
    amount = f", {row.amount}" if row.amount else ""
    title = f"{row.connection}: {row.kind.value} {row.source_number}{amount}{where}"
    table = PlainTable(title=Text(title), title_justify="left")
    for name in ("no.", "when (UTC)", "document", "what", "who", "before", "after", "why", "where"):
        table.add_column(name, overflow="fold")
    for entry in entries:
        table.add_row(
            str(entry.seq),
            f"{entry.at:%Y-%m-%d %H:%M:%S}",
            f"{entry.kind} {entry.source_id}",
            entry.what,
            entry.who,
            _values(entry.before),
            _values(entry.after),
            entry.why,
            f"{entry.workflow_id} {entry.run_id}".strip(),
        )
    return table


def _values(values: Mapping[str, str]) -> str:
    return "\n".join(f"{name}: {value}" for name, value in values.items())
