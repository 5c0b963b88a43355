"""Random schedules of faults, kills and misbehaving webhooks, with fresh seeds every time.

A seed that fails is printed and kept in regressions.txt, and replayed by every later run.
"""

from __future__ import annotations

import secrets
import sys
import time
from itertools import count
from pathlib import Path

import pytest

from workers.prove.run import Orders, prove
from workers.prove.schedule import LANES
from workers.prove.verdict import kept_seeds

_REGRESSIONS = Path(__file__).with_name("regressions.txt")
_LEAST = 50
_SECONDS = 100.0


def _tell(progress: str) -> None:
    sys.stderr.write(f"{progress}\n")


def _seeds() -> list[int]:
    """The regressions first, then more fresh ones than there is time for."""
    first = secrets.randbelow(100_000) * LANES
    fresh = count(first, LANES)
    return [*kept_seeds(_REGRESSIONS), *(next(fresh) for _ in range(1000))]


# The time limit only ends a run that hangs; it decides how many schedules are run, not whether
# they pass.
@pytest.mark.timeout(1800)
async def test_random_schedules_end_with_both_books_in_agreement() -> None:
    kept = len(kept_seeds(_REGRESSIONS)) * LANES
    orders = Orders(_tell, least=_LEAST + kept, until=time.monotonic() + _SECONDS)
    verdict = await prove(_seeds(), orders)
    verdict.keep(_REGRESSIONS)
    assert verdict.findings == {}, f"replay: tieout prove --replay {min(verdict.findings)}"
    assert verdict.schedules >= _LEAST
    assert verdict.faults > 0
