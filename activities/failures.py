"""What a failure of a step means: a hold, or another attempt and when.

What is transient is tried again for as long as it lasts. Everything else comes to people: at once
where its meaning is known, after a few attempts where it is not. Nothing fails silently for ever.
"""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from pathlib import Path
from traceback import extract_tb

from temporalio.exceptions import ApplicationError, ApplicationErrorCategory

from connectors.errors import (
    ConnectorError,
    Misconfigured,
    OutcomeUnknown,
    Rejected,
    Throttled,
    Unauthorized,
)
from documents.hold import Hold, HoldClass, HoldRequired
from store.errors import (
    FenceHeld,
    FenceLost,
    KeyClash,
    NumberTaken,
    RefreshInDoubt,
    StaleRow,
    StoreError,
    Unstorable,
)

ATTEMPTS = 6
"""Attempts at what nobody foresaw, over about a quarter of a minute, before people are asked."""

_ROOT = Path(__file__).resolve().parents[1]
_LONGEST_WAIT = timedelta(hours=1)
_WAIT_FOR_CREDENTIALS = timedelta(seconds=30)
_SHORTLY = timedelta(milliseconds=50)


def hold_of(error: Exception, attempt: int) -> Hold | None:
    """The hold that a failure means; None for one that is worth another attempt."""
    match error:
        case HoldRequired() | Rejected():
            return error.hold
        case Misconfigured():
            return _misconfigured(error)
        case NumberTaken():
            return _number_taken(error)
        case KeyClash():
            return _key_clash(error)
        case Unstorable():
            return _unstorable(error)
    if is_transient(error) or attempt < ATTEMPTS:
        return None
    return _unforeseen(error)


def is_transient(error: Exception) -> bool:
    """Whether the same step can succeed later without a person, or, for credentials, with one
    who is told of it otherwise."""
    match error:
        case ConnectorError() | StoreError():
            return error.retryable or isinstance(error, RefreshInDoubt)
        case ConnectionError() | TimeoutError():
            return True
    return False


def retryable(error: Exception, now: datetime) -> ApplicationError:
    """A failure that Temporal retries: when the error knows how long to wait, then; otherwise
    by the retry policy of the step. The message names no document."""
    return ApplicationError(
        _told(error),
        type=type(error).__name__,
        next_retry_delay=_delay(error, now),
        category=ApplicationErrorCategory.BENIGN
        if isinstance(error, Throttled | FenceHeld | FenceLost | StaleRow)
        else ApplicationErrorCategory.UNSPECIFIED,
    )


def _told(error: Exception) -> str:
    """The text of our own errors; of others only what and where, since they quote documents."""
    if isinstance(error, ConnectorError | StoreError):
        return str(error) or type(error).__name__
    return f"{type(error).__name__} in {_place(error)}"


def _place(error: Exception) -> str:
    """The innermost line of ours that the error came through."""
    frames = extract_tb(error.__traceback__)
    ours = [f for f in frames if Path(f.filename).is_relative_to(_ROOT)]
    ours = [f for f in ours if "site-packages" not in Path(f.filename).relative_to(_ROOT).parts]
    if not ours:
        return "an unknown place"
    return f"{Path(ours[-1].filename).relative_to(_ROOT)}:{ours[-1].lineno}"


def _delay(error: Exception, now: datetime) -> timedelta | None:
    match error:
        case Throttled(retry_after=float() | int() as seconds):
            return min(timedelta(seconds=seconds + random.uniform(0, 0.5)), _LONGEST_WAIT)
        case OutcomeUnknown(settle=settle) if settle > 0:
            return min(timedelta(seconds=settle), _LONGEST_WAIT)
        case FenceHeld(until=until):
            return max(until - now, timedelta(0)) + _SHORTLY
        case FenceLost() | StaleRow():
            return _SHORTLY
        case Unauthorized():
            return _WAIT_FOR_CREDENTIALS
    return None


def _misconfigured(error: Misconfigured) -> Hold:
    return Hold(
        cause="misconfigured",
        hold_class=HoldClass.SETUP,
        reason=f"The connection is not set up rightly: {error.message}",
        remedy="Correct the set-up (tieout check says what is missing), then retry.",
    )


def _number_taken(error: NumberTaken) -> Hold:
    return Hold(
        cause="number-taken",
        hold_class=HoldClass.IN_DOUBT,
        reason=f"The target's document {error.number} already stands for another source document.",
        remedy="Find out in the target which of the two it is, and adopt the right number.",
        values={"number": error.number},
    )


def _key_clash(error: KeyClash) -> Hold:
    return Hold(
        cause="key-clash",
        hold_class=HoldClass.SETUP,
        reason=f"A posting of this document is known already: {error}.",
        remedy="Give the connection the name and the tag that it had when it began to post, then "
        "retry.",
    )


def _unstorable(error: Unstorable) -> Hold:
    return Hold(
        cause="not-storable",
        hold_class=HoldClass.DATA,
        reason=f"The document has a value that is not kept here: {error}.",
        remedy="Correct the document at the source, or enter it in the target by hand and skip it.",
    )


def _unforeseen(error: Exception) -> Hold:
    """Says what and where; the text of the error may quote the document."""
    return Hold(
        cause="internal-error",
        hold_class=HoldClass.SETUP,
        reason=f"A step failed {ATTEMPTS} times for a reason that is not foreseen: {_told(error)}.",
        remedy="The worker's log says more. Retry when the reason is gone, or resolve by hand.",
    )
