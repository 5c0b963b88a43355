"""A bill of a vendor as the source states it, and what was paid on it."""

from __future__ import annotations

import hashlib
import json
from datetime import date
from decimal import Decimal
from typing import Self

from pydantic import BaseModel, ConfigDict, model_validator

from documents.customer import Existence
from documents.invoice import DoesNotAddUp
from documents.money import CurrencyCode, Money
from documents.record import Figures, TaxTotal


class BillVendor(BaseModel):
    """Whom a bill comes from. `account_number` is the vendor's number in the target, where people
    keep it at the source."""

    model_config = ConfigDict(frozen=True)

    source_id: str
    name: str = ""
    account_number: str = ""


class BillLine(BaseModel):
    """One line: what was bought under one category. `net` and `taxes` give what it costs;
    `line_id` is its place on the bill, from 1."""

    model_config = ConfigDict(frozen=True)

    line_id: str
    category_id: str
    category: str
    description: str = ""
    net: Money
    taxes: tuple[TaxTotal, ...] = ()

    @property
    def tax(self) -> Money:
        return Money.total((t.amount for t in self.taxes), self.net.currency)

    @property
    def gross(self) -> Money:
        return self.net + self.tax


class Bill(BaseModel):
    """One bill in its own currency, whose lines with their taxes give its total (DoesNotAddUp
    otherwise). `number` is the vendor's own number of the document, dates are civil dates of the
    source, `outstanding` is what the source says is still to be paid."""

    model_config = ConfigDict(frozen=True)

    source_id: str
    number: str
    vendor: BillVendor
    document_date: date
    due_date: date | None = None
    lines: tuple[BillLine, ...]
    total: Money
    outstanding: Money
    existence: Existence = Existence.ACTIVE
    version: str = ""

    @model_validator(mode="after")
    def _adds_up(self) -> Self:
        found = Money.total((line.gross for line in self.lines), self.total.currency)
        if found.amount != self.total.amount:
            raise DoesNotAddUp(
                f"bill {self.number}: its lines give {found}, its total is {self.total}"
            )
        return self

    @property
    def currency(self) -> CurrencyCode:
        return self.total.currency

    @property
    def tax(self) -> Money:
        return Money.total((line.tax for line in self.lines), self.currency)

    @property
    def figures(self) -> Figures:
        return Figures(net=self.total - self.tax, tax=self.tax, total=self.total)

    def fingerprint(self) -> str:
        """Digest of what is posted: vendor, date, currency, lines and taxes. The vendor's number
        is none of it: people correct it without a change of the books."""
        return _digest(
            {
                "vendor": self.vendor.source_id,
                "date": self.document_date.isoformat(),
                "currency": self.currency,
                "lines": [
                    [
                        *(line.category_id, line.description, _plain(line.net.amount)),
                        [[t.name, _plain(t.percent), _plain(t.amount.amount)] for t in line.taxes],
                    ]
                    for line in self.lines
                ],
            }
        )


class BillPayment(BaseModel):
    """Money that went to the vendor for one bill, on a civil date of the source."""

    model_config = ConfigDict(frozen=True)

    source_id: str
    bill_id: str
    amount: Money
    date: date
    type: str = ""
    existence: Existence = Existence.ACTIVE
    version: str = ""

    def fingerprint(self) -> str:
        """Digest of what is posted."""
        amount = [_plain(self.amount.amount), self.amount.currency]
        return _digest({"of": [self.bill_id, self.date.isoformat(), self.type], "amount": amount})


def _digest(material: object) -> str:
    text = json.dumps(material, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def _plain(number: Decimal) -> str:
    return format(number.normalize(), "f") if number else "0"
