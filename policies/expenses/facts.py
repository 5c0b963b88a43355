"""What the decision of an expense is made of."""

from __future__ import annotations

import hashlib
from enum import StrEnum

from pydantic import AwareDatetime, BaseModel, ConfigDict

from documents.claim import Claim
from documents.expense import Expense, ExpenseStage, Receipt
from documents.hold import Hold
from documents.key import Key, Kind
from documents.money import Money
from documents.posting import Posting
from documents.review import Review
from policies.facts import Record


class Likeness(StrEnum):
    """Why another expense may be the same one."""

    CONTENT = "same person, amount, date and vendor"
    RECEIPT = "same receipt"


class Like(BaseModel):
    """Another expense that may be the same one."""

    model_config = ConfigDict(frozen=True)

    source_id: str
    likeness: Likeness


class ExpenseFacts(BaseModel):
    """The source, the receipt, what else the person spent, our record and the review.

    `spent` is what the same person spent on the same day in earlier expenses, in the expense's
    currency, by category and under `*` in all. `receipt` is None when there is none or nothing
    was found under its reference. `claim` is the one that the expense belongs to, where expenses
    are claimed together. `now` is aware UTC.
    """

    model_config = ConfigDict(frozen=True)

    expense: Expense | None = None
    unreadable: Hold | None = None
    withdrawn: bool = False
    receipt: Receipt | None = None
    alike: tuple[Like, ...] = ()
    spent: dict[str, Money] = {}
    record: Record
    review: Review = Review()
    claim: Claim | None = None
    now: AwareDatetime

    @property
    def key(self) -> Key:
        row = self.record.row
        return self.record.key(Kind.EXPENSE, row.source_id, row.generation)

    def reviewed(self, review: Review) -> ExpenseFacts:
        """The same with another review."""
        row = self.record.row.model_copy(update={"review": review})
        record = self.record.model_copy(update={"row": row})
        return self.model_copy(update={"review": review, "record": record})

    @property
    def is_withdrawn(self) -> bool:
        """Deleted at the source, or never there."""
        if self.expense is None:
            return self.withdrawn or self.unreadable is None
        return self.expense.stage is ExpenseStage.DELETED

    @property
    def posted(self) -> Posting | None:
        return self.record.target.get(self.key.text())

    @property
    def was_told(self) -> bool:
        """Paid once and said so: what happens to the payable afterwards is the ERP's."""
        return self.review.told == f"paid as {self.record.row.target_number}"

    @property
    def is_settled(self) -> bool:
        """Nothing of the payable is open any more."""
        return self.posted is not None and self.posted.is_settled

    @property
    def is_touched(self) -> bool:
        """Paid or credited in whole or in part: not to be taken back. What the company paid owes
        nobody anything and never is."""
        posted = self.posted
        if posted is None or posted.remaining is None or posted.figures is None:
            return False
        return posted.remaining.amount != posted.figures.total.amount

    @property
    def correctors(self) -> tuple[str, ...]:
        """Who corrected the coding, whoever decided since, and may therefore not approve."""
        decision = self.record.row.decision
        return decision.correctors if decision else ()

    @property
    def version(self) -> str:
        """What an approval is about: the content of the expense and the corrections to it."""
        if self.expense is None:
            return ""
        decision = self.record.row.decision
        values = sorted((decision.values if decision else {}).items())
        text = f"{self.expense.fingerprint()}\x1f{values}\x1f{self.record.row.generation}"
        return hashlib.sha256(text.encode()).hexdigest()[:16]
