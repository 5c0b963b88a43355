"""One document of one side as a tie-out sees it: the same shape for the source and the target."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from enum import IntFlag, StrEnum
from typing import NamedTuple

from documents.bill import BillVendor
from documents.expense import Expense
from documents.key import Key, Kind

SCALE = 1_000_000
"""Amounts are compared as whole millionths: integers are exact, fast, and add up in a database."""

RATE_SCALE = 1_000_000_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class Side(StrEnum):
    SOURCE = "source"
    TARGET = "target"


class BookKind(StrEnum):
    """What is counted and compared. A credit balance is what a client has left at the source; it
    is compared with the unapplied cash of the target as a sum. Other entries of the target
    (finance charges, corrections) are listed as reconciling items. A customer is a line too: with
    no amount, and with what both sides say of it."""

    INVOICE = "invoice"
    CREDIT_MEMO = "credit memo"
    PAYMENT = "payment"
    EXPENSE = "expense"
    BILL = "bill"
    BILL_PAYMENT = "bill payment"
    CUSTOMER = "customer"
    CREDIT_BALANCE = "credit balance"
    OTHER = "other"


class Mark(IntFlag):
    """What else is known of a line."""

    NONE = 0
    REVERSED = 1  # the target says that it was taken back
    REVERSAL = 2  # it takes back another one
    UNPOSTED = 4  # created in the target, in no ledger yet
    UNREADABLE = 8  # the source has it, and its parts do not add up
    ADOPTED = 16  # posted by hand, and known to stand for a source document
    OPENING = 32  # dated before the period: it counts in the opening balance only
    OVERPAID = 64  # a payment of which a part became credit
    BLOCKED = 256  # a customer that takes no postings, or an archived client
    OUTSIDE = 128  # not ours, of a customer that no client is linked to: outside of the scope
    WRITTEN_OFF = 512  # what of a document was written off, or what takes that back


class Billed(NamedTuple):
    """Who sent a bill, and its date: from both the policy tells whose it is in the target, and
    whether it belongs to the books at all."""

    vendor: BillVendor
    day: date


class LedgerLine(NamedTuple):
    """A document of the source or an entry of the target, in its own currency.

    `match` is the same text on both sides (see `match_of`), empty for what carries no key of ours.
    `entry` is the line's identity on its own side. `amount` is the document's natural amount: an
    invoice, a receipt and a credit memo are positive, a refund and what takes back are negative;
    `tax` and `open_amount` are None when the system does not say. `applied_to` are the matches
    (else the target's numbers) of what a payment settles, divided by blanks. `rate` is the
    document currency in base currency, `base_amount` the amount in base currency. `day` is the
    document date (None: the system does not say), `posted` the posting date, both civil;
    `changed_at` is aware UTC. `expense` is that of a source, from which the policy tells whether
    it belongs to the books at all, `billed` likewise that of a bill and of what was paid on it,
    `name` that of a customer, which is never staged in clear. `account` is where a target has it:
    an account of the general ledger, a posting profile, a bank account.
    """

    kind: BookKind
    match: str
    entry: str
    number: str
    reference: str
    party: str
    currency: str
    amount: Decimal
    tax: Decimal | None
    open_amount: Decimal | None
    day: date | None
    posted: date
    applied_to: str = ""
    rate: Decimal | None = None
    base_amount: Decimal | None = None
    generation: int = 1
    marks: Mark = Mark.NONE
    changed_at: datetime | None = None
    expense: Expense | None = None
    name: str = ""
    account: str = ""
    billed: Billed | None = None


class BookRow(NamedTuple):
    """A line as it is staged and compared: amounts in millionths, days as ordinals (0: not
    known), rates in billionths, moments in microseconds since 1970."""

    match: str
    entry: str
    kind: str
    currency: str
    amount: int
    tax: int | None
    day: int
    party: str
    applied: str
    rate: int | None
    open: int | None
    posted: int
    number: str
    reference: str
    base: int | None
    generation: int
    marks: int
    changed: int
    account: str = ""


_FAMILY = {
    Kind.INVOICE_REVERSAL: Kind.INVOICE,
    Kind.PAYMENT_REVERSAL: Kind.PAYMENT,
    Kind.CREDIT_NOTE_REVERSAL: Kind.CREDIT_NOTE,
    Kind.PREPAYMENT_REVERSAL: Kind.PREPAYMENT,
    Kind.REFUND_REVERSAL: Kind.REFUND,
    Kind.EXPENSE_REVERSAL: Kind.EXPENSE,
    Kind.BILL_REVERSAL: Kind.BILL,
    Kind.BILL_PAYMENT_REVERSAL: Kind.BILL_PAYMENT,
    Kind.DUPLICATE_REVERSAL: Kind.INVOICE,
    Kind.LATE_FEE: Kind.INVOICE,
    Kind.LATE_FEE_REVERSAL: Kind.INVOICE,
    Kind.WRITE_OFF: Kind.INVOICE,
    Kind.WRITE_OFF_REVERSAL: Kind.INVOICE,
}
BOUGHT = (Kind.EXPENSE, Kind.BILL, Kind.BILL_PAYMENT)
"""Documents of what the company buys: they stand in no ledger of customers."""

_BOOKS = {
    Kind.INVOICE: BookKind.INVOICE,
    Kind.PAYMENT: BookKind.PAYMENT,
    Kind.PREPAYMENT: BookKind.PAYMENT,
    Kind.REFUND: BookKind.PAYMENT,
    Kind.CREDIT_NOTE: BookKind.CREDIT_MEMO,
    Kind.EXPENSE: BookKind.EXPENSE,
    Kind.BILL: BookKind.BILL,
    Kind.BILL_PAYMENT: BookKind.BILL_PAYMENT,
    Kind.CUSTOMER: BookKind.CUSTOMER,
}


def family_of(kind: Kind) -> Kind:
    """The kind of the document that a posting stands for: a reversal stands for its original."""
    return _FAMILY.get(kind, kind)


def book_kind(kind: Kind) -> BookKind:
    """What a posting of this kind is counted as."""
    return _BOOKS.get(family_of(kind), BookKind.OTHER)


def book_of(key: Key) -> BookKind:
    """What the posting of a key is counted as."""
    return book_kind(key.document[0])


def match_of(kind: Kind, source_id: str) -> str:
    """The text under which both sides of a document meet: `payment/1234567`."""
    return f"{family_of(kind).value}/{source_id}"


def match_of_key(key: Key) -> str:
    """The match of what a key of ours stands for."""
    return match_of(*key.document)


def document_of(match: str) -> tuple[Kind, str]:
    """The document behind a match; ValueError for anything else."""
    kind, _, source_id = match.partition("/")
    if not source_id:
        raise ValueError(f"{match!r} is no match")
    return Kind(kind), source_id


def in_millionths(amount: Decimal) -> int:
    """An exact amount as whole millionths. ValueError when it has more than six decimals."""
    scaled = amount * SCALE
    units = int(scaled)
    if units != scaled:
        raise ValueError(f"{amount} has more than six decimals")
    return units


def from_millionths(units: int) -> Decimal:
    """The exact amount again."""
    return Decimal(units) / SCALE


def row_of(line: LedgerLine) -> BookRow:
    """A line in the form in which it is staged. ValueError for an amount that is not exact."""
    return BookRow(
        line.match,
        line.entry,
        line.kind.value,
        line.currency,
        in_millionths(line.amount),
        None if line.tax is None else in_millionths(line.tax),
        line.day.toordinal() if line.day else 0,
        line.party,
        line.applied_to,
        None if line.rate is None else int(line.rate * RATE_SCALE),
        None if line.open_amount is None else in_millionths(line.open_amount),
        line.posted.toordinal(),
        line.number,
        line.reference,
        None if line.base_amount is None else in_millionths(line.base_amount),
        line.generation,
        int(line.marks),
        _micros(line.changed_at),
        line.account,
    )


def _micros(moment: datetime | None) -> int:
    return 0 if moment is None else (moment - _EPOCH) // _MICROSECOND


def moment_of(micros: int) -> datetime:
    """The aware moment of what `row_of` kept."""
    return _EPOCH + timedelta(microseconds=micros)
