"""Everything the gateway can answer to a webhook: a name for logs and metrics, and a status."""

from __future__ import annotations

from enum import Enum

from starlette.responses import JSONResponse


class Outcome(Enum):
    """What became of a delivery. The sender counts any 2xx as delivered, all else as failed."""

    HINTED = ("hinted", 200)
    VERIFICATION = ("verification", 200)
    IGNORED = ("ignored", 200)
    MALFORMED = ("malformed", 400)
    FORGED = ("forged", 401)
    UNKNOWN_CONNECTION = ("unknown connection", 404)
    TOO_SLOW = ("too slow", 408)
    TOO_LARGE = ("too large", 413)
    WRONG_TYPE = ("wrong content type", 415)
    THROTTLED = ("throttled", 429)
    TOO_MANY_HEADERS = ("too many headers", 431)
    TEMPORAL_AWAY = ("temporal away", 503)
    STORE_AWAY = ("store away", 503)

    def __init__(self, label: str, status: int) -> None:
        self.label = label
        self.status = status


class Refused(Exception):
    """A delivery cannot be taken; `retry_after` in seconds where trying again makes sense."""

    def __init__(self, outcome: Outcome, retry_after: int | None = None) -> None:
        super().__init__(outcome.label)
        self.outcome = outcome
        self.retry_after = retry_after


UNREAD = (Outcome.TOO_SLOW, Outcome.TOO_LARGE, Outcome.THROTTLED, Outcome.TOO_MANY_HEADERS)
"""Refused before the whole body was read."""


def answer(outcome: Outcome, retry_after: int | None = None) -> JSONResponse:
    """The response: the outcome's name and nothing else."""
    headers = {} if retry_after is None else {"Retry-After": str(retry_after)}
    if outcome in UNREAD:
        # The rest of the body is still on its way; only closing ends it.
        headers["Connection"] = "close"
    return JSONResponse({"outcome": outcome.label}, status_code=outcome.status, headers=headers)
