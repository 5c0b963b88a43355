"""The one error taxonomy of everything outside.

    ConnectorError
    |-- Rejected         the target said no: the document is held
    |-- Unavailable      not reached, or it said 5xx: retry
    |   `-- Throttled    too many requests: retry then
    |-- Conflict         somebody changed it meanwhile: re-read, retry
    |-- Unauthorized     credentials refused: refresh once, else alert and wait
    |-- OutcomeUnknown   sent, and no reply: look before sending again
    `-- Misconfigured    wrong set-up of the connection: stop it

Connectors classify by table and never retry: retries belong to Temporal.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from documents.hold import Hold


class ConnectorError(Exception):
    """Base of all failures of an outside call.

    `message` is for an engineer and holds no personal data and no secrets; `code` is the
    system's own error code, `correlation` its request id where it gave one.
    """

    retryable = True

    def __init__(
        self,
        system: str,
        operation: str,
        message: str,
        *,
        status: int | None = None,
        code: str = "",
        correlation: str = "",
    ) -> None:
        super().__init__(f"{system} {operation}: {message}")
        self.system = system
        self.operation = operation
        self.message = message
        self.status = status
        self.code = code
        self.correlation = correlation


class Rejected(ConnectorError):
    """The target refused the document, and will again until somebody changes something."""

    retryable = False

    def __init__(self, system: str, operation: str, hold: Hold, **detail: object) -> None:
        super().__init__(system, operation, hold.cause, **detail)  # type: ignore[arg-type]
        self.hold = hold


class Unavailable(ConnectorError):
    """The call had no effect, or repeating it does no harm; it may succeed later."""


class ReplyTooLong(Unavailable):
    """What was read is longer than any reply may be."""


class ChangesLost(Unavailable):
    """A system that tells what changed since a moment cannot tell of this one any more."""


class Throttled(Unavailable):
    """Too many requests. `retry_after` in seconds where the system said when."""

    def __init__(
        self,
        system: str,
        operation: str,
        message: str,
        retry_after: float | None = None,
        *,
        status: int | None = None,
        code: str = "",
    ) -> None:
        super().__init__(system, operation, message, status=status, code=code)
        self.retry_after = retry_after


class Conflict(ConnectorError):
    """The record changed between our read and our write: read again and try again."""


class Unauthorized(ConnectorError):
    """The credentials were refused, after one refresh where a refresh is possible."""


class OutcomeUnknown(ConnectorError):
    """The request was sent and no usable reply came: it may have been carried out.

    `settle` is how many seconds after its deadline the target can still carry it out.
    """

    def __init__(self, system: str, operation: str, message: str, settle: float = 0.0) -> None:
        super().__init__(system, operation, message)
        self.settle = settle


class Misconfigured(ConnectorError):
    """The connection itself is set up wrongly (service not published, unknown company)."""

    retryable = False


@contextmanager
def after_write(system: str, operation: str, settle: float = 0.0) -> Iterator[None]:
    """Around whatever follows a write within one call: if that fails, the write was made all the
    same, and the failure must not be taken for one without effect."""
    try:
        yield
    except (Unavailable, Conflict, Unauthorized) as error:
        message = f"it was written, and then: {error.message}"
        raise OutcomeUnknown(system, operation, message, settle) from error
