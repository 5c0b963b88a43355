"""Start other processes on a store, and wait for them."""

from __future__ import annotations

import asyncio
import os
import sys
from asyncio.subprocess import PIPE, Process
from pathlib import Path

from store.keyring import KeyRing

ROOT = Path(__file__).parents[2]


async def spawn(url: str, ring: KeyRing, *arguments: object) -> Process:
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.store.process", *map(str, arguments)),
        cwd=ROOT,
        env={**os.environ, "STORE_URL": url, "STORE_KEYS": ring.text()},
        stderr=PIPE,
    )


async def finish(process: Process, expected: int = 0) -> None:
    _, errors = await process.communicate()
    assert process.returncode == expected, errors.decode()


async def appear(path: Path, process: Process) -> None:
    """Wait for the file that another process makes."""
    for _ in range(1500):
        if _exists(path):
            return
        assert process.returncode is None
        await asyncio.sleep(0.02)
    raise AssertionError(f"{path.name} did not appear")


def _exists(path: Path) -> bool:
    return path.exists()
