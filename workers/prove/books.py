"""What must hold of the books of both sides once everything has come to rest.

The source's own books say what should be in the target: no model of ours is trusted. A finding is
one sentence about one document that is not as it must be.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal

from documents.key import Key, Kind
from workers.prove.expense_books import ExpenseBooks
from workers.prove.lane import VENDOR, Journals, Row

_NO_INVOICE = ("draft", "deleted", "archived")
_TAKEN_BACK = ("deleted", "archived")


@dataclass(frozen=True)
class Books:
    """The books of one lane. `held` are the source ids of what waits for a person: they
    may differ from the source, yet never stand twice."""

    source: list[Row]
    target: list[Row]
    held: frozenset[str] = frozenset()

    @classmethod
    def of(cls, journals: Journals, held: Iterable[str]) -> Books:
        return cls(journals.source, journals.target, frozenset(held))

    def findings(self) -> list[str]:
        """Everything that is not as it must be; empty when both sides agree."""
        return [
            *self._unknown(),
            *self._drafts(),
            *self._customers(),
            *self._invoices(),
            *self._payments(),
            *self._expenses().findings(),
        ]

    def _unknown(self) -> Iterator[str]:
        """Nothing stands in the target without a document of the source, but what people paid to
        persons."""
        ids = {row["document"] for row in self.source}
        for row in self.target:
            if _is_paid_out(row):
                continue
            key = _key(row)
            if key is None or key.source_id not in ids:
                yield f"{row['kind']} {row['number']} has no document at the source"

    def _drafts(self) -> Iterator[str]:
        for row in self.target:
            if row["state"] == "created" and row["kind"] != "customer" and not _is_paid_out(row):
                key = _key(row)
                if key is None or key.source_id not in self.held:
                    yield f"draft {row['number']} of {row['key']} was left in the target"

    def _customers(self) -> Iterator[str]:
        found = Counter(row["key"] for row in self.target if row["kind"] == "customer")
        for key, count in found.items():
            if count > 1:
                yield f"{count} customers have the key {key}"

    def _invoices(self) -> Iterator[str]:
        posted = self._live(Kind.INVOICE)
        memos = self._live(Kind.INVOICE_REVERSAL)
        back = self._rows(Kind.INVOICE, "reversed")
        for row in self._of("invoice"):
            name, ours = f"invoice {row['document']}", posted[row["document"]]
            reversals = (len(memos[row["document"]]), len(back[row["document"]]))
            if reversals[0] != reversals[1]:
                yield f"{name}: {reversals[0]} credit memos for {reversals[1]} reversed postings"
            if len(ours) > 1:
                yield f"{name} is posted {len(ours)} times"
            elif row["document"] not in self.held:
                yield from self._invoice(name, row, ours)

    def _invoice(self, name: str, row: Row, ours: list[Row]) -> Iterator[str]:
        if row["state"] in _NO_INVOICE:
            if ours:
                yield f"{name} is {row['state']} at the source and posted in the target"
            return
        if not ours:
            yield f"{name} is {row['state']} at the source and not posted"
            return
        yield from _differences(name, row, ours[0], ("amount", "currency"))
        if ours[0]["document"] != row["number"]:
            yield f"{name}: posted for {ours[0]['document']}, it is {row['number']}"
        if Decimal(ours[0]["remaining"]) != Decimal(row["outstanding"]):
            yield f"{name}: {row['outstanding']} outstanding, {ours[0]['remaining']} remaining"
        if row["key"] not in {r["number"] for r in self.target}:
            yield f"{name}: its PO number {row['key']!r} names no document of the target"

    def _payments(self) -> Iterator[str]:
        posted = self._live(Kind.PAYMENT)
        states = {row["document"]: row["state"] for row in self._of("invoice")}
        for row in self._of("payment"):
            name, ours = f"payment {row['document']}", posted[row["document"]]
            if len(ours) > 1:
                yield f"{name} is posted {len(ours)} times"
            elif row["invoice"] not in self.held:
                is_live = states.get(row["invoice"]) not in _NO_INVOICE
                yield from self._payment(name, row, ours, is_live=is_live)

    def _payment(self, name: str, row: Row, ours: list[Row], *, is_live: bool) -> Iterator[str]:
        if row["state"] in _TAKEN_BACK and ours:
            yield f"{name} is deleted at the source and posted in the target"
        if row["state"] not in _TAKEN_BACK and is_live and not ours:
            yield f"{name} is not posted"
        for posted in ours:
            yield from _differences(name, row, posted, ("amount", "currency"))

    def _expenses(self) -> ExpenseBooks:
        return ExpenseBooks(
            source=self._of("expense"),
            posted=self._live(Kind.EXPENSE),
            reversed=self._rows(Kind.EXPENSE, "reversed"),
            reversals=self._live(Kind.EXPENSE_REVERSAL),
            held=self.held,
        )

    def _of(self, kind: str) -> list[Row]:
        return [row for row in self.source if row["kind"] == kind]

    def _live(self, kind: Kind) -> dict[str, list[Row]]:
        return self._rows(kind, "posted")

    def _rows(self, kind: Kind, state: str) -> dict[str, list[Row]]:
        """Rows of the target in a state, by the source id in their key."""
        found: dict[str, list[Row]] = defaultdict(list)
        for row in self.target:
            key = _key(row)
            if key is not None and key.kind is kind and row["state"] == state:
                found[key.source_id].append(row)
        return found


def _is_paid_out(row: Row) -> bool:
    return bool(row["kind"] == "payment" and row.get("party") == VENDOR)


def _key(row: Row) -> Key | None:
    try:
        return Key.parse(row["key"])
    except ValueError:
        return None


def _differences(name: str, there: Row, here: Row, fields: tuple[str, ...]) -> Iterator[str]:
    for field in fields:
        if there[field] != here[field]:
            yield f"{name}: {field} {there[field]} at the source, {here[field]} in the target"
