"""Random schedules of faults, kills and misbehaving webhooks, with fresh seeds every time.

A seed that fails is printed and kept in regressions.txt, and replayed by every later run.
"""

from __future__ import annotations

import secrets
import sys
from pathlib import Path

import pytest

from workers.prove.run import Orders, prove
from workers.prove.schedule import LANES
from workers.prove.verdict import kept_seeds

_REGRESSIONS = Path(__file__).with_name("regressions.txt")
_LEAST = 50


def _tell(progress: str) -> None:
    sys.stderr.write(f"{progress}\n")


def _seeds() -> list[int]:
    """The regressions first, then fresh ones; whole rounds of neighbours are run."""
    first = secrets.randbelow(100_000) * LANES
    return [*kept_seeds(_REGRESSIONS), *range(first, first + _LEAST)]


# The time limit only ends a run that hangs.
@pytest.mark.timeout(1800)
async def test_random_schedules_end_with_both_books_in_agreement() -> None:
    verdict = await prove(_seeds(), Orders(_tell))
    verdict.keep(_REGRESSIONS)
    assert verdict.findings == {}, f"replay: tieout prove --replay {min(verdict.findings)}"
    assert verdict.schedules >= _LEAST
    assert verdict.faults > 0
