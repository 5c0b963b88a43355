"""What a caller sends: JSON with exact decimals, held against what the page lets it set."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from sandbox.nav.errors import NavError
from sandbox.nav.schema import Page
from sandbox.nav.values import admit


def read_body(body: bytes) -> dict[str, Any]:
    """The JSON object in a request body; raises NavError."""
    try:
        value = json.loads(body, parse_float=Decimal, parse_constant=_refuse)
    except (ValueError, RecursionError):
        raise NavError("BadRequest", "Invalid Request Body") from None
    if not isinstance(value, dict):
        raise NavError("BadRequest", "Invalid Request Body")
    return value


def _refuse(name: str) -> Any:
    raise ValueError(name)


def writable(page: Page, sent: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """The fields to set, in the order they were sent; raises NavError.

    `given` are values the record has already (its key, what the page fixes): sending them again is
    allowed, sending others is not.
    """
    values: dict[str, Any] = {}
    for name, value in sent.items():
        if "@" in name:
            continue
        field = page.fields.get(name)
        if field is None:
            raise _unknown(page, name)
        if name in given:
            if admit(field, value) != given[name]:
                raise _read_only(field.caption)
        elif not page.may_write(field):
            raise _read_only(field.caption)
        else:
            values[name] = value
    return values


def _read_only(caption: str) -> NavError:
    return NavError("BadRequest_InvalidOperation", f"Control '{caption}' is read-only.")


def _unknown(page: Page, name: str) -> NavError:
    if page.part(name) is not None:
        return NavError(
            "BadRequest",
            f"The property '{name}' cannot be written with its header. Deep insert is not "
            "supported on pages published as web services.",
        )
    return NavError(
        "BadRequest",
        f"The property '{name}' does not exist on type 'NAV.{page.name}'. Make sure to only use "
        "property names that are defined by the type.",
    )
