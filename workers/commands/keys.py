"""`tieout keys new` and `tieout keys add`"""

from __future__ import annotations

import sys

import typer

from store.keyring import KeyRing
from workers.commands.options import ConfigOption
from workers.settings import load_settings

app = typer.Typer(no_args_is_help=True, help="The keys that encrypt the vault and the payloads.")


@app.command()
def new() -> None:
    """Print a new ring of keys, for the place that the setting `keys` names."""
    sys.stdout.write(KeyRing.generate().text() + "\n")


@app.command()
def add(config: ConfigOption = None) -> None:
    """Print the present ring with a new key in front, to replace the present one with."""
    ring = KeyRing.from_source(load_settings(config).keys.get_secret_value())
    sys.stdout.write(ring.with_new_key(_next_id(ring)).text() + "\n")


def _next_id(ring: KeyRing) -> str:
    number = len(ring.keys) + 1
    while f"k{number}" in ring.keys:
        number += 1
    return f"k{number}"
