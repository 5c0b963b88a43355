"""What commands open before they do anything: settings, one connection, the store."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from store.store import Store
from workers.connections import ConnectionSettings, load_connections
from workers.opening import open_store
from workers.refusal import Refusal
from workers.settings import AppSettings, load_settings


@dataclass(frozen=True)
class Desk:
    """The settings, all connections by name, and the open store."""

    settings: AppSettings
    connections: Mapping[str, ConnectionSettings]
    store: Store

    def connection(self, name: str) -> ConnectionSettings:
        """One connection. Raises Refusal with the names there are when there is no such."""
        return pick(self.connections, name)

    def chosen(self, name: str | None) -> list[ConnectionSettings]:
        """The named connection, or all of them."""
        return [self.connection(name)] if name else list(self.connections.values())


@asynccontextmanager
async def opened_desk(config: Path | None) -> AsyncIterator[Desk]:
    """Read the settings and open the store. Raises SettingsError and StoreError."""
    settings = load_settings(config)
    connections = load_connections(settings.connections)
    async with open_store(settings) as store:
        yield Desk(settings, connections, store)


def pick(connections: Mapping[str, ConnectionSettings], name: str) -> ConnectionSettings:
    """One connection by name. Raises Refusal with the names there are when there is no such."""
    if name not in connections:
        known = ", ".join(connections) or "none"
        raise Refusal(f"there is no connection {name!r}; there are: {known}")
    return connections[name]
