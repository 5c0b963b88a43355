"""Breaks of every type among documents that agree: all are found, each at its document, and
nothing else; once they are put right, both sides tie to the cent."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from activities.comparing import Comparer, Comparison
from activities.concluding import Conclusion
from activities.reconciling import Begun, ConcludeRequest
from activities.referencing import write_back
from documents.key import Key, Kind
from documents.ledger import BookKind, BookRow, Mark, Side, document_of, from_millionths
from documents.money import Money
from documents.row import DocumentRow, DocumentState
from documents.tieout import BreakState, BreakType
from policies.tieout.settings import TieOutPolicy
from policies.tieout.verdict import verdict
from store.cipher import Cipher
from store.keyring import KeyRing
from store.store import Store
from tests.fresh import fresh_database

CONNECTION, PERIOD = "planted", "2026-11"
FIRST = date(2026, 11, 1)
_AGREEING = 40


@dataclass
class Books:
    """Both sides of a month, and what was planted in them: type and document."""

    chance: random.Random
    source: dict[str, BookRow] = field(default_factory=dict)
    target: dict[str, BookRow] = field(default_factory=dict)
    planted: set[tuple[BreakType, str]] = field(default_factory=set)
    altered: list[BookRow] = field(default_factory=list)
    last: int = 0

    def document(self, kind: str = "") -> BookRow:
        """A new document that both sides have."""
        kind = kind or self.chance.choice(["invoice", "payment", "credit_note"])
        self.last += 1
        number = self.last
        day = FIRST.toordinal() + self.chance.randrange(30)
        is_payment = kind == "payment"
        row = BookRow(
            match=f"{kind}/{number}", entry=f"s{number}", kind=_BOOKS[kind],
            currency=self.chance.choice(["USD", "EUR", "JPY"]),
            amount=self.chance.randrange(10_000, 9_999_999) * 10_000,
            tax=None if is_payment else 1_300_000, day=day,
            party=f"C{self.chance.randrange(5)}", applied="invoice/900" if is_payment else "",
            rate=None if is_payment else 1_250_000_000,
            open=0, posted=day, number=f"N-{number}", reference="", base=None, generation=1,
            marks=0, changed=0,
        )  # fmt: skip
        self.source[row.match] = row
        self.target[row.match] = row._replace(entry=f"t{number}", number=f"P-{number}")
        return row

    def there(self, row: BookRow, kind: BreakType, **changes: Any) -> None:
        """The target says something else of a document."""
        self.target[row.match] = self.target[row.match]._replace(**changes)
        self.planted.add((kind, row.match))

    def cent(self) -> int:
        """A difference of a few cents, either way."""
        return self.chance.choice([-1, 1]) * self.chance.randrange(1, 300) * 10_000

    def amount(self) -> None:
        row = self.document()
        self.there(row, BreakType.AMOUNT, amount=row.amount + self.cent())

    def tax(self) -> None:
        row = self.document("invoice")
        self.there(row, BreakType.TAX, tax=(row.tax or 0) + self.cent())

    def currency(self) -> None:
        self.there(self.document(), BreakType.CURRENCY, currency="CAD")

    def rate(self) -> None:
        self.there(self.document("invoice"), BreakType.EXCHANGE_RATE, rate=1_260_000_000)

    def dated(self) -> None:
        row = self.document()
        day = row.day + (1 if row.day < FIRST.toordinal() + 15 else -1)
        self.there(row, BreakType.DATE, day=day)

    def status(self) -> None:
        mark = self.chance.choice([Mark.REVERSED, Mark.UNPOSTED])
        self.there(self.document(), BreakType.STATUS, marks=int(mark))

    def party(self) -> None:
        self.there(self.document(), BreakType.PARTY, party="C99")

    def application(self) -> None:
        self.there(
            self.document("payment"), BreakType.APPLICATION,
            applied=self.chance.choice(["", "invoice/901"]),
        )  # fmt: skip

    def altered_there(self) -> None:
        """Our record says what was posted: the source still does, the target no longer."""
        row = self.document("invoice")
        self.altered.append(row)
        self.there(row, BreakType.ALTERED, amount=row.amount + self.cent())

    def missing_there(self) -> None:
        row = self.document()
        del self.target[row.match]
        self.planted.add((BreakType.MISSING_IN_TARGET, row.match))

    def orphan(self) -> None:
        row = self.document()
        del self.source[row.match]
        self.planted.add((BreakType.ORPHAN, row.match))

    def missing_here(self) -> None:
        """Posted by hand, like nothing that the source has."""
        row = self.document("invoice")
        del self.source[row.match]
        self._by_hand(row)
        self.planted.add((BreakType.MISSING_IN_SOURCE, f"hand {row.match}"))

    def duplicate(self) -> None:
        row = self.document()
        again = self.target[row.match]._replace(entry=f"again {row.match}")
        self.target[again.entry] = again
        self.planted.add((BreakType.DUPLICATE_IN_TARGET, row.match))

    def _by_hand(self, row: BookRow) -> None:
        there = self.target.pop(row.match)
        entry = f"hand {row.match}"
        # A party of its own: no rule is to find a document for it.
        self.target[entry] = there._replace(
            match="", entry=entry, number=f"HAND {row.number}", party=f"{row.match}"
        )

    def put_right(self) -> None:
        """The target is brought in line with the source, as people and processes do it."""
        self.target = {
            match: row._replace(entry=f"t{row.entry}") for match, row in self.source.items()
        }


_BOOKS = {
    "invoice": BookKind.INVOICE.value,
    "payment": BookKind.PAYMENT.value,
    "credit_note": BookKind.CREDIT_MEMO.value,
}
PLANTS: Mapping[BreakType, Callable[[Books], None]] = {
    BreakType.AMOUNT: Books.amount,
    BreakType.TAX: Books.tax,
    BreakType.CURRENCY: Books.currency,
    BreakType.EXCHANGE_RATE: Books.rate,
    BreakType.DATE: Books.dated,
    BreakType.STATUS: Books.status,
    BreakType.PARTY: Books.party,
    BreakType.APPLICATION: Books.application,
    BreakType.ALTERED: Books.altered_there,
    BreakType.MISSING_IN_TARGET: Books.missing_there,
    BreakType.ORPHAN: Books.orphan,
    BreakType.MISSING_IN_SOURCE: Books.missing_here,
    BreakType.DUPLICATE_IN_TARGET: Books.duplicate,
}


def planted(seed: int) -> Books:
    """Breaks of every type, some of them several times, among documents that agree."""
    chance = random.Random(seed)
    books = Books(chance)
    plants = [*PLANTS.values(), *chance.choices(list(PLANTS.values()), k=7)]
    plants += [_agreeing] * _AGREEING
    chance.shuffle(plants)
    for plant in plants:
        plant(books)
    return books


def _agreeing(books: Books) -> None:
    books.document()


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    url = await fresh_database(tmp_path / "tieout.db")
    cipher = Cipher(KeyRing.generate("k1"))
    async with await Store.open(url, cipher) as opened:
        yield opened


async def tie_out(store: Store, books: Books, run: int) -> str:
    """What one run over the books comes to, as the activities do it after reading."""
    begun = Begun(
        connection=CONNECTION, period=PERIOD, run=run, first=FIRST, last=date(2026, 11, 30),
        started_at=datetime(2026, 11, 20, tzinfo=UTC), target_queue="", source_listings=(),
        target_listings=(),
    )  # fmt: skip
    await store.lines.put(run, Side.SOURCE, list(books.source.values()))
    await store.lines.put(run, Side.TARGET, list(books.target.values()))
    await Comparer(store, TieOutPolicy(), begun).compare(Comparison())
    now = datetime(2026, 12, 2, tzinfo=UTC)
    request = ConcludeRequest(begun=begun)
    summary = await Conclusion(store, request, timedelta(days=3), now).conclude()
    return str(verdict(summary))


async def posted(store: Store, row: BookRow) -> None:
    """Our own record of a posting."""
    kind, source_id = document_of(row.match)
    amount = Money.of(from_millionths(row.amount), row.currency)
    key = Key(tag="T", kind=Kind.INVOICE, source_id=source_id)
    await store.postings.open(key, CONNECTION, None, amount)
    await store.documents.save(
        DocumentRow(
            connection=CONNECTION, kind=kind, source_id=source_id, source_number=row.number,
            state=DocumentState.POSTED, amount=amount, target_number=f"P-{source_id}",
        )
    )  # fmt: skip


@pytest.mark.parametrize("seed", range(8))
async def test_every_planted_break_is_found_at_its_document_and_nothing_else(
    store: Store, seed: int
) -> None:
    books = planted(seed)
    for row in books.altered:
        await posted(store, row)
    assert {kind for kind, _ in books.planted} == set(BreakType)
    assert "breaks open" in await tie_out(store, books, 1)
    found = await store.breaks.page(CONNECTION, PERIOD)
    told = sorted((b.type, b.match or b.entry) for b in found)
    assert told == sorted(books.planted)
    assert {b.state for b in found} == {BreakState.OPEN}
    books.put_right()
    assert await tie_out(store, books, 2) == "ties to the cent"
    assert await store.breaks.page(CONNECTION, PERIOD, states=(BreakState.OPEN,)) == []


async def test_a_reference_that_is_missing_is_written_back_once(store: Store) -> None:
    """Nothing is written for what others posted, what was taken back, or what is there."""
    books = Books(random.Random(1))
    lost, kept, paid, gone = (
        books.document(k) for k in ("invoice", "invoice", "payment", "invoice")
    )
    books.there(gone, BreakType.STATUS, marks=int(Mark.REVERSED))
    adopted = books.document("invoice")
    books.there(adopted, BreakType.STATUS, marks=int(Mark.ADOPTED))
    await store.references.put(CONNECTION, Kind.INVOICE, document_of(kept.match)[1], "A", "B")
    await tie_out(store, books, 1)
    assert await write_back(store, CONNECTION, 1) == 2
    assert await write_back(store, CONNECTION, 1) == 0
    for row in (lost, paid):
        kind, source_id = document_of(row.match)
        found = await store.references.get(CONNECTION, kind, source_id)
        assert found is not None
        assert (found.source_number, found.target_number) == (row.number, f"P-{source_id}")
        (entry,) = await store.audit.of_document(CONNECTION, kind, source_id)
        assert entry.what == "missing reference written back"
