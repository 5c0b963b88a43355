"""An expense as the source states it: what was spent, by whom, on what, with which tax."""

from __future__ import annotations

import hashlib
import json
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Self

from pydantic import BaseModel, ConfigDict, model_validator

from documents.customer import Existence
from documents.invoice import DoesNotAddUp
from documents.money import CurrencyCode, Money
from documents.record import Figures, TaxTotal


class Payer(StrEnum):
    """Who paid, which decides what becomes of an expense."""

    PERSON = "person"  # from their own pocket: reimbursed
    COMPANY = "company"  # from the company's money: posted, never reimbursed
    FEED = "feed"  # the ERP's bank feed or a bill books it: left alone
    UNDECIDED = "undecided"  # no rule says so: held


class Staff(BaseModel):
    """Somebody who claims expenses at the source. Names a person: never logged."""

    model_config = ConfigDict(frozen=True)

    source_id: str
    name: str = ""
    email: str = ""


class ReceiptRef(BaseModel):
    """Where a receipt is fetched when it is needed; its content never travels."""

    model_config = ConfigDict(frozen=True)

    attachment_id: str
    media_type: str
    reference: str


class Receipt(BaseModel):
    """What was found when a receipt was fetched: its size in bytes, the digest of its content
    (SHA-256, for duplicates), and the kind of file its first bytes say it is (empty: neither a
    picture nor a PDF). One that is too long to be read at all has the first size that is."""

    model_config = ConfigDict(frozen=True)

    size: int
    digest: str
    kind: str


class ExpenseStage(StrEnum):
    """Where an expense stands at the source."""

    ENTERED = "entered"
    DELETED = "deleted"


class Expense(BaseModel):
    """One expense. `gross` is what was paid, in its own currency; `net` and `taxes` add up to it
    (DoesNotAddUp otherwise). `date` is a civil date of the source. `tags` are the words after #
    in the notes, lower case, with what follows the colon as value; `told` is what we noted there
    ourselves. `bank_imported` and `bill_matched` say that the source knows the money's side
    already.
    """

    model_config = ConfigDict(frozen=True)

    source_id: str
    stage: ExpenseStage
    staff: Staff
    category_id: str
    category: str
    document_date: date
    gross: Money
    net: Money
    taxes: tuple[TaxTotal, ...] = ()
    vendor: str = ""
    client_id: str = ""
    project_id: str = ""
    account_name: str = ""
    notes: str = ""
    tags: dict[str, str] = {}
    told: str = ""
    receipt: ReceiptRef | None = None
    bank_imported: bool = False
    bill_matched: bool = False
    billable: bool = False
    existence: Existence = Existence.ACTIVE
    changed_at: datetime | None = None
    version: str = ""

    @model_validator(mode="after")
    def _adds_up(self) -> Self:
        if (self.net + self.tax).amount != self.gross.amount:
            raise DoesNotAddUp(
                f"expense {self.source_id}: net {self.net} plus tax {self.tax} is not the gross "
                f"amount {self.gross}"
            )
        return self

    @property
    def currency(self) -> CurrencyCode:
        return self.gross.currency

    @property
    def tax(self) -> Money:
        return Money.total((t.amount for t in self.taxes), self.gross.currency)

    @property
    def figures(self) -> Figures:
        return Figures(net=self.net, tax=self.tax, total=self.gross)

    def fingerprint(self) -> str:
        """Digest of what is approved and posted: person, date, amounts, category, whom it is
        for, and the receipt. What people only note beside it is not part of it."""
        material = {
            "staff": self.staff.source_id,
            "category": self.category_id,
            "date": self.document_date.isoformat(),
            "currency": self.gross.currency,
            "amounts": [_plain(self.gross.amount), _plain(self.net.amount)],
            "taxes": [[t.name, _plain(t.percent), _plain(t.amount.amount)] for t in self.taxes],
            "for": [self.vendor, self.client_id, self.project_id, self.account_name],
            "tags": sorted(self.tags.items()),
            "receipt": self.receipt.reference if self.receipt else "",
            "payer": [self.bank_imported, self.bill_matched],
        }
        text = json.dumps(material, sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()


def _plain(number: Decimal) -> str:
    return format(number.normalize(), "f") if number else "0"
