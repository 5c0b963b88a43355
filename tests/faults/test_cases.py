"""Which faults the matrix tries where."""

from __future__ import annotations

from collections import Counter

from workers.prove.cases import Call, Case, all_cases, covering, each_fault_once
from workers.prove.faults import faults_of
from workers.prove.guide import Waiting

_STAGES = ("send", "pay", "edit")
_STEPS = ("look", "post", "apply", "reverse")


def _calls() -> list[Call]:
    """Four steps in three stages; each reads both sides and writes to the target."""
    return [
        Call("invoice", stage, system, 10 * n + m, method, f"/{step}", step)
        for stage in _STAGES
        for n, step in enumerate(_STEPS)
        for m, (system, method) in enumerate(
            [("freshbooks", "GET"), ("nav", "GET"), ("nav", "POST")]
        )
    ]


def _met(cases: list[Case]) -> dict[str, set[str]]:
    """The faults by the step that meets them in the target."""
    return {
        step: {c.fault for c in cases if c.call.step == step and c.call.system == "nav"}
        for step in _STEPS
    }


def test_every_sort_of_fault_meets_every_step_and_every_fault_meets_each_system() -> None:
    cases = covering(_calls())
    sorts = {"reset_before", "reset_after", "hang_before", "hang_after", "commit_late", "malformed"}
    assert all(sorts < faults for faults in _met(cases).values())
    for system in ("freshbooks", "nav"):
        assert {c.fault for c in cases if c.call.system == system} == set(faults_of(system))
    assert all(c.call.writes for c in cases if c.call.system == "nav")


def test_each_fault_once_is_spread_over_the_stages() -> None:
    cases = each_fault_once(_calls())
    assert Counter((c.call.system, c.fault) for c in cases) == Counter(
        (system, fault) for system in ("freshbooks", "nav") for fault in faults_of(system)
    )
    assert {Counter(c.call.stage for c in cases)[stage] for stage in _STAGES} <= {7, 8}


def test_every_case_is_taken_once_and_one_of_each_system_at_a_time() -> None:
    cases = all_cases(_calls())
    waiting, taken = Waiting(cases, singly=False), list[Case]()
    while waiting.any_at("invoice", _STAGES):
        for stage in _STAGES:
            together = waiting.take("invoice", stage)
            assert len({c.call.system for c in together}) == len(together)
            taken += together
    assert Counter(taken) == Counter(cases)


def test_a_matrix_of_single_faults_tries_one_at_a_time() -> None:
    waiting = Waiting(all_cases(_calls()), singly=True)
    assert len(waiting.take("invoice", "send")) == 1
