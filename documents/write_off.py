"""A difference that is booked to an account of its own: what two people decided about a break."""

from __future__ import annotations

from decimal import Decimal

from pydantic import BaseModel, ConfigDict

from documents.money import Money
from documents.record import MappedRecord, TraceEntry
from documents.tieout import Break


class WriteOff(BaseModel):
    """`amount` is what the customer's account lacks, a debit positive; `account` takes the other
    side. `number` is that of the source document, `made_of` says which decision it is."""

    model_config = ConfigDict(frozen=True)

    number: str
    account: str
    amount: Money
    made_of: str


_AMOUNT = "amount"


def traced(made: WriteOff) -> TraceEntry:
    """Where the amount of a record comes from."""
    return TraceEntry(
        field=_AMOUNT,
        rule=f"difference that two people wrote off to {made.account}",
        source=made.number,
        value=f"{made.amount.amount:f}",
    )


def customers_amount(record: MappedRecord) -> Decimal:
    """What the record of a write-off books on the customer, a debit positive."""
    return sum((Decimal(e.value) for e in record.trace if e.field == _AMOUNT), Decimal(0))


def decision_of(found: Break) -> str:
    """What tells one decision to write off from every other: the same difference may come again,
    but not since the same moment."""
    since = found.first_seen.isoformat() if found.first_seen else ""
    return f"{found.break_id} {found.difference:f} {since}"
