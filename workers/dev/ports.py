"""Which port each part listens on, and how the same ones are found again after a restart."""

from __future__ import annotations

import random
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from workers.dev.files import write_durably
from workers.refusal import Refusal

LOOPBACK = "127.0.0.1"

# Free ports are taken below the range from which systems hand out ports for outgoing connections
# (from 32768 on Linux), so that no connection sits on the port of a part that is being restarted.
_FIRST_BLOCK, _LAST_BLOCK, _BLOCK = 20_000, 32_000, 16
_TRIES = 200

PATIENCE = 5.0
"""Seconds to wait for a port that the parts of a supervisor killed a moment ago still hold."""


class Ports(BaseModel):
    """One port per endpoint, in the order in which `--ports N` counts up from N.

    New ones are added at the end, so that those of today do not move.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    temporal: int
    temporal_ui: int
    freshbooks: int
    nav: int
    control: int
    gateway: int
    gateway_metrics: int
    worker_metrics: int
    codec: int
    operator: int
    ax: int

    def url(self, name: str) -> str:
        """The HTTP address of an endpoint."""
        return f"http://{LOOPBACK}:{getattr(self, name)}"

    @classmethod
    def consecutive(cls, first: int) -> Ports:
        """Ports counted up from `first`."""
        return cls(**{name: first + place for place, name in enumerate(cls.model_fields)})


@contextmanager
def claimed_ports(first: int, kept: Path | None) -> Iterator[Ports]:
    """The ports for this run, all free at this moment.

    `first` 0 means those in the file `kept` if it exists, otherwise free ones; the choice is
    written to `kept`. Raises Refusal for a port that somebody else listens on.
    """
    before = _read(kept)
    if first:
        ports, guard = Ports.consecutive(_checked(first)), None
    elif before is not None:
        ports, guard = before, None
    else:
        ports, guard = _free_block()
    try:
        _await_free(ports)
        if kept is not None and ports != before:
            write_durably(kept, ports.model_dump_json(indent=2))
        yield ports
    finally:
        if guard is not None:
            guard.close()


def _checked(first: int) -> int:
    last = first + len(Ports.model_fields) - 1
    if first < 1 or last > 65535:
        raise Refusal(f"--ports {first} does not leave room for {len(Ports.model_fields)} ports")
    return first


def _read(kept: Path | None) -> Ports | None:
    if kept is None or not kept.exists():
        return None
    try:
        return Ports.model_validate_json(kept.read_bytes())
    except ValidationError as error:
        raise Refusal(
            f"{kept} does not list the ports of this version; delete it to get new ones"
        ) from error


def _free_block() -> tuple[Ports, socket.socket]:
    """A block of free ports and the socket that guards it.

    The guard sits on the block's first port as long as we run: another supervisor that looks for
    ports before our parts have opened theirs sees that the block is taken.
    """
    for _ in range(_TRIES):
        block = random.randrange(_FIRST_BLOCK, _LAST_BLOCK, _BLOCK)
        guard = _bound(block, reuse=False)
        if guard is None:
            continue
        ports = Ports.consecutive(block + 1)
        if not _taken(ports):
            return ports, guard
        guard.close()
    raise Refusal(f"no free block of ports between {_FIRST_BLOCK} and {_LAST_BLOCK}")


def _await_free(ports: Ports) -> None:
    deadline = time.monotonic() + PATIENCE
    while taken := _taken(ports):
        if time.monotonic() > deadline:
            names = ", ".join(f"{port} ({name})" for name, port in taken.items())
            raise Refusal(f"already in use: port {names}; choose others with --ports")
        time.sleep(0.1)


def _taken(ports: Ports) -> dict[str, int]:
    return {name: port for name, port in ports.model_dump().items() if not _free(port)}


def _free(port: int) -> bool:
    probe = _bound(port, reuse=True)
    if probe is None:
        return False
    probe.close()
    return True


def _bound(port: int, *, reuse: bool) -> socket.socket | None:
    """A socket bound to the port; `reuse` as servers do, past connections that linger."""
    probe = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    if reuse:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        probe.bind((LOOPBACK, port))
    except OSError:
        probe.close()
        return None
    return probe
