"""Which expenses belong to the books, and what the source says of them."""

from __future__ import annotations

from decimal import Decimal

from documents.expense import Expense, Payer
from documents.ledger import LedgerLine
from policies.expenses.payer import link_of, who_paid
from policies.expenses.settings import ExpensePolicy


def claimed(line: LedgerLine, policy: ExpensePolicy) -> LedgerLine | None:
    """The line of an expense with who is owed and what; None for one that is left to the bank
    feed, ignored by policy, or dated before the cut-over. What nobody decided stays: it is held."""
    if policy.cut_over_date and line.posted < policy.cut_over_date:
        return None
    expense = line.expense
    if expense is None:
        return line._replace(party="")
    payer = who_paid(expense, policy)
    if payer is Payer.FEED or (payer is Payer.COMPANY and policy.company_paid == "ignore"):
        return None
    if payer is Payer.COMPANY:
        return line._replace(party="", open_amount=Decimal(0))
    return line._replace(party=_creditor(expense, policy), open_amount=_owed(expense))


def _creditor(expense: Expense, policy: ExpensePolicy) -> str:
    person = link_of(expense.staff, policy)
    return person.vendor if person else ""


def _owed(expense: Expense) -> Decimal:
    """A claim is paid once the claimant was told so."""
    return Decimal(0) if expense.told.startswith("paid") else expense.gross.amount
