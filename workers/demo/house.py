"""The embedded house of the demo: `tieout dev` as anybody else would start it."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from workers.connections import ConnectionSettings, load_connections
from workers.demo.mappings import own_mappings
from workers.dev.announcement import Announcement
from workers.dev.surroundings import own_command
from workers.opening import open_store
from workers.refusal import Refusal
from workers.settings import AppSettings, load_settings


@dataclass(frozen=True)
class Neighbourhood:
    """Where everything is, and the settings that the parts run with."""

    ready: Announcement
    settings: AppSettings
    connections: dict[str, ConnectionSettings]

    async def target_secret(self, name: str) -> str:
        """The target's key of a connection, from the vault."""
        async with open_store(self.settings) as store:
            secret = await store.credentials.get(name, self.connections[name].target.secret_name)
        if secret is None:
            raise Refusal(f"the vault has no key for the target of {name}")
        return secret


LANES = 2
"""The second one posts edits again, which the demo's own connections hold."""


@asynccontextmanager
async def embedded_house(ports: int) -> AsyncIterator[Neighbourhood]:
    """Start everything, give where it is, and stop everything at the end."""
    with tempfile.TemporaryDirectory(prefix="tieout-demo-") as folder:
        command = (*own_command(), "dev", "--json", "--ports", str(ports), "--state", folder)
        command = (*command, "--lanes", str(LANES))
        command = (*command, "--mappings", str(own_mappings(Path(folder))))
        process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
        try:
            yield await _moved_in(process, Path(folder))
        finally:
            await _end(process)


async def _moved_in(process: asyncio.subprocess.Process, folder: Path) -> Neighbourhood:
    assert process.stdout is not None, "its standard output was asked for"
    line = await process.stdout.readline()
    if not line:
        raise Refusal("the embedded house did not start; its last words are above")
    settings = load_settings(folder / "tieout.yaml")
    connections = load_connections(settings.connections)
    return Neighbourhood(Announcement.model_validate_json(line), settings, connections)


async def _end(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        process.terminate()
    await process.wait()
