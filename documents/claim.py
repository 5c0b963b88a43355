"""A claim: the expenses of one person and period, approved together and paid one by one."""

from __future__ import annotations

import re
from datetime import date, timedelta
from enum import StrEnum
from typing import Self

from pydantic import AwareDatetime, BaseModel, ConfigDict

from documents.key import Kind
from documents.money import Money
from documents.review import Asked, Verdict

_TEXT = re.compile(r"([1-9][0-9]{0,10})-([0-9]{4})([MW])([0-9]{2})")


class Period(StrEnum):
    """How long expenses are gathered into one claim: a calendar month, or a week (ISO 8601)."""

    MONTH = "month"
    WEEK = "week"


class ClaimId(BaseModel):
    """Whose claim, and of which period: `17-2026M03` or `17-2026W10`. `staff_id` is the person's
    id at the source; `first` the first day of the period."""

    model_config = ConfigDict(frozen=True)

    staff_id: str
    period: Period
    first: date

    @classmethod
    def of(cls, staff_id: str, day: date, period: Period) -> Self:
        """The claim that an expense of this person and day belongs to."""
        into = day.weekday() if period is Period.WEEK else day.day - 1
        return cls(staff_id=staff_id, period=period, first=day - timedelta(into))

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read back what `text()` wrote. ValueError for anything else."""
        match = _TEXT.fullmatch(text)
        if not match:
            raise ValueError(f"{text!r} is no claim: PERSON-YEARMmonth or PERSON-YEARWweek")
        staff, year, letter, number = match.groups()
        if letter == "M":
            return cls(staff_id=staff, period=Period.MONTH, first=date(int(year), int(number), 1))
        first = date.fromisocalendar(int(year), int(number), 1)
        return cls(staff_id=staff, period=Period.WEEK, first=first)

    @property
    def days(self) -> str:
        """The period in words."""
        return f"{self.first} to {self.end - timedelta(1)}"

    @property
    def end(self) -> date:
        """The first day after the period."""
        if self.period is Period.WEEK:
            return self.first + timedelta(7)
        return (self.first + timedelta(31)).replace(day=1)

    def text(self) -> str:
        if self.period is Period.MONTH:
            return f"{self.staff_id}-{self.first:%YM%m}"
        year, week, _ = self.first.isocalendar()
        return f"{self.staff_id}-{year:04}W{week:02}"


def kind_of(text: str) -> Kind:
    """Whether an id is that of a claim or of a single expense."""
    return Kind.EXPENSE_CLAIM if _TEXT.fullmatch(text) else Kind.EXPENSE


class PartState(StrEnum):
    """Where an expense stands in its claim."""

    READY = "ready"  # within the policy, and not posted: approved with the claim
    HELD = "held"  # something is wrong with it: no part of the total until that is mended
    POSTED = "posted"  # owed in the target
    DONE = "done"  # paid, and said so
    OUT = "out"  # withdrawn, ignored, or moved to another claim


class Shown(BaseModel):
    """What an approver sees of an expense. `receipt` says that there is one: it is fetched when
    somebody opens it. `day` is a civil date."""

    model_config = ConfigDict(frozen=True)

    expense: str
    day: date
    category: str
    vendor: str
    amount: Money
    tax: Money
    notes: str = ""
    receipt: bool = False
    findings: tuple[str, ...] = ()


class Part(BaseModel):
    """One expense of a claim as it was last looked at, in the version that it then had.
    `claimant` and `correctors` are names that people sign in with: they never answer."""

    model_config = ConfigDict(frozen=True)

    source_id: str
    state: PartState
    version: str
    amount: Money
    claimant: str = ""
    correctors: tuple[str, ...] = ()
    shown: Shown | None = None

    @property
    def mark(self) -> str:
        """This version of this expense: what an answer covers."""
        return f"{self.source_id}:{self.version}"


class ClaimVerdict(Verdict):
    """An answer about a claim, and which versions of which expenses it covers."""

    covers: tuple[str, ...]


class ClaimReview(BaseModel):
    """All answers about a claim, who was asked last, and which expenses have been told of what
    was decided about them, in this version."""

    model_config = ConfigDict(frozen=True)

    verdicts: tuple[ClaimVerdict, ...] = ()
    asked: Asked | None = None
    told: tuple[str, ...] = ()


class Claim(BaseModel):
    """A claim with everything that an answer rests on. `asked_at` is when people are asked: after
    the period, so that its total is known (aware UTC)."""

    model_config = ConfigDict(frozen=True)

    id: ClaimId
    parts: tuple[Part, ...] = ()
    review: ClaimReview = ClaimReview()
    asked_at: AwareDatetime
    now: AwareDatetime

    def with_part(self, part: Part) -> Self:
        """The same with an expense as it is now."""
        others = (p for p in self.parts if p.source_id != part.source_id)
        parts = sorted((*others, part), key=lambda p: (len(p.source_id), p.source_id))
        return self.model_copy(update={"parts": tuple(parts)})

    def of(self, *states: PartState) -> tuple[Part, ...]:
        """Its expenses in one of these states."""
        return tuple(p for p in self.parts if p.state in states)

    @property
    def claimant(self) -> str:
        """Whose claim it is, by the name that people sign in with."""
        return next((p.claimant for p in reversed(self.parts) if p.claimant), "")

    @property
    def is_open(self) -> bool:
        """Whether its expenses are still gathered."""
        return self.now < self.asked_at

    @property
    def totals(self) -> tuple[Money, ...]:
        """What is claimed in all, also what was posted before, one amount per currency."""
        counted = self.of(PartState.READY, PartState.POSTED, PartState.DONE)
        currencies = sorted({p.amount.currency for p in counted})
        return tuple(
            Money.total((p.amount for p in counted if p.amount.currency == each), each)
            for each in currencies
        )
