"""Every error of FreshBooks, in whichever shape, has one meaning by one table."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest

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
from connectors.freshbooks.errors import BY_ERRNO, BY_STATUS, Call, retry_after, to_error
from connectors.freshbooks.shapes import Fault, faults
from documents.hold import HoldClass

READ, WRITE = Call("read invoice"), Call("update invoice", writes=True)


def accounting(errno: int, **more: str) -> dict[str, Any]:
    error = {"errno": errno, "field": "", "message": "No.", "object": "", "value": "x", **more}
    return {"response": {"errors": [error]}}


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (
            accounting(1012, field="userid", object="client", message="Client not found."),
            Fault(1012, "Client not found.", "userid", "client"),
        ),
        (
            {
                "code": 5,
                "message": "Request failed with status_code: 404",
                "details": [
                    {
                        "@type": "type.googleapis.com/google.rpc.ErrorInfo",
                        "reason": "1012",
                        "domain": "accounting.api.freshbooks.com",
                        "metadata": {
                            "object": "invoice",
                            "message": "Invoice not found.",
                            "value": "1",
                            "field": "id",
                        },
                    }
                ],
            },
            Fault(1012, "Invoice not found.", "id", "invoice"),
        ),
        ({"code": 13, "message": "broken", "details": []}, Fault(None, "broken")),
        (
            {
                "errors": {
                    "message": "bad",
                    "status": 400,
                    "details": [
                        {
                            "reason": "name: This field is required.",
                            "metadata": {"message": "m", "field": "name"},
                        }
                    ],
                }
            },
            Fault(None, "name: This field is required.", "name"),
        ),
        ({"errors": {"message": "bad", "status": 400}}, Fault(None, "bad")),
        ({"errno": 404, "message": "Not found."}, Fault(404, "Not found.")),
        (
            {"errno": 422, "message": "m", "details": ["event: Value error, Unrecognized event."]},
            Fault(422, "event: Value error, Unrecognized event."),
        ),
        (
            {"error": "Requested resource could not be found."},
            Fault(None, "Requested resource could not be found."),
        ),
        ({"errno": 2001, "error": {"title": "is empty"}}, Fault(2001, "is empty", "title")),
        ({"message": "no such thing"}, Fault(None, "no such thing")),
        (
            {
                "error_type": "validation",
                "message": "m",
                "errors": [{"error_type": "x", "field": "gateway", "message": "unknown"}],
            },
            Fault(None, "unknown", "gateway"),
        ),
        (
            {"error": "unauthenticated", "error_description": "The token expired."},
            Fault(None, "unauthenticated"),
        ),
    ],
)
def test_every_documented_shape_is_read_into_the_same_words(
    body: dict[str, Any], expected: Fault
) -> None:
    assert faults(body) == [expected]


@pytest.mark.parametrize(
    "body",
    [
        {"response": {"result": {"invoice": {"message": "thank you"}}}},
        {"response": {}},
        {"response": {"errors": []}},
        {"invoice": {}, "message": "beside an object"},
        [],
        None,
        "text",
    ],
)
def test_a_success_holds_no_error(body: Any) -> None:
    assert faults(body) == []


ROWS: list[tuple[int, Fault, type[ConnectorError], type[ConnectorError]]] = [
    (400, Fault(1001), Rejected, Rejected),
    (422, Fault(1004), Rejected, Rejected),
    (200, Fault(1012), Rejected, Rejected),
    (404, Fault(1012, object="invoice"), Rejected, Rejected),
    (404, Fault(1012, object="account"), Misconfigured, Misconfigured),
    (422, Fault(1011), Rejected, Rejected),
    (422, Fault(1017), Rejected, Rejected),
    (403, Fault(1003), Misconfigured, Misconfigured),
    (200, Fault(1003), Misconfigured, Misconfigured),
    (401, Fault(1003), Unauthorized, Unauthorized),
    (401, Fault(), Unauthorized, Unauthorized),
    (200, Fault(1042), Misconfigured, Misconfigured),
    (403, Fault(), Misconfigured, Misconfigured),
    (404, Fault(), Misconfigured, Misconfigured),
    (405, Fault(), Misconfigured, Misconfigured),
    (302, Fault(), Misconfigured, Misconfigured),
    (409, Fault(), Conflict, Conflict),
    (200, Fault(409), Conflict, Conflict),
    (429, Fault(), Throttled, Throttled),
    (429, Fault(1004), Throttled, Throttled),
    (500, Fault(), Unavailable, OutcomeUnknown),
    (502, Fault(), Unavailable, OutcomeUnknown),
    (504, Fault(), Unavailable, OutcomeUnknown),
    (500, Fault(1004), Unavailable, OutcomeUnknown),
    (200, Fault(500), Unavailable, OutcomeUnknown),
    (503, Fault(), Unavailable, Unavailable),
    (408, Fault(), Unavailable, Unavailable),
    (422, Fault(12001), Rejected, Rejected),
    (422, Fault(9999), Rejected, Rejected),
]


@pytest.mark.parametrize(("status", "fault", "reading", "writing"), ROWS)
def test_status_and_errno_have_one_meaning(
    status: int,
    fault: Fault,
    reading: type[ConnectorError],
    writing: type[ConnectorError],
) -> None:
    assert type(to_error(READ, status, fault)) is reading
    assert type(to_error(WRITE, status, fault)) is writing


@pytest.mark.parametrize("errno", sorted(BY_ERRNO))
def test_every_known_errno_has_a_cause_and_plain_words(errno: int) -> None:
    rule = BY_ERRNO[errno]
    assert rule.cause == rule.cause.lower()
    assert rule.reason.endswith(".")
    assert rule.remedy.endswith(".")


@pytest.mark.parametrize("status", sorted(BY_STATUS))
def test_every_known_status_has_a_cause_and_plain_words(status: int) -> None:
    assert BY_STATUS[status].cause
    assert BY_STATUS[status].reason.endswith(".")


def test_an_unknown_client_is_told_in_plain_words() -> None:
    error = to_error(WRITE, 422, Fault(1012, "Client not found.", "customerid", "client"))
    assert isinstance(error, Rejected)
    assert error.hold.cause == "unknown-client"
    assert "does not know the client" in error.hold.reason
    assert (error.status, error.code) == (422, "1012")


def test_a_feature_that_is_not_enabled_is_a_matter_of_set_up() -> None:
    error = to_error(READ, 422, Fault(41001))
    assert isinstance(error, Rejected)
    assert (error.hold.cause, error.hold.hold_class) == ("feature-not-enabled", HoldClass.SETUP)


def test_the_text_of_freshbooks_is_in_the_hold_and_never_in_the_message() -> None:
    error = to_error(WRITE, 422, Fault(1004, "jo@example.test is taken", "email"))
    assert isinstance(error, Rejected)
    assert "jo@example.test" not in str(error)
    assert "jo@example.test" in error.hold.reason
    assert "jo@" not in str(to_error(READ, 403, Fault(1003, "jo@example.test may not")))


NOW = datetime(2026, 2, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("0", 0.0),
        ("30", 30.0),
        (" 7 ", 7.0),
        ("999999", 3600.0),
        (format_datetime(NOW + timedelta(seconds=90), usegmt=True), 90.0),
        (format_datetime(NOW + timedelta(days=9), usegmt=True), 3600.0),
        (format_datetime(NOW - timedelta(hours=1), usegmt=True), 0.0),
        ("", None),
        ("soon", None),
        ("-5", None),
        ("١٢", None),
    ],
)
def test_retry_after_is_seconds_or_a_date_within_an_hour(text: str, seconds: float | None) -> None:
    assert retry_after(text, NOW) == seconds


def test_a_throttled_answer_carries_its_wait() -> None:
    error = to_error(READ, 429, Fault(), {"retry-after": "12"})
    assert isinstance(error, Throttled)
    assert error.retry_after == 12.0
