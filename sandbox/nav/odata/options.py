"""The query options of a request."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sandbox.nav.errors import NavError
from sandbox.nav.odata.filters import Node, parse_filter
from sandbox.nav.odata.literals import syntax_error
from sandbox.nav.schema import Page


@dataclass(frozen=True)
class Options:
    """The query options of one request; `limit` is the size of a page."""

    select: tuple[str, ...]
    expand: Mapping[str, tuple[str, ...]]
    where: Node | None
    order: tuple[tuple[str, bool], ...]
    top: int | None
    skip: int
    count: bool
    token: str
    limit: int


def read_options(query: Mapping[str, str], page: Page, limit: int) -> Options:
    """Read the query options; raises NavError for one that is wrong or unknown."""
    known = {"$filter", "$select", "$expand", "$orderby", "$top", "$skip", "$count", "$skiptoken"}
    for name in query:
        if name.startswith("$") and name not in known:
            raise syntax_error(f"the query option '{name}' is not supported")
    return Options(
        select=_select(query.get("$select", ""), page),
        expand=_expand(query.get("$expand", ""), page),
        where=parse_filter(query["$filter"], page) if query.get("$filter") else None,
        order=_order(query.get("$orderby", ""), page),
        top=_number(query, "$top"),
        skip=_number(query, "$skip") or 0,
        count=query.get("$count") == "true",
        token=query.get("$skiptoken", ""),
        limit=limit,
    )


def _number(query: Mapping[str, str], name: str) -> int | None:
    text = query.get(name)
    if text is None:
        return None
    if not text.isdigit():
        raise syntax_error(f"'{text}' is not a value for '{name}'")
    return int(text)


def _known(name: str, page: Page) -> str:
    if name not in page.fields:
        raise NavError(
            "BadRequest_NotFound",
            f"Could not find a property named '{name}' on type 'NAV.{page.name}'.",
        )
    return name


def _select(text: str, page: Page) -> tuple[str, ...]:
    names = [name.strip() for name in text.split(",") if name.strip()]
    parts = {part.name for part in page.parts}
    return tuple(_known(name, page) for name in names if name != "*" and name not in parts)


def _order(text: str, page: Page) -> tuple[tuple[str, bool], ...]:
    found = []
    for item in filter(None, (part.strip() for part in text.split(","))):
        name, _, direction = item.partition(" ")
        if direction.strip() not in ("", "asc", "desc"):
            raise syntax_error(f"'{item}' is no order")
        found.append((_known(name, page), direction.strip() == "desc"))
    return tuple(found)


def _expand(text: str, page: Page) -> dict[str, tuple[str, ...]]:
    found = {}
    for item in _split(text):
        name, _, inner = item.partition("(")
        part = page.part(name.strip())
        if part is None:
            raise NavError(
                "BadRequest_NotFound",
                f"Could not find a property named '{name}' on type 'NAV.{page.name}'.",
            )
        option = inner.removesuffix(")").strip()
        if option and not option.startswith("$select="):
            raise syntax_error(f"'{option}' is not supported inside $expand")
        found[part.name] = _select(option.removeprefix("$select="), part.page)
    return found


def _split(text: str) -> list[str]:
    """Split at commas that are not in parentheses."""
    items, depth = [""], 0
    for letter in text:
        depth += {"(": 1, ")": -1}.get(letter, 0)
        if letter == "," and depth == 0:
            items.append("")
        else:
            items[-1] += letter
    return [item.strip() for item in items if item.strip()]
