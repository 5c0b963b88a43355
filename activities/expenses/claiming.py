"""An expense and its claim: what the look remembers, and who is told of it."""

from __future__ import annotations

from dataclasses import dataclass

from activities.signatures import DocumentRef
from activities.telling import Messenger
from documents.claim import ClaimId, PartState
from documents.key import Kind
from documents.plan import Outcome
from policies.expenses import claims, membership
from policies.expenses.decide import ExpensePlan
from policies.expenses.facts import ExpenseFacts
from policies.expenses.settings import ExpensePolicy
from store.store import Store


@dataclass(frozen=True)
class Membership:
    """The expenses of one connection as parts of claims."""

    connection: str
    store: Store

    async def joined(self, facts: ExpenseFacts, policy: ExpensePolicy) -> ExpenseFacts:
        """The facts with the claim that the expense belongs to, where claims are made."""
        period, expense = policy.claim_period, facts.expense
        if period is None or expense is None:
            return facts
        claim_id = ClaimId.of(expense.staff.source_id, expense.document_date, period)
        name = claim_id.text()
        parts = await self.store.expense_claims.parts(self.connection, name)
        review, _ = await self.store.expense_claims.review(self.connection, name)
        claim = claims.claim_of(claim_id, parts, review, policy, facts.now)
        return facts.model_copy(update={"claim": claim})

    async def note(self, facts: ExpenseFacts, planned: ExpensePlan, policy: ExpensePolicy) -> None:
        """Remember where the expense stands in its claim, and that it left the others."""
        if policy.claim_period is None:
            return
        source_id, stays_in = facts.record.row.source_id, ""
        state = state_of(facts, planned)
        if facts.claim is not None and facts.expense is not None and state is not PartState.OUT:
            stays_in = facts.claim.id.text()
            part = planned.part or membership.part_of(
                facts, facts.expense, planned.findings, policy, state
            )
            await self.store.expense_claims.put(self.connection, stays_in, part)
        await self.store.expense_claims.leave(self.connection, source_id, stays_in)


async def tell_claims(store: Store, messenger: Messenger, document: DocumentRef) -> None:
    """Tell the claims that the expense is in or has left what they have not been told. A signal
    that was sent and not remembered is sent again: it has no content."""
    for claim in await store.expense_claims.untold(document.connection, document.source_id):
        await messenger.tell(Kind.EXPENSE_CLAIM, claim)
        await store.expense_claims.told(document.connection, claim, document.source_id)


def state_of(facts: ExpenseFacts, planned: ExpensePlan) -> PartState:
    """What the plan makes of the expense in its claim."""
    if facts.record.is_live(facts.key):
        return PartState.DONE if planned.plan.outcome is Outcome.CLOSED else PartState.POSTED
    if planned.part is not None:
        return planned.part.state
    return PartState.HELD if planned.plan.outcome is Outcome.HELD else PartState.OUT
