"""The threat model names every door that is open, and none that is not."""

from __future__ import annotations

import re
from pathlib import Path
from typing import cast

import pytest
from starlette.applications import Starlette
from starlette.routing import Route
from temporalio.client import Client

from store.cipher import Cipher
from store.keyring import KeyRing
from store.seal import Seal
from store.store import Store
from workers.access.callers import Concierge
from workers.codec import EncryptingCodec
from workers.codec_server import build_codec_server
from workers.doors import CodecSettings, OperatorSettings
from workers.gateway.app import build_gateway
from workers.operator.app import build_operator
from workers.settings import load_settings

PAGE = Path(__file__).parents[2] / "docs" / "threat-model.md"
NOBODY = cast(Client, None)
"""The routes are read, nothing is called."""


def _documented() -> dict[str, set[str]]:
    """The paths of the doors table by port; an ellipsis stands for everything below."""
    table = PAGE.read_text(encoding="utf-8").split("## The doors")[1].split("\n\n- ")[0]
    found: dict[str, set[str]] = {}
    for line in table.splitlines():
        cells = line.split("|")
        if len(cells) < 4:
            continue
        for port in re.findall(r"\d{4}", cells[2]):
            found.setdefault(port, set()).update(re.findall(r"`[^`/]*(/[^`]*)`", cells[1]))
    return found


def _paths(app: Starlette) -> set[str]:
    return {route.path for route in app.routes if isinstance(route, Route)}


@pytest.fixture
async def doors(tmp_path: Path) -> dict[str, Starlette]:
    ring = KeyRing.generate()
    url = f"sqlite:///{tmp_path}/t.db"
    async with await Store.open(url, Cipher(ring), migrate=True) as store:
        settings, seal, nobody = load_settings(), Seal(ring), Concierge()
        return {
            "8080": build_gateway(NOBODY, store, {}, settings, seal=seal),
            "8081": build_codec_server(EncryptingCodec(ring), nobody, CodecSettings()),
            "8082": build_operator(NOBODY, store, {}, nobody, seal, OperatorSettings()),
        }


def _is_named(path: str, named: set[str]) -> bool:
    below = [each.removesuffix("…") for each in named if each.endswith("…")]
    return path in named or any(path.startswith(each) for each in below)


async def test_every_route_of_every_port_is_in_the_table_of_doors(
    doors: dict[str, Starlette],
) -> None:
    documented = _documented()
    for port, app in doors.items():
        paths = {path.replace("{path_token}", "{path token}") for path in _paths(app)}
        assert not [path for path in paths if not _is_named(path, documented[port])], port
        real = {each for each in documented[port] if not each.endswith("…")}
        assert real <= paths, port
