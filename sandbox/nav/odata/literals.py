"""Literals of the `$filter` language, and what it says when it cannot read something."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from sandbox.nav.errors import NavError
from sandbox.nav.schema import Field, Page
from sandbox.nav.values import match_option

_EXPECTED = {
    "decimal": "number",
    "integer": "number",
    "date": "moment",
    "datetime": "moment",
    "boolean": "word",
}


def syntax_error(detail: str) -> NavError:
    """The filter cannot be read."""
    return NavError("BadRequest_NotFound", f"Bad Request - Error in query syntax: {detail}")


def literal_value(field: Field, wrapped: bool, kind: str, text: str, page: Page) -> Any:
    """A literal as it compares with a field; `wrapped` if a function stands around the field.

    `kind` is that of the token: string, number, moment or word. Raises NavError.
    """
    wanted = _EXPECTED.get(field.kind, "string")
    if kind != wanted:
        raise syntax_error(f"'{text}' is not a value for '{field.id}'")
    if kind == "number":
        return Decimal(text)
    if kind == "word":
        return text == "true"
    if kind == "moment":
        return text
    value = text[1:-1].replace("''", "'")
    if field.kind == "option":
        return match_option(field, value)
    _check_length(field, value, page)
    return value.upper() if field.kind == "code" and not wrapped else value


def _check_length(field: Field, value: str, page: Page) -> None:
    if len(value) > field.length:
        raise NavError(
            "Application_FilterErrorException",
            f'The filter "{value}" is not valid for the {field.caption} field on the '
            f"{page.table.name} table. The length of the string is {len(value)}, but it must be "
            f"less than or equal to {field.length} characters.",
        )
