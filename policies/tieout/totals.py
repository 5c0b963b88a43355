"""Control totals: how many documents each side has, and their sums, by kind and currency."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from pydantic import BaseModel

from documents.ledger import BookKind, BookRow, Mark, from_millionths
from documents.tieout import ControlTotal, Tally
from policies.tieout.compare import live_rows

_COLUMNS = ("source", "target", "reversed", "outside")


class Totals(BaseModel):
    """Sums that grow page by page, small enough to travel with a heartbeat: under
    `kind|currency|column` a count and a sum in millionths."""

    sums: dict[str, tuple[int, int]] = {}

    def count(self, source: Sequence[BookRow], target: Sequence[BookRow]) -> None:
        """One document: what the source has, what is live in the target, what was taken back."""
        for row in source:
            self._add(row.kind, row.currency, "source", row.amount)
        if len(target) == 1 and not target[0].marks:
            self._add(target[0].kind, target[0].currency, "target", target[0].amount)
            return
        posted = [row for row in target if not row.marks & Mark.UNPOSTED]
        live = live_rows(posted)
        for row in posted:
            self._add(row.kind, row.currency, "target" if row in live else "reversed", row.amount)

    def add_agreeing(self, staged: Mapping[tuple[str, str], tuple[int, int]]) -> int:
        """Documents that agree, given all that the source has by kind and currency: what was not
        counted one by one. Returns how many they are."""
        agreeing = 0
        for (kind, currency), (count, amount) in staged.items():
            seen, sum_of_seen = self.sums.get(f"{kind}|{currency}|source", (0, 0))
            agreeing += count - seen
            for column in ("source", "target"):
                self._add(kind, currency, column, amount - sum_of_seen, count - seen)
        return agreeing

    def count_outside(self, rows: Iterable[BookRow]) -> None:
        """Entries of the target that carry no key of ours."""
        for row in rows:
            self._add(row.kind, row.currency, "outside", row.amount)

    def lines(self) -> tuple[ControlTotal, ...]:
        """The control totals, by kind and currency."""
        places = sorted({tuple(key.split("|")[:2]) for key in self.sums})
        return tuple(self._line(kind, currency) for kind, currency in places)

    def _line(self, kind: str, currency: str) -> ControlTotal:
        found = {c: self.sums.get(f"{kind}|{currency}|{c}", (0, 0)) for c in _COLUMNS}
        tallies = {
            c: Tally(count=count, amount=from_millionths(amount))
            for c, (count, amount) in found.items()
        }
        return ControlTotal(
            kind=BookKind(kind),
            currency=currency,
            source=tallies["source"],
            target=tallies["target"],
            reversed=tallies["reversed"],
            outside=tallies["outside"],
        )

    def _add(self, kind: str, currency: str, column: str, amount: int, number: int = 1) -> None:
        place = f"{kind}|{currency}|{column}"
        count, total = self.sums.get(place, (0, 0))
        self.sums[place] = (count + number, total + amount)
