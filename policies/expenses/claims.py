"""The decision of a claim: when people are asked about it, and what their answers cover.

A pure function as that of an expense. An answer covers versions of expenses, and each expense
posts by what covers its present version: an edit asks anew about that expense and no other.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, time, timedelta

from pydantic import BaseModel, ConfigDict

from documents.claim import Claim, ClaimId, ClaimReview, ClaimVerdict, Part, PartState, Shown
from documents.money import Money
from documents.plan import Outcome, Plan, Step, StepName
from documents.review import Answer, ApprovalNeed, Asked, Verdict
from policies.expenses import approvals
from policies.expenses.approvals import Ballot
from policies.expenses.settings import ExpensePolicy, Level

GATHERS = "gathers"
"""The stage of a claim, and of its expenses, while the period lasts."""

WAITS_FOR_APPROVAL = "approval"
"""The stage while people have to answer."""

WAITS_FOR_PAYMENT = "payment"


class ClaimPlan(BaseModel):
    """The plan, whose answer is missing, who is asked now, which expenses are told of what was
    decided (`settled`, in this version), and what those see who answer."""

    model_config = ConfigDict(frozen=True)

    plan: Plan
    need: ApprovalNeed | None = None
    asking: Asked | None = None
    settled: tuple[str, ...] = ()
    shown: tuple[Shown, ...] = ()


def claim_of(
    claim_id: ClaimId,
    parts: Iterable[Part],
    review: ClaimReview,
    policy: ExpensePolicy,
    now: datetime,
) -> Claim:
    """A claim as it is remembered, asked about at the end of its period and some days (UTC)."""
    asked = claim_id.end + timedelta(policy.claim_after_days)
    at = datetime.combine(asked, time(), UTC)
    return Claim(id=claim_id, parts=tuple(parts), review=review, asked_at=at, now=now)


def text_of(totals: Iterable[Money]) -> str:
    """Amounts of several currencies in words."""
    return " and ".join(str(each) for each in totals) or "nothing"


def decide(claim: Claim, policy: ExpensePolicy) -> ClaimPlan:
    """What is asked and told now. Never raises for any state of the world."""
    if policy.claim_period is None:
        return ClaimPlan(plan=_plan(Outcome.IGNORED, "expenses are not claimed together"))
    there = claim.of(PartState.READY, PartState.HELD, PartState.POSTED, PartState.DONE)
    if not there:
        return ClaimPlan(plan=_plan(Outcome.IGNORED, "nothing is claimed any more"))
    if len(claim.of(PartState.DONE)) == len(there):
        return ClaimPlan(plan=_plan(Outcome.CLOSED, f"all {len(there)} expenses are paid"))
    total = text_of(claim.totals)
    if claim.is_open:
        reason = f"gathers {len(there)} expenses over {total} until {claim.asked_at:%Y-%m-%d}"
        return ClaimPlan(plan=_plan(Outcome.WAITING, reason, stage=GATHERS))
    need = need_of(claim, policy)
    if need is None or not need.approvers:
        return _nobody_is_asked(claim, need, there, policy)
    return _asked(claim, need, total, policy)


def levels_of(claim: Claim, policy: ExpensePolicy) -> tuple[Level, ...]:
    """The levels that the total needs, what was posted before included: late expenses do not
    come below a level that the claim has reached."""
    ready = claim.of(PartState.READY)
    found = any(part.shown and part.shown.findings for part in ready)
    return approvals.levels_above(claim.totals, policy, found=found)


def batch(claim: Claim, policy: ExpensePolicy) -> tuple[Part, ...]:
    """The expenses that people are asked about next: those with the fewest approvals."""
    wanted = len(levels_of(claim, policy))
    given = {part.source_id: len(_approvers(claim, part)) for part in claim.of(PartState.READY)}
    pending = [
        part
        for part in claim.of(PartState.READY)
        if given[part.source_id] < wanted and not _is_rejected(claim, part)
    ]
    fewest = min((given[part.source_id] for part in pending), default=0)
    return tuple(part for part in pending if given[part.source_id] == fewest)


def need_of(claim: Claim, policy: ExpensePolicy) -> ApprovalNeed | None:
    """What is still missing; None when nothing is, or expenses are still gathered."""
    parts = batch(claim, policy)
    if claim.is_open or not parts:
        return None
    return approvals.need_of(_ballot(claim, parts), levels_of(claim, policy), policy)


def heard(
    claim: Claim, verdict: Verdict, policy: ExpensePolicy
) -> tuple[tuple[ClaimVerdict, ...], str]:
    """What an answer says of which expenses; or why it does not count, in words."""
    need, parts = need_of(claim, policy), batch(claim, policy)
    problem = approvals.refusal(verdict, need, claim.review.verdicts)
    if problem or need is None:
        return (), problem
    exempt = {part.mark for part in parts if part.source_id in verdict.but}
    if len(exempt) < len(set(verdict.but)):
        return (), "one of the expenses that it rejects is not asked about now"
    rest = [part.mark for part in parts if part.mark not in exempt]
    found = [(verdict.answer, rest), (Answer.REJECT, sorted(exempt))]
    said = verdict.model_dump(exclude={"answer", "level"})
    return tuple(
        ClaimVerdict(**said, answer=answer, level=need.level, covers=tuple(covers))
        for answer, covers in found
        if covers
    ), ""


def _nobody_is_asked(
    claim: Claim, need: ApprovalNeed | None, there: tuple[Part, ...], policy: ExpensePolicy
) -> ClaimPlan:
    settled = _settled(claim, policy)
    done, held = len(claim.of(PartState.DONE)), len(claim.of(PartState.HELD))
    reason = f"{done} of {len(there)} expenses are paid"
    reason += f", {held} are held" if held else ""
    if need is not None:
        reason = "nobody is left who may approve it"
        settled += tuple(part.mark for part in batch(claim, policy))
    plan = _plan(Outcome.WAITING, reason, steps=_tell(claim, settled), stage=WAITS_FOR_PAYMENT)
    return ClaimPlan(plan=plan, settled=settled)


def _asked(claim: Claim, need: ApprovalNeed, total: str, policy: ExpensePolicy) -> ClaimPlan:
    parts = batch(claim, policy)
    ballot = _ballot(claim, parts)
    asking = approvals.is_due(ballot, need, policy)
    need = approvals.waiting(ballot, need, asking, policy)
    settled = _settled(claim, policy)
    names = " or ".join(need.approvers)
    reason = (
        f"waits for {names} to approve {len(parts)} expenses of a claim over {total} "
        f"(level {need.level} of {need.levels})"
    )
    steps = (*_tell(claim, settled), *(_ask(claim, asking) if asking else ()))
    plan = _plan(Outcome.WAITING, reason, steps=steps, stage=WAITS_FOR_APPROVAL)
    shown = tuple(part.shown for part in parts if part.shown)
    return ClaimPlan(plan=plan, need=need, asking=asking, settled=settled, shown=shown)


def _settled(claim: Claim, policy: ExpensePolicy) -> tuple[str, ...]:
    """The versions that may go on, or were rejected."""
    wanted = len(levels_of(claim, policy))
    return tuple(
        part.mark
        for part in claim.of(PartState.READY)
        if _is_rejected(claim, part) or len(_approvers(claim, part)) >= wanted
    )


def _tell(claim: Claim, settled: tuple[str, ...]) -> tuple[Step, ...]:
    news = [mark for mark in settled if mark not in claim.review.told]
    if not news:
        return ()
    why = f"{len(news)} expenses of the claim can go on, or were rejected"
    return (Step(name=StepName.TELL_EXPENSES, key="", source_id=claim.id.text(), why=why),)


def _ask(claim: Claim, asking: Asked) -> tuple[Step, ...]:
    again = "" if asking.times == 1 else f", for the {asking.times}. time"
    why = f"{' and '.join(asking.who)} may approve level {asking.level}{again}"
    return (Step(name=StepName.ASK_APPROVAL, key="", source_id=claim.id.text(), why=why),)


def _ballot(claim: Claim, parts: tuple[Part, ...]) -> Ballot:
    marks = "\x1f".join(sorted(part.mark for part in parts))
    barred = [name for part in parts for name in (*part.correctors, part.claimant) if name]
    given = [name for part in parts for name in _approvers(claim, part)]
    return Ballot(
        version=hashlib.sha256(marks.encode()).hexdigest()[:16],
        claimant=claim.claimant,
        correctors=tuple(dict.fromkeys(n for n in barred if n != claim.claimant)),
        done=min((len(_approvers(claim, part)) for part in parts), default=0),
        approvers=tuple(dict.fromkeys(given)),
        asked=claim.review.asked,
        now=claim.now,
    )


def _answers(claim: Claim, part: Part) -> Mapping[str, Answer]:
    """What each person said of the present version of an expense first."""
    found: dict[str, Answer] = {}
    for verdict in claim.review.verdicts:
        if part.mark in verdict.covers:
            found.setdefault(verdict.who, verdict.answer)
    return found


def _approvers(claim: Claim, part: Part) -> tuple[str, ...]:
    said = _answers(claim, part)
    return tuple(who for who, answer in said.items() if answer is Answer.APPROVE)


def _is_rejected(claim: Claim, part: Part) -> bool:
    return Answer.REJECT in _answers(claim, part).values()


def _plan(outcome: Outcome, reason: str, *, steps: tuple[Step, ...] = (), stage: str = "") -> Plan:
    return Plan(outcome=outcome, reason=reason, steps=steps, stage=stage)
