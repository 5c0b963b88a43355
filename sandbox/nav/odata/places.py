"""Where a resource path leads: a page in a company, perhaps one record or the lines inside it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from sandbox.nav.calls import Companies
from sandbox.nav.company import Company
from sandbox.nav.errors import missing_record
from sandbox.nav.odata.paths import Segment, not_found, record_key, text_key
from sandbox.nav.odata.queries import Search
from sandbox.nav.schema import Page, Row


@dataclass(frozen=True)
class Place:
    """A page in a company; `key` names one record, `fixed` what the path says about records.

    `path` is what the context of an answer shows; `count` is set by a trailing `/$count`.
    """

    company: Company
    name: str
    page: Page
    fixed: Mapping[str, Any]
    key: tuple[Any, ...] | None
    path: str
    count: bool = False


class Places:
    """Resolves paths over the published pages."""

    def __init__(self, pages: Mapping[str, Page], companies: Companies) -> None:
        self._pages = pages
        self._companies = companies

    def locate(self, steps: list[Segment], company: str | None, user: str) -> Place:
        """The place of a path; `company` is the query parameter. Raises NavError."""
        steps, entered = self._company(steps, company, user)
        if not steps or steps[0].name not in self._pages:
            raise not_found(steps[0].name if steps else "Company")
        count = steps[-1].name == "$count"
        inner = steps[1:-1] if count else steps[1:]
        place = self._outer(entered, steps[0])
        for step in inner:
            place = _inner(place, step)
        if count and place.key is not None:
            raise not_found("$count")
        return replace(place, count=count)

    def _company(
        self, steps: list[Segment], name: str | None, user: str
    ) -> tuple[list[Segment], Company]:
        if steps[0].name == "Company" and steps[0].key is not None:
            return steps[1:], self._companies.enter(text_key(steps[0], "Name"), user)
        if name is not None:
            return steps, self._companies.enter(name, user)
        return steps, self._companies.only(user)

    def _outer(self, company: Company, step: Segment) -> Place:
        page = self._pages[step.name]
        key = None if step.key is None else record_key(page.table, step.key)
        escaped = company.name.replace("'", "''")
        return Place(company, step.name, page, {}, key, f"Company('{escaped}')/{step.name}")


def _inner(place: Place, step: Segment) -> Place:
    part = place.page.part(step.name) if place.key is not None else None
    if part is None:
        raise not_found(step.name)
    outer = require(Search(place.company, place.page, place.fixed), place)
    fixed = {inner: outer[name] for inner, name in part.link.items()}
    key = None
    if step.key is not None:
        given = record_key(part.page.table, step.key, tuple(fixed))
        pairs = zip(part.page.table.key, given, strict=True)
        key = tuple(fixed[name] if value is None else value for name, value in pairs)
    return Place(place.company, part.name, part.page, fixed, key, f"{place.path}/{part.name}")


def require(search: Search, place: Place) -> Row:
    """The record of a place; raises NavError with status 404."""
    row = search.get(place.key or ())
    if row is None:
        records = place.company[place.page.table.name]
        raise missing_record(records.table.name, records.identify(place.key or ()), 404)
    return row
