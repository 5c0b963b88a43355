"""What IIS answers itself: HTML, where a caller expects SOAP."""

from __future__ import annotations

from html import escape

from starlette.responses import Response

NOT_SIGNED_IN = "401.2 - Unauthorized"
REFUSED = "401.1 - Unauthorized"
EXPIRED = "401.1 - Unauthorized (password expired)"

_TITLES = {
    400: "Bad Request",
    403: "403.7 - Forbidden",
    404: "404.0 - Not Found",
    405: "405.0 - Method Not Allowed",
    408: "Request Timeout",
    413: "413.1 - Request Entity Too Large",
    415: "Unsupported Media Type",
    429: "429.0 - Too Many Requests",
    500: "500.0 - Internal Server Error",
    502: "502.3 - Bad Gateway",
    503: "Service Unavailable",
    504: "Gateway Timeout",
}
_DETAILS = {
    NOT_SIGNED_IN: "You are not authorized to view this page due to invalid authentication "
    "headers.",
    REFUSED: "You do not have permission to view this directory or page using the credentials "
    "that you supplied. Error Code: 0x8007052e (Logon failure: unknown user name or bad password.)",
    EXPIRED: "You do not have permission to view this directory or page using the credentials "
    "that you supplied. Error Code: 0x80070532 (Logon failure: the specified account password has "
    "expired.)",
}


def page(status: int, title: str = "") -> Response:
    """An error page of IIS."""
    heading = f"HTTP Error {title or _TITLES.get(status, str(status))}"
    text = _DETAILS.get(title, "The page cannot be displayed.")
    body = (
        '<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Strict//EN">\r\n'
        "<html><head><title>IIS 8.5 Detailed Error</title></head><body>"
        f"<h2>{escape(heading)}</h2><p>{escape(text)}</p></body></html>"
    )
    return Response(body, status, media_type="text/html")


def service_page(service: str) -> Response:
    """What WCF shows to a browser at the address of a service."""
    body = (
        f"<html><head><title>{escape(service)} Service</title></head><body>"
        "<p>You have created a service.</p></body></html>"
    )
    return Response(body, media_type="text/html")
