"""The command `tieout`.

Each command is a module of its own that is imported only when it is asked for: the parts of the
house start several times faster than if each of them loaded all the others.
"""

from __future__ import annotations

import gc
import importlib
import logging
import os
import re
import sys
import traceback
from dataclasses import dataclass
from typing import Annotated, Any, NoReturn

import typer
from typer.core import TyperGroup

from connectors.errors import ConnectorError
from mapping.errors import SpecError
from store.errors import StoreError
from workers.refusal import Refusal
from workers.yamlfile import SettingsError

# In the order in which a newcomer needs them; the value is the module below workers.commands.
COMMANDS = {
    "demo": "demo",
    "dev": "dev",
    "connect": "connect",
    "check": "check",
    "mapping": "mapping",
    "webhooks": "webhooks",
    "sweep": "sweep",
    "backfill": "backfill",
    "account": "account",
    "alerts": "alerts",
    "keys": "keys",
    "vault": "vault",
    "person": "person",
    "holds": "holds",
    "tie-out": "tie_out",
    "audit": "audit",
    "expenses": "expenses",
    "forget": "forget",
    "replay": "replay",
    "worker": "worker",
    "gateway": "gateway",
    "codec": "codec",
    "sandbox": "sandbox",
    "prove": "prove",
    "version": "version",
}

_UNEXPECTED = 70  # EX_SOFTWARE of sysexits.h: our fault, not that of who typed the command

# Errors whose text was written for the person at the terminal, without secrets.
_FOR_PEOPLE = (Refusal, SettingsError, ConnectorError, StoreError, SpecError)


_COMPLETION = ("install_completion", "show_completion")


@dataclass
class Invocation:
    """What holds for a whole run of the command."""

    debug: bool = False


class _Commands(TyperGroup):
    """Finds commands by name in COMMANDS."""

    def list_commands(self, ctx: Any) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        if cmd_name not in COMMANDS:
            return None
        command = typer.main.get_command(_module(COMMANDS[cmd_name]).app)
        command.name = cmd_name
        return _tidied(command)


def _tidied(command: Any) -> Any:
    """The command with its help as running text, whatever the lines of its docstring, and without
    the options of the completion, which only the whole program could have."""
    command.help = re.sub(r"(?<!\n)\n(?!\n)", " ", command.help or "")
    command.params = [each for each in command.params if each.name not in _COMPLETION]
    for each in getattr(command, "commands", {}).values():
        _tidied(each)
    return command


def _module(name: str) -> Any:
    """Import the module of a command. While it is imported hardly anything becomes garbage, and
    what it made stays: the collector would look through it again and again for nothing."""
    gc.disable()
    try:
        return importlib.import_module(f"workers.commands.{name}")
    finally:
        gc.freeze()
        gc.enable()


app = typer.Typer(
    cls=_Commands,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Moves money documents between FreshBooks and an ERP, never twice and never lost.",
)


@app.callback()
def _root(
    context: typer.Context,
    debug: Annotated[bool, typer.Option(help="Show where in the code an error arose.")] = False,
) -> None:
    context.obj.debug = debug


def main() -> NoReturn:
    """Run the command that the arguments name, then leave the process.

    It leaves without the interpreter's own farewell, because Python 3.11 and 3.12 can abort there
    while a long poll of the Temporal client is outstanding, which would spoil the exit code.
    """
    code = run(sys.argv[1:])
    logging.shutdown()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def run(arguments: list[str]) -> int:
    """Run one command and return its exit code; errors are told on standard error."""
    invocation = Invocation()
    try:
        app(arguments, prog_name="tieout", obj=invocation)
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 1
    except Exception as error:  # noqa: BLE001  the last resort: one line instead of a traceback
        if invocation.debug:
            traceback.print_exc()
        sys.stderr.write(f"tieout: {_told(error)}\n")
        return _code(error)
    return 0


def _told(error: Exception) -> str:
    """An error in words for the person at the terminal."""
    if isinstance(error, _FOR_PEOPLE):
        return str(error)
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename}: {error.strerror}" if error.filename else error.strerror
    # The text of an error we do not know may hold what must not be shown.
    return f"unexpected {type(error).__name__}; `tieout --debug ...` shows where"


def _code(error: Exception) -> int:
    if isinstance(error, Refusal):
        return error.code
    return 1 if isinstance(error, (*_FOR_PEOPLE, OSError)) else _UNEXPECTED


if __name__ == "__main__":
    main()
