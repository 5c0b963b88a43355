"""Deliveries that are taken: what they start, and what they leave alone."""

from __future__ import annotations

import asyncio
import logging

import pytest
from temporalio.api.enums.v1 import EventType

from documents.naming import LOOK_AGAIN, WORKFLOW_TASK_QUEUE
from tests.gateway.conftest import Door
from workflows.attributes import CONNECTION

STARTED = EventType.EVENT_TYPE_WORKFLOW_EXECUTION_STARTED
SIGNALED = EventType.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED


async def test_an_invoice_event_starts_and_signals_its_process_in_one_call(door: Door) -> None:
    response = await door.deliver("invoice.create", "4000001")
    identity = f"order-to-cash/{door.connection.name}/4000001"
    assert (response.status_code, response.json()) == (200, {"outcome": "hinted"})
    (started,) = await door.events(identity, STARTED)
    (signalled,) = await door.events(identity, SIGNALED)
    attributes = started.workflow_execution_started_event_attributes
    assert attributes.workflow_type.name == "OrderToCash"
    assert attributes.task_queue.name == WORKFLOW_TASK_QUEUE
    assert (
        attributes.input.payloads[0].data
        == (
            f'{{"connection":"{door.connection.name}","invoice_id":"4000001",'
            '"source":"freshbooks"}'
        ).encode()
    )
    signal = signalled.workflow_execution_signaled_event_attributes
    assert signal.signal_name == LOOK_AGAIN
    assert not signal.input.payloads, "the signal carries nothing that could be trusted"


async def test_the_process_can_be_found_by_its_connection_from_the_start(door: Door) -> None:
    await door.deliver("invoice.create", "4000002")
    handle = door.client.get_workflow_handle(f"order-to-cash/{door.connection.name}/4000002")
    attributes = (await handle.describe()).typed_search_attributes
    assert attributes[CONNECTION] == door.connection.name


async def test_many_events_of_one_invoice_are_one_process(door: Door) -> None:
    events = ("invoice.create", "invoice.update", "invoice.sendByEmail", "invoice.update")
    answers = await asyncio.gather(*(door.deliver(event, "4000003") for event in events))
    identity = f"order-to-cash/{door.connection.name}/4000003"
    assert [a.status_code for a in answers] == [200] * 4
    assert len(await door.events(identity, STARTED)) == 1
    assert len(await door.events(identity, SIGNALED)) == 4


async def test_a_closed_process_is_started_again_by_a_later_event(door: Door) -> None:
    await door.deliver("invoice.create", "4000004")
    handle = door.client.get_workflow_handle(f"order-to-cash/{door.connection.name}/4000004")
    first = (await handle.describe()).run_id
    await handle.terminate()
    assert (await door.deliver("invoice.delete", "4000004")).status_code == 200
    assert (await handle.describe()).run_id != first


@pytest.mark.parametrize("kind", ["payment", "credit_note", "client"])
async def test_an_event_of_another_object_starts_a_hint(door: Door, kind: str) -> None:
    assert (await door.deliver(f"{kind}.update", "4000005")).status_code == 200
    identity = f"hint/{door.connection.name}/{kind}/4000005"
    (started,) = await door.events(identity, STARTED)
    attributes = started.workflow_execution_started_event_attributes
    assert attributes.workflow_type.name == "Hint"
    assert f'"kind":"{kind}","object_id":"4000005"'.encode() in attributes.input.payloads[0].data
    assert len(await door.events(identity, SIGNALED)) == 1


@pytest.mark.parametrize("event", ["estimate.create", "project.delete", "invoice.explode", "x"])
async def test_an_event_that_concerns_nobody_is_taken_and_ignored(door: Door, event: str) -> None:
    response = await door.deliver(event, "4000006")
    assert (response.status_code, response.json()) == (200, {"outcome": "ignored"})
    assert door.starts.ids == []


async def test_a_good_delivery_costs_one_call(door: Door) -> None:
    await door.deliver("invoice.create", "4000007")
    assert len(door.starts.ids) == 1


async def test_a_field_with_colons_commas_and_accents_is_verified_as_signed(door: Door) -> None:
    fields = [
        ("name", "invoice.update"),
        ("object_id", "4000008"),
        ("note", "a: b, c"),
        ("note", ""),
        ("city", "Zürich ☂"),
    ]
    assert (await door.post(fields)).status_code == 200


async def test_nothing_of_a_delivery_is_logged(
    door: Door, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG, logger="tieout"):
        await door.deliver("invoice.create", "4000009", user_id="Ada", note="ada@example.com")
        await door.deliver("Ada Lovelace", "4000009")
        await door.deliver("invoice.create", "4000009", verifier="another-verifier")
        await door.deliver("callback.verify", "4000009", verifier="secret-verifier")
    said = [record for record in caplog.records if record.name == "tieout.gateway"]
    assert [vars(r)["outcome"] for r in said] == ["hinted", "ignored", "forged", "malformed"]
    assert [vars(r)["source_event"] for r in said] == ["invoice.create", "", "", ""]
    everything = " ".join(str(vars(record)) for record in said)
    for private in ("4000009", "Ada", "ada@example.com", "verifier-of", "secret-verifier"):
        assert private not in everything
