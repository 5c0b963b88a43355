"""Another process that works with the same store: `python -m tests.store.process what ...`.

The address and the keys of the store come in the environment, results go to files.
"""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

from store.cipher import Cipher
from store.keyring import KeyRing
from store.store import Store


async def _open() -> Store:
    ring = KeyRing.from_source(os.environ["STORE_KEYS"])
    return await Store.open(os.environ["STORE_URL"], Cipher(ring), migrate=True)


def _read(path: Path) -> int:
    return int(path.read_text())


def _write(path: Path, number: int) -> None:
    path.write_text(str(number))


async def count_up(counter: Path, times: int) -> None:
    """Raise the number in a file, in a way that loses counts unless one process does it at a
    time."""
    async with await _open() as store:
        for _ in range(times):
            async with store.leases.hold("counter"):
                number = _read(counter)
                await asyncio.sleep(0.005)
                _write(counter, number + 1)


async def open_only(ready: Path) -> None:
    """Open the store (and so migrate it) and close it again."""
    async with await _open() as store:
        await store.ping()
    _write(ready, 1)


async def hold_for_ever(ready: Path) -> None:
    """Take a short lease and never give it back; to be killed."""
    async with await _open() as store, store.leases.hold("doomed", ttl=3.0):
        _write(ready, 1)
        await asyncio.sleep(3600)


async def refresh_and_die(_: Path) -> None:
    """Begin a token refresh and end like a power cut."""
    store = await _open()
    await store.tokens("demo-nav").begin_refresh("refresh-1")
    os._exit(9)


async def _main() -> None:
    what, path, *numbers = sys.argv[1:]
    match what:
        case "count":
            await count_up(Path(path), int(numbers[0]))
        case "open":
            await open_only(Path(path))
        case "hold":
            await hold_for_ever(Path(path))
        case "refresh":
            await refresh_and_die(Path(path))
        case _:
            raise SystemExit(f"unknown: {what}")


if __name__ == "__main__":
    asyncio.run(_main())
