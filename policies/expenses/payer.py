"""Who paid, and who that is to us: what decides whether an expense is reimbursed."""

from __future__ import annotations

from collections.abc import Iterable

from documents.expense import Expense, Payer, Staff
from policies.expenses.settings import ExpensePolicy, PayerRule, PersonLink


def who_paid(expense: Expense, policy: ExpensePolicy) -> Payer:
    """By the first rule that fits. What a bank feed brought or a bill covers is never
    reimbursed, whatever the rules say."""
    if expense.bank_imported or expense.bill_matched:
        return Payer.FEED
    person = link_of(expense.staff, policy)
    found = (r.payer for r in policy.who_paid if _fits(r, expense, person))
    return next(found, Payer.UNDECIDED)


def link_of(staff: Staff, policy: ExpensePolicy) -> PersonLink | None:
    """The person of ours who the staff member is: by id first, then by e-mail."""
    by_id = (p for p in policy.people if p.staff_id and p.staff_id == staff.source_id)
    email = staff.email.strip().lower()
    by_email = (p for p in policy.people if email and p.email.strip().lower() == email)
    return next(by_id, None) or next(by_email, None)


def _fits(rule: PayerRule, expense: Expense, person: PersonLink | None) -> bool:
    known = {expense.staff.source_id, person.name if person else ""}
    return (
        (not rule.staff or bool(known & set(rule.staff)))
        and _named(rule.accounts, expense.account_name)
        and _named(rule.vendors, expense.vendor)
        and (not rule.tags or bool({t.lower() for t in rule.tags} & set(expense.tags)))
    )


def _named(wanted: Iterable[str], name: str) -> bool:
    names = [each.strip().lower() for each in wanted]
    return not names or name.strip().lower() in names
