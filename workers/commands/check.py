"""`tieout check`"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import typer
from temporalio.api.operatorservice.v1 import ListSearchAttributesRequest
from temporalio.service import RPCError

from connectors.errors import ConnectorError
from connectors.freshbooks.client import FreshBooksClient
from connectors.freshbooks.discovery import identity
from connectors.freshbooks.families import Account
from connectors.ports import ChangeTracking, TargetPort
from documents.key import Key, Kind
from mapping.errors import SpecError
from mapping.mapper import Mapper
from store.errors import StoreError
from workers import temporal
from workers.commands.mapping import rates_told
from workers.commands.options import ConfigOption, ConnectionOption
from workers.commands.screen import PlainTable, screen
from workers.commands.site import Desk, opened_desk
from workers.connections import ConnectionSettings
from workers.refusal import Refusal
from workers.settings import AppSettings
from workers.sources import source_auth, source_transport
from workers.wiring import load_mapper, open_target
from workers.yamlfile import SettingsError
from workflows.attributes import SEARCH_ATTRIBUTES

app = typer.Typer()

_TELLING = (Refusal, SettingsError, ConnectorError, StoreError, SpecError, RPCError, RuntimeError)


@app.command()
def check(connection: ConnectionOption, config: ConfigOption = None) -> None:
    """Check that everything a connection needs answers and fits; changes nothing.

    Ends with code 1 if something is wrong.
    """
    if not asyncio.run(_check(connection, config)):
        raise typer.Exit(1)


async def _check(name: str, config: Path | None) -> bool:
    async with opened_desk(config) as desk:
        settings = desk.connection(name)
        checks: dict[str, Callable[[], Awaitable[str]]] = {
            "Temporal": lambda: _temporal(desk.settings),
            "FreshBooks": lambda: _freshbooks(desk, settings),
            settings.target.system.upper(): lambda: _target(desk, settings),
            "mapping": lambda: _mapping(desk, settings),
        }
        table = PlainTable(title=f"Connection {name}", title_justify="left")
        for column in ("what", "", "found"):
            table.add_column(column, overflow="fold")
        results = {what: await _tried(attempt) for what, attempt in checks.items()}
    for what, (fine, found) in results.items():
        table.add_row(what, "ok" if fine else "WRONG", found)
    screen().print(table)
    return all(fine for fine, _ in results.values())


async def _tried(attempt: Callable[[], Awaitable[str]]) -> tuple[bool, str]:
    try:
        return True, await attempt()
    except _TELLING as error:
        return False, str(error)


async def _temporal(settings: AppSettings) -> str:
    client = await temporal.connect(settings)
    listed = await client.operator_service.list_search_attributes(
        ListSearchAttributesRequest(namespace=client.namespace)
    )
    if missing := SEARCH_ATTRIBUTES.keys() - listed.custom_attributes.keys():
        names = ", ".join(sorted(missing))
        raise Refusal(f"namespace {client.namespace} lacks the search attributes {names}")
    return f"{client.service_client.config.target_host}, namespace {client.namespace}"


async def _freshbooks(desk: Desk, settings: ConnectionSettings) -> str:
    source = settings.source
    async with source_transport(settings, desk.store) as transport:
        auth = await source_auth(settings, desk.store, transport)
        account = Account(source.account_id, str(source.business_id))
        who = await identity(FreshBooksClient(transport, auth, account))
        await auth.aclose()
    chosen = who.choose(account_id=source.account_id, business_id=str(source.business_id))
    return f"{chosen.name}, account {chosen.account_id}"


async def _target(desk: Desk, settings: ConnectionSettings) -> str:
    """What the target lacks: the connector's own check says it."""
    target = settings.target
    async with open_target(settings, desk.store) as system:
        if problems := await system.check():
            raise Refusal("; ".join(problems))
        remark = await _untracked(system)
    return f"{target.company} answers, with everything that is needed{remark}"


async def _untracked(system: object) -> str:
    """What works all the same, only slower."""
    why = await system.untracked() if isinstance(system, ChangeTracking) else ""
    return f"; what waits there is looked at in turn, because {why}" if why else ""


async def try_write_offs(mapper: Mapper, target: TargetPort, tag: str) -> None:
    """Refusal for a mapping that says nothing of write-offs; ConnectorError for a site that
    cannot be asked about them: nothing has the key of the question."""
    if not mapper.writes_off:
        raise Refusal("write-offs are set up, and the mapping has no section write_off")
    await target.lookup(Key(tag=tag, kind=Kind.WRITE_OFF, source_id="0"))


async def _mapping(desk: Desk, settings: ConnectionSettings) -> str:
    async with open_target(settings, desk.store) as target:
        mapper = await load_mapper(desk.settings.mappings / settings.mapping, target)
        if settings.tie_out.write_off_account:
            await try_write_offs(mapper, target, settings.tag)
    if settings.bills is not None and mapper.missing_for_bills:
        missing = ", ".join(mapper.missing_for_bills)
        raise Refusal(f"bills are set up, and {settings.mapping} has no section {missing}")
    return f"{settings.mapping} fits what the target publishes{rates_told(mapper)}"
