"""Documents that wait for months survive a deployment: every golden history replays."""

from __future__ import annotations

import json

import pytest
from temporalio.api.history.v1 import HistoryEvent
from temporalio.client import WorkflowHistory
from temporalio.worker import Replayer

from store.keyring import KeyRing
from tests.replay.record import HISTORIES, STORIES
from tests.security.evidence import payloads_of
from workers.codec import ENCODING, EncryptingCodec
from workers.temporal import data_converter
from workers.worker import WORKFLOWS, workflow_runner

FILES = sorted(HISTORIES.glob("*.json"))


def _as_it_ran(text: str) -> WorkflowHistory:
    """Under its own id: a workflow may depend on that."""
    start = json.loads(text)["events"][0]["workflowExecutionStartedEventAttributes"]
    return WorkflowHistory.from_json(start["workflowId"], text)


def test_every_story_has_a_golden_history() -> None:
    assert {path.stem for path in FILES} >= {story.__name__ for story in STORIES}


@pytest.mark.parametrize("golden", [(p.stem, p.read_text()) for p in FILES], ids=lambda g: g[0])
async def test_a_golden_history_replays(golden: tuple[str, str]) -> None:
    replayer = Replayer(
        workflows=WORKFLOWS, workflow_runner=workflow_runner(), data_converter=data_converter()
    )
    history = _as_it_ran(golden[1])
    result = await replayer.replay_workflow(history, raise_on_replay_failure=False)
    assert result.replay_failure is None


async def _encrypted(history: WorkflowHistory, codec: EncryptingCodec) -> WorkflowHistory:
    """The same as the server keeps it: only search attributes stay in clear."""
    events = [HistoryEvent.FromString(e.SerializeToString()) for e in history.events]
    for payload in (p for event in events for p in payloads_of(event)):
        if "type" not in payload.metadata:
            (kept,) = await codec.encode([payload])
            payload.CopyFrom(kept)
    return WorkflowHistory(history.workflow_id, events)


async def test_an_encrypted_history_replays_with_its_key_and_not_without() -> None:
    """The replayer has the same converter as the worker."""
    ring = KeyRing.generate("k1")
    golden = _as_it_ran(FILES[0].read_text())
    history = await _encrypted(golden, EncryptingCodec(ring))
    given = history.events[0].workflow_execution_started_event_attributes.input
    assert given.payloads[0].metadata["encoding"] == ENCODING
    for keys, fails in ((ring.with_new_key("k2"), False), (KeyRing.generate("k2"), True)):
        replayer = Replayer(
            workflows=WORKFLOWS,
            workflow_runner=workflow_runner(),
            data_converter=data_converter(EncryptingCodec(keys)),
        )
        result = await replayer.replay_workflow(history, raise_on_replay_failure=False)
        assert (result.replay_failure is not None) == fails
