"""A difference that is booked to an account of its own: what two people decided about a break."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from documents.money import Money
from documents.tieout import Break


class WriteOff(BaseModel):
    """`amount` is what the customer's account lacks, a debit positive; `account` takes the other
    side. `number` is that of the source document, `made_of` says which decision it is."""

    model_config = ConfigDict(frozen=True)

    number: str
    account: str
    amount: Money
    made_of: str


def decision_of(found: Break) -> str:
    """What tells one decision to write off from every other: the same difference may come again,
    but not since the same moment."""
    since = found.first_seen.isoformat() if found.first_seen else ""
    return f"{found.break_id} {found.difference:f} {since}"
