"""`tieout person add`, `tieout person list` and `tieout person revoke`"""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from store.persons import Person
from workers.access.callers import Role
from workers.access.tokens import mint
from workers.commands.options import ConfigOption
from workers.commands.screen import PlainTable, screen
from workers.opening import open_store
from workers.refusal import Refusal
from workers.settings import load_settings

app = typer.Typer(
    no_args_is_help=True,
    help="Who may use the codec server and the operator interface, by a token each.",
)

NameArgument = Annotated[str, typer.Argument(help="Who it is, as the audit trail will say.")]
RoleOption = Annotated[Role, typer.Option("--role", help="What they may do.")]
_LONGEST_NAME = 100


@app.command()
def add(name: NameArgument, role: RoleOption, config: ConfigOption = None) -> None:
    """Make a token for somebody and show it this once: only a digest of it is kept."""
    typer.echo(asyncio.run(_add(_checked(name), role, config)))


@app.command("list")
def show(config: ConfigOption = None) -> None:
    """Show everybody who has or had a token; the id is what the logs say instead of the name."""
    table = PlainTable(title="Persons", title_justify="left")
    for column in ("id", "name", "role", "since", "revoked"):
        table.add_column(column, overflow="fold")
    for person in asyncio.run(_everybody(config)):
        revoked = person.revoked_at.isoformat(" ", "minutes") if person.revoked_at else ""
        since = person.since.isoformat(" ", "minutes")
        table.add_row(person.person_id, person.name, person.role, since, revoked)
    screen().print(table)


@app.command()
def revoke(name: NameArgument, config: ConfigOption = None) -> None:
    """Make somebody's token worthless, at once and everywhere."""
    asyncio.run(_revoke(_checked(name), config))


async def _add(name: str, role: Role, config: Path | None) -> str:
    new = mint()
    async with open_store(load_settings(config)) as store:
        await store.persons.add(new.person_id, name, role.value, new.digest)
    return new.token


async def _everybody(config: Path | None) -> list[Person]:
    async with open_store(load_settings(config)) as store:
        return await store.persons.everybody()


async def _revoke(name: str, config: Path | None) -> None:
    async with open_store(load_settings(config)) as store:
        if not await store.persons.revoke(name):
            raise Refusal("nobody of this name has a valid token: tieout person list")


def _checked(name: str) -> str:
    """A name that stays on one line of a table or an audit trail."""
    name = name.strip()
    if not name or len(name) > _LONGEST_NAME or not name.isprintable():
        raise Refusal(f"a name is 1 to {_LONGEST_NAME} printable characters")
    return name
