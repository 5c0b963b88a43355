"""An invoice that adds up: lines, taxes, discount and deposit, in one currency."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Self

from pydantic import BaseModel, ConfigDict, model_validator

from documents.money import Amount, CurrencyCode, Money
from documents.record import Figures, TaxTotal


class DoesNotAddUp(ValueError):
    """The parts of a document do not give its total. The message names both figures."""


class InvoiceStage(StrEnum):
    """Where an invoice stands at the source. Only a final one is a document of the books."""

    DRAFT = "draft"
    FINAL = "final"
    DELETED = "deleted"
    DISPUTED = "disputed"


class LineKind(StrEnum):
    NORMAL = "normal"
    REBILLED_EXPENSE = "rebilled expense"


class LineTax(BaseModel):
    """A tax on a line as the source states it: a name and a percent, compound on the first."""

    model_config = ConfigDict(frozen=True)

    name: str
    percent: Amount
    compound: bool = False
    number: str = ""


class InvoiceLine(BaseModel):
    """One line. `amount` is quantity times unit price, before invoice discount, without tax."""

    model_config = ConfigDict(frozen=True)

    line_id: str
    name: str = ""
    description: str = ""
    quantity: Amount
    unit_price: Money
    amount: Money
    taxes: tuple[LineTax, ...] = ()
    kind: LineKind = LineKind.NORMAL
    expense_id: str | None = None
    item_code: str | None = None
    project_id: str | None = None

    def digest(self) -> str:
        """What makes an edit of this line, as one text; its id is none."""
        return _text(self.model_dump(mode="python", exclude={"line_id"}))


class Deposit(BaseModel):
    """A part payment asked for up front; it settles the invoice like any payment."""

    model_config = ConfigDict(frozen=True)

    amount: Money
    status: str


class Invoice(BaseModel):
    """An invoice of the source. Amounts in `currency`; dates are civil dates of the source.

    `subtotal` is the sum of the lines, `discount` is taken off it (never negative), `net` is
    what is left, `taxes` are computed on the discounted lines, `total` is net plus taxes.
    Building one that does not add up raises DoesNotAddUp (inside pydantic's ValidationError).
    `changed_at` is aware UTC and orders nothing: it is shown, never compared.
    """

    model_config = ConfigDict(frozen=True)

    source_id: str
    number: str
    stage: InvoiceStage
    party_id: str
    currency: CurrencyCode
    document_date: date
    due_date: date | None = None
    lines: tuple[InvoiceLine, ...]
    discount_percent: Amount = Decimal(0)
    subtotal: Money
    discount: Money
    net: Money
    taxes: tuple[TaxTotal, ...] = ()
    total: Money
    paid: Money
    outstanding: Money
    deposit: Deposit | None = None
    po_number: str = ""
    recurring_profile_id: str | None = None
    prices_include_tax: bool = False
    changed_at: datetime | None = None
    version: str = ""

    @model_validator(mode="after")
    def _adds_up(self) -> Self:
        self._check(
            "lines", Money.total((n.amount for n in self.lines), self.currency), self.subtotal
        )
        self._check("subtotal less discount", self.subtotal - self.discount, self.net)
        self._check("net plus taxes", self.net + self.tax, self.total)
        return self

    def _check(self, what: str, found: Money, expected: Money) -> None:
        if found.amount != expected.amount:
            raise DoesNotAddUp(
                f"invoice {self.number}: {what} give {found}, the invoice says {expected}"
            )

    @property
    def owed(self) -> Money:
        """What the client still has to pay: nothing of an invoice that was edited below what had
        been paid."""
        return max(self.outstanding, Money.zero(self.currency))

    @property
    def tax(self) -> Money:
        return Money.total((t.amount for t in self.taxes), self.currency)

    @property
    def figures(self) -> Figures:
        return Figures(net=self.net, tax=self.tax, total=self.total)

    def apart(self, lines: Collection[InvoiceLine]) -> tuple[Invoice, Invoice] | None:
        """Two invoices: without these lines, and of these lines only, which what is paid settles
        last. None where the source does not say what of discount or taxes is theirs, or they add
        up to nothing."""
        amount = Money.total((line.amount for line in lines), self.currency)
        if self.discount or amount.amount <= 0 or any(line.taxes for line in lines):
            return None
        ids = {line.line_id for line in lines}
        rest = tuple(line for line in self.lines if line.line_id not in ids)
        paid = self.total - self.outstanding
        first = min(paid, self.total - amount)
        return self._part(rest, self.taxes, first), self._part(tuple(lines), (), paid - first)

    def _part(
        self, lines: tuple[InvoiceLine, ...], taxes: tuple[TaxTotal, ...], paid: Money
    ) -> Invoice:
        net = Money.total((line.amount for line in lines), self.currency)
        total = net + Money.total((tax.amount for tax in taxes), self.currency)
        figures = {"subtotal": net, "net": net, "taxes": taxes, "total": total, "paid": paid}
        return self.model_copy(update={**figures, "lines": lines, "outstanding": total - paid})

    def net_lines(self) -> list[Money]:
        """Each line's amount after its share of the invoice discount; they add up to `net`."""
        if not self.discount:
            return [line.amount for line in self.lines]
        shares = self.discount.allocate([line.amount.amount for line in self.lines])
        return [line.amount - share for line, share in zip(self.lines, shares, strict=True)]

    def fingerprint(self) -> str:
        """Digest of what makes an edit: party, dates, currency, lines, taxes, totals.

        Numbers are normalised first, so that 10 and 10.00 are the same amount.
        """
        material = self.model_dump(
            mode="python",
            include={
                "party_id",
                "currency",
                "document_date",
                "due_date",
                "discount_percent",
                "subtotal",
                "discount",
                "net",
                "taxes",
                "total",
                "prices_include_tax",
            },
        )
        material["lines"] = [
            line.model_dump(mode="python", exclude={"line_id"}) for line in self.lines
        ]
        return hashlib.sha256(_text(material).encode()).hexdigest()


def _text(material: object) -> str:
    return json.dumps(_plain(material), sort_keys=True, ensure_ascii=False)


def _plain(value: object) -> object:
    if isinstance(value, dict):
        return {str(k): _plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(v) for v in value]
    if isinstance(value, Decimal):
        return format(value.normalize(), "f") if value else "0"
    return value if isinstance(value, str | bool | None) else str(value)
