"""Errors in the shape of each URL family of the API (freshbooks.md, section 8)."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse

CONFLICT = 409
SERVER_ERROR = 500
REQUIRED = 1001
ACCESS_DENIED = 1003
INVALID_VALUE = 1004
PARSE_ERROR = 1005
DELETED = 1011
UNKNOWN = 1012
INVALID_PER_PAGE = 1013
INVALID_PAGE = 1014
NUMBER_ERROR = 1015
TOO_LONG = 1017
INVALID_PERCENT = 1018
DATE_ERROR = 1033
BUSINESS_VALIDATION = 2001

# gRPC codes, which the newer error body carries beside the HTTP status.
_GRPC_CODES = {400: 3, 401: 16, 403: 7, 404: 5, 409: 10, 422: 3, 429: 8, 503: 14}

_MESSAGES = {
    200: (SERVER_ERROR, "Server error"),
    400: (INVALID_VALUE, "Invalid value"),
    422: (INVALID_VALUE, "Invalid value"),
    401: (ACCESS_DENIED, "The access token is invalid or has expired"),
    403: (ACCESS_DENIED, "Permission Denied"),
    404: (UNKNOWN, "The requested resource was not found"),
    409: (CONFLICT, "The resource is being modified by another request"),
    429: (429, "Too many requests"),
}


class ApiError(Exception):
    """A refusal; `errno` is the number of the official error table.

    Which HTTP status goes with a validation error of the accounting family is unverified; this
    stand-in uses 422.
    """

    def __init__(
        self,
        errno: int,
        message: str,
        *,
        status: int = 422,
        field: str = "",
        entity: str = "",
        value: object = "",
    ) -> None:
        super().__init__(message)
        self.errno = errno
        self.message = message
        self.status = status
        self.field = field
        self.entity = entity
        self.value = "" if value is None else str(value)


def required(entity: str, field: str) -> ApiError:
    """A field that must be given."""
    return ApiError(REQUIRED, f"{field} is required.", field=field, entity=entity)


def invalid(entity: str, field: str, value: object, why: str = "") -> ApiError:
    """A value that is not allowed."""
    message = why or f"Invalid value for {field}."
    return ApiError(INVALID_VALUE, message, field=field, entity=entity, value=value)


def not_found(entity: str, field: str, value: object, status: int = 404) -> ApiError:
    """An id nobody knows; 404 when it is the one in the URL."""
    message = f"{entity.replace('_', ' ').capitalize()} not found."
    return ApiError(UNKNOWN, message, status=status, field=field, entity=entity, value=value)


def unauthenticated() -> ApiError:
    """No token, a wrong one, an expired or a revoked one."""
    return ApiError(ACCESS_DENIED, _MESSAGES[401][1], status=401)


def denied() -> ApiError:
    """The role or the scope of the token does not allow it."""
    return ApiError(ACCESS_DENIED, _MESSAGES[403][1], status=403)


def planned(status: int) -> ApiError:
    """The error that stands for a bare HTTP status; 200 gives an error inside a success."""
    errno, message = _MESSAGES.get(status, (SERVER_ERROR, "Server error"))
    return ApiError(errno, message, status=status)


def respond(error: ApiError, request: Request) -> JSONResponse:
    """The error as the family of the requested URL would put it."""
    return JSONResponse(_body(error, request), error.status)


def _body(error: ApiError, request: Request) -> dict[str, Any]:
    path = request.url.path
    versioned = path.startswith("/accounting/account/") and "x-api-version" in request.headers
    if versioned and error.status != 200:
        return _versioned(error)
    if error.status == 401:
        return {"error": "unauthenticated", "error_description": error.message}
    for prefix, shape in _SHAPES.items():
        if path.startswith(prefix):
            return shape(error)
    return {"error": error.message}


def _accounting(error: ApiError) -> dict[str, Any]:
    return {"response": {"errors": [{"errno": error.errno, **_details(error)}]}}


def _details(error: ApiError) -> dict[str, str]:
    return {
        "field": error.field,
        "message": error.message,
        "object": error.entity,
        "value": error.value,
    }


def _versioned(error: ApiError) -> dict[str, Any]:
    detail = {
        "@type": "type.googleapis.com/google.rpc.ErrorInfo",
        "reason": str(error.errno),
        "domain": "accounting.api.freshbooks.com",
        "metadata": _details(error),
    }
    return {
        "code": _GRPC_CODES.get(error.status, 13),
        "message": f"Request failed with status_code: {error.status}",
        "details": [detail],
    }


def _ledger(error: ApiError) -> dict[str, Any]:
    detail = {
        "reason": f"{error.field}: {error.message}",
        "metadata": {"message": error.message, "field": error.field},
    }
    return {"errors": {"message": error.message, "status": error.status, "details": [detail]}}


def _events(error: ApiError) -> dict[str, Any]:
    body: dict[str, Any] = {"errno": error.status, "message": error.message}
    if error.status == 422:
        body["details"] = [f"{error.field}: {error.message}"]
    return body


def _business(error: ApiError) -> dict[str, Any]:
    if error.status == 422:
        return {"errno": BUSINESS_VALIDATION, "error": {error.field: error.message}}
    if error.status == 404:
        return {"error": "Requested resource could not be found."}
    return {"message": error.message}


def _payments(error: ApiError) -> dict[str, Any]:
    kind = "not_found" if error.status == 404 else "invalid_request"
    detail = {"error_type": kind, "field": error.field, "message": error.message}
    return {"error_type": kind, "message": error.message, "errors": [detail]}


def _auth(error: ApiError) -> dict[str, Any]:
    return {"error": "invalid_request", "error_description": error.message}


_SHAPES = {
    "/accounting/account/": _accounting,
    "/accounting/businesses/": _ledger,
    "/events/": _events,
    "/projects/": _business,
    "/timetracking/": _business,
    "/comments/": _business,
    "/payments/": _payments,
    "/auth/": _auth,
}
