"""A client and the customer it is linked to: what differs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from documents.ledger import BookRow, Mark
from documents.tieout import BreakType
from policies.tieout.differences import Difference

NAME_LENGTH = 20
"""So much of a name is compared: targets have shorter fields than sources."""


def compare_customers(source: Sequence[BookRow], target: Sequence[BookRow]) -> Iterator[Difference]:
    """What is wrong with a link. What is compared stands in `applied`: the currency and a mark
    of the name, so that no name is kept."""
    if not source:
        yield from (_gone(row) for row in target)
    elif not target:
        there = source[0]
        yield Difference(
            BreakType.MISSING_IN_TARGET, there, None, there.party, "", 0, "customer-gone"
        )
    else:
        yield from _differing(source[0], target[0])


def _gone(row: BookRow) -> Difference:
    return Difference(BreakType.ORPHAN, None, row, "", row.number, 0, "client-gone")


def _differing(client: BookRow, customer: BookRow) -> Iterator[Difference]:
    if customer.marks & Mark.BLOCKED and not client.marks & Mark.BLOCKED:
        yield Difference(
            BreakType.STATUS, client, customer, "active", "blocked", 0, "customer-blocked"
        )
    here, there = client.applied.split(" "), customer.applied.split(" ")
    told = [_told(*pair) for pair in zip(("currency", "name"), here, there, strict=True)]
    if any(told):
        left, right = zip(*(each for each in told if each), strict=True)
        yield Difference(
            BreakType.PARTY, client, customer, ", ".join(left), ", ".join(right), 0,
            "customer-differs",
        )  # fmt: skip


def _told(what: str, here: str, there: str) -> tuple[str, str] | None:
    """Both values in words; None where they agree or a side says nothing."""
    if not here or not there or here == there:
        return None
    if what == "name":
        return "one name", "another name"
    return f"{what} {here}", f"{what} {there}"
