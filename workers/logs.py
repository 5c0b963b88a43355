"""Logging of all our processes: one shape, no secrets, and no text that a person wrote.

Everything goes through standard logging, so that Temporal's own loggers, which stay silent
while a workflow replays, keep that promise: `workflow.logger` and `activity.logger` in
processes, `logging.getLogger(...)` elsewhere, details in `extra={...}`. An exception is logged
as its type and where it was raised; its message only where our taxonomy keeps personal data
out of it, because a validation error, say, quotes what a client typed.
"""

from __future__ import annotations

import logging
import sys
from typing import IO

import structlog
from structlog.types import EventDict, Processor, WrappedLogger
from temporalio import activity, workflow

from connectors.errors import ConnectorError
from store.errors import StoreError
from workers.redaction import redacted
from workers.settings import LogSettings
from workers.yamlfile import SettingsError

_SPOKEN = (ConnectorError, StoreError, SettingsError)
"""Exceptions whose text is known to hold no personal data and no secrets."""

_QUIET = ("httpx", "httpcore", "zeep", "urllib3", "aiosqlite", "sqlalchemy.engine")
"""Libraries that log addresses, headers or bodies below the level warning."""

_TEMPORAL = {"temporal_workflow": "workflow", "temporal_activity": "activity"}
_CARRIED = ("workflow_id", "run_id", "workflow_type", "activity_type", "attempt", "task_queue")


def configure_logging(settings: LogSettings, stream: IO[str] | None = None) -> None:
    """Send every logger of this process to one stream (standard error) in one shape.

    Calling it again replaces what it did before and touches no handler of anybody else.
    """
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.set_name("tieout")
    handler.setFormatter(_formatter(settings))
    root = logging.getLogger()
    for old in [h for h in root.handlers if h.get_name() == "tieout"]:
        root.removeHandler(old)
    root.addHandler(handler)
    root.setLevel(settings.level.upper())
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
    # By default both adapters repeat their context inside the message.
    workflow.logger.workflow_info_on_message = False
    activity.logger.activity_info_on_message = False


def _formatter(settings: LogSettings) -> structlog.stdlib.ProcessorFormatter:
    last: list[Processor] = (
        [structlog.processors.JSONRenderer()]
        if settings.format == "json"
        else [_exception_as_text, structlog.dev.ConsoleRenderer(colors=False)]
    )
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[
            structlog.stdlib.add_log_level,
            structlog.stdlib.add_logger_name,
            structlog.stdlib.ExtraAdder(),
            structlog.processors.TimeStamper(fmt="iso", utc=True),
        ],
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            flatten_temporal,
            describe_exception,
            redact,
            *last,
        ],
    )


def flatten_temporal(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """Lift what identifies a workflow or activity out of the SDK's nested dictionaries."""
    for name in _TEMPORAL:
        context = event.pop(name, None)
        if isinstance(context, dict):
            event.update({key: context[key] for key in _CARRIED if context.get(key)})
    for core in ("temporal_log", "workflow_info", "activity_info", "__temporal_error_identifier"):
        event.pop(core, None)
    return event


def describe_exception(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """Replace an exception by its chain of types and the places they came from."""
    info = event.pop("exc_info", None)
    if info is True:
        info = sys.exc_info()
    error = info[1] if isinstance(info, tuple) else info
    if isinstance(error, BaseException):
        event["exception"] = [_described(e) for e in _chain(error)]
    return event


def redact(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """Blank everything that looks like a credential, however deep it stands."""
    return {key: redacted(value, key) for key, value in event.items()}


def _exception_as_text(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    parts = event.pop("exception", None)
    if parts:
        text = " <- ".join(" ".join([p["type"], p.get("message", "")]).strip() for p in parts)
        event["exception"] = f"{text} at {parts[0]['at'][-1] if parts[0]['at'] else 'unknown'}"
    return event


def _chain(error: BaseException) -> list[BaseException]:
    found: list[BaseException] = []
    current: BaseException | None = error
    while current is not None and current not in found and len(found) < 8:
        found.append(current)
        current = current.__cause__ or (
            None if current.__suppress_context__ else current.__context__
        )
    return found


def _described(error: BaseException) -> dict[str, object]:
    described: dict[str, object] = {"type": type(error).__qualname__, "at": _places(error)}
    if isinstance(error, _SPOKEN):
        described["message"] = str(error)
    return described


def _places(error: BaseException) -> list[str]:
    places, trace = [], error.__traceback__
    while trace is not None:
        code = trace.tb_frame.f_code
        places.append(f"{code.co_filename}:{trace.tb_lineno} {code.co_qualname}")
        trace = trace.tb_next
    return places[-12:]
