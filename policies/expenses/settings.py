"""The expense policy of a connection, as data: who paid, what is allowed, who approves."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from documents.claim import Period
from documents.expense import Payer
from documents.money import Amount

ANY = "*"


class Severity(StrEnum):
    """What a finding does to an expense; the gravest of all findings decides."""

    APPROVAL = "approval"  # somebody has to approve it, whatever its amount
    CORRECTION = "correction"  # it is held until it is corrected at the source
    REFUSED = "refused"  # it is held; only a person can release or skip it


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Absence(_Part):
    """Days on which somebody does not approve, the last one included."""

    first: date
    last: date


class PersonLink(_Part):
    """One row of the identity table: a person of ours, found at the source by staff id or
    e-mail, with a vendor account in the ERP. `name` is the one that people sign in with.

    `delegate` (another name) approves while the person is absent. `slack` names a secret of the
    vault: a Slack-compatible webhook that only this person reads.
    """

    name: str = Field(min_length=1)
    staff_id: str = ""
    email: str = ""
    vendor: str = ""
    delegate: str = ""
    slack: str = ""
    absences: tuple[Absence, ...] = ()

    def is_absent(self, on: date) -> bool:
        return any(a.first <= on <= a.last for a in self.absences)


class PayerRule(_Part):
    """Who paid, when everything that is given fits; lists are alternatives. Names of vendors and
    accounts are compared without regard to case, tags are words after # in the notes."""

    payer: Payer
    staff: tuple[str, ...] = ()
    accounts: tuple[str, ...] = ()
    vendors: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()


class Limit(_Part):
    """The most that may be spent on a category by a person, in one expense or in one day."""

    category: str = ANY
    person: str = ANY
    currency: str = Field(pattern=r"^[A-Z]{3}$")
    per: Literal["expense", "day"] = "expense"
    most: Amount = Field(ge=0)
    severity: Severity = Severity.APPROVAL


class ReceiptRule(_Part):
    """A receipt is required above an amount, by currency (`*` for all others)."""

    above: dict[str, Amount]
    severity: Severity = Severity.CORRECTION


class UnitRate(_Part):
    """A mileage or per diem rate: the tag `unit` of an expense says how many, and its amount has
    to be that many times the rate of its date. The latest `since` that has come applies."""

    category: str
    unit: str
    since: date
    rate: Amount = Field(gt=0)
    currency: str = Field(pattern=r"^[A-Z]{3}$")
    severity: Severity = Severity.CORRECTION


class Level(_Part):
    """A level of approval: needed above an amount by currency (`*` for all others; a currency
    that is not listed always needs it), given by one of the approvers."""

    above: dict[str, Amount]
    approvers: tuple[str, ...] = Field(min_length=1)


class ExpensePolicy(_Part):
    """How one connection treats expenses. The first value of each choice is the default.

    Durations in days or hours as named; dates are civil dates of the source. `duplicate_days` is
    how near in time the same person, amount and vendor is suspected. A receipt is a picture or a
    PDF of at most `receipt_bytes`. After `remind_hours` without an answer the approvers are
    reminded, `remind_times` times, then `escalate_to` may approve too. A signed link expires
    after `link_hours`. With `claims` the expenses of one person and period are approved together,
    `claim_after_days` after the period has ended.
    """

    people: tuple[PersonLink, ...] = ()
    who_paid: tuple[PayerRule, ...] = ()
    company_paid: Literal["post", "ignore"] = "post"
    edits: Literal["hold", "reverse and repost"] = "hold"
    limits: tuple[Limit, ...] = ()
    receipts: tuple[ReceiptRule, ...] = ()
    receipt_bytes: int = Field(default=10 * 1024 * 1024, gt=0, le=20 * 1024 * 1024)
    rates: tuple[UnitRate, ...] = ()
    currencies: tuple[str, ...] = ()
    max_age_days: int | None = Field(default=90, ge=0)
    age_severity: Severity = Severity.APPROVAL
    weekends: Severity | None = None
    holidays: tuple[date, ...] = ()
    holiday_severity: Severity = Severity.APPROVAL
    duplicate_days: int = Field(default=30, ge=0, le=366)
    levels: tuple[Level, ...] = ()
    approve_company_paid: bool = False
    claims: Literal["off", "month", "week"] = "off"
    claim_after_days: int = Field(default=0, ge=0, le=60)
    remind_hours: float = Field(default=24.0, gt=0)
    remind_times: int = Field(default=2, ge=0)
    escalate_to: tuple[str, ...] = ()
    link_hours: float = Field(default=72.0, gt=0)
    cut_over_date: date | None = None

    @model_validator(mode="after")
    def _somebody_approves(self) -> Self:
        if not self.levels:
            raise ValueError("levels: at least one is needed, or everything is paid unapproved")
        return self

    @model_validator(mode="after")
    def _people_exist(self) -> Self:
        names = [p.name for p in self.people]
        if len(set(names)) != len(names):
            raise ValueError("people: a name is given twice")
        named = {a for level in self.levels for a in level.approvers} | set(self.escalate_to)
        named |= {p.delegate for p in self.people if p.delegate}
        missing = sorted(named - set(names))
        if missing:
            raise ValueError(f"people: {', '.join(missing)} approve and are not listed")
        return self

    @property
    def claim_period(self) -> Period | None:
        """How long expenses are gathered into one claim; None: each stands for itself."""
        return None if self.claims == "off" else Period(self.claims)

    def person(self, name: str) -> PersonLink | None:
        return next((p for p in self.people if p.name == name), None)
