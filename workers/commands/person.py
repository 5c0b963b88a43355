"""`tieout person add`, `bind`, `list` and `revoke`"""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from store.persons import Person
from workers.access.callers import Role
from workers.access.oidc import UNBOUND, account_of
from workers.access.tokens import mint
from workers.commands.options import ConfigOption
from workers.commands.screen import PlainTable, screen
from workers.opening import open_store
from workers.refusal import Refusal
from workers.settings import load_settings

app = typer.Typer(
    no_args_is_help=True,
    help="Who may use the codec server and the operator interface, by a token or by sign-in.",
)

NameArgument = Annotated[str, typer.Argument(help="Who it is, as the audit trail will say.")]
SubjectOption = Annotated[
    str, typer.Option("--subject", help="The `sub` of the account's tokens, to the letter.")
]
RoleOption = Annotated[Role, typer.Option("--role", help="What they may do.")]
_LONGEST_NAME = 100


@app.command()
def add(name: NameArgument, role: RoleOption, config: ConfigOption = None) -> None:
    """Make a token for somebody and show it this once: only a digest of it is kept."""
    typer.echo(asyncio.run(_add(_checked(name), role, config)))


@app.command()
def bind(name: NameArgument, subject: SubjectOption, config: ConfigOption = None) -> None:
    """Give an account of the sign-in provider the name of the person whose it is.

    Until then it counts as somebody of its own, named by its subject. The provider gives the role.
    """
    asyncio.run(_bind(_checked(name), subject, config))


@app.command("list")
def show(config: ConfigOption = None) -> None:
    """Show everybody who may or might come in; the id is what the logs say instead of the name."""
    table = PlainTable(title="Persons", title_justify="left")
    for column in ("id", "name", "role", "since", "revoked"):
        table.add_column(column, overflow="fold")
    for person in asyncio.run(_everybody(config)):
        revoked = person.revoked_at.isoformat(" ", "minutes") if person.revoked_at else ""
        since = person.since.isoformat(" ", "minutes")
        role = person.role or "by the provider"
        table.add_row(person.person_id, person.name, role, since, revoked)
    screen().print(table)


@app.command()
def revoke(name: NameArgument, config: ConfigOption = None) -> None:
    """Let somebody in no more, by token or account, at once and everywhere."""
    asyncio.run(_revoke(_checked(name), config))


async def _add(name: str, role: Role, config: Path | None) -> str:
    new = mint()
    async with open_store(load_settings(config)) as store:
        await store.persons.add(new.person_id, name, role.value, new.digest)
    return new.token


async def _bind(name: str, subject: str, config: Path | None) -> None:
    settings = load_settings(config)
    if not settings.sign_in.issuer:
        raise Refusal("no sign-in provider is set: sign_in.issuer and sign_in.audience")
    account = account_of(settings.sign_in.issuer, subject)
    async with open_store(settings) as store:
        await store.persons.add(mint().person_id, name, "", "", account)


async def _everybody(config: Path | None) -> list[Person]:
    async with open_store(load_settings(config)) as store:
        return await store.persons.everybody()


async def _revoke(name: str, config: Path | None) -> None:
    async with open_store(load_settings(config)) as store:
        if not await store.persons.revoke(name):
            raise Refusal("nobody of this name may come in: tieout person list")


def _checked(name: str) -> str:
    """A name that stays on one line of a table or an audit trail."""
    name = name.strip()
    if name.startswith(UNBOUND):
        raise Refusal(f"a name does not begin with {UNBOUND}")
    if not name or len(name) > _LONGEST_NAME or not name.isprintable():
        raise Refusal(f"a name is 1 to {_LONGEST_NAME} printable characters")
    return name
