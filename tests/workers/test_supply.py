"""What is installed is compared with what was locked."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import Distribution, PathDistribution
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from connectors.network import Network
from tests.access.serving import served
from workers.advisories import DatabaseAway, known_vulnerabilities
from workers.supply import Pin, everything_installed, problems, read_lock

HERE = Network(allow_private=True)
LOCK = Path(__file__).parents[2] / "requirements.lock"


@pytest.fixture
def package(tmp_path: Path) -> Distribution:
    """A package `demo` 1.0 of one file, as an installer leaves it."""
    code = b"answer = 42\n"
    (tmp_path / "demo.py").write_bytes(code)
    digest = base64.urlsafe_b64encode(hashlib.sha256(code).digest()).rstrip(b"=").decode()
    info = tmp_path / "demo-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: demo\nVersion: 1.0\n")
    (info / "RECORD").write_text(f"demo.py,sha256={digest},{len(code)}\nRECORD,,\n")
    return PathDistribution(info)


def test_a_package_as_it_was_locked_raises_no_question(package: Distribution) -> None:
    assert problems({"demo": Pin("1.0", 1)}, {"demo": package}) == []


def test_another_version_or_a_package_that_was_not_locked_is_named(package: Distribution) -> None:
    installed = {"demo": package}
    assert problems({"demo": Pin("1.1", 1)}, installed) == [
        "demo is locked at 1.1, 1.0 is installed"
    ]
    assert problems({}, installed) == ["demo is installed and not locked"]


def test_a_changed_or_missing_file_is_named(package: Distribution, tmp_path: Path) -> None:
    pins, installed = {"demo": Pin("1.0", 1)}, {"demo": package}
    (tmp_path / "demo.py").write_text("answer = 43\n")
    assert problems(pins, installed) == ["demo: demo.py was changed after it was installed"]
    (tmp_path / "demo.py").unlink()
    assert problems(pins, installed) == ["demo: demo.py is missing"]


def test_a_lock_is_read_with_its_hashes_and_a_missing_one_is_named() -> None:
    digest = "a" * 64
    pins = read_lock(f"Demo_x==1.0 \\\n    --hash=sha256:{digest}\nbare==2.0\n# comment\n")
    assert pins == {"demo-x": Pin("1.0", 1), "bare": Pin("2.0", 0)}
    assert problems(pins, {}) == ["bare is locked without a hash"]


def test_our_own_lock_pins_what_runs_these_tests() -> None:
    pins, installed = read_lock(LOCK.read_text(encoding="utf-8")), everything_installed()
    for name in ("temporalio", "cryptography", "httpx", "starlette"):
        assert pins[name].version == installed[name].version
        assert pins[name].hashes >= 1


@asynccontextmanager
async def _database(answer: Any, status: int = 200) -> AsyncIterator[tuple[str, list[Any]]]:
    """An advisory database that gives one answer, and what it was asked."""
    asked: list[Any] = []

    async def query(request: Request) -> JSONResponse:
        asked.append(await request.json())
        return JSONResponse(answer, status)

    app = Starlette(routes=[Route("/v1/querybatch", query, methods=["POST"])])
    async with served(app) as url:
        yield url, asked


async def test_a_package_with_advisories_is_named_with_them() -> None:
    answer = {"results": [{}, {"vulns": [{"id": "GHSA-1"}, {"id": "PYSEC-2"}]}]}
    async with _database(answer) as (url, asked):
        found = await known_vulnerabilities({"b": "2.0", "a": "1.0"}, url, HERE)
    assert found == ["b 2.0 has known vulnerabilities: GHSA-1, PYSEC-2"]
    assert asked == [
        {
            "queries": [
                {"package": {"name": name, "ecosystem": "PyPI"}, "version": version}
                for name, version in (("a", "1.0"), ("b", "2.0"))
            ]
        }
    ]


@pytest.mark.parametrize(
    ("answer", "status"),
    [({"results": []}, 200), ({}, 200), ([], 200), ({"results": [7]}, 200), ({"x": 1}, 500)],
)
async def test_a_database_that_does_not_answer_is_no_good_news(answer: Any, status: int) -> None:
    async with _database(answer, status) as (url, _):
        with pytest.raises(DatabaseAway):
            await known_vulnerabilities({"a": "1.0"}, url, HERE)
    with pytest.raises(DatabaseAway):
        await known_vulnerabilities({"a": "1.0"}, "http://127.0.0.1:9", HERE)
