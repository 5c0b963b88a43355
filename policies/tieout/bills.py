"""Which bills and payments of them belong to the books, and whose they are in the target."""

from __future__ import annotations

from documents.ledger import BookKind, LedgerLine
from policies.bills.settings import BillPolicy


def owed(line: LedgerLine, policy: BillPolicy) -> LedgerLine | None:
    """The line of a bill or of what was paid on it, with its vendor; None for what is dated before
    the cut-over, and for payments that the target makes itself: what is open there is its own."""
    target_pays = policy.payments == "target"
    if target_pays and line.kind is BookKind.BILL_PAYMENT:
        return None
    billed = line.billed
    if billed is None:
        return line
    if policy.cut_over_date and billed.day < policy.cut_over_date:
        return None
    left = None if target_pays else line.open_amount
    return line._replace(party=policy.vendor_number(billed.vendor), open_amount=left)
