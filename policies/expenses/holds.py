"""The holds of expenses, in words a bookkeeper understands, with the differing values."""

from __future__ import annotations

from collections.abc import Sequence

from documents.expense import Expense
from documents.hold import Hold, HoldClass
from documents.review import ApprovalNeed, Verdict
from policies.expenses.facts import ExpenseFacts
from policies.expenses.rules import Finding
from policies.expenses.settings import Severity


def undecided(expense: Expense) -> Hold:
    return Hold(
        cause="payer-undecided",
        hold_class=HoldClass.POLICY,
        reason=(
            f"No rule says who paid expense {expense.source_id} over {expense.gross}: a person "
            "from their own pocket, or the company."
        ),
        remedy="Add a rule to who_paid, or a tag to the notes that one of the rules knows.",
        values={"account": expense.account_name, "vendor": expense.vendor},
    )


def claimant_unknown(expense: Expense) -> Hold:
    return Hold(
        cause="claimant-unknown",
        hold_class=HoldClass.SETUP,
        reason=(
            f"Staff member {expense.staff.source_id} of expense {expense.source_id} is not in the "
            "identity table, or has no vendor account in the target."
        ),
        remedy="Add the person with their vendor number to `people` of the expense policy.",
        values={"staff": expense.staff.source_id},
    )


def against_policy(found: Sequence[Finding], severity: Severity) -> Hold:
    """Everything that was found, the gravest first."""
    refused = severity is Severity.REFUSED
    order = list(Severity)
    listed = sorted(found, key=lambda f: -order.index(f.severity))
    return Hold(
        cause="policy-refused" if refused else "policy-correction",
        hold_class=HoldClass.POLICY if refused else HoldClass.DATA,
        reason=f"The expense policy objects: {'. '.join(str(f) for f in listed)}.",
        remedy=(
            "The policy does not pay this: skip it, or change the policy."
            if refused
            else "Correct the expense in FreshBooks; a duplicate that is none can be released."
        ),
        values={f.rule: f.value for f in listed},
    )


def rejected(verdict: Verdict) -> Hold:
    said = f": {verdict.comment}" if verdict.comment else ""
    return Hold(
        cause="rejected",
        hold_class=HoldClass.POLICY,
        reason=f"{verdict.who} rejected this expense{said}.",
        remedy="Correct the expense in FreshBooks: the new version is asked about again.",
    )


def nobody_may_approve(need: ApprovalNeed) -> Hold:
    return Hold(
        cause="no-approver",
        hold_class=HoldClass.SETUP,
        reason=(
            f"Nobody is left who may approve level {need.level} of {need.levels}: the claimant, "
            "who corrected it, who approved a lower level and who is absent do not count."
        ),
        remedy="Add an approver or a delegate to the expense policy.",
    )


def edited(facts: ExpenseFacts, expense: Expense) -> Hold:
    row = facts.record.row
    return Hold(
        cause="edited-after-posting",
        hold_class=HoldClass.POLICY,
        reason=(
            f"Expense {expense.source_id} was edited after it was posted as {row.target_number}: "
            f"posted {row.amount}, the expense now says {expense.gross}."
        ),
        remedy="Undo the edit in FreshBooks, or correct the payment in the target and skip it.",
        values={"posted": str(row.amount), "source": str(expense.gross)},
    )


def settled_unpaid(facts: ExpenseFacts) -> Hold:
    row = facts.record.row
    return Hold(
        cause="settled-unpaid",
        hold_class=HoldClass.POLICY,
        reason=(
            f"The payable {row.target_number} over {row.amount} was closed in the target by a "
            "credit memo and not by a payment."
        ),
        remedy="Take the credit memo back in the target, or skip this if nothing is owed any more.",
        values={"posted": str(row.amount)},
    )


def to_recover(facts: ExpenseFacts) -> Hold:
    row = facts.record.row
    return Hold(
        cause="withdrawn-after-payment",
        hold_class=HoldClass.POLICY,
        reason=(
            f"The expense posted as {row.target_number} over {row.amount} was withdrawn after it "
            "had been paid out."
        ),
        remedy="Recover the money from the person and book it in the target, then skip it.",
        values={"posted": str(row.amount)},
    )
