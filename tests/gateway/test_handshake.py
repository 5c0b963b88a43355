"""The handshake that follows the registration of a callback."""

from __future__ import annotations

import pytest
from temporalio.api.enums.v1 import EventType

from tests.gateway.conftest import Door, OpenDoor
from workers.gateway.freshbooks import HANDSHAKE_BURST

CODE = "a-verifier-that-is-a-secret"


def _handshake(callback_id: str = "5000001", **more: str) -> list[tuple[str, str]]:
    fields = {
        "name": "callback.verify",
        "object_id": callback_id,
        "account_id": "zDmNq",
        "verifier": CODE,
    }
    return list({**fields, **more}.items())


async def test_the_verifier_is_kept_and_a_worker_is_told_to_confirm(door: Door) -> None:
    response = await door.post(_handshake(), verifier=CODE)
    assert (response.status_code, response.json()) == (200, {"outcome": "verification"})
    pending = await door.store.callbacks.pending(door.connection.name, "5000001")
    assert [(each.verifier, each.uri) for each in pending] == [
        (CODE, f"https://hooks.example{door.path}")
    ]
    identity = f"hint/{door.connection.name}/callback/5000001"
    assert door.starts.ids == [identity]
    (started,) = await door.events(identity, EventType.EVENT_TYPE_WORKFLOW_EXECUTION_STARTED)
    assert CODE.encode() not in started.SerializeToString(), "the history is no place for a key"


async def test_a_handshake_without_a_signature_is_taken_too(door: Door) -> None:
    assert (await door.post(_handshake(), verifier=None)).status_code == 200


async def test_a_pending_verifier_signs_nothing_yet(door: Door) -> None:
    await door.post(_handshake(), verifier=CODE)
    response = await door.deliver("invoice.create", "4000001", verifier=CODE)
    assert response.status_code == 401


async def test_a_confirmed_verifier_is_known_without_a_restart(door: Door) -> None:
    await door.post(_handshake(), verifier=CODE)
    await door.store.callbacks.activate(door.connection.name, "5000001")
    response = await door.deliver("invoice.create", "4000001", verifier=CODE)
    assert response.status_code == 200


async def test_a_handshake_does_not_replace_an_active_verifier(door: Door) -> None:
    await door.post(_handshake("9000001"), verifier=CODE)
    assert (await door.deliver("invoice.create", "4000001")).status_code == 200
    assert (await door.deliver("invoice.create", "4000001", verifier=CODE)).status_code == 401


@pytest.mark.parametrize("code", ["short", "", "x" * 300, "with a blank inside", "é" * 20])
async def test_what_cannot_be_a_verifier_is_refused(door: Door, code: str) -> None:
    response = await door.post(_handshake(verifier=code), verifier=None)
    assert response.status_code == 400
    assert door.starts.ids == []


async def test_a_handshake_of_another_account_is_refused(door: Door) -> None:
    response = await door.post(_handshake(account_id="other"), verifier=CODE)
    assert response.status_code == 401
    assert door.starts.ids == []


async def test_a_flood_of_handshakes_is_slowed_down(door: Door) -> None:
    answers = [
        (await door.post(_handshake(str(n)), verifier=CODE)).status_code
        for n in range(HANDSHAKE_BURST + 5)
    ]
    assert answers[:HANDSHAKE_BURST] == [200] * HANDSHAKE_BURST
    assert 429 in answers[HANDSHAKE_BURST:]


async def test_a_stranger_takes_none_of_the_turns_of_freshbooks(open_door: OpenDoor) -> None:
    door = await open_door(public_url="https://hooks.example", trusted_proxy=True)
    while (await door.post(_handshake("1"), source="203.0.113.9")).status_code == 200:
        pass
    genuine = await door.post(_handshake("5000001"), verifier=CODE, source="198.51.100.7")
    assert genuine.status_code == 200
    pending = await door.store.callbacks.pending(door.connection.name, "5000001")
    assert [each.verifier for each in pending] == [CODE]
