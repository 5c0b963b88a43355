"""Wiring: from settings to the connections and the store that the steps work with."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from activities.context import Connection, Workplace
from activities.rates import Rates
from connectors.ax.adapter import AxTarget
from connectors.errors import Misconfigured
from connectors.limits import RateLimiter
from connectors.nav.adapter import NavTarget
from connectors.ports import ChoosesDocument, TargetPort
from mapping.errors import SpecError
from mapping.mapper import Mapper
from mapping.rates import RateFile
from policies.tieout.settings import TieOutPolicy
from store.keyring import KeyRing
from store.seal import Seal
from store.store import Store
from workers.connections import AxTarget as AxTargetSettings
from workers.connections import ConnectionSettings, load_connections
from workers.connections import NavTarget as NavTargetSettings
from workers.opening import open_store
from workers.settings import AppSettings
from workers.sources import open_source, secret_of, shared_rate, webhook_uri

_LOG = logging.getLogger("tieout.worker")

SomeTarget = NavTarget | AxTarget
"""Every connector of a target; the processes know it only by its port."""


@dataclass(frozen=True)
class Site:
    """Everything a worker works with; `settings` are those of its connections."""

    place: Workplace
    settings: Mapping[str, ConnectionSettings]

    def queues(self) -> list[str]:
        """The task queues of the steps: one per system and connection."""
        found = {c.source_queue for c in self.settings.values()}
        return sorted(found | {c.target_queue for c in self.settings.values()})


@asynccontextmanager
async def open_site(settings: AppSettings) -> AsyncIterator[Site]:
    """The connections of the settings, with their store. Nothing outside is called yet. One that
    nobody has signed in yet is left out and said so: the others do not wait for it."""
    connections = load_connections(settings.connections)
    opened: dict[str, Connection] = {}
    async with AsyncExitStack() as stack:
        store = await stack.enter_async_context(open_store(settings))
        for name, connection in connections.items():
            try:
                opened[name] = await _connection(stack, connection, store, settings)
            except Misconfigured as error:
                left_out = {"connection": name, "reason": error.message}
                _LOG.error("connection left out until the worker is restarted", extra=left_out)
        seal = Seal(KeyRing.from_source(settings.keys.get_secret_value()))
        at_work = {name: connections[name] for name in opened}
        yield Site(Workplace(opened, store, seal), at_work)


async def _connection(
    stack: AsyncExitStack, settings: ConnectionSettings, store: Store, app: AppSettings
) -> Connection:
    source = await stack.enter_async_context(open_source(settings, store))
    target = await stack.enter_async_context(open_target(settings, store))

    return Connection(
        name=settings.name,
        tag=settings.tag,
        source=source,
        target=target,
        target_queue=settings.target_queue,
        policy=settings.policy,
        load_mapper=partial(load_mapper, app.mappings / settings.mapping, target),
        webhook_uri=webhook_uri(settings, app.gateway.public_url),
        expenses=settings.expenses,
        bills=settings.bills,
        tie_out=settings.tie_out,
        rates=rates_of(settings.tie_out, app.mappings),
        is_signed_off=partial(store.sign_offs.is_signed_off, settings.name),
        approval_url=approval_url(app.gateway.public_url),
    )


def rates_of(policy: TieOutPolicy, folder: Path) -> Rates | None:
    """What a tie-out compares the target's exchange rates with, where the settings name it."""
    wanted = policy.exchange_rates
    if wanted is None:
        return None
    return Rates(RateFile(folder / wanted.file), wanted.currency, wanted.max_age_days)


async def load_mapper(path: Path, target: TargetPort) -> Mapper:
    """A mapping, checked against what the target says of itself. Misconfigured with all of its
    problems."""
    try:
        mapper = Mapper.load(path, await target.schema())
    except SpecError as error:
        raise Misconfigured("tieout", "mapping", str(error)) from error
    chosen = target.invoice_entity if isinstance(target, ChoosesDocument) else ""
    if chosen and mapper.invoice_entity != chosen:
        why = f"{path.name} makes {mapper.invoice_entity} of an invoice, the connection {chosen}"
        raise Misconfigured("tieout", "mapping", why)
    return mapper


def approval_url(public_url: str) -> str:
    """Where signed links of approvals lead; empty without an address that people can reach."""
    return f"{public_url.rstrip('/')}/approvals" if public_url else ""


@asynccontextmanager
async def open_target(settings: ConnectionSettings, store: Store) -> AsyncIterator[SomeTarget]:
    """The target of a connection. Misconfigured when the vault lacks its secret."""
    ask = partial(secret_of, store, settings.name, settings.target.secret_name)
    secret = await ask()
    per_second = settings.target.requests_per_second
    limiter = shared_rate(store, settings, settings.target.system, per_second)
    async with target_of(settings.target, secret, limiter, ask) as target:
        yield target


def target_of(
    settings: NavTargetSettings | AxTargetSettings,
    secret: str,
    limiter: RateLimiter | None = None,
    ask: Callable[[], Awaitable[str]] | None = None,
) -> SomeTarget:
    """The connector of a target, not connected yet; by itself it keeps its rate alone. `ask` tells
    the secret as it is now."""
    if isinstance(settings, NavTargetSettings):
        return NavTarget(settings.settings(secret), limiter=limiter)
    return AxTarget(settings.settings(secret), limiter=limiter, secret=ask)
