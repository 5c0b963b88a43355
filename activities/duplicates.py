"""Postings that people made: is this document in the books already, without our key?"""

from __future__ import annotations

from datetime import date

from activities.context import Connection
from documents.hold import Hold, HoldClass, HoldRequired
from documents.key import Kind
from documents.money import Money
from documents.posting import Posting
from documents.row import DocumentRow


async def refuse_possible_duplicate(
    connection: Connection,
    row: DocumentRow,
    party: str,
    amount: Money,
    on: date,
    kind: Kind,
) -> None:
    """HoldRequired when a posting without our key is what people post for a document of that kind,
    of the same party, amount and currency near that date; unless a person has released it."""
    days = connection.policy.possible_duplicate_days
    if not days or (row.decision and row.decision.released):
        return
    similar = await connection.target.find_similar(party, amount, on, days)
    # A receipt is no second invoice of that amount, and an invoice no second receipt.
    wanted = Kind.PAYMENT if kind is Kind.PREPAYMENT else kind
    found = [posting for posting in similar if posting.kind is wanted]
    if found:
        raise HoldRequired(_possible_duplicate(amount, found, "customer"))


async def refuse_possible_payable(
    connection: Connection, row: DocumentRow, vendor: str, amount: Money, on: date
) -> None:
    """HoldRequired when a vendor is owed this amount without our key near that date; unless a
    person has released it."""
    days = connection.policy.possible_duplicate_days
    if not days or not vendor or (row.decision and row.decision.released):
        return
    found = await connection.target.find_similar_payables(vendor, amount, on, days)
    if found:
        raise HoldRequired(_possible_duplicate(amount, found, "vendor"))


def _possible_duplicate(amount: Money, found: list[Posting], party: str) -> Hold:
    numbers = ", ".join(sorted(posting.number or "?" for posting in found))
    return Hold(
        cause="possible-duplicate",
        hold_class=HoldClass.POLICY,
        reason=(
            f"The target has {numbers} of the same {party} over {amount} near that date, "
            "posted by hand: it may be this document."
        ),
        remedy="Resolve with adopt and the number if it is, or with release if it is not.",
        values={"numbers": numbers, "amount": str(amount)},
    )
