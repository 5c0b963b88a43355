"""Who has to approve a version of an expense or claim, who may, and who was asked when."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from documents.expense import Expense, Payer
from documents.money import Money
from documents.review import Answer, ApprovalNeed, Asked, Verdict
from policies.expenses.facts import ExpenseFacts
from policies.expenses.payer import link_of
from policies.expenses.rules import Finding
from policies.expenses.settings import ANY, ExpensePolicy, Level


@dataclass(frozen=True)
class Ballot:
    """What people answer about: one version of an expense or claim. `done` levels were approved,
    by `approvers`; `asked` is who was asked about this version last. `now` is aware UTC."""

    version: str
    claimant: str
    correctors: tuple[str, ...]
    done: int
    approvers: tuple[str, ...]
    asked: Asked | None
    now: datetime

    def asked_for(self, level: int) -> Asked | None:
        same = self.asked and (self.asked.version, self.asked.level) == (self.version, level)
        return self.asked if same else None


def ballot_of(facts: ExpenseFacts, policy: ExpensePolicy) -> Ballot:
    """The present version of a single expense."""
    given = approved(facts)
    claimant = link_of(facts.expense.staff, policy) if facts.expense else None
    return Ballot(
        version=facts.version,
        claimant=claimant.name if claimant else "",
        correctors=facts.correctors,
        done=len({v.level for v in given}),
        approvers=tuple(v.who for v in given),
        asked=facts.review.asked,
        now=facts.now,
    )


def levels_of(
    expense: Expense, payer: Payer, found: Sequence[Finding], policy: ExpensePolicy
) -> tuple[Level, ...]:
    """The levels that a version of an expense needs, lowest first."""
    if payer is Payer.COMPANY and not policy.approve_company_paid and not found:
        return ()
    return levels_above((expense.gross,), policy, found=bool(found))


def levels_above(
    totals: Iterable[Money], policy: ExpensePolicy, *, found: bool
) -> tuple[Level, ...]:
    """The levels that one of these amounts reaches, lowest first. A finding asks for the first
    level at least, whatever the amount."""
    amounts = tuple(totals)
    needed = tuple(level for level in policy.levels if any(_reaches(level, a) for a in amounts))
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


def need_of(ballot: Ballot, levels: Sequence[Level], policy: ExpensePolicy) -> ApprovalNeed | None:
    """What is still missing; None when every level was given. `approvers` may be empty: then
    nobody is left who may approve."""
    if ballot.done >= len(levels):
        return None
    level = ballot.done + 1
    return ApprovalNeed(
        version=ballot.version,
        level=level,
        levels=len(levels),
        approvers=_eligible(ballot, levels[ballot.done], policy, ballot.asked_for(level)),
        claimant=ballot.claimant,
        correctors=ballot.correctors,
    )


def refusal(verdict: Verdict, need: ApprovalNeed | None, answered: Sequence[Verdict]) -> str:
    """Why a verdict does not count, in words; empty when it does."""
    if any((v.who, v.version) == (verdict.who, verdict.version) for v in answered):
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


def is_due(ballot: Ballot, need: ApprovalNeed, policy: ExpensePolicy) -> Asked | None:
    """Whom to ask now: nobody was asked about this version and level, or the time is up."""
    asked = ballot.asked_for(need.level)
    if asked is None:
        return _asking(ballot.now, need, 1)
    patience = timedelta(hours=policy.remind_hours)
    if ballot.now - asked.at < patience or asked.times >= _most(policy):
        return None
    return _asking(ballot.now, need, asked.times + 1)


def waiting(
    ballot: Ballot, need: ApprovalNeed, asking: Asked | None, policy: ExpensePolicy
) -> ApprovalNeed:
    """The need with the time at which people are asked again; none after they were asked for the
    last time."""
    last = asking or ballot.asked_for(need.level)
    again = last is not None and last.times < _most(policy)
    until = last.at + timedelta(hours=policy.remind_hours) if last and again else None
    return need.model_copy(update={"until": until})


def _most(policy: ExpensePolicy) -> int:
    """How often people are asked: once, each reminder, and once when it is escalated."""
    return policy.remind_times + 1 + (1 if policy.escalate_to else 0)


def _asking(now: datetime, need: ApprovalNeed, times: int) -> Asked:
    return Asked(version=need.version, level=need.level, who=need.approvers, at=now, times=times)


def _eligible(
    ballot: Ballot, level: Level, policy: ExpensePolicy, asked: Asked | None
) -> tuple[str, ...]:
    """The approvers of a level, the absent ones replaced by who acts for them, without those who
    may not; after the last reminder those to whom it is escalated too."""
    patience = timedelta(hours=policy.remind_hours)
    late = asked is not None and asked.times > policy.remind_times
    late = late and asked is not None and ballot.now - asked.at >= patience
    escalated = late or (asked is not None and asked.times > policy.remind_times + 1)
    names = [*level.approvers, *(policy.escalate_to if escalated else ())]
    present = [_acting(name, policy, ballot.now) for name in names]
    barred = {ballot.claimant, *ballot.correctors, *ballot.approvers}
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


def _reaches(level: Level, amount: Money) -> bool:
    above = level.above.get(amount.currency, level.above.get(ANY))
    return above is None or amount.amount > above
