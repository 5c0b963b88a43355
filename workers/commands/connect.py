"""`tieout connect freshbooks`, `tieout connect nav` and `tieout connect ax`"""

from __future__ import annotations

import asyncio
import secrets
from pathlib import Path

import typer

from connectors.freshbooks.client import FreshBooksClient
from connectors.freshbooks.discovery import Identity, identity
from connectors.freshbooks.families import Account
from workers.commands.consent import code_from
from workers.commands.options import ConfigOption, ConnectionOption
from workers.commands.screen import PlainTable, ask_secret, screen
from workers.commands.site import Desk, opened_desk
from workers.connections import ConnectionSettings
from workers.sources import source_auth, source_transport
from workers.tokens import PendingConsent, StoredTokens
from workers.wiring import target_of

app = typer.Typer(no_args_is_help=True, help="Sign a connection in to its outside systems.")


@app.command()
def freshbooks(connection: ConnectionOption, config: ConfigOption = None) -> None:
    """Walk through the consent that lets tieout read and write a FreshBooks account."""
    asyncio.run(_freshbooks(connection, config))


@app.command()
def nav(connection: ConnectionOption, config: ConfigOption = None) -> None:
    """Store the web service key of a Dynamics NAV user, and check what NAV publishes."""
    asyncio.run(_target(connection, "Web service access key", config))


@app.command()
def ax(connection: ConnectionOption, config: ConfigOption = None) -> None:
    """Store the Windows password of a Dynamics AX user, and check what its ports offer."""
    asyncio.run(_target(connection, "Windows password", config))


async def _freshbooks(name: str, config: Path | None) -> None:
    async with opened_desk(config) as desk:
        settings = desk.connection(name)
        await _application_secret(desk, settings)
        pending = PendingConsent()
        who = await _consent(desk, settings, pending)
        _show_businesses(who)
        chosen = who.choose(
            account_id=settings.source.account_id, business_id=str(settings.source.business_id)
        )
        await pending.keep(StoredTokens(desk.store.tokens(settings.name)))
    _say(
        f"Connected to {chosen.name} (account {chosen.account_id}). Next:\n"
        f"  tieout connect {settings.target.system} --connection {name}\n"
        f"  tieout check --connection {name}\n"
        f"  tieout webhooks register --connection {name}   (gateway and worker must be running)"
    )


async def _application_secret(desk: Desk, settings: ConnectionSettings) -> None:
    """Ask for the application's secret unless the vault has it."""
    place = settings.source.client_secret
    if await desk.store.credentials.get(settings.name, place) is None:
        _say(
            "The client secret is on the page of your application at FreshBooks' developer portal."
        )
        secret = ask_secret("Client secret")
        await desk.store.credentials.put(settings.name, place, secret)


async def _consent(desk: Desk, settings: ConnectionSettings, pending: PendingConsent) -> Identity:
    state = secrets.token_urlsafe(24)
    async with source_transport(settings, desk.store) as transport:
        auth = await source_auth(settings, desk.store, transport, pending)
        _say(
            "1. Open this address, signed in as the owner of the FreshBooks account:\n"
            f"   {auth.authorize_url(state)}\n"
            "2. Allow access. The browser then goes to an address that may not load: no matter.\n"
            "3. Copy that address from the browser's address bar within five minutes."
        )
        await auth.exchange_code(code_from(typer.prompt("Address"), state))
        account = Account(settings.source.account_id, str(settings.source.business_id))
        return await identity(FreshBooksClient(transport, auth, account))


def _show_businesses(who: Identity) -> None:
    table = PlainTable(title="Businesses of the person who gave consent", title_justify="left")
    for column in ("business", "business_id", "account_id", "can be connected"):
        table.add_column(column, overflow="fold")
    for business in who.businesses:
        problems = "; ".join(who.problems(business)) or "yes"
        table.add_row(business.name, business.business_id, business.account_id, problems)
    screen().print(table)


async def _target(name: str, what: str, config: Path | None) -> None:
    async with opened_desk(config) as desk:
        target = desk.connection(name).target
        _say(f"{what} of the user {target.username!r}; it is tried before it is kept.")
        secret = ask_secret(what)
        async with target_of(target, secret) as system:
            for problem in await system.check() or ():
                _say(f"  missing: {problem}")
        await desk.store.credentials.put(name, target.secret_name, secret)
    _say(f"Company {target.company!r} answers. Next:\n  tieout check --connection {name}")


def _say(text: str) -> None:
    typer.echo(text)
