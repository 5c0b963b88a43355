"""What AX's rows mean as postings: amounts without signs, states, numbers."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

from connectors.ax.content import text_of
from connectors.ax.errors import SYSTEM, rejected
from connectors.errors import Rejected, Unavailable
from documents.key import Key, Kind
from documents.money import Money
from documents.posting import Posting, PostingState
from documents.record import Figures

if TYPE_CHECKING:
    from lxml.etree import _Element

CREDITS = (
    Kind.CREDIT_NOTE,
    Kind.INVOICE_REVERSAL,
    Kind.DUPLICATE_REVERSAL,
    Kind.LATE_FEE_REVERSAL,
)
"""Kinds whose document is a credit note: AX writes its amounts with a minus sign."""

CASH = (
    Kind.PAYMENT,
    Kind.PAYMENT_REVERSAL,
    Kind.PREPAYMENT,
    Kind.PREPAYMENT_REVERSAL,
    Kind.REFUND,
    Kind.REFUND_REVERSAL,
    Kind.WRITE_OFF,
    Kind.WRITE_OFF_REVERSAL,
    Kind.ENTRY_REVERSAL,
)
"""Kinds that are lines of a journal: the transaction itself carries our key."""

_OWED_TO_CUSTOMERS = (
    *CREDITS,
    Kind.PAYMENT,
    Kind.PREPAYMENT,
    Kind.REFUND_REVERSAL,
)
"""Kinds whose transaction AX writes with a minus sign."""

_OWED_BY_CUSTOMERS = (
    Kind.INVOICE,
    Kind.LATE_FEE,
    Kind.CREDIT_NOTE_REVERSAL,
    Kind.REFUND,
    Kind.PAYMENT_REVERSAL,
    Kind.PREPAYMENT_REVERSAL,
)


LEDGERED = (PostingState.POSTED, PostingState.REVERSED)
"""In the books, whether it was taken back or not."""


def is_sale(transaction: _Element) -> bool:
    """Whether a customer transaction is that of a posted invoice or credit note."""
    return text_of(transaction, "TransType") == "Sales"


def open_of(transaction: _Element) -> Decimal:
    """What is open of a customer transaction, as AX signs it."""
    return number(transaction, "AmountCur") - number(transaction, "SettleAmountCur")


def absent(key: Key) -> Posting:
    """Nothing of ours under this key."""
    return Posting(key=key.text(), kind=key.kind, state=PostingState.ABSENT)


def number(element: _Element, name: str) -> Decimal:
    """An amount of an element; zero when AX leaves it out, as it does with empty fields.

    Raises Unavailable for anything that is no number: the answer is not to be trusted.
    """
    text = text_of(element, name)
    try:
        found = Decimal(text or "0")
    except InvalidOperation as error:
        raise Unavailable(SYSTEM, "read document", f"{name} is no number") from error
    if not found.is_finite():
        raise Unavailable(SYSTEM, "read document", f"{name} is no number")
    return found


def day(element: _Element, name: str) -> date | None:
    """A date of an element; None for AX's empty date (1 January 1900)."""
    text = text_of(element, name)[:10]
    if not text or text == "1900-01-01":
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise Unavailable(SYSTEM, "read document", f"{name} is no date") from error


def magnitude(element: _Element, name: str, currency: str) -> Money:
    """An amount without its sign: the kind of a posting says the direction already."""
    return Money.of(abs(number(element, name)), currency)


def require_direction(key: Key, amount: Decimal, document: str) -> None:
    """A reversal that AX has as another invoice must not pass for one: Rejected."""
    wrong = _OWED_TO_CUSTOMERS if amount > 0 else _OWED_BY_CUSTOMERS
    if amount and key.kind in wrong:
        raise rejected("look up", "wrong-direction", key=key.text(), document=document)


def figures(total: Money, tax: Money) -> Figures:
    """Net, tax and total from gross and tax."""
    return Figures(net=total - tax, tax=tax, total=total)


def is_our_key(text: str) -> bool:
    """Whether a reference was written by us."""
    return Key.read(text) is not None


def duplicate(operation: str, key: Key, numbers: Iterable[str]) -> Rejected:
    """The hold for several documents with one key; it lists their numbers."""
    return rejected(
        operation, "duplicate-in-target", key=key.text(), numbers=", ".join(sorted(numbers))
    )
