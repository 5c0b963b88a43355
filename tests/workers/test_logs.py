"""Logs: one shape, no secrets, nothing that a client typed, and nothing twice on replay."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from pydantic import BaseModel, ValidationError
from temporalio import workflow
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Worker

from connectors.errors import Unavailable
from workers.logs import configure_logging
from workers.redaction import HIDDEN, redacted
from workers.settings import LogSettings


class Lines:
    """What was logged since the fixture began."""

    def __init__(self, stream: io.StringIO) -> None:
        self.stream = stream

    @property
    def text(self) -> str:
        return self.stream.getvalue()

    def of(self, event: str) -> list[dict[str, Any]]:
        parsed = [json.loads(line) for line in self.text.splitlines()]
        return [line for line in parsed if line["event"] == event]


@pytest.fixture
def lines() -> Iterator[Lines]:
    root = logging.getLogger()
    before = (root.level, list(root.handlers))
    stream = io.StringIO()
    configure_logging(LogSettings(), stream)
    yield Lines(stream)
    root.setLevel(before[0])
    root.handlers[:] = before[1]


def test_a_line_is_json_with_time_level_and_extras(lines: Lines) -> None:
    logging.getLogger("tieout.x").info("posted %s", "102", extra={"connection": "demo-nav"})
    (line,) = lines.of("posted 102")
    assert line["level"] == "info"
    assert line["logger"] == "tieout.x"
    assert line["connection"] == "demo-nav"
    assert line["timestamp"].endswith("Z")


def test_secrets_are_hidden_by_name_and_by_shape(lines: Lines) -> None:
    logging.getLogger("tieout.x").warning(
        "sent Authorization: Bearer abcdef123456 to https://me:hunter2@nav",
        extra={
            "access_token": "s3cr3t-a",
            "detail": {"verifier": "s3cr3t-b", "body": "refresh_token=s3cr3t-c&grant_type=x"},
        },
    )
    for secret in ("abcdef123456", "hunter2", "s3cr3t"):
        assert secret not in lines.text
    assert HIDDEN in lines.text
    assert "grant_type=x" in lines.text


def test_an_exception_shows_its_types_and_places_but_not_what_a_client_typed(lines: Lines) -> None:
    class Client(BaseModel):
        age: int

    try:
        try:
            Client.model_validate({"age": "Ada Lovelace"})
        except ValidationError as error:
            raise Unavailable("nav", "read customer", "no reply within 30 s") from error
    except Unavailable:
        logging.getLogger("tieout.x").exception("step failed")
    (line,) = lines.of("step failed")
    assert [part["type"] for part in line["exception"]] == ["Unavailable", "ValidationError"]
    assert line["exception"][0]["message"] == "nav read customer: no reply within 30 s"
    assert "test_logs.py" in line["exception"][0]["at"][-1]
    assert "Lovelace" not in lines.text


def test_the_console_shape_says_the_same_without_secrets() -> None:
    stream = io.StringIO()
    root = logging.getLogger()
    before = list(root.handlers)
    configure_logging(LogSettings(format="console"), stream)
    try:
        raise ValueError("Ada Lovelace")
    except ValueError:
        logging.getLogger("tieout.x").exception("failed", extra={"password": "hunter2"})
    finally:
        root.handlers[:] = before
    assert "ValueError at " in stream.getvalue()
    assert "hunter2" not in stream.getvalue()
    assert "Lovelace" not in stream.getvalue()


def test_configuring_again_does_not_double_lines(lines: Lines) -> None:
    configure_logging(LogSettings(), lines.stream)
    logging.getLogger("tieout.x").info("once")
    assert len(lines.of("once")) == 1


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc", HIDDEN),
        (f"tieout_0123456789ab_{'A' * 43}", HIDDEN),
        ("GET /approvals/eyJjb25u.azE6", f"GET /approvals/{HIDDEN}"),
        (f"keys k1:{'A' * 43}=", f"keys {HIDDEN}"),
        (["Basic dXNlcjpwYXNz"], [f"Basic {HIDDEN}"]),
        (("client_secret: abc123",), [f"client_secret: {HIDDEN}"]),
        (b"raw body", "[8 bytes]"),
        ("invoice 102 posted", "invoice 102 posted"),
        (42, 42),
    ],
)
def test_redaction_knows_the_shapes_of_secrets(value: object, expected: object) -> None:
    assert redacted(value) == expected


@workflow.defn(name="Talkative", sandboxed=False)
class Talkative:
    @workflow.run
    async def run(self) -> None:
        workflow.logger.info("before the wait")
        await workflow.sleep(timedelta(milliseconds=10))
        workflow.logger.info("after the wait", extra={"stage": "posted"})


async def test_a_workflow_speaks_once_although_it_is_replayed(
    temporal_env: WorkflowEnvironment, lines: Lines
) -> None:
    identity, queue = f"talkative-{uuid4()}", f"talkative-{uuid4()}"
    async with Worker(
        temporal_env.client, task_queue=queue, workflows=[Talkative], max_cached_workflows=0
    ):
        await temporal_env.client.execute_workflow(
            Talkative.run, id=identity, task_queue=queue, execution_timeout=timedelta(seconds=30)
        )
    (before,) = lines.of("before the wait")
    (after,) = lines.of("after the wait")
    assert before["workflow_id"] == identity
    assert before["workflow_type"] == "Talkative"
    assert after["stage"] == "posted"
    assert "temporal_workflow" not in before
