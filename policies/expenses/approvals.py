"""Who has to approve a version of an expense, who may, and who was asked when."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from documents.expense import Expense, Payer
from documents.review import Answer, ApprovalNeed, Asked, Verdict
from policies.expenses.facts import ExpenseFacts
from policies.expenses.payer import link_of
from policies.expenses.rules import Finding
from policies.expenses.settings import ANY, ExpensePolicy, Level


def levels_of(
    expense: Expense, payer: Payer, found: Sequence[Finding], policy: ExpensePolicy
) -> tuple[Level, ...]:
    """The levels that a version needs, lowest first. A finding asks for the first level at
    least, whatever the amount."""
    if payer is Payer.COMPANY and not policy.approve_company_paid and not found:
        return ()
    needed = tuple(level for level in policy.levels if _reaches(level, expense))
    return needed or (policy.levels[:1] if found else ())


def approved(facts: ExpenseFacts) -> tuple[Verdict, ...]:
    """The approvals of the present version, one per person."""
    given: dict[str, Verdict] = {}
    for verdict in facts.review.of(facts.version):
        if verdict.answer is Answer.APPROVE:
            given.setdefault(verdict.who, verdict)
    return tuple(given.values())


def rejected(facts: ExpenseFacts) -> Verdict | None:
    """The rejection of the present version, if somebody rejected it."""
    verdicts = facts.review.of(facts.version)
    return next((v for v in verdicts if v.answer is Answer.REJECT), None)


def need_of(
    facts: ExpenseFacts, levels: Sequence[Level], policy: ExpensePolicy
) -> ApprovalNeed | None:
    """What is still missing; None when every level was given. `approvers` may be empty: then
    nobody is left who may approve."""
    given = approved(facts)
    done = len({v.level for v in given})
    if done >= len(levels) or facts.expense is None:
        return None
    claimant = link_of(facts.expense.staff, policy)
    name = claimant.name if claimant else ""
    asked = _asked(facts, done + 1)
    return ApprovalNeed(
        version=facts.version,
        level=done + 1,
        levels=len(levels),
        approvers=_eligible(facts, levels[done], policy, {name, *(v.who for v in given)}, asked),
        claimant=name,
        correctors=facts.correctors,
    )


def refusal(verdict: Verdict, need: ApprovalNeed | None, facts: ExpenseFacts) -> str:
    """Why a verdict does not count, in words; empty when it does."""
    if any(v.who == verdict.who for v in facts.review.of(verdict.version)):
        return f"{verdict.who} has answered about this version already"
    if need is None:
        return "nothing waits for an approval"
    if verdict.version != need.version:
        return "it is about another version of the expense"
    if verdict.who == need.claimant:
        return f"{verdict.who} claims this expense: somebody else has to answer"
    if verdict.who in need.correctors:
        return f"{verdict.who} corrected this expense: somebody else has to answer"
    if verdict.who not in need.approvers:
        return f"{verdict.who} is not among those who may answer now"
    return ""


def is_due(facts: ExpenseFacts, need: ApprovalNeed, policy: ExpensePolicy) -> Asked | None:
    """Whom to ask now: nobody was asked about this version and level, or the time is up."""
    asked = _asked(facts, need.level)
    if asked is None:
        return _asking(facts.now, need, 1)
    patience = timedelta(hours=policy.remind_hours)
    if facts.now - asked.at < patience or asked.times >= _most(policy):
        return None
    return _asking(facts.now, need, asked.times + 1)


def waiting(
    facts: ExpenseFacts, need: ApprovalNeed, asking: Asked | None, policy: ExpensePolicy
) -> ApprovalNeed:
    """The need with the time at which people are asked again; none after they were asked for the
    last time."""
    last = asking or _asked(facts, need.level)
    again = last is not None and last.times < _most(policy)
    until = last.at + timedelta(hours=policy.remind_hours) if last and again else None
    return need.model_copy(update={"until": until})


def _most(policy: ExpensePolicy) -> int:
    """How often people are asked: once, each reminder, and once when it is escalated."""
    return policy.remind_times + 1 + (1 if policy.escalate_to else 0)


def _asking(now: datetime, need: ApprovalNeed, times: int) -> Asked:
    return Asked(version=need.version, level=need.level, who=need.approvers, at=now, times=times)


def _asked(facts: ExpenseFacts, level: int) -> Asked | None:
    asked = facts.review.asked
    same = asked and (asked.version, asked.level) == (facts.version, level)
    return asked if same else None


def _eligible(
    facts: ExpenseFacts,
    level: Level,
    policy: ExpensePolicy,
    excluded: set[str],
    asked: Asked | None,
) -> tuple[str, ...]:
    """The approvers of a level, the absent ones replaced by who acts for them, without those who
    may not; after the last reminder those to whom it is escalated too."""
    patience = timedelta(hours=policy.remind_hours)
    late = asked is not None and asked.times > policy.remind_times
    late = late and asked is not None and facts.now - asked.at >= patience
    escalated = late or (asked is not None and asked.times > policy.remind_times + 1)
    names = [*level.approvers, *(policy.escalate_to if escalated else ())]
    present = [_acting(name, policy, facts.now) for name in names]
    barred = excluded | set(facts.correctors)
    return tuple(dict.fromkeys(n for n in present if n and n not in barred))


def _acting(name: str, policy: ExpensePolicy, now: datetime) -> str:
    """The person, or who acts for them while they are absent; empty when both are."""
    seen: set[str] = set()
    while name and name not in seen:
        person = policy.person(name)
        if person is None or not person.is_absent(now.date()):
            return name
        seen.add(name)
        name = person.delegate
    return ""


def _reaches(level: Level, expense: Expense) -> bool:
    above = level.above.get(expense.currency, level.above.get(ANY))
    return above is None or expense.gross.amount > above
