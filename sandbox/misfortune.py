"""The layer around each stand-in that logs every request and carries out the faults."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send

from sandbox.clock import Clock
from sandbox.faults import FaultBook, FaultPlan
from sandbox.system import Fronted, System
from sandbox.wire import ABORT


@dataclass(slots=True)
class SeenRequest:
    """One request; `status` stays None when no reply was sent. `at` is ISO 8601 in UTC."""

    method: str
    path: str
    at: str
    status: int | None = None

    def to_json(self) -> dict[str, Any]:
        """The entry of `GET /requests/{system}`."""
        return {"method": self.method, "path": self.path, "status": self.status, "at": self.at}


class Misfortune:
    """ASGI application: logs the request, then answers it well or badly."""

    def __init__(self, system: System, faults: FaultBook, clock: Clock) -> None:
        self.seen: list[SeenRequest] = []
        self._system = system
        self._faults = faults
        self._clock = clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            raise RuntimeError(f"the stand-ins speak HTTP only, not {scope['type']}")
        entry = SeenRequest(scope["method"], scope["path"], self._clock.now().isoformat())
        self.seen.append(entry)
        exchange = Exchange(self._system, scope, receive, send, entry)
        plan = self._faults.strike(self._system.name, entry.method, entry.path, _action(scope))
        if plan is None:
            await exchange.answer()
        else:
            await _CARRY_OUT[plan.fault](exchange, plan)


class Exchange:
    """One request with what can be done to it."""

    def __init__(
        self, system: System, scope: Scope, receive: Receive, send: Send, entry: SeenRequest
    ) -> None:
        self._system = system
        self._scope = scope
        self._receive = receive
        self._send = send
        self._entry = entry

    async def answer(self) -> None:
        """Let the system answer as it normally does."""
        await self._system.app(self._scope, self._receive, self.reply)

    async def reply(self, message: Message) -> None:
        """Send one message to the caller and note the status."""
        if message["type"] == "http.response.start":
            self._entry.status = message["status"]
        await self._send(message)

    async def commit(self, receive: Receive | None = None) -> list[Message]:
        """Let the system do its work, and keep its reply from the caller."""
        kept: list[Message] = []

        async def keep(message: Message) -> None:
            kept.append(message)

        await self._system.app(self._scope, receive or self._receive, keep)
        return kept

    async def refuse(self, status: int, retry_after: int | str | None) -> None:
        """Answer an error in the system's own words without doing the work."""
        await self.body()
        await self._say(self._system.error(status, Request(self._scope)), retry_after)

    async def lose_behind(self, status: int, retry_after: int | str | None) -> None:
        """Do the work, and answer an error of whatever stands in front of the system."""
        await self.commit()
        system, request = self._system, Request(self._scope)
        answer = system.cut_off if isinstance(system, Fronted) else system.error
        await self._say(answer(status, request), retry_after)

    async def _say(self, response: Response, retry_after: int | str | None) -> None:
        if retry_after is not None:
            response.headers["Retry-After"] = str(retry_after)
        await response(self._scope, self._receive, self.reply)

    async def body(self) -> bytes | None:
        """The whole body; None if the caller left before it was sent."""
        parts: list[bytes] = []
        while True:
            message = await self._receive()
            if message["type"] == "http.disconnect":
                return None
            parts.append(message.get("body", b""))
            if not message.get("more_body", False):
                return b"".join(parts)

    async def departure(self) -> None:
        """Wait until the caller has gone."""
        while (await self._receive())["type"] != "http.disconnect":
            pass

    async def hold(self, seconds: float | None) -> None:
        """Say nothing until the caller goes, or `seconds` have passed; then reset."""
        try:
            await asyncio.wait_for(self.departure(), seconds)
        except TimeoutError:
            await self.reset()

    async def reset(self) -> None:
        """Reset the TCP connection."""
        self._scope["extensions"][ABORT]()
        # The server notices the loss in a later step of the loop; returning before that would
        # make it answer 500 in our name.
        await self.departure()

    async def answer_late(self, delay: float) -> None:
        """Do the work after `delay` seconds, whether or not the caller is still there."""
        body = await self.body()
        if body is None:
            return
        left = asyncio.ensure_future(self.departure())
        try:
            await asyncio.sleep(delay)
            messages = await self.commit(_replay(body))
            if not left.done():
                for message in messages:
                    await self.reply(message)
        finally:
            left.cancel()


def _action(scope: Scope) -> str:
    """The operation of a SOAP call as its header names it, without the quotes."""
    return Request(scope).headers.get("soapaction", "").strip('"')


def _replay(body: bytes) -> Receive:
    sent = False

    async def receive() -> Message:
        nonlocal sent
        if sent:
            await asyncio.Event().wait()
        sent = True
        return {"type": "http.request", "body": body, "more_body": False}

    return receive


async def _reset_before(exchange: Exchange, plan: FaultPlan) -> None:
    await exchange.reset()


async def _reset_after(exchange: Exchange, plan: FaultPlan) -> None:
    await exchange.commit()
    await exchange.reset()


async def _hang_before(exchange: Exchange, plan: FaultPlan) -> None:
    await exchange.hold(plan.delay)


async def _hang_after(exchange: Exchange, plan: FaultPlan) -> None:
    await exchange.commit()
    await exchange.hold(plan.delay)


async def _commit_late(exchange: Exchange, plan: FaultPlan) -> None:
    await exchange.answer_late(plan.delay or 0.0)


async def _status(exchange: Exchange, plan: FaultPlan) -> None:
    await exchange.refuse(plan.status or 500, plan.retry_after)


async def _status_after(exchange: Exchange, plan: FaultPlan) -> None:
    await exchange.lose_behind(plan.status or 500, plan.retry_after)


async def _malformed(exchange: Exchange, plan: FaultPlan) -> None:
    """The work is done and its reply is cut off in the middle, under status 200.

    Of the two readings (done or not) this is the nastier one for a writing request.
    """
    messages = await exchange.commit()
    start = next(message for message in messages if message["type"] == "http.response.start")
    body = b"".join(message.get("body", b"") for message in messages)
    cut = body[: len(body) // 2] or b"{"
    headers = [pair for pair in start.get("headers", []) if pair[0].lower() != b"content-length"]
    headers.append((b"content-length", str(len(cut)).encode()))
    await exchange.reply({"type": "http.response.start", "status": 200, "headers": headers})
    await exchange.reply({"type": "http.response.body", "body": cut})


async def _delay(exchange: Exchange, plan: FaultPlan) -> None:
    await asyncio.sleep(plan.delay or 0.0)
    await exchange.answer()


_CARRY_OUT: dict[str, Callable[[Exchange, FaultPlan], Awaitable[None]]] = {
    "reset_before": _reset_before,
    "reset_after": _reset_after,
    "hang_before": _hang_before,
    "hang_after": _hang_after,
    "commit_late": _commit_late,
    "status": _status,
    "status_after": _status_after,
    "malformed": _malformed,
    "delay": _delay,
}
