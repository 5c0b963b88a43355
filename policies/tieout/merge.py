"""Merging two ordered streams, with memory of one page of each.

Whoever reads the pages asks which side is needed, feeds it, and takes the groups that are
complete: all rows of both sides under one match. A group is complete once each side has shown a
row beyond it, or has ended.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from operator import attrgetter
from typing import Generic, TypeVar

from documents.ledger import BookRow, Side

_Row = TypeVar("_Row")
Group = tuple[list[_Row], list[_Row]]


class OutOfOrder(ValueError):
    """A page begins before the one before it ended: the merge would miss partners."""


class _Buffer(Generic[_Row]):
    """The rows of one side that were fed and not taken yet."""

    def __init__(self, key: Callable[[_Row], str]) -> None:
        self._key = key
        self._rows: list[_Row] = []
        self._at = 0
        self.done = False

    def feed(self, page: Sequence[_Row]) -> None:
        if not page:
            self.done = True
            return
        if self._rows and self._key(page[0]) < self._key(self._rows[-1]):
            raise OutOfOrder("a page is not in the order of its matches")
        self._rows = [*self._rows[self._at :], *page]
        self._at = 0

    @property
    def last(self) -> str | None:
        """The greatest match that was fed; None before the first page."""
        return self._key(self._rows[-1]) if self._rows else None

    @property
    def head(self) -> str | None:
        return self._key(self._rows[self._at]) if self._at < len(self._rows) else None

    def take(self, match: str) -> list[_Row]:
        """The rows under a match, which is the head's or not here at all."""
        start = at = self._at
        rows, key = self._rows, self._key
        while at < len(rows) and key(rows[at]) == match:
            at += 1
        self._at = at
        return rows[start:at]


class Merge(Generic[_Row]):
    """Pairs the rows of two sides by their match; both sides come in the order of it."""

    def __init__(self, key: Callable[[_Row], str]) -> None:
        self._sides = {Side.SOURCE: _Buffer(key), Side.TARGET: _Buffer(key)}

    def needs(self) -> Side | None:
        """The side whose next page is needed; None when both have ended."""
        waiting = [(b.last or "", side) for side, b in self._sides.items() if not b.done]
        return min(waiting)[1] if waiting else None

    def feed(self, side: Side, page: Sequence[_Row]) -> None:
        """The next page of a side; an empty one says that it has ended. Raises OutOfOrder."""
        self._sides[side].feed(page)

    def take(self) -> Iterator[Group[_Row]]:
        """Every complete group, in order. Take all of them before the next page is fed."""
        source, target = self._sides[Side.SOURCE], self._sides[Side.TARGET]
        horizon = self._horizon()
        while True:
            match = _least(source.head, target.head)
            if match is None or (horizon is not None and match >= horizon):
                return
            yield source.take(match), target.take(match)

    def _horizon(self) -> str | None:
        """Groups before this match are complete; None: all are."""
        open_ends = [b.last or "" for b in self._sides.values() if not b.done]
        return min(open_ends) if open_ends else None


def _least(one: str | None, other: str | None) -> str | None:
    if one is None or other is None:
        return other if one is None else one
    return min(one, other)


def merge_of_rows() -> Merge[BookRow]:
    """A merge of staged rows by their match."""
    key: Callable[[BookRow], str] = attrgetter("match")
    return Merge(key)
