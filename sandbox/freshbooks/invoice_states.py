"""The status vocabularies of an invoice (freshbooks.md, section 5.3)."""

from __future__ import annotations

from decimal import Decimal

from sandbox.freshbooks import money
from sandbox.freshbooks.errors import invalid
from sandbox.storage import Row

DRAFT, SENT, VIEWED, PAID = 1, 2, 3, 4
_WORDS = {DRAFT: "draft", SENT: "sent", VIEWED: "viewed"}
_BORN_AS = {
    **{word: number for number, word in _WORDS.items()},
    **{str(number): number for number in _WORDS},
    "created": DRAFT,
}


def first_status(body: Row) -> int:
    """The status of a new invoice; raises ApiError 1004 for one it cannot be born with."""
    given = body.get("v3_status") or body.get("status") or DRAFT
    status = _BORN_AS.get(str(given))
    if status is None:
        raise invalid("invoice", "status", given)
    return status


def states(row: Row, gross: Decimal, paid: Decimal) -> Row:
    """The four vocabularies of one state; the int does not tell a partial payment."""
    status = SENT if row["status"] == PAID else int(row["status"])
    word = _WORDS[status]
    if status == DRAFT or paid <= 0:
        return _words(status, word, word, "unpaid")
    if paid < gross:
        return _words(status, "partial", "outstanding", "partial")
    return _words(PAID, "paid", word, "paid")


def _words(status: int, v3_status: str, display: str, payment: str) -> Row:
    return {
        "status": status,
        "v3_status": v3_status,
        "display_status": display,
        "payment_status": payment,
    }


def wants_deposit(row: Row) -> str:
    """The deposit status as far as it follows from the invoice alone."""
    if not (row["deposit_amount"] or row["deposit_percentage"]):
        return "none"
    return str(row["deposit_status"]) if row["deposit_status"] != "none" else "unpaid"


def deposit_status(row: Row, gross: Decimal, paid: Decimal) -> str:
    """Whether the deposit that was asked for is paid."""
    if row["deposit_amount"]:
        due = money.amount(row["deposit_amount"])
    else:
        due = money.rounded(gross * Decimal(row["deposit_percentage"]) / 100, row["currency_code"])
    if paid >= due:
        return "paid"
    return "partial" if paid > 0 else "unpaid"
