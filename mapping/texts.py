"""Texts made fit for a field: what cannot stand there, and cutting without breaking a letter."""

from __future__ import annotations

import unicodedata


def width(text: str) -> int:
    """Length in UTF-16 units, as the databases of the targets count: an emoji takes two."""
    if text.isascii():
        return len(text)
    return len(text) + sum(1 for c in text if ord(c) > 0xFFFF)


def printable(text: str) -> str:
    """A text without line breaks and control characters, each of which becomes a blank.

    A lone surrogate is not a character and cannot be sent; it becomes the replacement mark.
    """
    if text.isprintable():
        return text.strip()
    return "".join(_printable(c) for c in text.replace("\r\n", "\n")).strip()


def _printable(character: str) -> str:
    category = unicodedata.category(character)
    if category == "Cs":
        return "\ufffd"
    return " " if category in ("Cc", "Zl", "Zp") else character


def cut(text: str, limit: int) -> str:
    """The longest beginning of at most `limit` UTF-16 units that splits no accented letter."""
    return text[: _end(text, limit)].rstrip()


def beyond(text: str, limit: int) -> str:
    """What `cut` leaves out: with it, nothing of the text is lost but blanks between."""
    return text[_end(text, limit) :].lstrip()


def _end(text: str, limit: int) -> int:
    used = 0
    for position, character in enumerate(text):
        used += width(character)
        if used > limit:
            return _whole_letter(text, position)
    return len(text)


def _whole_letter(text: str, position: int) -> int:
    while position and unicodedata.combining(text[position]):
        position -= 1
    return position
