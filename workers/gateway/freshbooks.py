"""`POST /webhooks/freshbooks/{connection}`: from a delivery to one hint."""

from __future__ import annotations

import logging
import math
import re
from dataclasses import dataclass

from opentelemetry import trace
from opentelemetry.trace import SpanKind
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from connectors.freshbooks.webhooks import SIGNATURE_HEADER, Delivery, Fields, parse
from store.errors import StoreError
from workers.connections import ConnectionSettings
from workers.gateway.events import DOCUMENTED, Concern, concern_of
from workers.gateway.hints import CALLBACK, Hints, TemporalAway
from workers.gateway.limits import RateLimit, read_body, source_of
from workers.gateway.outcomes import Outcome, Refused, answer
from workers.gateway.verifiers import Callbacks, Verifiers
from workers.settings import GatewaySettings
from workers.telemetry import Measures

_LOG = logging.getLogger("tieout.gateway")
_TRACER = trace.get_tracer("tieout.gateway")
_FORM = "application/x-www-form-urlencoded"
_ID = re.compile(r"[0-9]{1,20}")
"""Ids of FreshBooks are positive integers."""
_VERIFIER = re.compile(r"[\x21-\x7e]{8,256}")

HANDSHAKES_PER_SECOND, HANDSHAKE_BURST = 0.1, 40
"""Of one source for one connection: nothing proves a handshake but FreshBooks itself, when the
worker confirms it. So few pass, and a stranger's take none of the turns of FreshBooks."""


@dataclass(frozen=True)
class _Heard:
    """What a delivery came to. `event` is empty unless it is a documented name."""

    outcome: Outcome
    event: str = ""


class FreshBooksWebhooks:
    """Answers deliveries: after the signature check, one call to Temporal and nothing else."""

    def __init__(
        self,
        connections: dict[str, ConnectionSettings],
        callbacks: Callbacks,
        hints: Hints,
        settings: GatewaySettings,
        measures: Measures,
    ) -> None:
        self._connections = connections
        self._callbacks = callbacks
        self._hints = hints
        self._settings = settings
        self._measures = measures
        self._verifiers = Verifiers(callbacks)
        self._handshakes = RateLimit(HANDSHAKES_PER_SECOND, HANDSHAKE_BURST)

    async def receive(self, request: Request) -> Response:
        """Take one delivery; every outcome is logged, counted and traced without content."""
        connection = self._connections.get(request.path_params["connection"])
        with _TRACER.start_as_current_span("webhook freshbooks", kind=SpanKind.SERVER) as span:
            retry_after = None
            try:
                heard = await self._hear(request, connection)
            except Refused as refused:
                heard, retry_after = _Heard(refused.outcome), refused.retry_after
            span.set_attribute("tieout.outcome", heard.outcome.label)
            self._record(heard, connection)
        return answer(heard.outcome, retry_after)

    async def _hear(self, request: Request, connection: ConnectionSettings | None) -> _Heard:
        if connection is None:
            raise Refused(Outcome.UNKNOWN_CONNECTION)
        fields, delivery = await self._read(request)
        if delivery.verifier or delivery.is_verification:
            source = source_of(request.scope, self._settings.trusted_proxy)
            self._admit(f"{connection.name} {source}")
            return await self._handshake(connection, delivery, str(request.url.path))
        await self._check(connection, fields, request.headers.get(SIGNATURE_HEADER, ""))
        event = delivery.event if delivery.event in DOCUMENTED else ""
        concern = concern_of(event)
        if concern is None:
            return _Heard(Outcome.IGNORED, event)
        await self._hint(connection, concern, delivery.object_id)
        return _Heard(Outcome.HINTED, event)

    async def _read(self, request: Request) -> tuple[Fields, Delivery]:
        kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind != _FORM:
            raise Refused(Outcome.WRONG_TYPE)
        try:
            body = await read_body(request, self._settings.max_body, self._settings.body_seconds)
            fields = parse(body)
            delivery = Delivery.read(fields)
        except (ValueError, ClientDisconnect) as error:
            raise Refused(Outcome.MALFORMED) from error
        if not _ID.fullmatch(delivery.object_id):
            raise Refused(Outcome.MALFORMED)
        return fields, delivery

    async def _check(self, connection: ConnectionSettings, fields: Fields, signature: str) -> None:
        try:
            genuine = await self._verifiers.accept(connection.name, fields, signature)
        except StoreError as error:
            raise Refused(Outcome.STORE_AWAY, 5) from error
        if not genuine:
            raise Refused(Outcome.FORGED)

    def _admit(self, caller: str) -> None:
        wait = self._handshakes.wait(caller)
        if wait:
            raise Refused(Outcome.THROTTLED, math.ceil(wait))

    async def _handshake(
        self, connection: ConnectionSettings, delivery: Delivery, path: str
    ) -> _Heard:
        """Keep the verifier and let a worker confirm it.

        A signature would prove nothing here, because its key would be the verifier in the same
        body: FreshBooks alone can say whether it sent this one.
        """
        if not _VERIFIER.fullmatch(delivery.verifier):
            raise Refused(Outcome.MALFORMED)
        if delivery.account_id and delivery.account_id != connection.source.account_id:
            raise Refused(Outcome.FORGED)
        await self._remember(
            connection.name, delivery, self._settings.public_url.rstrip("/") + path
        )
        await self._hint(connection, CALLBACK, delivery.object_id)
        return _Heard(Outcome.VERIFICATION)

    async def _remember(self, connection: str, delivery: Delivery, uri: str) -> None:
        try:
            await self._callbacks.remember_pending(
                connection, delivery.object_id, "", uri, delivery.verifier
            )
        except StoreError as error:
            raise Refused(Outcome.STORE_AWAY, 5) from error

    async def _hint(self, connection: ConnectionSettings, concern: Concern, object_id: str) -> None:
        try:
            await self._hints.send(connection.name, concern, object_id)
        except TemporalAway as error:
            _LOG.warning("Temporal did not take a hint", extra={"why": str(error)})
            raise Refused(Outcome.TEMPORAL_AWAY, 5) from error

    def _record(self, heard: _Heard, connection: ConnectionSettings | None) -> None:
        self._measures.webhook(heard.outcome.label)
        _LOG.log(
            logging.INFO if heard.outcome.status < 400 else logging.WARNING,
            "webhook",
            extra={
                "outcome": heard.outcome.label,
                "status": heard.outcome.status,
                "connection": connection.name if connection else "",
                "source_event": heard.event,
            },
        )
