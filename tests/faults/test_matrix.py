"""Faults in each step, and workers killed there: one posting, whatever goes wrong and where."""

from __future__ import annotations

import sys

import pytest

from workers.prove.matrix import prove_covering


def _tell(progress: str) -> None:
    sys.stderr.write(f"{progress}\n")


# How long it takes says nothing about it: the limit is only there to end a run that hangs.
@pytest.mark.timeout(1800)
async def test_faults_in_each_step_leave_one_posting_and_nothing_behind() -> None:
    """`tieout prove --exhaustive` tries every fault at every call of every step."""
    verdict = await prove_covering(_tell)
    assert verdict.findings == {}
    assert verdict.schedules > 100
    assert verdict.kills >= 2
    # A fault that met no call would have proved nothing.
    assert verdict.faults >= 0.95 * verdict.schedules
