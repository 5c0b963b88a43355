"""The tie-out from the connectors' page objects onward, with planted breaks of every type.

    python -m bench.tieout [documents a side ..., default 10000 100000]

Both sides are staged into a store on disk with the customers of 1,000 clients, merged, judged and
rolled up, as a worker does it. Says how long each size took, the cost of one document and how it
grows with the size, and the greatest memory. The exit code is 1 when a planted break was missed or
taken for another type, when one was invented, or when a size took more than MOST_SECONDS or
MOST_MEMORY, which are meant for a million a side on two cores.
"""

from __future__ import annotations

import asyncio
import resource
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

from activities.comparing import Comparer, Comparison
from activities.reconciling import Begun
from activities.staging import Stager
from documents.key import Key, Kind
from documents.ledger import BookKind, LedgerLine, Mark, Side, match_of
from documents.money import Money
from documents.posting import Posting, PostingState
from documents.row import DocumentRow, DocumentState
from documents.tieout import BreakType
from policies.tieout.settings import TieOutPolicy
from store.cipher import Cipher
from store.keyring import KeyRing
from store.store import Store

PAGES = {Side.SOURCE: 100, Side.TARGET: 2_000}
"""Lines of a page: FreshBooks gives 100 at most, NAV what its server is set to."""

CUSTOMERS = 1_000
MOST_SECONDS = 60
MOST_MEMORY = 500
"""In megabytes, of the whole process."""

SHARE = 1_000
"""One document in so many has a break of a type."""

CONNECTION, PERIOD = "bench", "2026-11"
DAY = date(2026, 11, 12)
TYPES = tuple(BreakType)


def kind_at(number: int) -> BreakType | None:
    """Which break the document of a number has: 0.1 % of each type, evenly spread."""
    place = number % SHARE
    return TYPES[place // 70] if place % 70 == 7 and place // 70 < len(TYPES) else None


def source_line(number: int) -> LedgerLine:
    """A payment for every break of application, else an invoice; amounts are all different."""
    is_payment = kind_at(number) is BreakType.APPLICATION
    kind = Kind.PAYMENT if is_payment else Kind.INVOICE
    match = match_of(kind, f"{1_000_000 + number}")
    amount = Decimal(10_000 + number).scaleb(-2)
    return LedgerLine(
        kind=BookKind.PAYMENT if is_payment else BookKind.INVOICE,
        match=match,
        entry=match,
        number=f"INV-{number}",
        reference="",
        party=f"{number % CUSTOMERS}",
        currency=("USD", "EUR", "GBP")[number % 3],
        amount=amount,
        tax=(amount / 10).quantize(Decimal("0.01")),
        open_amount=Decimal(0),
        day=DAY,
        posted=DAY,
        applied_to=f"invoice/{5_000_000 + number}" if is_payment else "",
        rate=Decimal("1.25"),
        base_amount=(amount * Decimal("1.25")).quantize(Decimal("0.01")),
    )


def target_lines(number: int, source: LedgerLine) -> list[LedgerLine]:
    """What the target has for the document of a number."""
    party = f"C{source.party}"
    line = source._replace(entry=f"{number:012d}", number=f"1{number:08d}", party=party)
    match kind_at(number):
        case BreakType.MISSING_IN_TARGET:
            return []
        case BreakType.MISSING_IN_SOURCE:
            extra = line._replace(match="", entry=f"X{number:011d}", amount=line.amount + 1)
            return [line, extra]
        case BreakType.DUPLICATE_IN_TARGET:
            return [line, line._replace(entry=f"D{number:011d}", generation=2)]
        case BreakType.AMOUNT | BreakType.ALTERED:
            return [line._replace(amount=line.amount + Decimal("0.01"))]
        case BreakType.TAX:
            return [line._replace(tax=Decimal("0.01"))]
        case BreakType.CURRENCY:
            return [line._replace(currency="JPY")]
        case BreakType.EXCHANGE_RATE:
            return [line._replace(rate=Decimal("1.30"))]
        case BreakType.DATE:
            return [line._replace(day=date(2026, 11, 13))]
        case BreakType.STATUS:
            return [line._replace(marks=Mark.REVERSED)]
        case BreakType.PARTY:
            return [line._replace(party="C-OTHER")]
        case BreakType.APPLICATION:
            return [line._replace(applied_to="", open_amount=line.amount)]
        case BreakType.ORPHAN:
            gone = line._replace(match=f"invoice/{8_000_000 + number}", entry=f"O{number:011d}")
            return [line, gone]
    return [line]


def pages(documents: int, side: Side) -> Iterator[list[LedgerLine]]:
    """The page objects of a side, one in memory at a time; the source lists newest first."""
    page: list[LedgerLine] = []
    numbers = range(documents) if side is Side.TARGET else range(documents - 1, -1, -1)
    for number in numbers:
        source = source_line(number)
        page += [source] if side is Side.SOURCE else target_lines(number, source)
        if len(page) >= PAGES[side]:
            yield page
            page = []
    yield page


def planted(documents: int) -> Counter[tuple[str, str]]:
    """Every break that must be found."""
    found: Counter[tuple[str, str]] = Counter()
    for number in range(documents):
        kind = kind_at(number)
        if kind is None:
            continue
        lines = target_lines(number, source_line(number))
        name = source_line(number).match
        if kind in (BreakType.MISSING_IN_SOURCE, BreakType.ORPHAN):
            name = lines[1].match or lines[1].entry
        found[kind.value, name] += 1
    return found


async def link_customers(store: Store) -> None:
    """The customer of each client."""
    for client in range(CUSTOMERS):
        await store.references.put(CONNECTION, Kind.CUSTOMER, f"{client}", "", f"C{client}")


async def remember_postings(store: Store, documents: int) -> None:
    """Our record of what was posted, for those that are altered in the target afterwards."""
    for number in range(documents):
        if kind_at(number) is not BreakType.ALTERED:
            continue
        line = source_line(number)
        source_id = line.match.partition("/")[2]
        amount = Money.of(line.amount, line.currency)
        key = Key(tag="BENC", kind=Kind.INVOICE, source_id=source_id)
        await store.postings.open(key, CONNECTION, None, amount)
        answer = Posting(key=key.text(), kind=key.kind, state=PostingState.POSTED, number=source_id)
        await store.postings.confirm(key.text(), answer)
        row = DocumentRow(
            connection=CONNECTION, kind=Kind.INVOICE, source_id=source_id, amount=amount,
            state=DocumentState.POSTED, source_number=line.number,
        )  # fmt: skip
        await store.documents.save(row)


async def found_breaks(store: Store) -> Counter[tuple[str, str]]:
    found: Counter[tuple[str, str]] = Counter()
    after = ""
    while page := await store.breaks.page(CONNECTION, PERIOD, after=after):
        after = page[-1].break_id
        found.update((b.type.value, b.match or b.entry) for b in page)
    return found


@dataclass
class Times:
    """Seconds of each part; `objects` is what the page objects alone take to make, `cpu` what
    all of it took of the processors."""

    objects: float
    stage: float
    compare: float
    roll: float
    cpu: float

    @property
    def total(self) -> float:
        return self.stage + self.compare + self.roll - self.objects


async def measure(store: Store, documents: int) -> Times:
    """Stage, compare and roll up; times without the making of the page objects."""
    run = await store.runs.begin(CONNECTION, PERIOD, f"run of {documents}")
    first = date(2026, 11, 1)
    begun = Begun(
        connection=CONNECTION, period=PERIOD, run=run.run, first=first,
        last=date(2026, 11, 30), started_at=datetime.now(UTC), target_queue="",
        source_listings=(), target_listings=(),
    )  # fmt: skip
    start, cpu_before = time.perf_counter(), time.process_time()
    for side in Side:
        for _ in pages(documents, side):
            pass
    objects, cpu_of_objects = time.perf_counter() - start, time.process_time() - cpu_before
    start, cpu = time.perf_counter(), time.process_time()
    stager = Stager(CONNECTION, TieOutPolicy(), store, first)
    for side in Side:
        for page in pages(documents, side):
            await stager.stage(run.run, side, page)
    staged = time.perf_counter()
    await Comparer(store, TieOutPolicy(), begun).compare(Comparison())
    compared = time.perf_counter()
    await store.lines.roll(run.run)
    await store.explanations.explain(run.run, CONNECTION, PERIOD)
    await store.lines.totals(run.run)
    await store.lines.accounts(run.run)
    cpu = time.process_time() - cpu - cpu_of_objects
    return Times(objects, staged - start, compared - staged, time.perf_counter() - compared, cpu)


@dataclass(frozen=True)
class Outcome:
    """How a size went: the seconds of one document, and whether all was as it must be."""

    documents: int
    each: float
    is_right: bool


async def bench(documents: int) -> Outcome:
    """Measure one size and say how it was."""
    with tempfile.TemporaryDirectory(prefix="tieout-bench-") as folder:
        url = f"sqlite:///{Path(folder) / 'bench.db'}"
        cipher = Cipher(KeyRing.generate("bench"))
        async with await Store.open(url, cipher, migrate=True, synchronous="NORMAL") as store:
            await link_customers(store)
            await remember_postings(store, documents)
            times = await measure(store, documents)
            memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
            found = await found_breaks(store)
    _say(documents, times, memory, found)
    is_within = times.total <= MOST_SECONDS and memory <= MOST_MEMORY
    is_right = _are_as_planted(planted(documents), found)
    return Outcome(documents, times.total / documents, is_right and is_within)


def _say(documents: int, times: Times, memory: float, found: Counter[tuple[str, str]]) -> None:
    print(
        f"{documents:>9,} documents a side: {times.total:6.1f} s (staged {times.stage:.1f} s, of "
        f"which {times.objects:.1f} s made the page objects; compared {times.compare:.1f} s, "
        f"rolled up {times.roll:.1f} s), {times.total / documents * 1e6:.0f} us a document "
        f"({times.cpu / documents * 1e6:.0f} us of processors), "
        f"{memory:.0f} MB, {found.total():,} breaks of {len({k for k, _ in found})} types",
        flush=True,
    )


def _are_as_planted(wanted: Counter[tuple[str, str]], found: Counter[tuple[str, str]]) -> bool:
    missed, invented = wanted - found, found - wanted
    for word, breaks in (("missed", missed), ("invented", invented)):
        for name, number in sorted(breaks.items())[:10]:
            print(f"          {word}: {name} {number}")
    return not missed and not invented


def main() -> int:
    """The sizes of the arguments, and what a document costs at each against the first."""
    sizes = [int(argument) for argument in sys.argv[1:]] or [10_000, 100_000]
    outcomes = [asyncio.run(bench(size)) for size in sizes]
    first = outcomes[0]
    for other in outcomes[1:]:
        print(
            f"one document of {other.documents:,} costs {other.each / first.each:.2f} times what "
            f"one of {first.documents:,} does"
        )
    return 0 if all(outcome.is_right for outcome in outcomes) else 1


if __name__ == "__main__":
    sys.exit(main())
