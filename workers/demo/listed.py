"""The target's side of the demo where the books are listed by their connector: Dynamics AX."""

from __future__ import annotations

from datetime import date

from connectors.listings import Scope, TargetLedger
from documents.ledger import BookKind, LedgerLine, Mark
from workers.demo.books import Side, Totals

_TAKEN_BACK = Mark.REVERSED | Mark.REVERSAL


async def listed_side(name: str, ledger: TargetLedger, tag: str, last: date) -> Side:
    """Everything posted up to a day, whoever did it: invoices that no credit note took back,
    payments that were not reversed."""
    side = Side(name)
    for listing in ledger.listings:
        async for page in ledger.entries(listing, Scope(tag=tag), None, last):
            for line in page.lines:
                _add(side.totals[line.currency], line)
    return side


def _add(totals: Totals, line: LedgerLine) -> None:
    if line.kind is BookKind.PAYMENT:
        if not line.marks & _TAKEN_BACK:
            totals.payments += 1
            totals.paid += line.amount
        return
    back = -1 if line.kind is BookKind.CREDIT_MEMO else 1
    totals.invoices += -1 if line.marks & Mark.REVERSAL else back
    totals.invoiced += back * line.amount
    totals.outstanding += back * (line.open_amount or 0)
