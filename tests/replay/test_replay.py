"""Documents that wait for months survive a deployment: every golden history replays."""

from __future__ import annotations

import pytest
from temporalio.client import WorkflowHistory
from temporalio.worker import Replayer

from tests.replay.record import HISTORIES, STORIES
from workers.temporal import data_converter
from workers.worker import WORKFLOWS, workflow_runner

FILES = sorted(HISTORIES.glob("*.json"))


def test_every_story_has_a_golden_history() -> None:
    assert {path.stem for path in FILES} >= {story.__name__ for story in STORIES}


@pytest.mark.parametrize("golden", [(p.stem, p.read_text()) for p in FILES], ids=lambda g: g[0])
async def test_a_golden_history_replays(golden: tuple[str, str]) -> None:
    replayer = Replayer(
        workflows=WORKFLOWS, workflow_runner=workflow_runner(), data_converter=data_converter()
    )
    history = WorkflowHistory.from_json(*golden)
    result = await replayer.replay_workflow(history, raise_on_replay_failure=False)
    assert result.replay_failure is None
