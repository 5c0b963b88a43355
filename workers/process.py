"""What every long-running process of ours has: logs, metrics, traces and an orderly end."""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from temporalio.client import Client
from temporalio.runtime import Runtime
from temporalio.service import RPCError

from workers.logs import configure_logging
from workers.settings import AppSettings
from workers.telemetry import Measures, build_runtime, start_tracing
from workers.temporal import ensure_search_attributes

_LOG = logging.getLogger("tieout.process")
_FLUSH_MILLISECONDS = 5000
_REGISTER_SECONDS = 10.0


@dataclass(frozen=True)
class Process:
    """The parts of a running process. `stopped` is set by SIGTERM and SIGINT."""

    runtime: Runtime
    measures: Measures
    stopped: asyncio.Event = field(default_factory=asyncio.Event)


@asynccontextmanager
async def running(settings: AppSettings) -> AsyncIterator[Process]:
    """Set up logging, metrics and traces, and listen to signals; send the last spans at the end.

    Once per process, before its first Temporal client, which gets the `runtime`. Raises
    SettingsError for a metrics page that anybody could read.
    """
    configure_logging(settings.log)
    runtime = build_runtime(settings.telemetry)
    tracing = start_tracing(settings.telemetry)
    process = Process(runtime, Measures(runtime.metric_meter))
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, process.stopped.set)
    try:
        yield process
    finally:
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(number)
        if tracing is not None:
            await asyncio.to_thread(tracing.force_flush, _FLUSH_MILLISECONDS)


async def register_search_attributes(client: Client) -> None:
    """Register what the namespace lacks, if Temporal is there and lets us; else say what to do.

    Without them Temporal refuses to start our workflows.
    """
    try:
        async with asyncio.timeout(_REGISTER_SECONDS):
            added = await ensure_search_attributes(client)
    except (RPCError, RuntimeError, TimeoutError) as error:
        _LOG.warning(
            "search attributes were not checked: where they are missing, an administrator of the "
            "namespace must create them",
            exc_info=error,
        )
        return
    if added:
        _LOG.info("search attributes registered", extra={"names": added})
