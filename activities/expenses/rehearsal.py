"""What a backfill would do with an expense, without doing it: decided and mapped, never sent."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from activities.context import Connection
from activities.dates import posting_date
from activities.duplicates import refuse_possible_payable
from activities.expenses.look import ExpenseObserver
from activities.readonly import read_only
from activities.rehearsal import HELD, POSTED, settled
from activities.signatures import DocumentRef
from activities.tally import Tally
from connectors.errors import Rejected
from connectors.ports import Unreadable
from documents.expense import Expense, Payer
from documents.hold import HoldRequired
from documents.key import Kind
from documents.plan import StepName
from policies.expenses.decide import ExpensePlan
from policies.expenses.facts import ExpenseFacts
from policies.expenses.settings import ExpensePolicy
from store.seal import Seal
from store.store import Store

ASKED = "ask for approval"
"""What would become of an expense that somebody has to answer about."""


@dataclass(frozen=True)
class ExpenseRehearsal:
    """Goes through the expenses of one connection with ports that only read. Duplicates among
    those that were never seen before show only when they are loaded."""

    connection: Connection
    store: Store
    seal: Seal
    now: datetime

    @classmethod
    def of(
        cls, connection: Connection, store: Store, seal: Seal, now: datetime
    ) -> ExpenseRehearsal:
        """The only way to make one: the connection loses its writes here."""
        return cls(read_only(connection), store, seal, now)

    async def expense(self, expense_id: str, policy: ExpensePolicy, tally: Tally) -> None:
        """Add an expense to the tally."""
        observer = ExpenseObserver(self.connection, self.store, self.seal, self.now)
        name = self.connection.name
        place = DocumentRef(connection=name, kind=Kind.EXPENSE, source_id=expense_id)
        found, facts, planned = await observer.consider(place, policy)
        if found is None:
            return
        outcome, reason = await self._outcome(facts, planned)
        amount = found.amount if isinstance(found, Unreadable) else found.gross
        tally.add("expense", outcome, amount)
        if outcome == HELD:
            tally.explain("expense", facts.record.row.source_number, outcome, reason)

    async def _outcome(self, facts: ExpenseFacts, planned: ExpensePlan) -> tuple[str, str]:
        if planned.need is not None or planned.part is not None:
            return ASKED, planned.plan.reason
        if facts.expense and any(s.name is StepName.POST_EXPENSE for s in planned.plan.steps):
            return await self._tried(facts.expense, facts, planned)
        return settled(planned.plan)

    async def _tried(
        self, expense: Expense, facts: ExpenseFacts, planned: ExpensePlan
    ) -> tuple[str, str]:
        """Whether it can be mapped, and is not there already; or the hold that it would end in."""
        payer, vendor, row = planned.payer or Payer.PERSON, planned.vendor, facts.record.row
        try:
            on = await posting_date(self.connection, expense.document_date)
            if payer is Payer.PERSON:
                amount = expense.gross
                await refuse_possible_payable(self.connection, row, vendor, amount, on)
            mapper = await self.connection.mapper()
            mapper.map_expense(expense, payer, vendor, facts.key, on, {})
        except (HoldRequired, Rejected) as error:
            return HELD, error.hold.reason
        return POSTED, ""
