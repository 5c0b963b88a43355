"""The codec server: Temporal's Web UI and command line read and write payloads through it.

It decrypts whatever it is sent, so who may ask matters more than anywhere else: a person with a
token and the role viewer, from the Web UI's origin if from a browser at all.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Awaitable, Callable, Collection, Sequence

from google.protobuf import json_format
from starlette.applications import Starlette
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send
from temporalio.api.common.v1 import Payload, Payloads
from temporalio.converter import PayloadCodec

from store.errors import CipherError
from workers.access.audit import audit
from workers.access.callers import Caller, Concierge, Forbidden, Role, Unauthenticated
from workers.access.problems import problem, refused
from workers.access.refusals import HANDLERS, LastResort
from workers.doors import CodecSettings
from workers.gateway.health import health
from workers.gateway.limits import Doorman, read_body
from workers.gateway.outcomes import Outcome, Refused

_DEVELOPER = Caller("development", "development", Role.VIEWER)
_HEADERS = ("Authorization", "Content-Type", "X-Namespace")
_PREFLIGHT_SECONDS = 600

Work = Callable[[Sequence[Payload]], Awaitable[list[Payload]]]
Endpoint = Callable[[Request], Awaitable[Response]]


def build_codec_server(
    codec: PayloadCodec, concierge: Concierge, settings: CodecSettings
) -> Starlette:
    """The application.

    `POST /decode` and `POST /encode` take and return `Payloads` in protobuf's JSON, with a
    bearer token of a viewer, or below the path token of development. `GET /health` says yes to
    anybody who reaches the port.
    """
    server = _CodecServer(concierge, settings)
    uses = {"decode": codec.decode, "encode": codec.encode}
    return Starlette(
        routes=[
            Route("/health", health),
            *(
                Route(f"{below}/{use}", endpoint(use, work), methods=["POST"])
                for below, endpoint in (("", server.by_bearer), ("/{path_token}", server.by_path))
                for use, work in uses.items()
            ),
        ],
        middleware=[
            Middleware(Doorman, settings=settings, refuse=refused),
            Middleware(LastResort),
            Middleware(_OriginGuard, origins=settings.ui_origins),
            Middleware(
                CORSMiddleware,
                allow_origins=list(settings.ui_origins),
                allow_methods=["POST"],
                allow_headers=list(_HEADERS),
                max_age=_PREFLIGHT_SECONDS,
            ),
        ],
        exception_handlers=HANDLERS,
    )


class _CodecServer:
    def __init__(self, concierge: Concierge, settings: CodecSettings) -> None:
        self._concierge = concierge
        self._settings = settings

    def by_bearer(self, use: str, work: Work) -> Endpoint:
        """For people and their tools."""

        async def endpoint(request: Request) -> Response:
            header = request.headers.get("authorization", "")
            try:
                caller = await self._concierge.admit(header, Role.VIEWER)
            except (Unauthenticated, Forbidden) as error:
                who = error.caller.caller_id if isinstance(error, Forbidden) else ""
                audit(f"codec {use}", who, "refused", namespace=_namespace(request))
                raise
            return await self._serve(request, use, work, caller)

        return endpoint

    def by_path(self, use: str, work: Work) -> Endpoint:
        """For the Web UI of development, which has nobody to sign in."""

        async def endpoint(request: Request) -> Response:
            expected = self._settings.path_token.get_secret_value().encode()
            given = request.path_params["path_token"].encode()
            if not expected or not hmac.compare_digest(given, expected):
                audit(f"codec {use}", "", "refused", namespace=_namespace(request))
                raise HTTPException(404)
            return await self._serve(request, use, work, _DEVELOPER)

        return endpoint

    async def _serve(self, request: Request, use: str, work: Work, caller: Caller) -> Response:
        payloads = await self._read(request)
        about: dict[str, str | int] = {
            "namespace": _namespace(request),
            "payloads": len(payloads.payloads),
        }
        try:
            result = await work(payloads.payloads)
        except CipherError as error:
            audit(f"codec {use}", caller.caller_id, type(error).__name__, **about)
            raise
        audit(f"codec {use}", caller.caller_id, "done", **about)
        body = json_format.MessageToJson(Payloads(payloads=result), indent=None)
        return Response(body, media_type="application/json")

    async def _read(self, request: Request) -> Payloads:
        kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind != "application/json":
            raise Refused(Outcome.WRONG_TYPE)
        body = await read_body(request, self._settings.max_body, self._settings.body_seconds)
        try:
            content = json.loads(body)
            if not isinstance(content, dict):
                raise Refused(Outcome.MALFORMED)
            return json_format.ParseDict(content, Payloads(), ignore_unknown_fields=True)
        except (json_format.ParseError, ValueError, RecursionError) as error:
            raise Refused(Outcome.MALFORMED) from error


class _OriginGuard:
    """Refuses browsers that another site sent: without it they would only not see the answer."""

    def __init__(self, app: ASGIApp, origins: Collection[str]) -> None:
        self._app = app
        self._origins = frozenset(origins)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request of any path."""
        origin = Headers(scope=scope).get("origin") if scope["type"] == "http" else None
        if origin is None or origin in self._origins:
            await self._app(scope, receive, send)
            return
        audit("codec", "", "refused for its origin", origin=origin)
        await problem(403, "this origin is not one of the Web UI's")(scope, receive, send)


def _namespace(request: Request) -> str:
    return request.headers.get("x-namespace", "")
