"""Health and readiness: yes or no, and nothing more."""

from __future__ import annotations

import socket
from pathlib import Path

from temporalio.client import Client

from tests.gateway.conftest import Door, OpenDoor


async def test_a_gateway_with_everything_there_is_ready(door: Door) -> None:
    response = await door.http.get("/ready")
    assert response.status_code == 200
    assert response.json() == {"ready": True, "temporal": True, "store": True}


async def test_without_temporal_it_is_alive_but_not_ready(open_door: OpenDoor) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        address = f"127.0.0.1:{closed.getsockname()[1]}"
    door = await open_door(client=await Client.connect(address, lazy=True))
    assert (await door.http.get("/health")).json() == {"alive": True}
    response = await door.http.get("/ready")
    assert response.status_code == 503
    assert response.json() == {"ready": False, "temporal": False, "store": True}


async def test_without_the_store_it_is_not_ready(door: Door, tmp_path: Path) -> None:
    await door.store.close()
    (tmp_path / "store.db").write_bytes(b"this is no database" * 100)
    response = await door.http.get("/ready")
    assert response.status_code == 503
    assert response.json() == {"ready": False, "temporal": True, "store": False}
