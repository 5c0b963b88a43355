"""Value maps at work: compiled rows, wildcards, and loose comparison of keys."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from itertools import product

from mapping.sections import ValueMap

_JUNK = re.compile(r"[^\w ]+")


class ValueTable:
    """A value map ready for use. Immutable; `conflicts` lists keys that mean two values."""

    def __init__(self, name: str, spec: ValueMap) -> None:
        self.name = name
        self.spec = spec
        self.conflicts: list[str] = []
        self._rows: dict[tuple[str, ...], tuple[str, str]] = {}
        for key, value in entries(spec):
            self._add(key, value)

    def _add(self, key: str, value: str) -> None:
        folded = tuple(self._fold(part) for part in key.split("|"))
        known = self._rows.setdefault(folded, (value, key))
        if known[0] != value:
            self.conflicts.append(key)

    def find(self, keys: tuple[str, ...]) -> tuple[str, str] | None:
        """The value of the most specific row and the row's key; None when no row fits.

        Rows with fewer wildcards go first, then those that are exact in an earlier part.
        """
        folded = tuple(self._fold(key) for key in keys)
        for stars in _WILDCARDS[len(folded)]:
            row = tuple("*" if star else part for part, star in zip(folded, stars, strict=True))
            if row in self._rows:
                return self._rows[row]
        return None

    def _fold(self, part: str) -> str:
        text = part.strip()
        if text == "*" or self.spec.match == "exact":
            return text
        return loosely(text) if self.spec.match == "loose" else text.casefold()


_WILDCARDS = {
    parts: sorted(product((False, True), repeat=parts), key=lambda stars: (sum(stars), stars))
    for parts in range(1, 5)
}


def entries(spec: ValueMap) -> Iterator[tuple[str, str]]:
    """Every key of a map with its value."""
    yield from spec.rows.items()
    for code, names in spec.codes.items():
        yield code, code
        for name in names:
            yield name, code


def loosely(text: str) -> str:
    """A text for loose comparison: no case, accents, punctuation or doubled blanks; & is and."""
    spelled = text.replace("&", " and ").replace(".", "").casefold()
    decomposed = unicodedata.normalize("NFKD", spelled)
    bare = "".join(c for c in decomposed if not unicodedata.combining(c))
    return " ".join(_JUNK.sub(" ", bare).split())
