"""Query strings: paging, `search[...]`, `include[]` and sort (freshbooks.md, section 6)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any, Literal
from urllib.parse import parse_qsl

from sandbox.freshbooks.errors import INVALID_PAGE, INVALID_PER_PAGE, ApiError
from sandbox.storage import Row

_SEARCH = re.compile(r"search\[([^\]]+)\](\[\])?")
_SORT = re.compile(r"(.+)_(asc|desc)")
_CAP = 100

Operation = Literal["equal", "in", "like", "min", "max", "not"]


@dataclass(frozen=True)
class Filter:
    """Which field a search key looks at, and how. Without a field, the key's own name.

    `min` is inclusive and `max` exclusive [DOC:parameters]; moments are compared by their day.
    """

    operation: Operation
    field: str | None = None


@dataclass(frozen=True)
class Query:
    """A parsed query string."""

    page: int = 1
    per_page: int = 15
    search: dict[str, list[str]] = field(default_factory=dict)
    includes: frozenset[str] = frozenset()
    sort: str = ""
    bare: dict[str, str] = field(default_factory=dict)

    @property
    def sort_field(self) -> tuple[str, bool]:
        """The field to sort by ("" for none) and whether it is descending; both spellings."""
        if self.sort.startswith("-"):
            return self.sort[1:], True
        match = _SORT.fullmatch(self.sort)
        return (match[1], match[2] == "desc") if match else (self.sort, False)


def parse(query_string: str, default_per_page: int) -> Query:
    """Read a query string; raises ApiError 1013 or 1014 for a bad page. Unknown keys are kept."""
    search: dict[str, list[str]] = {}
    includes: set[str] = set()
    bare: dict[str, str] = {}
    for key, value in parse_qsl(query_string, keep_blank_values=True):
        match = _SEARCH.fullmatch(key)
        if match:
            search.setdefault(match[1], []).append(value)
        elif key == "include[]":
            includes.add(value)
        else:
            bare[key] = value
    page = _count(bare.get("page"), 1, INVALID_PAGE, "page")
    per_page = _count(bare.get("per_page"), default_per_page, INVALID_PER_PAGE, "per_page")
    sort = bare.get("sort", "")
    capped = min(per_page or default_per_page, _CAP)
    return Query(page or 1, capped, search, frozenset(includes), sort, bare)


def _count(value: str | None, default: int, errno: int, name: str) -> int:
    if value is None or value == "":
        return default
    if not value.isdecimal():
        raise ApiError(errno, f"Invalid {name}.", status=400, field=name, value=value)
    return int(value)


def matches(row: Row, search: Mapping[str, list[str]], filters: Mapping[str, Filter]) -> bool:
    """Whether a row passes every known filter; unknown ones are ignored."""
    for key, values in search.items():
        known = filters.get(key)
        if known and not _TESTS[known.operation](row.get(known.field or key), values):
            return False
    return True


def _text(value: Any) -> str:
    if isinstance(value, dict):
        return str(value.get("amount", ""))
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)


def _equal(value: Any, wanted: list[str]) -> bool:
    return _text(value).casefold() in [item.casefold() for item in wanted]


def _like(value: Any, wanted: list[str]) -> bool:
    return any(item.casefold() in _text(value).casefold() for item in wanted)


def _at_least(value: Any, wanted: list[str]) -> bool:
    left, right = _comparable(value, wanted[-1])
    return bool(left >= right)


def _below(value: Any, wanted: list[str]) -> bool:
    left, right = _comparable(value, wanted[-1])
    return bool(left < right)


def _comparable(value: Any, bound: str) -> tuple[Any, Any]:
    if isinstance(value, dict):
        try:
            return Decimal(value["amount"]), Decimal(bound)
        except InvalidOperation:
            return "", bound
    return _text(value)[:10], bound[:10]


_TESTS: dict[Operation, Callable[[Any, list[str]], bool]] = {
    "equal": _equal,
    "in": _equal,
    "like": _like,
    "min": _at_least,
    "max": _below,
    "not": lambda value, wanted: not _equal(value, wanted),
}


def ordered(rows: Iterable[Row], query: Query) -> list[Row]:
    """The rows in the order asked for; an unknown field leaves them as they are."""
    name, descending = query.sort_field
    found = list(rows)
    if name and any(name in row for row in found):
        found.sort(key=lambda row: _sort_key(row.get(name)), reverse=descending)
    return found


def _sort_key(value: Any) -> tuple[Decimal, str]:
    if isinstance(value, int) and not isinstance(value, bool):
        return Decimal(value), ""
    if isinstance(value, dict):
        return Decimal(value["amount"]), ""
    return Decimal(0), _text(value)


def page_of(rows: list[Row], query: Query, hidden: int = 0) -> tuple[list[Row], dict[str, int]]:
    """One page and its numbers; an empty list has 0 pages.

    `hidden` rows are counted in `total` but never shown, as rows are to which the user has no
    permission.
    """
    start = (query.page - 1) * query.per_page
    numbers = {
        "page": query.page,
        "pages": -(-len(rows) // query.per_page),
        "per_page": query.per_page,
        "total": len(rows) + hidden,
    }
    return rows[start : start + query.per_page], numbers
