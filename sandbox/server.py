"""All stand-ins and the control port in one event loop, on loopback."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable
from pathlib import Path

from sandbox import freshbooks
from sandbox.clock import Clock
from sandbox.control import Control
from sandbox.faults import FaultBook
from sandbox.settings import SandboxSettings
from sandbox.storage import Storage
from sandbox.system import System
from sandbox.wire import Listener


class SandboxServer:
    """The sandbox; `ports` has a key per system and `control` once it was started."""

    def __init__(self, settings: SandboxSettings) -> None:
        self.settings = settings
        self.ports: dict[str, int] = {}
        self._storages: list[Storage] = []
        self._listeners: list[Listener] = []
        self._clock = Clock()
        self._systems = self._build()
        storage = self._storage("control")
        self._control = Control(
            self._systems, FaultBook(storage, self._systems.keys()), self._clock, storage
        )

    async def start(self) -> None:
        """Open every port, then start the background work; raises OSError for a taken port."""
        try:
            for name, layer in self._control.layers.items():
                await self._listen(name, Listener(layer))
            await self._listen("control", Listener(self._control.app))
            for system in self._systems.values():
                await system.start()
        except BaseException:
            await self.stop()
            raise

    async def stop(self) -> None:
        """Close the ports, end the background work, close the files."""
        await asyncio.gather(*(listener.stop() for listener in self._listeners))
        self._listeners.clear()
        for system in self._systems.values():
            await system.stop()
        for storage in self._storages:
            storage.close()

    def _build(self) -> dict[str, System]:
        systems: dict[str, System] = {}
        if self.settings.freshbooks is not None:
            systems["freshbooks"] = freshbooks.build(
                self.settings.freshbooks, self._storage("freshbooks"), self._clock
            )
        if self.settings.nav is not None:
            from sandbox import nav  # noqa: PLC0415

            systems["nav"] = nav.build(self.settings.nav, self._storage("nav"), self._clock)
        if self.settings.ax is not None:
            from sandbox import ax  # noqa: PLC0415

            systems["ax"] = ax.build(self.settings.ax, self._storage("ax"), self._clock)
        return systems

    def _storage(self, system: str) -> Storage:
        state: Path | None = self.settings.state
        storage = Storage(state / f"sandbox-{system}.sqlite" if state is not None else None)
        self._storages.append(storage)
        return storage

    async def _listen(self, name: str, listener: Listener) -> None:
        self.ports[name] = await listener.start(self._port(name))
        self._listeners.append(listener)

    def _port(self, name: str) -> int:
        if name == "freshbooks" and self.settings.freshbooks is not None:
            return self.settings.freshbooks.port
        if name == "nav" and self.settings.nav is not None:
            return self.settings.nav.port
        if name == "ax" and self.settings.ax is not None:
            return self.settings.ax.port
        return self.settings.control_port


def run_sandbox(settings: SandboxSettings, ready: Callable[[dict[str, int]], None]) -> None:
    """Serve until SIGTERM or SIGINT; `ready` gets the ports once every one is open."""
    asyncio.run(_serve(settings, ready))


async def _serve(settings: SandboxSettings, ready: Callable[[dict[str, int]], None]) -> None:
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, ended.set)
    server = SandboxServer(settings)
    await server.start()
    try:
        ready(server.ports)
        await ended.wait()
    finally:
        await server.stop()
