"""The control interface: the test's view of the stand-ins. No product code ever calls it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from functools import wraps
from typing import Any, TypeVar

from pydantic import AwareDatetime, BaseModel, ConfigDict, ValidationError, model_validator
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.clock import Clock
from sandbox.duration import add_duration
from sandbox.faults import FaultBook, FaultPlan, UnknownSystemError
from sandbox.misfortune import Misfortune
from sandbox.storage import Storage
from sandbox.system import (
    NotOfferedError,
    OperatorSettings,
    System,
    WebhookSender,
    WebhookSettings,
)

Body = TypeVar("Body", bound=BaseModel)
Handler = Callable[[Request], Awaitable[Response]]


class _ClockChange(BaseModel):
    """Exactly one of a duration forward and a moment with a zone."""

    model_config = ConfigDict(extra="forbid")

    advance: str | None = None
    now: AwareDatetime | None = None

    @model_validator(mode="after")
    def _one(self) -> _ClockChange:
        if (self.advance is None) == (self.now is None):
            raise ValueError("give either `advance` or `now`")
        return self


class _RefusedError(Exception):
    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class Control:
    """The calls of the control port over all systems of one sandbox."""

    def __init__(
        self, systems: Mapping[str, System], faults: FaultBook, clock: Clock, storage: Storage
    ) -> None:
        self.layers = {name: Misfortune(system, faults, clock) for name, system in systems.items()}
        self._systems = systems
        self._faults = faults
        self._clock = clock
        self._state = storage.table("control")
        self._restore_clock()
        self.app = Starlette(routes=self._routes())

    async def health(self, request: Request) -> Response:
        """GET /health: the names of the systems that run."""
        return JSONResponse({"status": "ok", "systems": sorted(self._systems)})

    async def journal(self, request: Request) -> Response:
        """GET /journal/{system}: everything committed."""
        return JSONResponse([row.to_json() for row in self._named(request).journal()])

    async def requests(self, request: Request) -> Response:
        """GET /requests/{system}: every request seen, oldest first."""
        layer = self.layers[self._named(request).name]
        return JSONResponse([entry.to_json() for entry in layer.seen])

    async def add_fault(self, request: Request) -> Response:
        """POST /faults: add one, answer its id."""
        plan = await _body(request, FaultPlan)
        try:
            return JSONResponse({"id": self._faults.add(plan)}, 201)
        except UnknownSystemError:
            raise self._unknown(plan.system, 400) from None

    async def list_faults(self, request: Request) -> Response:
        """GET /faults: all with their counts."""
        return JSONResponse([fault.to_json() for fault in self._faults.all()])

    async def clear_faults(self, request: Request) -> Response:
        """DELETE /faults: remove all."""
        self._faults.clear()
        return JSONResponse({})

    async def webhooks(self, request: Request) -> Response:
        """POST /webhooks: how deliveries of a system misbehave."""
        system, rest = await self._addressed(request)
        if not isinstance(system, WebhookSender):
            raise _RefusedError(400, f"system: {system.name} sends no webhooks")
        system.webhooks(_parsed(rest, WebhookSettings))
        return JSONResponse({})

    async def operator(self, request: Request) -> Response:
        """POST /operator: what the clerk of a system does."""
        system, rest = await self._addressed(request)
        try:
            system.operator(_parsed(rest, OperatorSettings))
        except NotOfferedError as error:
            raise _RefusedError(400, f"system: {error}") from error
        return JSONResponse({})

    async def clock(self, request: Request) -> Response:
        """POST /clock: move it, answer the new time."""
        change = await _body(request, _ClockChange)
        try:
            self._clock.set(change.now or add_duration(self._clock.now(), change.advance or ""))
        except (ValueError, OverflowError) as error:
            raise _RefusedError(400, f"advance: {error}") from error
        self._save_clock()
        return JSONResponse({"now": self._clock.now().isoformat()})

    async def reset(self, request: Request) -> Response:
        """POST /reset: empty books, no faults, real time, an empty request log."""
        self._faults.clear()
        self._clock.reset()
        self._save_clock()
        for name, system in self._systems.items():
            if isinstance(system, WebhookSender):
                system.webhooks(WebhookSettings())
            system.reset()
            self.layers[name].seen.clear()
        return JSONResponse({})

    def _routes(self) -> list[Route]:
        table: list[tuple[str, str, Handler]] = [
            ("GET", "/health", self.health),
            ("GET", "/journal/{system}", self.journal),
            ("GET", "/requests/{system}", self.requests),
            ("POST", "/faults", self.add_fault),
            ("GET", "/faults", self.list_faults),
            ("DELETE", "/faults", self.clear_faults),
            ("POST", "/webhooks", self.webhooks),
            ("POST", "/operator", self.operator),
            ("POST", "/clock", self.clock),
            ("POST", "/reset", self.reset),
        ]
        return [Route(path, _guarded(call), methods=[method]) for method, path, call in table]

    def _named(self, request: Request) -> System:
        name = request.path_params["system"]
        if name not in self._systems:
            raise self._unknown(name, 404)
        return self._systems[name]

    async def _addressed(self, request: Request) -> tuple[System, dict[str, Any]]:
        rest = await _json_object(request)
        name = rest.pop("system", None)
        if name not in self._systems:
            raise self._unknown(name, 400)
        return self._systems[name], rest

    def _unknown(self, name: object, status: int) -> _RefusedError:
        known = ", ".join(sorted(self._systems))
        return _RefusedError(status, f"system: {name!r} is not one of {known}")

    def _restore_clock(self) -> None:
        if "clock" in self._state:
            self._clock.offset = timedelta(seconds=self._state["clock"]["offset"])

    def _save_clock(self) -> None:
        self._state["clock"] = {"offset": self._clock.offset.total_seconds()}


def _guarded(call: Handler) -> Handler:
    @wraps(call)
    async def guarded(request: Request) -> Response:
        try:
            return await call(request)
        except _RefusedError as refusal:
            return JSONResponse({"error": str(refusal)}, refusal.status)

    return guarded


async def _json_object(request: Request) -> dict[str, Any]:
    try:
        body = await request.json()
    except ValueError as error:
        raise _RefusedError(400, f"the body is not JSON: {error}") from error
    if not isinstance(body, dict):
        raise _RefusedError(400, "the body is not a JSON object")
    return body


async def _body(request: Request, model: type[Body]) -> Body:
    return _parsed(await _json_object(request), model)


def _parsed(body: dict[str, Any], model: type[Body]) -> Body:
    try:
        # The control interface speaks JSON, where null means "not given".
        return model.model_validate({key: item for key, item in body.items() if item is not None})
    except ValidationError as error:
        raise _RefusedError(400, "; ".join(_complaint(item) for item in error.errors())) from error


def _complaint(item: Any) -> str:
    where = ".".join(str(part) for part in item["loc"])
    return f"{where}: {item['msg']}" if where else str(item["msg"])
