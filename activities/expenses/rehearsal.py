"""What a backfill would do with an expense, without doing it: decided and mapped, never sent."""

from __future__ import annotations

from dataclasses import dataclass

from activities.dates import posting_date
from activities.duplicates import refuse_possible_payable
from activities.expenses.look import ExpenseObserver
from activities.rehearsing import POSTED, Rehearsing, add, settled
from activities.tally import Tally
from connectors.ports import Unreadable
from documents.expense import Expense, Payer
from documents.key import Kind
from documents.plan import StepName
from policies.expenses.decide import ExpensePlan
from policies.expenses.facts import ExpenseFacts
from policies.expenses.settings import ExpensePolicy

ASKED = "ask for approval"
"""What would become of an expense that somebody has to answer about."""


@dataclass(frozen=True)
class ExpenseRehearsal(Rehearsing):
    """Goes through the expenses of one connection. Duplicates among those that were never seen
    before show only when they are loaded."""

    async def expense(self, expense_id: str, policy: ExpensePolicy, tally: Tally) -> None:
        """Add an expense to the tally."""
        observer = ExpenseObserver(self.connection, self.store, self.seal, self.now)
        document = self._document(Kind.EXPENSE, expense_id)
        found, facts, planned = await observer.consider(document, policy)
        if found is None:
            return
        outcome, reason = await self._outcome(facts, planned)
        amount = found.amount if isinstance(found, Unreadable) else found.gross
        add(tally, "expense", facts.record.row.source_number, amount, outcome, reason)

    async def _outcome(self, facts: ExpenseFacts, planned: ExpensePlan) -> tuple[str, str]:
        if planned.need is not None or planned.part is not None:
            return ASKED, planned.plan.reason
        if facts.expense and any(s.name is StepName.POST_EXPENSE for s in planned.plan.steps):
            return await self._tried(self._map(facts.expense, facts, planned))
        return settled(planned.plan)

    async def _map(self, expense: Expense, facts: ExpenseFacts, planned: ExpensePlan) -> str:
        """It can be mapped, and is not there already."""
        payer, vendor, row = planned.payer or Payer.PERSON, planned.vendor, facts.record.row
        on = await posting_date(self.connection, expense.document_date)
        if payer is Payer.PERSON:
            await refuse_possible_payable(self.connection, row, vendor, expense.gross, on)
        (await self.connection.mapper()).map_expense(expense, payer, vendor, facts.key, on, {})
        return POSTED
