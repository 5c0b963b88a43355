"""Errors as problem details (RFC 9457): what is wrong, for the caller and nobody's debugger."""

from __future__ import annotations

from typing import Any

from starlette.responses import JSONResponse

from workers.gateway.outcomes import UNREAD, Outcome

_TITLES = {
    400: "Bad request",
    401: "Who are you?",
    403: "Not yours to do",
    404: "Not found",
    405: "Method not allowed",
    408: "Too slow",
    409: "Conflict",
    413: "Too large",
    415: "Wrong content type",
    422: "Refused",
    429: "Too often",
    431: "Too many headers",
    500: "Our fault",
    503: "Not now",
}

MEDIA_TYPE = "application/problem+json"


def problem(
    status: int, detail: str, *, headers: dict[str, str] | None = None, **more: Any
) -> JSONResponse:
    """A problem of this status. `detail` holds no personal data and nothing of our inside."""
    body = {"type": "about:blank", "title": _TITLES.get(status, "Error"), "status": status}
    return JSONResponse(
        {**body, "detail": detail, **more},
        status_code=status,
        media_type=MEDIA_TYPE,
        headers=headers,
    )


def refused(outcome: Outcome, retry_after: int | None = None) -> JSONResponse:
    """What the doorman and the reading of a body refuse, as a problem."""
    headers = {} if retry_after is None else {"Retry-After": str(retry_after)}
    if outcome in UNREAD:
        headers["Connection"] = "close"
    return problem(outcome.status, outcome.label, headers=headers)
