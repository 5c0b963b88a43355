"""Listings of FreshBooks: what changed since a moment, what is dated since a day.

A walk through them can be broken off after any page and gone on with later: the cursor behind a
page holds the search, the page and the total that FreshBooks told there.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

from connectors.freshbooks.client import FreshBooksClient, Place, Search
from connectors.freshbooks.clocks import Clock, utc_of
from connectors.freshbooks.families import (
    BILL_PAYMENTS,
    BILLS,
    CLIENTS,
    CREDIT_NOTES,
    EXPENSES,
    INVOICES,
    PAYMENTS,
    Resource,
)
from connectors.freshbooks.marks import is_deleted, source_id, version_of
from connectors.freshbooks.models import Row
from connectors.ports import Changed, ChangedPage

_KINDS: Mapping[str, Resource] = {
    "invoice": INVOICES,
    "payment": PAYMENTS,
    "credit_note": CREDIT_NOTES,
    "expense": EXPENSES,
    "bill": BILLS,
    "bill_payment": BILL_PAYMENTS,
    "client": CLIENTS,
}
_DATED = ("invoice", "credit_note", "expense", "bill")
_PARENTS = {"payment": "invoiceid", "bill_payment": "billid"}
"""Where a row names the document that it belongs to."""

_DELETED = ("vis_state", "1")
_UTC_STAMPS = {"bill": "updated_at"}
"""Bills are stamped in a field of their own, in UTC. No filter of bills and their payments is
documented: all of them are read, and what has not changed is left out here."""

_NEWEST_FIRST = "_desc"
"""What changes meanwhile moves to the front, so that later pages repeat rows and skip none."""

_EARLIEST = datetime(1, 1, 2, tzinfo=UTC)


@dataclass(frozen=True)
class Listing:
    """The listings of one account. FreshBooks ignores filters that it does not know, so every
    row of a search is checked again here."""

    client: FreshBooksClient
    clock: Clock
    overlap_days: int

    def changed(self, kind: str, since: datetime, after: str) -> AsyncIterator[ChangedPage]:
        """What changed since a moment, then what was deleted since: whole days of FreshBooks'
        clock, and `overlap_days` before. ValueError for a kind without a listing."""
        day = self.clock.changed_since(since, self.overlap_days)
        updated: Search = (("updated_min", day.isoformat()),)
        searches = (updated, (*updated, _DELETED))
        return self._pages(kind, tuple(_KINDS), searches, after, self.clock.start_of(day))

    def dated(self, kind: str, since: date, after: str) -> AsyncIterator[ChangedPage]:
        """What is dated on a day or later and not deleted. ValueError for other kinds."""
        searches: tuple[Search, ...] = ((("date_min", since.isoformat()),),)
        return self._pages(kind, _DATED, searches, after, _EARLIEST, since)

    async def _pages(
        self,
        kind: str,
        kinds: Sequence[str],
        searches: Sequence[Search],
        after: str,
        bound: datetime,
        since: date = date.min,
    ) -> AsyncIterator[ChangedPage]:
        if kind not in kinds:
            raise ValueError(f"no listing of {kind!r}; there is one of {', '.join(kinds)}")
        first, place = _read_cursor(after)
        for number, search in enumerate(searches[first:], start=first):
            following = 0 if number + 1 == len(searches) else number + 1
            async for rows, behind in self.client.walk(
                _KINDS[kind], place, search=search, sort=_stamp(kind) + _NEWEST_FIRST
            ):
                dated = (row for row in rows if _is_since(kind, row, since))
                found = tuple(c for c in (self._row(kind, row, bound) for row in dated) if c)
                total = behind.total if behind else 0
                yield ChangedPage(found, _cursor(number, behind, following), total)
            place = Place()

    def _row(self, kind: str, row: Row, bound: datetime) -> Changed | None:
        """A row of the listing; None for one that did not change since the bound."""
        changed_at = self._changed_at(kind, row) or bound
        object_id = source_id(row)
        if changed_at < bound or not object_id:
            return None
        return Changed(
            kind=kind,
            source_id=object_id,
            document_id=str(row.get(_PARENTS[kind]) or "") if kind in _PARENTS else object_id,
            changed_at=changed_at,
            deleted=is_deleted(row),
            version=version_of(row),
        )

    def _changed_at(self, kind: str, row: Row) -> datetime | None:
        """When the row changed; None when unknown, which counts as changed."""
        read = utc_of if kind in _UTC_STAMPS else self.clock.to_utc
        try:
            return read(str(row.get(_stamp(kind)) or ""))
        except ValueError:
            return None


def _stamp(kind: str) -> str:
    return _UTC_STAMPS.get(kind, "updated")


def _is_since(kind: str, row: Row, since: date) -> bool:
    """Whether a bill is dated on a day or later, which FreshBooks does not filter by."""
    return kind != "bill" or str(row.get("issue_date") or "9999") >= since.isoformat()


def _cursor(search: int, behind: Place | None, following: int) -> str:
    """The place behind a page: in this search, at the start of the next, or nowhere."""
    if behind is not None:
        return f"{search}.{behind.number}.{behind.total}"
    return f"{following}.1.0" if following else ""


def _read_cursor(after: str) -> tuple[int, Place]:
    if not after:
        return 0, Place()
    search, number, total = (int(part) for part in after.split("."))
    return search, Place(number, total)
