"""What may be written off: a small difference of an invoice's amount, within limits."""

from __future__ import annotations

from decimal import Decimal

from documents.ledger import BookKind
from documents.tieout import Break, BreakType
from policies.tieout.settings import TieOutPolicy

_OF_AMOUNT = ("other-amount", "edited-at-source")


def why_not(found: Break, policy: TieOutPolicy, so_far: Decimal) -> str:
    """Why a difference is not written off, as a sentence; empty when it may be. `so_far` is what
    was written off in its period and currency, without signs."""
    limit = policy.write_off_period_limit
    if policy.write_off_account is None or limit is None:
        return (
            "Writing off is not set up: name tie_out.write_off_account and "
            "tie_out.write_off_period_limit, or accept the difference, which books nothing."
        )
    if found.kind is not BookKind.INVOICE or not is_of_amount(found):
        return f"Only a difference of an invoice's amount is written off, this is {_told(found)}."
    amount = abs(found.difference)
    if amount > policy.write_off_limit:
        return f"{amount} {found.currency} is above the limit of {policy.write_off_limit}."
    if so_far + amount > limit:
        return (
            f"{so_far} {found.currency} were written off in {found.period}: {amount} more is above "
            f"the limit of {limit}."
        )
    return ""


def is_of_amount(found: Break) -> bool:
    """Whether the amounts of the documents differ, for a reason that time does not mend."""
    is_amount = found.type is BreakType.AMOUNT and found.cause in _OF_AMOUNT
    return is_amount or found.cause == "altered-amount"


def _told(found: Break) -> str:
    kind = BreakType.AMOUNT.value if found.type is BreakType.ALTERED else found.type.value
    return f"a break of type {kind} ({found.kind.value})"


def on_customer(found: Break) -> Decimal:
    """What the customer's account lacks, a debit positive: what the source has more."""
    return -found.difference
