"""The shapes in which FreshBooks says no, all read into the same few words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Fault:
    """One error of an answer. `message` is FreshBooks' own text and may hold personal data."""

    errno: int | None = None
    message: str = ""
    field: str = ""
    object: str = ""


def faults(body: Any) -> list[Fault]:
    """Every error an answer holds, in any of FreshBooks' shapes; empty when it holds none."""
    return list(_faults(body)) if isinstance(body, Mapping) else []


def _faults(body: Mapping[str, Any]) -> Iterator[Fault]:
    response = body.get("response")
    if isinstance(response, Mapping) and response.get("errors"):
        yield from _accounting(response["errors"])
    elif isinstance(body.get("errors"), Mapping):
        yield from _business(body["errors"])
    elif isinstance(body.get("errors"), list) and body.get("error_type"):
        yield from (_fault(e) for e in body["errors"] if isinstance(e, Mapping))
    elif isinstance(body.get("details"), list) and "code" in body:
        yield from _newer(body)
    elif "errno" in body or "error" in body or set(body) == {"message"}:
        yield _flat(body)


def _accounting(errors: object) -> Iterator[Fault]:
    listed = errors if isinstance(errors, list) else [errors]
    yield from (_fault(e) for e in listed if isinstance(e, Mapping))


def _newer(body: Mapping[str, Any]) -> Iterator[Fault]:
    """`{"code", "message", "details": [{"reason": "1012", "metadata": {...}}]}`."""
    details = [d for d in body["details"] if isinstance(d, Mapping)]
    for detail in details:
        yield _fault({"errno": detail.get("reason"), **_mapping(detail.get("metadata"))})
    if not details:
        yield Fault(message=_word(body.get("message")))


def _business(errors: Mapping[str, Any]) -> Iterator[Fault]:
    """`{"message", "status", "details": [{"reason": "name: This field is required."}]}`."""
    listed = errors.get("details")
    details = [d for d in listed if isinstance(d, Mapping)] if isinstance(listed, list) else []
    for detail in details:
        metadata = _mapping(detail.get("metadata"))
        message = _word(detail.get("reason")) or _word(metadata.get("message"))
        yield Fault(message=message, field=_word(metadata.get("field")))
    if not details:
        yield Fault(message=_word(errors.get("message")))


def _flat(body: Mapping[str, Any]) -> Fault:
    """Events, projects, uploads and sign-in: `errno`, `message`, `error`, `details`."""
    error = body.get("error")
    if isinstance(error, Mapping):
        field, message = next(iter(error.items()), ("", ""))
        return Fault(_errno(body.get("errno")), _word(message), _word(field))
    details = body.get("details")
    listed = "; ".join(_word(d) for d in details) if isinstance(details, list) else ""
    message = listed or _word(body.get("message")) or _word(error)
    return Fault(_errno(body.get("errno")), message)


def _fault(error: Mapping[str, Any]) -> Fault:
    return Fault(
        errno=_errno(error.get("errno")),
        message=_word(error.get("message")),
        field=_word(error.get("field")),
        object=_word(error.get("object")),
    )


def _errno(value: object) -> int | None:
    text = str(value)
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def _word(value: object) -> str:
    return value if isinstance(value, str) else ""


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
