"""What a tie-out finds and says: breaks, control totals, movements."""

from __future__ import annotations

import hashlib
import json
from datetime import date
from decimal import Decimal
from enum import StrEnum

from pydantic import AwareDatetime, BaseModel, ConfigDict

from documents.ledger import BookKind, in_millionths
from documents.totals import AccountTotal as AccountTotal
from documents.totals import ControlTotal as ControlTotal
from documents.totals import Tally as Tally


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True)


class BreakType(StrEnum):
    """Every way in which the two sides can disagree about a document."""

    MISSING_IN_TARGET = "missing in target"
    MISSING_IN_SOURCE = "missing in source"
    DUPLICATE_IN_TARGET = "duplicate in target"
    AMOUNT = "amount"
    TAX = "tax"
    CURRENCY = "currency"
    EXCHANGE_RATE = "exchange rate"
    DATE = "date or period"
    STATUS = "status"
    PARTY = "party"
    APPLICATION = "application"
    ORPHAN = "orphan"
    ALTERED = "altered after posting"


class Remedy(StrEnum):
    """Who puts a break right: the house by itself, two people, or a person in one system."""

    REPAIR = "repair"
    PROPOSAL = "proposal"
    PERSON = "person"


class BreakState(StrEnum):
    """Open counts against the tie-out. A timing difference is expected to go away by itself; an
    accepted difference was written off, or declared right, by two people. What is approved is
    going to be done, or waits to be posted in the target."""

    OPEN = "open"
    TIMING = "timing"
    PROPOSED = "proposed"
    APPROVED = "approved"
    ACCEPTED = "accepted"
    CLOSED = "closed"


class BreakAction(StrEnum):
    """What two people decide about a break: it stays as it is, the posting that is too many (or
    the write-off) is taken back, or the difference is booked to the account of write-offs."""

    ACCEPT = "accept"
    REVERSE = "reverse"
    WRITE_OFF = "write off"


class Break(_Frozen):
    """One difference. `amount` is the document's in `currency`, `difference` target less source.

    `source_value` and `target_value` are what each side says (amounts, dates, numbers: nothing
    personal); `cause` a stable code, told in words by `policies.tieout.causes`. `parent` is the
    match of the invoice that a payment belongs to. `suggestion` is the target number of an entry
    that probably is the missing one. `action` is what was proposed,
    `booked_as` the target's number of what wrote it off,
    `proposer` and `proof` are who proposed it and the seal of that, `approver` and `approval`
    likewise. Moments are aware UTC.
    """

    connection: str
    period: str
    type: BreakType
    kind: BookKind
    match: str = ""
    entry: str = ""
    number: str = ""
    target_number: str = ""
    party: str = ""
    currency: str = ""
    amount: Decimal = Decimal(0)
    difference: Decimal = Decimal(0)
    day: date | None = None
    source_value: str = ""
    target_value: str = ""
    cause: str = ""
    remedy: Remedy = Remedy.PERSON
    state: BreakState = BreakState.OPEN
    parent: str = ""
    suggestion: str = ""
    first_seen: AwareDatetime | None = None
    last_seen: AwareDatetime | None = None
    closed_at: AwareDatetime | None = None
    how: str = ""
    repaired_at: AwareDatetime | None = None
    action: BreakAction = BreakAction.ACCEPT
    booked_as: str = ""
    proposer: str = ""
    proof: str = ""
    approver: str = ""
    approval: str = ""

    @property
    def break_id(self) -> str:
        """The same difference has the same id in every run."""
        return break_id(self.type, self.match, self.entry)

    @property
    def is_written_off(self) -> bool:
        """Booked by a decision about this break, or a write-off that is a break by itself: what
        is reversed of it is the write-off."""
        return bool(self.booked_as) or self.is_alone

    @property
    def is_alone(self) -> bool:
        """A write-off without what it was a part of."""
        return self.cause == "written-off-alone"

    @property
    def place(self) -> str:
        """Where a missing document and the entry that may be it meet: kind, currency, amount."""
        return f"{self.kind.value}|{self.currency}|{in_millionths(self.amount):+024d}"


def break_id(kind: BreakType, match: str, entry: str) -> str:
    """The id of a difference; a duplicate is one per entry."""
    parts = [kind.value.replace(" ", "-"), match or entry]
    if kind is BreakType.DUPLICATE_IN_TARGET:
        parts.append(entry)
    return ":".join(parts)


class Check(_Frozen):
    """Two sums that must be equal, in one currency: a subledger and its control account, the
    clients' credit and the unapplied cash. `left_name` and `right_name` say what they are; a side
    that could not be read is None. `is_of_today` is a sum as it stands when it is read, whatever
    the period."""

    name: str
    currency: str
    left_name: str
    right_name: str
    left: Decimal | None = None
    right: Decimal | None = None
    note: str = ""
    is_of_today: bool = False

    @property
    def ties(self) -> bool:
        return self.left is not None and self.left == self.right

    @property
    def gap(self) -> str:
        """What the right is more than the left; "unknown" when a side could not be read."""
        if self.left is None or self.right is None:
            return "unknown"
        return f"{(self.right - self.left).normalize():f}"


class Movement(_Frozen):
    """One customer in one currency on both sides: opening + invoices - credits - receipts
    + adjustments = closing. `unexplained` is what of the difference of the closing balances
    is in no listed break."""

    party: str
    currency: str
    source_opening: Decimal = Decimal(0)
    source_invoices: Decimal = Decimal(0)
    source_credits: Decimal = Decimal(0)
    source_receipts: Decimal = Decimal(0)
    source_adjustments: Decimal = Decimal(0)
    target_opening: Decimal = Decimal(0)
    target_invoices: Decimal = Decimal(0)
    target_credits: Decimal = Decimal(0)
    target_receipts: Decimal = Decimal(0)
    target_adjustments: Decimal = Decimal(0)
    unexplained: Decimal = Decimal(0)

    @property
    def source_closing(self) -> Decimal:
        movements = self.source_invoices - self.source_credits - self.source_receipts
        return self.source_opening + movements + self.source_adjustments

    @property
    def target_closing(self) -> Decimal:
        movements = self.target_invoices - self.target_credits - self.target_receipts
        return self.target_opening + movements + self.target_adjustments

    @property
    def ties(self) -> bool:
        return self.source_closing == self.target_closing


class BreakCount(_Frozen):
    """Breaks of one type and state; `oldest` is since when the oldest is known."""

    type: BreakType
    state: BreakState
    count: int
    oldest: AwareDatetime | None = None


class Listed(_Frozen):
    """What the breaks that are not closed come to in the control totals, target less source."""

    kind: BookKind
    currency: str
    amount: Decimal


class TieOutSummary(_Frozen):
    """What one run came to; kept as long as our store. A provisional one is about a period that
    is not over, or a connection whose history is still being loaded: `note` says which. `verdict`
    is what the run came to in a sentence; people may have decided about its breaks since."""

    connection: str
    period: str
    run: int
    started_at: AwareDatetime
    finished_at: AwareDatetime | None = None
    source_read: int = 0
    target_read: int = 0
    totals: tuple[ControlTotal, ...] = ()
    accounts: tuple[AccountTotal, ...] = ()
    checks: tuple[Check, ...] = ()
    breaks: tuple[BreakCount, ...] = ()
    listed: tuple[Listed, ...] = ()
    movements: int = 0
    movements_that_differ: int = 0
    movements_unexplained: int = 0
    note: str = ""
    is_provisional: bool = False
    verdict: str = ""

    def count(self, *states: BreakState) -> int:
        return sum(b.count for b in self.breaks if b.state in states)

    @property
    def is_finished(self) -> bool:
        return self.finished_at is not None

    def digest(self) -> str:
        """Digest of the figures that a sign-off is about: the totals of both sides, what the
        checks and the customers differ by, and the differences. What others post beside them, and
        what is of today, is no part of it."""
        figures = {
            "totals": [t.model_dump(mode="json", exclude={"outside"}) for t in self.totals],
            "checks": sorted((c.name, c.currency, c.gap) for c in self.checks if not c.is_of_today),
            "customers": [self.movements_that_differ, self.movements_unexplained],
            "breaks": sorted(
                (b.type.value, b.state.value, b.count)
                for b in self.breaks
                if b.state in (BreakState.OPEN, BreakState.PROPOSED, BreakState.ACCEPTED)
            ),
        }
        return hashlib.sha256(json.dumps(figures, sort_keys=True).encode()).hexdigest()


def decided_text(found: Break, role: str, who: str) -> str:
    """What the seal of who proposes or approves an action is made of: this difference, and no
    other action."""
    about = (found.connection, found.period, found.break_id, f"{found.difference}")
    return "\x1f".join(["tie-out break", *about, found.action.value, role, who])
