"""How the doors for people answer what went wrong: never with a stack trace."""

from __future__ import annotations

import logging

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import ASGIApp, ExceptionHandler, Message, Receive, Scope, Send

from store.errors import CipherError, StoreError
from workers.access.callers import Forbidden, Unauthenticated
from workers.access.oidc import ProviderAway
from workers.access.problems import problem, refused
from workers.gateway.outcomes import Outcome, Refused

_LOG = logging.getLogger("tieout.doors")


def unauthenticated(_: Request, error: Exception) -> Response:
    return problem(401, str(error), headers={"WWW-Authenticate": "Bearer"})


def forbidden(_: Request, error: Exception) -> Response:
    return problem(403, str(error))


def unread(_: Request, error: Exception) -> Response:
    if isinstance(error, Refused):
        return refused(error.outcome, error.retry_after)
    return refused(Outcome.MALFORMED)


def undecipherable(_: Request, error: Exception) -> Response:
    """Its text names key ids only, and is what a person needs to find the key."""
    return problem(422, str(error))


def away(_: Request, error: Exception) -> Response:
    _LOG.warning("a door cannot serve now", exc_info=error)
    return problem(
        503, "something we need does not answer: try again", headers={"Retry-After": "5"}
    )


def as_problem(_: Request, error: Exception) -> Response:
    """What the routing refuses: unknown paths and methods."""
    if isinstance(error, HTTPException):
        return problem(error.status_code, error.detail, headers=dict(error.headers or {}))
    raise error


HANDLERS: dict[int | type[Exception], ExceptionHandler] = {
    HTTPException: as_problem,
    Unauthenticated: unauthenticated,
    Forbidden: forbidden,
    Refused: unread,
    ClientDisconnect: unread,
    CipherError: undecipherable,
    StoreError: away,
    ProviderAway: away,
}


class LastResort:
    """Answers a bug of ours with 500 and nothing else; the log has the rest."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request of any path."""
        begun = False

        async def noting(message: Message) -> None:
            nonlocal begun
            begun = begun or message["type"] == "http.response.start"
            await send(message)

        try:
            await self._app(scope, receive, noting)
        except Exception as error:
            if begun:
                raise
            _LOG.exception("a request failed", exc_info=error)
            await problem(500, "something went wrong here; the log says what")(scope, receive, send)
