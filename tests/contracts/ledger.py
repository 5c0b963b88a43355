"""A target that refuses nothing: what is sent twice stands in its books twice.

Real ledgers of this kind exist (a plain journal over a web service). It commits what it was sent
whenever the weather says, also long after its caller has given up, so that only the look-up and
the fence stand between a lost reply and a second posting.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Literal

from connectors.errors import ConnectorError, OutcomeUnknown, Rejected, Unavailable
from connectors.ports import Memo, Safety
from documents.customer import TargetCustomer
from documents.hold import Hold, HoldClass
from documents.key import Key, Kind
from documents.money import Money
from documents.posting import Posting, PostingState
from documents.record import MappedRecord
from documents.schema import TargetSchema

Weather = Literal["lost before", "lost after", "late", "hang", "unavailable", "rejected", "lagging"]

SETTLE = 2.0
_SAFETY = Safety(
    refuses_duplicates=False,
    settle_seconds=SETTLE,
    explanation="it refuses nothing: only what can no longer commit is sent again",
)
_numbers = count(1_000_001)


class Clock:
    """A clock that only moves when it is told; what was due meanwhile happens on the way."""

    def __init__(self) -> None:
        self.now = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
        self._due: list[tuple[datetime, Callable[[], None]]] = []

    def __call__(self) -> datetime:
        return self.now

    def later(self, seconds: float, happens: Callable[[], None]) -> None:
        self._due.append((self.now + timedelta(seconds=seconds), happens))

    def advance(self, seconds: float) -> None:
        end = self.now + timedelta(seconds=seconds)
        while due := sorted((d for d in self._due if d[0] <= end), key=lambda d: d[0]):
            self._due.remove(due[0])
            self.now = due[0][0]
            due[0][1]()
        self.now = end


@dataclass
class Entry:
    """A document in the ledger, or a draft of one."""

    key: str
    record: MappedRecord
    number: str


@dataclass
class Ledger:
    """A `TargetPort` over lists in memory. `weather` holds what happens to the next calls of an
    operation (`create`, `post`, `lookup`, `reverse`, `create_customer`, `discard`), in order."""

    clock: Clock
    system: str = "ledger"
    safety: Safety = field(default_factory=lambda: _SAFETY)
    lateness: float = SETTLE / 2
    hides_drafts: bool = False
    drafts: list[Entry] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)
    reversed_keys: list[str] = field(default_factory=list)
    customers: list[TargetCustomer] = field(default_factory=list)
    sent: list[MappedRecord] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)
    weather: dict[str, deque[Weather]] = field(default_factory=dict)
    gates: dict[str, asyncio.Event] = field(default_factory=dict)

    def forecast(self, operation: str, *events: Weather) -> None:
        """What happens to the next calls of an operation."""
        self.weather.setdefault(operation, deque()).extend(events)

    def posted(self, key: Key) -> list[Entry]:
        return [entry for entry in self.entries if entry.key == key.text()]

    def waiting(self, key: Key) -> list[Entry]:
        return [draft for draft in self.drafts if draft.key == key.text()]

    async def schema(self) -> TargetSchema:
        return TargetSchema(system=self.system, entities={})

    async def refresh(self) -> None:
        """Nothing is kept of the set-up."""

    async def find_customers(
        self, *, key: str = "", number: str = "", email: str = "", name: str = ""
    ) -> list[TargetCustomer]:
        self.calls.append("find customers")
        if self._weather("lookup") in ("unavailable", "lost before"):
            raise Unavailable(self.system, "find customers", "no answer")
        return [c for c in self.customers if c.key == key]

    async def create_customer(self, key: Key, record: MappedRecord) -> TargetCustomer:
        made = TargetCustomer(number=f"C{next(_numbers)}", name="Northwind", key=key.text())
        await self._carried_out("create_customer", lambda: self.customers.append(made))
        return made

    async def update_customer(self, number: str, record: MappedRecord) -> TargetCustomer:
        return next(c for c in self.customers if c.number == number)

    async def lookup(self, key: Key) -> Posting:
        self.calls.append("lookup")
        found = self._present(key)
        if gate := self.gates.get("lookup"):
            await gate.wait()
        weather = self._weather("lookup")
        if weather == "lagging":
            return _posting(key, PostingState.ABSENT)
        if weather:
            raise Unavailable(self.system, "lookup", "no answer")
        return found

    async def shows_drafts(self, key: Key) -> bool:
        return not self.hides_drafts

    async def create(self, key: Key, record: MappedRecord) -> Posting:
        self.sent.append(record)
        draft = Entry(key.text(), record, f"D{next(_numbers)}")
        await self._carried_out("create", lambda: self.drafts.append(draft))
        return _posting(key, PostingState.CREATED, draft)

    async def post(self, key: Key) -> Posting:
        drafts = self.waiting(key)
        if not drafts:
            raise _refused("post", "nothing-to-post")
        entry = Entry(key.text(), drafts[0].record, f"L{next(_numbers)}")
        await self._carried_out("post", lambda: self._enter(entry))
        return _posting(key, PostingState.POSTED, entry)

    async def discard(self, key: Key) -> None:
        await self._carried_out("discard", lambda: self._forget(key))

    async def reverse(
        self, original: Key, reversal: Key, posting_date: date, memo: Memo | None = None
    ) -> Posting:
        record = self.posted(original)[0].record
        entry = Entry(reversal.text(), record, f"L{next(_numbers)}")

        def take_back() -> None:
            self.entries.append(entry)
            self.reversed_keys.append(original.text())

        await self._carried_out("reverse", take_back)
        return _posting(reversal, PostingState.POSTED, entry)

    async def reverse_entry(
        self, original: Key, number: str, reversal: Key, posting_date: date
    ) -> Posting:
        (found,) = [entry for entry in self.entries if entry.number == number]
        return await self.reverse(Key.parse(found.key), reversal, posting_date)

    async def apply(
        self,
        entry: Key,
        invoice_number: str,
        amount: Money | None = None,
        kind: Kind = Kind.INVOICE,
    ) -> Posting:
        return self._present(entry)

    async def unapply(
        self, entry: Key, invoice_number: str = "", memo: Memo | None = None
    ) -> Posting:
        return self._present(entry)

    async def lookup_number(self, key: Key, number: str) -> Posting:
        found = [entry for entry in self.entries if entry.number == number]
        return _posting(key, PostingState.POSTED if found else PostingState.ABSENT, *found[:1])

    async def open_day(self, on: date) -> date | None:
        return on

    async def find_vendor_document(self, vendor: str, number: str) -> list[str]:
        """Nobody but us posts for vendors here."""
        return []

    async def find_similar(self, party: str, amount: Money, on: date, days: int) -> list[Posting]:
        return []

    async def find_similar_payables(
        self, vendor: str, amount: Money, on: date, days: int
    ) -> list[Posting]:
        return []

    def _present(self, key: Key) -> Posting:
        if entries := self.posted(key):
            back = key.text() in self.reversed_keys
            return _posting(key, PostingState.REVERSED if back else PostingState.POSTED, entries[0])
        if (drafts := self.waiting(key)) and not self.hides_drafts:
            return _posting(key, PostingState.CREATED, drafts[0])
        return _posting(key, PostingState.ABSENT)

    def _enter(self, entry: Entry) -> None:
        """Post: the draft is used up, and nothing asks whether that was done before."""
        self.entries.append(entry)
        self.drafts = [draft for draft in self.drafts if draft.key != entry.key]

    def _forget(self, key: Key) -> None:
        self.drafts = [draft for draft in self.drafts if draft.key != key.text()]

    def _weather(self, operation: str) -> Weather | None:
        coming = self.weather.get(operation)
        return coming.popleft() if coming else None

    async def _carried_out(self, operation: str, work: Callable[[], None]) -> None:
        self.calls.append(operation)
        # Another caller may look in between, as it can while a request is on its way.
        await asyncio.sleep(0)
        if gate := self.gates.get(operation):
            await gate.wait()
        weather = self._weather(operation)
        if weather in (None, "lost after", "lagging"):
            work()
        if weather in ("late", "hang"):
            self.clock.later(self.lateness, work)
        if weather == "hang":
            await asyncio.Event().wait()
        if weather is not None and weather != "lagging":
            raise self._error(operation, weather)

    def _error(self, operation: str, weather: Weather) -> ConnectorError:
        if weather == "rejected":
            return _refused(operation, "period-closed")
        if weather == "unavailable":
            return Unavailable(self.system, operation, "503")
        return OutcomeUnknown(self.system, operation, "no reply", SETTLE)


def _refused(operation: str, cause: str) -> Rejected:
    hold = Hold(
        cause=cause, hold_class=HoldClass.SETUP, reason="The ledger said no.", remedy="Ask it."
    )
    return Rejected("ledger", operation, hold)


def _posting(key: Key, state: PostingState, entry: Entry | None = None) -> Posting:
    return Posting(
        key=key.text(),
        kind=key.kind,
        state=state,
        number=entry.number if entry else None,
        party="C1" if entry else None,
        figures=entry.record.expected if entry else None,
        remaining=entry.record.expected.total if entry and entry.record.expected else None,
    )
