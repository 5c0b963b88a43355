"""Around every step: a heartbeat in the background, and one translation of what went wrong.

Steps stay free of try and except. Whatever a connector or a rule raises becomes one Temporal
failure here, with the right type, retryability and next delay; a document that cannot go on is
written down as held in the same breath, so that our store and the process say the same.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from time import monotonic
from typing import Any

from temporalio import activity
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.converter import DataConverter
from temporalio.exceptions import ApplicationError, ApplicationErrorCategory
from temporalio.worker import ActivityInboundInterceptor, ExecuteActivityInput, Interceptor

from activities import measures
from activities.context import Workplace
from activities.failures import hold_of, retryable
from activities.progress import Progress, begin
from activities.signatures import DocumentRef
from activities.sizes import refuse_oversized
from activities.telling import LOWEST
from connectors.errors import ConnectorError, Misconfigured, Rejected
from connectors.turns import BACKGROUND
from documents.hold import Hold, HoldRequired
from documents.key import Key, Kind
from documents.row import DocumentRow
from store.entries import OCCASION, Occasion
from store.errors import StoreError

_OF_A_PAYMENT = (
    Kind.PAYMENT,
    Kind.PAYMENT_REVERSAL,
    Kind.REFUND,
    Kind.REFUND_REVERSAL,
    Kind.CREDIT_APPLICATION,
)
_BY_DESCRIPTION = frozenset(
    ("field-unknown", "field-read-only", "text-too-long", "value-missing", "value-not-allowed")
)
"""Holds that the target's own description of its fields decides."""
_EXPECTED = (ConnectorError, StoreError, HoldRequired)


@dataclass(frozen=True)
class StepInterceptor(Interceptor):
    """Install it on every worker that runs steps, with the converter of the worker's client."""

    place: Workplace
    converter: DataConverter = pydantic_data_converter

    def intercept_activity(self, next: ActivityInboundInterceptor) -> ActivityInboundInterceptor:  # noqa: A002
        return _Step(next, self.place, self.converter)


class _Step(ActivityInboundInterceptor):
    def __init__(
        self,
        next: ActivityInboundInterceptor,  # noqa: A002
        place: Workplace,
        converter: DataConverter,
    ) -> None:
        super().__init__(next)
        self._place = place
        self._converter = converter

    async def execute_activity(self, input: ExecuteActivityInput) -> Any:  # noqa: A002
        started = monotonic()
        OCCASION.set(_occasion())
        BACKGROUND.set(activity.info().priority.priority_key == LOWEST.priority_key)
        try:
            async with _heartbeat():
                result = await self._carried_out(input)
            await refuse_oversized(result, self._converter)
            measures.outcome(_document(input), result)
            return result
        except ApplicationError:
            raise
        except Exception as error:  # noqa: BLE001 - whatever it is, people get to see it
            raise await self._failure(input, error) from None
        finally:
            measures.step(monotonic() - started)

    async def _carried_out(self, input: ExecuteActivityInput) -> Any:  # noqa: A002
        """The step; once more when what it met may come from an outdated reading of the set-up,
        so that a correction counts without a restart of the worker."""
        begun = monotonic()
        try:
            return await super().execute_activity(input)
        except (Misconfigured, Rejected, HoldRequired) as error:
            connection = self._place.connections.get(_connection_name(input))
            if connection is None or not _may_be_outdated(error):
                raise
            await connection.refresh(begun)
            return await super().execute_activity(input)

    async def _failure(self, input: ExecuteActivityInput, error: Exception) -> ApplicationError:  # noqa: A002
        if not isinstance(error, _EXPECTED):
            activity.logger.warning("a step failed unforeseen", exc_info=error)
        hold = hold_of(error, activity.info().attempt)
        if hold is None:
            return retryable(error, datetime.now(UTC))
        return await self._held(input, hold)

    async def _held(self, input: ExecuteActivityInput, hold: Hold) -> ApplicationError:  # noqa: A002
        document = _document(input)
        hold = _naming_payment(hold, input)
        if isinstance(document, DocumentRef):
            try:
                await self._write_down(document, hold)
            except StoreError as error:
                if error.retryable:
                    return retryable(error, datetime.now(UTC))
                # What cannot be read or kept here is shown by the process alone.
                activity.logger.error("hold not written down", exc_info=error)
        measures.held(document)
        return ApplicationError(
            hold.reason,
            hold.model_dump(mode="json"),
            type=hold.cause,
            non_retryable=True,
            category=ApplicationErrorCategory.BENIGN,
        )

    async def _write_down(self, document: DocumentRef, hold: Hold) -> None:
        await self._place.store.documents.hold(
            document.connection,
            document.kind,
            document.source_id,
            hold,
            defaults=DocumentRow(**document.model_dump()),
        )


def _document(input: ExecuteActivityInput) -> object:  # noqa: A002
    return getattr(input.args[0], "document", None) if input.args else None


def _connection_name(input: ExecuteActivityInput) -> str:  # noqa: A002
    request = input.args[0] if input.args else None
    return str(getattr(_document(input) or request, "connection", ""))


def _may_be_outdated(error: Misconfigured | Rejected | HoldRequired) -> bool:
    return isinstance(error, Misconfigured) or error.hold.cause in _BY_DESCRIPTION


def _occasion() -> Occasion:
    """What the audit journal says of where a change came from."""
    info = activity.info()
    return Occasion(info.activity_type, info.workflow_id or "", info.workflow_run_id or "")


def _naming_payment(hold: Hold, input: ExecuteActivityInput) -> Hold:  # noqa: A002
    """A hold of a step for one payment names it: decisions about it are then the payment's."""
    key = str(getattr(input.args[0], "key", "")) if input.args else ""
    if not key or Key.parse(key).kind not in _OF_A_PAYMENT:
        return hold
    values = {"payment_id": Key.parse(key).source_id, **hold.values}
    return hold.model_copy(update={"values": values})


@asynccontextmanager
async def _heartbeat() -> AsyncIterator[None]:
    """Beat several times within the heartbeat timeout, so that only a dead worker misses it."""
    timeout = activity.info().heartbeat_timeout
    if not timeout:
        yield
        return
    progress = begin()
    beating = asyncio.create_task(_beat(progress, timeout.total_seconds() / 4))
    try:
        yield
    finally:
        beating.cancel()


async def _beat(progress: Progress, every: float) -> None:
    while True:
        progress.beat()
        await asyncio.sleep(every)
