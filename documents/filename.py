"""Names of files that somebody outside chose: attachments, receipts."""

from __future__ import annotations

import unicodedata

LONGEST = 120
_SEPARATORS = frozenset('/\\:*?"<>|')
_DEVICES = frozenset(
    ("con", "prn", "aux", "nul", *(f"{name}{n}" for name in ("com", "lpt") for n in range(10)))
)


class BadFileName(ValueError):
    """A name that could lead elsewhere than to a file of that name. The text does not show it."""


def checked_file_name(name: str) -> str:
    """The name, if it names one file in one folder on every system.

    BadFileName for anything that leads out of the folder (`..`, separators, drives), hides or
    disguises itself (leading dots, control and direction characters), is a device of Windows, or
    is empty or longer than 120 bytes in UTF-8.
    """
    problem = _problem(unicodedata.normalize("NFKC", name))
    if problem:
        raise BadFileName(f"the name of the file {problem}")
    return name


def _problem(name: str) -> str:
    if not name.strip() or len(name.encode("utf-8", "surrogatepass")) > LONGEST:
        return f"must have 1 to {LONGEST} bytes"
    if any(c in _SEPARATORS for c in name):
        return "must not hold separators of paths, wildcards or quotes"
    if any(unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp") for c in name):
        return "must not hold control or direction characters"
    if name.startswith((".", "~", "-", " ")) or name.endswith((".", " ")):
        return "must not begin with a dot, tilde or dash, nor begin or end with a blank"
    if name.partition(".")[0].strip().lower() in _DEVICES:
        return "is that of a device"
    return ""
