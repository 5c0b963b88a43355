"""One exchange with NAV, and what is read of its answers before they are understood."""

from __future__ import annotations

from collections.abc import Mapping

import httpx

from connectors.errors import OutcomeUnknown
from connectors.nav.errors import SYSTEM
from connectors.nav.settings import NavSettings
from connectors.nav.values import decode_json, to_text
from connectors.transport import Transport


async def exchange(
    transport: Transport,
    settings: NavSettings,
    method: str,
    address: str,
    *,
    operation: str,
    writes: bool,
    content: bytes | None,
    headers: Mapping[str, str],
    auth: httpx.Auth,
) -> httpx.Response:
    """Send one request; a lost write says how long NAV may still carry it out."""
    try:
        return await transport.send(
            method,
            address,
            operation=operation,
            writes=writes,
            content=content,
            headers=headers,
            auth=auth,
        )
    except OutcomeUnknown as error:
        settle = settings.settle_seconds
        raise OutcomeUnknown(SYSTEM, operation, error.message, settle) from error


def retry_after(response: httpx.Response) -> float | None:
    """Seconds of a Retry-After header; None without one or when it is a date."""
    text = response.headers.get("Retry-After", "")
    return float(text) if text.isdigit() else None


def error_of(content: bytes) -> tuple[str, str]:
    """Code and text of an OData error body; empty strings when it is something else."""
    try:
        decoded = decode_json(content)
    except ValueError:
        return "", ""
    error = decoded.get("error") if isinstance(decoded, dict) else None
    if not isinstance(error, dict):
        return "", ""
    message = error.get("message")
    # OData V3 servers wrap the text in an object with its language.
    text = message.get("value") if isinstance(message, dict) else message
    return to_text(error.get("code")), to_text(text)
