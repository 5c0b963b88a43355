"""Everything that somebody without our keys could get hold of after a story."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path

from google.protobuf.message import Message
from temporalio.api.common.v1 import Payload, WorkflowExecution
from temporalio.api.failure.v1 import Failure
from temporalio.api.history.v1 import HistoryEvent
from temporalio.api.workflowservice.v1 import (
    DescribeScheduleRequest,
    DescribeWorkflowExecutionRequest,
    GetWorkflowExecutionHistoryRequest,
    ListSchedulesRequest,
    ListWorkflowExecutionsRequest,
)
from temporalio.client import Client
from temporalio.converter import PayloadCodec

from documents.naming import ORDER_TO_CASH
from tests.e2e.house import House


async def of_temporal(house: House) -> dict[str, bytes]:
    """History, memo, attributes and pending work of every execution, as the server has them.

    Asked for at the lowest level: nothing of ours that could decode is in between.
    """
    bare = await Client.connect(house.ready.temporal, namespace=house.ready.namespace)
    evidence = {}
    for execution in await _executions(bare):
        name = f"{execution.workflow_id} {execution.run_id}"
        evidence[f"history of {name}"] = b"".join(
            event.SerializeToString() for event in await _history(bare, execution)
        )
        request = DescribeWorkflowExecutionRequest(namespace=bare.namespace, execution=execution)
        described = await bare.workflow_service.describe_workflow_execution(request)
        evidence[f"description of {name}"] = described.SerializeToString()
    return evidence | await _schedules(bare)


async def _schedules(client: Client) -> dict[str, bytes]:
    """Every schedule with what it starts."""
    listed = await client.workflow_service.list_schedules(
        ListSchedulesRequest(namespace=client.namespace, maximum_page_size=1000)
    )
    evidence = {}
    for entry in listed.schedules:
        request = DescribeScheduleRequest(namespace=client.namespace, schedule_id=entry.schedule_id)
        described = await client.workflow_service.describe_schedule(request)
        evidence[f"schedule {entry.schedule_id}"] = (
            entry.SerializeToString() + described.SerializeToString()
        )
    return evidence


async def _executions(client: Client) -> list[WorkflowExecution]:
    found, token = [], b""
    while True:
        page = await client.workflow_service.list_workflow_executions(
            ListWorkflowExecutionsRequest(namespace=client.namespace, next_page_token=token)
        )
        found += [info.execution for info in page.executions]
        token = page.next_page_token
        if not token:
            return found


async def _history(client: Client, execution: WorkflowExecution) -> Sequence[HistoryEvent]:
    events: list[HistoryEvent] = []
    token = b""
    while True:
        page = await client.workflow_service.get_workflow_execution_history(
            GetWorkflowExecutionHistoryRequest(
                namespace=client.namespace, execution=execution, next_page_token=token
            )
        )
        events += page.history.events
        token = page.next_page_token
        if not token:
            return events


def of_files(house: House) -> dict[str, bytes]:
    """Our store, Temporal's database, the logs and the settings. Not the stand-ins' own books,
    which are somebody else's, nor the two files that hold the keys."""
    patterns = ("tieout.sqlite*", "temporal.sqlite*", "logs/*", "connections/*", "ports.json")
    paths = [path for pattern in patterns for path in house.state.glob(pattern)]
    return {str(path.relative_to(house.state)): path.read_bytes() for path in paths}


async def of_metrics(house: House) -> dict[str, bytes]:
    """What the metrics pages show."""
    ports = json.loads((house.state / "ports.json").read_text())
    pages = {}
    for name in ("gateway_metrics", "worker_metrics"):
        response = await house.http.get(f"http://127.0.0.1:{ports[name]}/metrics")
        assert response.status_code == 200
        pages[name] = response.content
    return pages


def of_processes() -> dict[str, bytes]:
    """The command lines of all our processes: any user of the machine can read them."""
    found = {}
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if path.stat().st_uid == os.getuid():
                found[str(path)] = path.read_bytes()
        except OSError:
            continue  # It ended meanwhile.
    return found


async def decoded(codec: PayloadCodec, house: House) -> bytes:
    """Every payload of every history in clear: what would have leaked."""
    clear = []
    for event in await _all_events(house):
        clear += [p.data for p in await codec.decode(payloads_of(event))]
    return b"\n".join(clear)


async def failures(house: House) -> list[Failure]:
    """Every failure of a step that stands in a history."""
    return [
        failure.cause if failure.HasField("cause") else failure
        for event in await _all_events(house)
        for failure in [event.activity_task_failed_event_attributes.failure]
        if failure.message
    ]


async def search_attributes(house: House) -> set[tuple[str, str]]:
    """Every search attribute of every execution with its value, as it stands in clear."""
    bare = await Client.connect(house.ready.temporal, namespace=house.ready.namespace)
    found = set()
    for execution in await _executions(bare):
        request = DescribeWorkflowExecutionRequest(namespace=bare.namespace, execution=execution)
        described = await bare.workflow_service.describe_workflow_execution(request)
        fields = described.workflow_execution_info.search_attributes.indexed_fields
        for name, payload in fields.items():
            value = json.loads(payload.data)
            found |= {(name, str(v)) for v in (value if isinstance(value, list) else [value])}
    return found


async def some_payload(house: House) -> Payload:
    """The input of a process, as the server keeps it."""
    for event in await _all_events(house):
        started = event.workflow_execution_started_event_attributes
        if started.workflow_type.name == ORDER_TO_CASH:
            return started.input.payloads[0]
    raise AssertionError("no process was started")


async def _all_events(house: House) -> list[HistoryEvent]:
    bare = await Client.connect(house.ready.temporal, namespace=house.ready.namespace)
    return [e for x in await _executions(bare) for e in await _history(bare, x)]


def payloads_of(message: Message) -> list[Payload]:
    """Every payload in a message, wherever it stands."""
    if isinstance(message, Payload):
        return [message]
    found: list[Payload] = []
    for field, value in message.ListFields():
        if field.message_type is None:
            continue
        if field.message_type.GetOptions().map_entry:
            inner = [v for v in value.values() if isinstance(v, Message)]
        else:
            inner = list(value) if field.is_repeated else [value]
        for each in inner:
            found += payloads_of(each)
    return found
