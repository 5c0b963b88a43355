"""What an answer of FreshBooks means: one table, whatever shape the error came in.

FreshBooks has an error body per API family and a second one for newer API versions, and the
accounting family may say no with HTTP 200. `shapes.faults` reads every one, `rule_for` looks the
meaning up by errno first and status second, `to_error` makes the one exception of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from enum import Enum, auto

from connectors.errors import (
    Conflict,
    ConnectorError,
    Misconfigured,
    OutcomeUnknown,
    Rejected,
    Throttled,
    Unauthorized,
    Unavailable,
)
from connectors.freshbooks.shapes import Fault
from documents.hold import Hold, HoldClass

SYSTEM = "freshbooks"
MAX_RETRY_AFTER = 3600.0
"""Longest wait, in seconds, that a Retry-After header may ask for."""


class Meaning(Enum):
    """What a refusal is about; MISSING and DELETED are no error to somebody who only reads."""

    MISSING = auto()
    DELETED = auto()
    REJECTED = auto()
    CONFLICT = auto()
    THROTTLED = auto()
    SERVER_BUSY = auto()
    SERVER_FAILED = auto()
    UNAUTHENTICATED = auto()
    MISCONFIGURED = auto()


@dataclass(frozen=True)
class Rule:
    """A row of the table: the meaning, a stable cause code and plain words."""

    meaning: Meaning
    cause: str
    reason: str
    remedy: str = "Correct it in FreshBooks; the document is looked at again by itself."
    hold_class: HoldClass = HoldClass.DATA


@dataclass(frozen=True)
class Call:
    """The call that was answered; `operation` holds no personal data."""

    operation: str
    writes: bool = False


_ADMINISTRATOR = "An administrator checks the role and the permissions of the connected user."
_OURS = "This is a fault of the connection, not of the document: tell the administrator."


def _invalid(cause: str, reason: str) -> Rule:
    return Rule(Meaning.REJECTED, cause, reason)


_FEATURE = Rule(
    Meaning.REJECTED,
    "feature-not-enabled",
    "The FreshBooks plan of this account does not include this kind of object.",
    "Enable the feature in FreshBooks or leave this kind out of the connection.",
    HoldClass.SETUP,
)
_WRONG_VALUE = _invalid("value-refused", "FreshBooks refused a value.")

BY_ERRNO: Mapping[int, Rule] = {
    404: Rule(Meaning.MISSING, "not-found", "FreshBooks does not know this object."),
    409: Rule(Meaning.CONFLICT, "conflict", "Somebody else is changing this object just now."),
    422: _WRONG_VALUE,
    500: Rule(Meaning.SERVER_FAILED, "server-failed", "FreshBooks failed."),
    1001: _invalid("field-required", "FreshBooks requires a field that was empty."),
    1003: Rule(Meaning.MISCONFIGURED, "access-denied", "FreshBooks denied access.", _ADMINISTRATOR),
    1004: _WRONG_VALUE,
    1005: Rule(Meaning.MISCONFIGURED, "not-understood", "FreshBooks could not read us.", _OURS),
    1006: _WRONG_VALUE,
    1007: _WRONG_VALUE,
    1008: _WRONG_VALUE,
    1011: Rule(Meaning.DELETED, "deleted", "The object was deleted in FreshBooks."),
    1012: Rule(Meaning.MISSING, "not-found", "FreshBooks does not know this object."),
    1013: Rule(Meaning.MISCONFIGURED, "bad-paging", "FreshBooks refused the page size.", _OURS),
    1014: Rule(Meaning.MISCONFIGURED, "bad-paging", "FreshBooks refused the page.", _OURS),
    1015: _WRONG_VALUE,
    1016: _WRONG_VALUE,
    1017: _invalid("value-too-long", "A value is longer than FreshBooks allows."),
    1018: _invalid("bad-percent", "FreshBooks refused a percentage."),
    1019: _invalid("duplicate-tax", "The same tax is on one item twice."),
    1031: _WRONG_VALUE,
    1033: _WRONG_VALUE,
    1039: _WRONG_VALUE,
    1042: Rule(
        Meaning.MISCONFIGURED,
        "inactive-account",
        "The FreshBooks account is not active.",
        "Renew the FreshBooks subscription.",
    ),
    2001: _WRONG_VALUE,
    12001: _FEATURE,
    31001: _FEATURE,
    41001: _FEATURE,
    41101: _FEATURE,
}

_DENIED = BY_ERRNO[1003]
_WRONG_ADDRESS = Rule(
    Meaning.MISCONFIGURED,
    "wrong-address",
    "FreshBooks knows no such address: the account id or the base URL is wrong.",
    "Run the account discovery again.",
)
_UNKNOWN_CLIENT = Rule(
    Meaning.MISSING,
    "unknown-client",
    "FreshBooks does not know the client of this document.",
    "Choose an existing client in FreshBooks.",
)

BY_STATUS: Mapping[int, Rule] = {
    400: _WRONG_VALUE,
    401: Rule(
        Meaning.UNAUTHENTICATED,
        "unauthenticated",
        "FreshBooks refused the access token.",
        "Run `tieout connect freshbooks` to give consent again.",
    ),
    402: BY_ERRNO[1042],
    403: _DENIED,
    404: _WRONG_ADDRESS,
    408: Rule(Meaning.SERVER_BUSY, "request-timeout", "FreshBooks gave up waiting for us."),
    409: BY_ERRNO[409],
    422: _WRONG_VALUE,
    423: BY_ERRNO[409],
    429: Rule(Meaning.THROTTLED, "throttled", "FreshBooks has had too many requests."),
    501: Rule(Meaning.MISCONFIGURED, "not-supported", "FreshBooks does not support this.", _OURS),
    503: Rule(Meaning.SERVER_BUSY, "server-busy", "FreshBooks is not serving just now."),
}

_STATUS_FIRST = frozenset({401, 429}) | frozenset(range(500, 600))
"""Statuses that say more than the errno beside them: a 401 carries errno 1003, as a 403 does."""

_ACCOUNT_NAMES = frozenset({"account", "accountid", "business", "business_id"})
_CLIENT_NAMES = frozenset({"client", "userid", "customerid", "clientid"})


def rule_for(status: int, fault: Fault) -> Rule:
    """The row of the table for an answer that is not a success."""
    if status in _STATUS_FIRST or fault.errno is None:
        return BY_STATUS.get(status) or _by_class(status)
    if fault.errno == 1012 and {fault.object, fault.field} & _ACCOUNT_NAMES:
        return _WRONG_ADDRESS
    if fault.errno == 1012 and {fault.object, fault.field} & _CLIENT_NAMES:
        return _UNKNOWN_CLIENT
    if fault.errno in BY_ERRNO:
        return BY_ERRNO[fault.errno]
    return _invalid(f"freshbooks-{fault.errno}", "FreshBooks refused this.")


def _by_class(status: int) -> Rule:
    if status >= 500:
        return BY_ERRNO[500]
    if 400 <= status < 500:
        return Rule(Meaning.MISCONFIGURED, "refused", f"FreshBooks said {status}.", _OURS)
    return Rule(Meaning.MISCONFIGURED, "redirected", f"FreshBooks said {status}.", _OURS)


def to_error(
    call: Call,
    status: int,
    fault: Fault,
    headers: Mapping[str, str] | None = None,
) -> ConnectorError:
    """The exception for an answer: errno and field in its message, never FreshBooks' text."""
    rule = rule_for(status, fault)
    at = (SYSTEM, call.operation)
    message = _describe(rule, status, fault)
    code = str(fault.errno) if fault.errno is not None else ""
    match rule.meaning:
        case Meaning.THROTTLED:
            wait = retry_after((headers or {}).get("retry-after", ""))
            return Throttled(*at, message, wait, status=status, code=code)
        case Meaning.SERVER_FAILED if call.writes:
            return OutcomeUnknown(*at, message)
        case Meaning.SERVER_FAILED | Meaning.SERVER_BUSY:
            return Unavailable(*at, message, status=status, code=code)
        case Meaning.CONFLICT:
            return Conflict(*at, message, status=status, code=code)
        case Meaning.UNAUTHENTICATED:
            return Unauthorized(*at, message, status=status, code=code)
        case Meaning.MISCONFIGURED:
            return Misconfigured(*at, message, status=status, code=code)
        case _:
            return Rejected(*at, _hold(rule, fault), status=status, code=code)


def _describe(rule: Rule, status: int, fault: Fault) -> str:
    errno = f", errno {fault.errno}" if fault.errno is not None else ""
    return f"{rule.reason} (HTTP {status}{errno}) {rule.remedy}".strip()


def _hold(rule: Rule, fault: Fault) -> Hold:
    said = f" FreshBooks says: {fault.message[:300]}" if fault.message else ""
    where = f" Field: {fault.field}." if fault.field else ""
    return Hold(
        cause=rule.cause,
        hold_class=rule.hold_class,
        reason=f"{rule.reason}{where}{said}",
        remedy=rule.remedy,
    )


def retry_after(text: str, now: datetime | None = None) -> float | None:
    """Seconds to wait from a Retry-After header: seconds or an HTTP date, 0 to one hour.

    None when there is none or it cannot be read.
    """
    seconds = _seconds(text.strip(), now or datetime.now(UTC))
    return None if seconds is None else min(max(seconds, 0.0), MAX_RETRY_AFTER)


def _seconds(text: str, now: datetime) -> float | None:
    if text.isascii() and text.isdigit():
        return float(text)
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    return (moment.replace(tzinfo=moment.tzinfo or UTC) - now).total_seconds()
