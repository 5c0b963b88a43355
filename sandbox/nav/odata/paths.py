"""Resource paths: `Company('CRONUS')/SalesInvoice(Document_Type='Invoice',No='1')/...`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from sandbox.nav.errors import NavError
from sandbox.nav.odata.literals import syntax_error
from sandbox.nav.schema import Field, Table
from sandbox.nav.values import match_option

_SEGMENT = re.compile(r"(?P<name>[^()]+)(?:\((?P<key>.*)\))?")
_VALUE = re.compile(r"(?:(?P<name>\w+)=)?(?P<value>'(?:[^']|'')*'|[^',()]+)(?:,|$)")


@dataclass(frozen=True)
class Segment:
    """One step of a path; `key` is the text in its parentheses, None without them."""

    name: str
    key: str | None


def segments(raw: str) -> list[Segment]:
    """The steps of a raw path, which is still percent-encoded; raises NavError."""
    return [_segment(unquote(part)) for part in raw.split("/") if part]


def _segment(text: str) -> Segment:
    match = _SEGMENT.fullmatch(text)
    if match is None:
        raise syntax_error(f"at '{text}'")
    return Segment(match.group("name"), match.group("key"))


def not_found(name: str) -> NavError:
    """A segment that leads nowhere: a service that is not published."""
    return NavError(
        "BadRequest_ResourceNotFound", f"Resource not found for the segment '{name}'.", 404
    )


def text_key(segment: Segment, name: str) -> str:
    """The single string in a segment's parentheses, `('CRONUS')` or `(Name='CRONUS')`."""
    values = _values(segment.key or "")
    if len(values) != 1 or values[0][0] not in ("", name) or not values[0][1].startswith("'"):
        raise syntax_error(f"the key of '{segment.name}'")
    return _unquoted(values[0][1])


def record_key(table: Table, text: str, known: Sequence[str] = ()) -> tuple[Any, ...]:
    """The primary key from a key predicate, by name or by position; raises NavError.

    Names in `known` may be left out of a named predicate, since the path says them already; they
    come back as None.
    """
    values = _values(text)
    if values and all(name for name, _ in values):
        named = dict(values)
        if not set(named) <= set(table.key) or set(table.key) - set(named) - set(known):
            raise syntax_error(f"the key predicate '{text}'")
        return tuple(
            _converted(table.fields[name], named[name]) if name in named else None
            for name in table.key
        )
    if len(values) != len(table.key):
        raise syntax_error(f"the key predicate '{text}'")
    pairs = zip(table.key, values, strict=True)
    return tuple(_converted(table.fields[name], value) for name, (_, value) in pairs)


def _values(text: str) -> list[tuple[str, str]]:
    found, place = [], 0
    while place < len(text):
        match = _VALUE.match(text, place)
        if match is None:
            raise syntax_error(f"the key predicate '{text}'")
        found.append((match.group("name") or "", match.group("value").strip()))
        place = match.end()
    return found


def _converted(field: Field, text: str) -> Any:
    if field.kind == "integer":
        if not re.fullmatch(r"-?\d+", text):
            raise syntax_error(f"'{text}' is not a value for '{field.id}'")
        return int(text)
    if field.kind == "date":
        return text
    if not text.startswith("'"):
        raise syntax_error(f"'{text}' is not a value for '{field.id}'")
    value = _unquoted(text)
    if field.kind == "option":
        return match_option(field, value)
    return value.upper() if field.kind == "code" else value


def _unquoted(text: str) -> str:
    return text[1:-1].replace("''", "'")
