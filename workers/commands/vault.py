"""`tieout vault rotate` and `tieout vault status`"""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from store.keyring import KeyRing
from store.rotation import Rotation
from workers import temporal
from workers.commands.options import ConfigOption
from workers.commands.screen import PlainTable, screen
from workers.keys_of_histories import keys_of_histories
from workers.opening import open_store
from workers.settings import load_settings

app = typer.Typer(no_args_is_help=True, help="What the store keeps encrypted, and under which key.")


@app.command()
def rotate(config: ConfigOption = None) -> None:
    """Encrypt everything in the store anew under the first key of the setting `keys`.

    First put the new key in front (`tieout keys add`) and restart every process with it. The old
    key stays in the ring until `tieout vault status --histories` shows it no more.
    """
    current, rotation = asyncio.run(_rotate(config))
    table = PlainTable(title=f"Everything is under the key {current} now", title_justify="left")
    for column in ("what", "encrypted anew", "looked at"):
        table.add_column(column, overflow="fold")
    for column, examined in rotation.examined.items():
        table.add_row(column, str(rotation.rewritten[column]), str(examined))
    screen().print(table)


@app.command()
def status(
    histories: Annotated[
        bool, typer.Option("--histories", help="Also the histories in Temporal, one call each.")
    ] = False,
    config: ConfigOption = None,
) -> None:
    """Show how many contents of the store are under which key.

    A history needs the key that it began under and all that came later. A key may leave the ring
    when nothing of the store is under it and no history began under it or an older one.
    """
    table = PlainTable(title="Keys in use", title_justify="left")
    for column in ("what", "key", "contents"):
        table.add_column(column, overflow="fold")
    for (column, key_id), count in sorted(asyncio.run(_status(config)).items()):
        table.add_row(column, key_id, str(count))
    if histories:
        for key_id, count in sorted(asyncio.run(_histories(config)).items()):
            table.add_row("histories in Temporal", key_id, str(count))
    screen().print(table)


async def _rotate(config: Path | None) -> tuple[str, Rotation]:
    settings = load_settings(config)
    ring = KeyRing.from_source(settings.keys.get_secret_value())
    async with open_store(settings) as store:
        return ring.current, await store.credentials.rotate(ring)


async def _histories(config: Path | None) -> dict[str, int]:
    return await keys_of_histories(await temporal.connect(load_settings(config)))


async def _status(config: Path | None) -> dict[tuple[str, str], int]:
    async with open_store(load_settings(config)) as store:
        return await store.credentials.keys_in_use()
