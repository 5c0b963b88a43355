"""NAV filter criteria, as SOAP pages take them: `10000..20000`, `<>''`, `S*|@t?`, `>=5&<9`."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import Any

from sandbox.nav.errors import NavError
from sandbox.nav.schema import Field
from sandbox.nav.values import match_option

Test = Callable[[Any], bool]

_PIECE = re.compile(r"'(?:[^']|'')*'|[^'|&]+|[|&]")


def read_criteria(field: Field, text: str) -> Test:
    """A test for values of a field; blank criteria let everything pass. Raises NavError."""
    if not text:
        return lambda _: True
    alternatives: list[list[Test]] = [[]]
    for part, separator in _parts(text):
        if part:
            alternatives[-1].append(_test(field, part))
        if separator == "|":
            alternatives.append([])
    return lambda value: any(tests and all(test(value) for test in tests) for tests in alternatives)


def _parts(text: str) -> list[tuple[str, str]]:
    """Pieces between `|` and `&` that are not quoted, each with the separator behind it."""
    found, piece = [], ""
    for token in _PIECE.findall(text):
        if token in "|&":
            found.append((piece, token))
            piece = ""
        else:
            piece += token
    found.append((piece, ""))
    return found


def _test(field: Field, part: str) -> Test:
    part = part.strip()
    for mark in ("<>", "<=", ">=", "<", ">", "="):
        if part.startswith(mark):
            return _compared(field, mark, part[len(mark) :])
    low, dots, high = part.partition("..")
    if dots and not part.startswith("'"):
        return _between(field, low, high)
    return _matching(field, part)


def _compared(field: Field, mark: str, text: str) -> Test:
    if mark == "=":
        return _matching(field, text)
    if mark == "<>":
        same = _matching(field, text)
        return lambda value: not same(value)
    wanted = _operand(field, text)
    return {
        "<": lambda value: bool(_comparable(field, value) < wanted),
        "<=": lambda value: bool(_comparable(field, value) <= wanted),
        ">": lambda value: bool(_comparable(field, value) > wanted),
        ">=": lambda value: bool(_comparable(field, value) >= wanted),
    }[mark]


def _between(field: Field, low: str, high: str) -> Test:
    least = _operand(field, low) if low else None
    most = _operand(field, high) if high else None

    def within(value: Any) -> bool:
        present = _comparable(field, value)
        return (least is None or present >= least) and (most is None or present <= most)

    return within


def _matching(field: Field, text: str) -> Test:
    quoted = text.startswith("'") and text.endswith("'") and len(text) > 1
    if field.kind in ("code", "text") and not quoted and re.search(r"[@*?]", text):
        return _wild(text)
    wanted = _operand(field, text)
    return lambda value: bool(_comparable(field, value) == wanted)


def _wild(text: str) -> Test:
    flags = re.DOTALL
    if text.startswith("@"):
        text, flags = text[1:], flags | re.IGNORECASE
    pattern = "".join({"*": ".*", "?": "."}.get(letter, re.escape(letter)) for letter in text)
    compiled = re.compile(pattern, flags)
    return lambda value: compiled.fullmatch(value) is not None


def _operand(field: Field, text: str) -> Any:
    text = text.strip()
    if text.startswith("'") and text.endswith("'") and len(text) > 1:
        text = text[1:-1].replace("''", "'")
    if field.kind == "option":
        return match_option(field, text)
    if field.kind == "boolean":
        return text.lower() in ("true", "yes", "1")
    if field.kind in ("decimal", "integer"):
        return _number(field, text)
    if len(text) > field.length > 0:
        raise NavError(
            "Application_FilterErrorException",
            f'The filter "{text}" is not valid for the {field.caption} field. The length of the '
            f"string is {len(text)}, but it must be less than or equal to {field.length} "
            "characters.",
        )
    return text.upper() if field.kind == "code" else text


def _number(field: Field, text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation:
        raise NavError(
            "Application_FilterErrorException",
            f'The filter "{text}" is not valid for the {field.caption} field.',
        ) from None


def _comparable(field: Field, value: Any) -> Any:
    return Decimal(value) if field.kind in ("decimal", "integer") else value
