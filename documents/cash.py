"""Cash documents: payment, application, refund, and the credit note of the source."""

from __future__ import annotations

import hashlib
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Self

from pydantic import BaseModel, ConfigDict, model_validator

from documents.customer import Existence
from documents.exchange import Exchange
from documents.invoice import DoesNotAddUp, InvoiceLine
from documents.money import Amount, CurrencyCode, Money
from documents.record import Figures, TaxTotal


class Payment(BaseModel):
    """Money received, or credit used, for an invoice of the source; negative when refunded.

    `amount` is gross, in the payment's own currency; `date` a civil date. `from_credit` marks
    an application of credit that exists already: never a receipt. `credit_id` is the credit
    note it was taken from, `overpayment_id` the credit that the source made of the excess, and
    `overpaid` how much that is.
    `version` is the source's mark of the payment's state. One that was converted has the `amount`
    that is booked, and its own in `exchange`.
    """

    model_config = ConfigDict(frozen=True)

    source_id: str
    invoice_id: str
    party_id: str = ""
    amount: Money
    date: date
    type: str
    gateway: str = ""
    note: str = ""
    from_credit: bool = False
    credit_id: str | None = None
    overpayment_id: str | None = None
    overpaid: Money | None = None
    existence: Existence = Existence.ACTIVE
    exchange: Exchange | None = None
    changed_at: datetime | None = None
    version: str = ""

    @property
    def is_refund(self) -> bool:
        """Money given back: how FreshBooks records a refund is unverified, a negative payment
        is the reading that cannot put money into the bank twice."""
        return self.amount.amount < 0

    def uses(self, other: Payment) -> bool:
        """Whether this takes credit that was made of another payment's excess."""
        return self.from_credit and self.credit_id == other.overpayment_id is not None

    @property
    def stated(self) -> Money:
        """The amount as the source says it."""
        return self.exchange.amount if self.exchange else self.amount

    def fingerprint(self) -> str:
        """Digest of what makes an edit: money, day, and the account it came in on."""
        amount = self.stated
        parts = (
            _plain(amount.amount),
            amount.currency,
            self.date.isoformat(),
            self.type,
            self.gateway,
            self.credit_id or "",
            str(self.from_credit),
        )
        return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()


class Application(BaseModel):
    """An amount of a payment or credit that settles an invoice; both named by our keys."""

    model_config = ConfigDict(frozen=True)

    entry_key: str
    invoice_key: str
    amount: Money


class Refund(BaseModel):
    """Money given back to a client: `amount` is positive, gross, in its own currency."""

    model_config = ConfigDict(frozen=True)

    source_id: str
    party_id: str
    amount: Money
    date: date
    type: str
    payment_id: str | None = None
    credit_id: str | None = None


class CreditType(StrEnum):
    GOODWILL = "goodwill"
    OVERPAYMENT = "overpayment"
    PREPAYMENT = "prepayment"


class CreditNote(BaseModel):
    """A credit note of the source. Only a goodwill one is a document of its own: the others
    stand for money that was received and are not posted again, and may have no lines.

    `net` is what the lines give less the discount of the document, if they are there; then a
    note that does not add up raises DoesNotAddUp (inside pydantic's ValidationError). `used` is
    what invoices and refunds have taken of it; `version` is the source's mark of its state.
    """

    model_config = ConfigDict(frozen=True)

    source_id: str
    number: str
    type: CreditType
    party_id: str
    currency: CurrencyCode
    document_date: date
    lines: tuple[InvoiceLine, ...] = ()
    discount_percent: Amount = Decimal(0)
    net: Money
    taxes: tuple[TaxTotal, ...] = ()
    total: Money
    used: Money | None = None
    existence: Existence = Existence.ACTIVE
    version: str = ""

    @model_validator(mode="after")
    def _adds_up(self) -> Self:
        if self.discount.amount < 0:
            raise DoesNotAddUp(
                f"credit note {self.number}: its lines give {self.net + self.discount}, "
                f"the note says {self.net}"
            )
        return self

    @property
    def discount(self) -> Money:
        """What the lines give more than the net."""
        if not self.lines:
            return Money.zero(self.currency)
        return Money.total((line.amount for line in self.lines), self.currency) - self.net

    def fingerprint(self) -> str:
        """Digest of what makes an edit: party, day, lines, money and taxes. Its use is none."""
        taxes = sorted((t.name, _plain(t.percent), _plain(t.amount.amount)) for t in self.taxes)
        parts = (
            self.party_id,
            self.currency,
            self.document_date.isoformat(),
            _plain(self.net.amount),
            _plain(self.total.amount),
            *(part for tax in taxes for part in tax),
            *(line.digest() for line in self.lines),
        )
        return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()

    @property
    def left(self) -> Money:
        """What of the credit is still open."""
        return self.total - self.used if self.used else self.total

    @property
    def figures(self) -> Figures:
        tax = Money.total((t.amount for t in self.taxes), self.currency)
        return Figures(net=self.net, tax=tax, total=self.total)


def _plain(number: Decimal) -> str:
    return format(number.normalize(), "f")
