"""What the events of FreshBooks mean to us: which process looks again at what."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from documents import naming

_NOUNS = (
    "bill", "bill_vendor", "category", "client", "credit_note", "estimate", "expense", "invoice",
    "item", "payment", "project", "recurring", "service", "tax", "time_entry",
)  # fmt: skip
_VERBS = ("create", "update", "delete")
_SENT = ("estimate.sendByEmail", "invoice.sendByEmail")

DOCUMENTED = frozenset(f"{noun}.{verb}" for noun in _NOUNS for verb in _VERBS) | frozenset(_SENT)
"""Every event FreshBooks documents (its webhook page; reference section 7)."""

_HINTED = ("payment", "credit_note", "client")


class Process(StrEnum):
    """The workflow types that a hint starts or signals."""

    ORDER_TO_CASH = naming.ORDER_TO_CASH
    EXPENSE_REIMBURSEMENT = naming.EXPENSE_REIMBURSEMENT
    VENDOR_BILL = naming.VENDOR_BILL
    HINT = naming.HINT


@dataclass(frozen=True)
class Concern:
    """Who looks at an object: its own process, or a hint that finds the documents concerned."""

    process: Process
    kind: str


def concern_of(event: str) -> Concern | None:
    """Who must look again after an event; None when it concerns no process of ours.

    Names are matched as documented, letter case included: what is not documented is ignored,
    because nobody says what its object id would mean.
    """
    noun = event.partition(".")[0]
    if event not in DOCUMENTED:
        return None
    if noun == "invoice":
        return Concern(Process.ORDER_TO_CASH, noun)
    if noun == "expense":
        return Concern(Process.EXPENSE_REIMBURSEMENT, noun)
    if noun == "bill":
        return Concern(Process.VENDOR_BILL, noun)
    return Concern(Process.HINT, noun) if noun in _HINTED else None
