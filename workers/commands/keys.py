"""`tieout keys new`"""

from __future__ import annotations

import sys

import typer

from store.keyring import KeyRing

app = typer.Typer(no_args_is_help=True, help="The keys that encrypt the vault and the payloads.")


@app.callback()
def keys() -> None:
    """Keep a group although it has one command so far."""


@app.command()
def new() -> None:
    """Print a new ring of keys, for the place that the setting `keys` names."""
    sys.stdout.write(KeyRing.generate().text() + "\n")
