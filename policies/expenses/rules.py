"""The rules of the policy: each says which rule, which value, and what would be right."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal, InvalidOperation

from pydantic import BaseModel, ConfigDict

from documents.expense import Expense
from documents.money import Money
from policies.expenses.facts import ExpenseFacts
from policies.expenses.payer import link_of
from policies.expenses.settings import ANY, ExpensePolicy, Limit, Severity, UnitRate

_SATURDAY = 5
DUPLICATE = "duplicate claim"
"""The rule that a person can release: by saying that the others are other expenses."""


class Finding(BaseModel):
    """What is wrong with an expense: the rule, the value it has, and what would be right."""

    model_config = ConfigDict(frozen=True)

    rule: str
    value: str
    right: str
    severity: Severity

    def __str__(self) -> str:
        return f"{self.rule}: {self.value}; right would be {self.right}"


def findings(facts: ExpenseFacts, policy: ExpensePolicy) -> tuple[Finding, ...]:
    """Everything the policy finds, in the order of the rules."""
    expense = facts.expense
    if expense is None:
        return ()
    found = [
        *_currency(expense, policy),
        *_date(facts, expense, policy),
        *_limits(facts, expense, policy),
        *_receipt(facts, expense, policy),
        *_rates(expense, policy),
        *_duplicates(facts),
    ]
    return tuple(found)


def gravest(found: Iterable[Finding]) -> Severity | None:
    """The severity that decides."""
    order = list(Severity)
    return max((f.severity for f in found), key=order.index, default=None)


def _currency(expense: Expense, policy: ExpensePolicy) -> Iterator[Finding]:
    if policy.currencies and expense.currency not in policy.currencies:
        right = f"one of {', '.join(policy.currencies)}"
        yield _finding("currency", expense.currency, right, Severity.REFUSED)


def _date(facts: ExpenseFacts, expense: Expense, policy: ExpensePolicy) -> Iterator[Finding]:
    day, today = expense.document_date, facts.now.date()
    age = (today - day).days
    if age < -1:
        # A day of grace: the source may be a day ahead of UTC.
        yield _finding("date in the future", str(day), f"{today} or before", Severity.CORRECTION)
    if policy.max_age_days is not None and age > policy.max_age_days:
        right = f"at most {policy.max_age_days} days"
        yield _finding("age of the expense", f"{age} days", right, policy.age_severity)
    if policy.weekends and day.weekday() >= _SATURDAY:
        yield _finding("weekend", f"{day:%A} {day}", "a working day", policy.weekends)
    if day in policy.holidays:
        yield _finding("holiday", str(day), "a working day", policy.holiday_severity)


def _limits(facts: ExpenseFacts, expense: Expense, policy: ExpensePolicy) -> Iterator[Finding]:
    person = link_of(expense.staff, policy)
    names = {ANY, expense.staff.source_id, person.name if person else ANY}
    for limit in policy.limits:
        if limit.currency != expense.currency or limit.person not in names:
            continue
        if limit.category not in (ANY, expense.category):
            continue
        value = _spent(facts, expense, limit)
        if value.amount > limit.most:
            what = "all categories" if limit.category == ANY else limit.category
            right = f"at most {Money(amount=limit.most, currency=limit.currency)}"
            yield _finding(f"limit for {what} per {limit.per}", str(value), right, limit.severity)


def _spent(facts: ExpenseFacts, expense: Expense, limit: Limit) -> Money:
    before = facts.spent.get(limit.category) if limit.per == "day" else None
    return expense.gross + before if before else expense.gross


def _receipt(facts: ExpenseFacts, expense: Expense, policy: ExpensePolicy) -> Iterator[Finding]:
    if expense.receipt is None:
        yield from _receipt_required(expense, policy)
        return
    found, bad = facts.receipt, Severity.CORRECTION
    if found is None:
        yield _finding("receipt", "cannot be found", "a receipt that can be opened", bad)
    elif found.size == 0:
        yield _finding("receipt", "is an empty file", "a picture or a PDF", bad)
    elif found.size > policy.receipt_bytes:
        right = f"at most {policy.receipt_bytes} bytes"
        yield _finding("receipt", f"has {found.size} bytes or more", right, bad)
    elif not found.kind:
        yield _finding("receipt", "is neither a picture nor a PDF", "a picture or a PDF", bad)


def _receipt_required(expense: Expense, policy: ExpensePolicy) -> Iterator[Finding]:
    for rule in policy.receipts:
        above = rule.above.get(expense.currency, rule.above.get(ANY))
        if above is not None and expense.gross.amount > above:
            value = f"no receipt for {expense.gross}"
            right = f"a receipt above {above} {expense.currency}"
            yield _finding("receipt required", value, right, rule.severity)


def _rates(expense: Expense, policy: ExpensePolicy) -> Iterator[Finding]:
    rate = _rate_of(expense, policy)
    if rate is None:
        return
    said = expense.tags.get(rate.unit, "")
    try:
        number = Decimal(said)
    except InvalidOperation:
        right = f"#{rate.unit}:NUMBER in the notes"
        yield _finding(f"rate per {rate.unit}", said or "no number", right, rate.severity)
        return
    wanted = Money(amount=number * rate.rate, currency=rate.currency).rounded()
    if wanted != expense.gross:
        right = f"{number} x {rate.rate} = {wanted}"
        yield _finding(f"rate per {rate.unit}", str(expense.gross), right, rate.severity)


def _rate_of(expense: Expense, policy: ExpensePolicy) -> UnitRate | None:
    """The rate of the expense's date, for a category that is paid by unit."""
    fit = [
        r
        for r in policy.rates
        if r.category == expense.category and r.since <= expense.document_date
    ]
    return max(fit, key=lambda r: r.since, default=None)


def _duplicates(facts: ExpenseFacts) -> Iterator[Finding]:
    """Those that nobody has looked at beside this version: an edit makes it another question."""
    for other in facts.alike:
        if facts.review.is_cleared(facts.version, other.source_id):
            continue
        value = f"{other.likeness.value} as expense {other.source_id}"
        right = "one expense, or a release by a person who looked at both"
        yield _finding(DUPLICATE, value, right, Severity.CORRECTION)


def _finding(rule: str, value: str, right: str, severity: Severity) -> Finding:
    return Finding(rule=rule, value=value, right=right, severity=severity)
