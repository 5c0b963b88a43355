"""The demo, as a newcomer starts it."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import pytest


@pytest.mark.timeout(300)
async def test_the_whole_story_ends_with_books_that_tie_on_every_connection() -> None:
    script = Path(sys.executable).with_name("tieout")
    process = await asyncio.create_subprocess_exec(
        sys.executable, str(script), "demo", "--once",
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    output, errors = await process.communicate()
    told = output.decode()
    assert process.returncode == 0, told + errors.decode()
    for connection in ("demo-nav", "demo-ax", "lane-2"):
        assert f"{connection}, both sides per currency: ties to the cent" in told
        assert f"Tie-out of {connection} for" in told
    held = "Held: the taxes PST 7 % of line 1 have no tax code in the mapping"
    assert told.count(held) == told.count("a row for it is added to the mapping file") == 2, told
    for connection in ("demo-nav", "demo-ax"):
        assert f"{connection}, 8 expenses: each ended as told" in told
        assert f"{connection}, bills" in told
    assert "signed off: prepared by Ada, who keeps the books" in told
    assert "export PATH=" in told
