"""What the tests of several rooms share: one Temporal dev server, and an end without a crash."""

from __future__ import annotations

import gc
import os
import shutil
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from temporalio.testing import WorkflowEnvironment

from workers.temporal import data_converter, ensure_search_attributes

# By default the server's one shard loads tasks 20 times a second: 50 ms for each workflow task.
_DYNAMIC_CONFIG = (
    "history.transferProcessorMaxPollRPS=2000",
    "history.timerProcessorMaxPollRPS=2000",
)
_exit_status: list[int] = []

# The CEL library sets this limit for the first expression; Hypothesis reports a test under which
# it changes.
sys.setrecursionlimit(2500)


def temporal_program() -> str:
    """The Temporal CLI beside the interpreter, else on the PATH."""
    beside = Path(sys.executable).with_name("temporal")
    found = str(beside) if beside.exists() else shutil.which("temporal")
    assert found, "the Temporal CLI is missing: pip install 'tieout[embedded]'"
    return found


@pytest.fixture(scope="session")
async def temporal_env() -> AsyncIterator[WorkflowEnvironment]:
    """A Temporal dev server in memory, with our search attributes and data converter."""
    async with _dev_server(*_DYNAMIC_CONFIG) as environment:
        yield environment


@pytest.fixture(scope="session")
async def short_env() -> AsyncIterator[WorkflowEnvironment]:
    """A server that calls a history of ten events long."""
    suggest = "limit.historyCount.suggestContinueAsNew=10"
    async with _dev_server(*_DYNAMIC_CONFIG, suggest) as environment:
        yield environment


@asynccontextmanager
async def _dev_server(*values: str) -> AsyncIterator[WorkflowEnvironment]:
    flags = [word for value in values for word in ("--dynamic-config-value", value)]
    async with await WorkflowEnvironment.start_local(
        data_converter=data_converter(),
        dev_server_existing_path=temporal_program(),
        dev_server_extra_args=flags,
        dev_server_log_level="error",
    ) as environment:
        await ensure_search_attributes(environment.client)
        yield environment


@pytest.hookimpl(hookwrapper=True)
def pytest_collection() -> Iterator[None]:
    """All modules are imported here, and stay: the collector, which would look through them again
    and again during the tests, leaves them alone from then on."""
    gc.disable()
    yield
    gc.freeze()
    gc.enable()


def _limit(item: pytest.Item) -> float:
    marker = item.get_closest_marker("timeout")
    return float(marker.args[0]) if marker else 0.0


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the files that may take longest, so that none of them is left alone at the end."""
    longest: dict[Path, float] = {}
    for item in items:
        longest[item.path] = max(longest.get(item.path, 0.0), _limit(item))
    items.sort(key=lambda item: -longest[item.path])


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Remember how the session ended."""
    _exit_status[:] = [int(exitstatus)]


@pytest.hookimpl(trylast=True)
def pytest_unconfigure(config: pytest.Config) -> None:
    """Leave without the interpreter's farewell, in which Python 3.11 and 3.12 can abort while a
    long poll of the Temporal client is outstanding. A worker of pytest-xdist must say goodbye."""
    if _exit_status and not hasattr(config, "workerinput"):
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(_exit_status[0])
