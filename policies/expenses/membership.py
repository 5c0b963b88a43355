"""An expense in its claim: what it brings, and whether people said yes to its present version."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import BaseModel, ConfigDict

from documents.claim import Part, PartState, Shown
from documents.expense import Expense
from documents.hold import Hold
from documents.review import Verdict
from policies.expenses import approvals, claims, holds
from policies.expenses.facts import ExpenseFacts
from policies.expenses.payer import link_of
from policies.expenses.rules import Finding
from policies.expenses.settings import ExpensePolicy


class Standing(BaseModel):
    """How an expense stands in its claim: held, or waiting for what `waits` says; neither when
    it may be posted."""

    model_config = ConfigDict(frozen=True)

    hold: Hold | None = None
    waits: str = ""
    stage: str = ""


def standing(facts: ExpenseFacts, part: Part, policy: ExpensePolicy) -> Standing:
    """Whether the present version of an expense, which is `part`, was approved with its claim."""
    assert facts.claim is not None, "an expense stands in a claim where claims are made"
    claim = facts.claim.with_part(part)
    name = claim.id.text()
    if claim.is_open:
        day = f"{claim.asked_at:%Y-%m-%d}"
        return Standing(waits=f"gathered in claim {name} until {day}", stage=claims.GATHERS)
    levels, no = claims.levels_of(claim, policy), approvals.rejected(facts)
    if no is not None:
        return Standing(hold=holds.rejected(no))
    if len(approvals.approved(facts)) >= len(levels):
        # The claim sees its expenses one after the other: of two that are looked at together
        # each would find the total without the other.
        is_told = part.mark in claim.review.told
        return Standing() if is_told else Standing(waits=f"waits for claim {name} to be decided")
    need = claims.need_of(claim, policy)
    if need and not need.approvers and part in claims.batch(claim, policy):
        return Standing(hold=holds.nobody_may_approve(need))
    waits = f"waits for the approval of claim {name} over {claims.text_of(claim.totals)}"
    return Standing(waits=waits, stage=claims.WAITS_FOR_APPROVAL)


def part_of(
    facts: ExpenseFacts,
    expense: Expense,
    found: Sequence[Finding],
    policy: ExpensePolicy,
    state: PartState = PartState.READY,
) -> Part:
    """The expense as a part of its claim. What was posted counts with what it was posted over."""
    person = link_of(expense.staff, policy)
    posted = facts.record.row.amount if state in (PartState.POSTED, PartState.DONE) else None
    return Part(
        source_id=expense.source_id,
        state=state,
        version=facts.version,
        amount=posted or expense.gross,
        claimant=person.name if person else "",
        correctors=facts.correctors,
        shown=shown(expense, found),
    )


def shown(expense: Expense, found: Sequence[Finding]) -> Shown:
    """What an approver sees of an expense."""
    return Shown(
        expense=expense.source_id,
        day=expense.document_date,
        category=expense.category,
        vendor=expense.vendor,
        amount=expense.gross,
        tax=expense.tax,
        notes=expense.notes,
        receipt=expense.receipt is not None,
        findings=tuple(str(each) for each in found),
    )


def with_answers(facts: ExpenseFacts) -> ExpenseFacts:
    """The expense with what people said of its present version when they answered about its
    claim."""
    if facts.claim is None:
        return facts
    mark = f"{facts.record.row.source_id}:{facts.version}"
    known = {v.who for v in facts.review.of(facts.version)}
    found = [
        Verdict(**v.model_dump(exclude={"version", "covers"}), version=facts.version)
        for v in facts.claim.review.verdicts
        if mark in v.covers and v.who not in known
    ]
    if not found:
        return facts
    verdicts = (*facts.review.verdicts, *found)
    return facts.reviewed(facts.review.model_copy(update={"verdicts": verdicts}))
