"""`tieout forget`"""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from store.forgetting import Forgotten
from workers import temporal
from workers.commands.options import ConfigOption, ConnectionOption
from workers.commands.site import Desk, opened_desk
from workers.connections import ConnectionSettings
from workers.forgetting import delete_histories, workflow_ids

app = typer.Typer()

ClientOption = Annotated[str, typer.Option("--client", help="The client's id at the source.")]


@app.command()
def forget(
    connection: ConnectionOption,
    client: ClientOption,
    histories: Annotated[
        bool, typer.Option("--histories", help="Delete the closed histories in Temporal too.")
    ] = False,
    config: ConfigOption = None,
) -> None:
    """Erase what names a client from our store, and say what remains elsewhere.

    Refused while documents of the client are not settled.
    """
    for line in asyncio.run(_forget(connection, client, histories, config)):
        typer.echo(line)


async def _forget(name: str, client: str, histories: bool, config: Path | None) -> list[str]:
    async with opened_desk(config) as desk:
        connection = desk.connection(name)
        forgotten = await desk.store.forgetting.client(name, client)
        ids = workflow_ids(name, client, forgotten.documents)
        deleted = await _deleted(desk, ids) if histories else None
    return [
        f"Erased from our store: {forgotten.texts} texts (reasons, holds, decisions, proposals) "
        f"and {forgotten.records} records as they were sent.",
        f"Kept there: id, number, amount and state of {len(forgotten.documents)} documents, "
        "so that nothing is posted twice; they name nobody.",
        _temporal(ids, deleted),
        *_elsewhere(connection, client, forgotten),
    ]


async def _deleted(desk: Desk, ids: list[str]) -> int:
    return await delete_histories(await temporal.connect(desk.settings), ids)


def _temporal(ids: list[str], deleted: int | None) -> str:
    if deleted is not None:
        return f"Deleted from Temporal: {deleted} closed histories (it takes it up to a minute)."
    return (
        f"Remain in Temporal, encrypted, until the namespace's retention ends: the histories of "
        f"up to {len(ids)} processes (--histories deletes those that are closed)."
    )


def _elsewhere(connection: ConnectionSettings, client: str, forgotten: Forgotten) -> list[str]:
    target = connection.target.system
    posted = [each.target_number for each in forgotten.documents if each.target_number]
    customer = forgotten.customer_number
    return [
        f"Remains in {connection.source.system}, the system of record: client {client} with its "
        "invoices and payments. While it is there, a change of it may bring its data here again.",
        f"Remains in {target}: "
        + (f"customer {customer} and " if customer else "")
        + (f"{len(posted)} posted documents." if posted else "no posted documents."),
        "Remain wherever you keep them: backups of our store and logs of other systems.",
    ]
