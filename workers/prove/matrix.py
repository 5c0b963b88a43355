"""Every fault at every call of every step."""

from __future__ import annotations

from collections.abc import Callable

from workers.prove.verdict import Verdict


async def prove_exhaustively(tell: Callable[[str], None]) -> Verdict:
    raise NotImplementedError
