"""What a backfill would do with a bill, without doing it: decided and mapped, never sent."""

from __future__ import annotations

from dataclasses import dataclass

from activities.bills.duplicates import refuse_posted_by_hand
from activities.bills.look import BillObserver
from activities.dates import posting_date
from activities.rehearsing import HELD, IGNORED, IN_BOOKS, POSTED, Rehearsing, add, settled
from activities.tally import Tally
from connectors.ports import Unreadable
from documents.bill import Bill
from documents.key import Kind
from documents.plan import StepName
from policies.bills.facts import BillFacts
from policies.bills.settings import BillPolicy


@dataclass(frozen=True)
class BillRehearsal(Rehearsing):
    """Goes through the bills of one connection."""

    async def bill(self, bill_id: str, policy: BillPolicy, tally: Tally) -> None:
        """Add a bill and its payments to the tally."""
        observer = BillObserver(self.connection, self.store, self.seal, self.now)
        document = self._document(Kind.BILL, bill_id)
        found, facts, plan = await observer.consider(document, policy)
        if found is None:
            return
        outcome, reason = settled(plan)
        if facts.bill and any(step.name is StepName.POST_BILL for step in plan.steps):
            outcome, reason = await self._tried(self._map(facts.bill, facts, policy))
        amount = found.amount if isinstance(found, Unreadable) else found.total
        add(tally, "bill", found.number, amount, outcome, reason)
        self._payments(facts, policy, outcome, tally)

    async def _map(self, bill: Bill, facts: BillFacts, policy: BillPolicy) -> str:
        """It can be mapped, and is not there already."""
        vendor = policy.vendor_number(bill.vendor)
        on = await posting_date(self.connection, bill.document_date)
        await refuse_posted_by_hand(self.connection, facts.record.row, bill, vendor)
        (await self.connection.mapper()).map_bill(bill, vendor, facts.key, on, {})
        return POSTED

    def _payments(self, facts: BillFacts, policy: BillPolicy, outcome: str, tally: Tally) -> None:
        """Payments share the fate of their bill, unless the target pays."""
        fate = outcome if outcome in (HELD, IGNORED) else POSTED
        for payment in facts.payments:
            live = facts.record.is_live(facts.payment_key(payment.source_id))
            ours = IGNORED if policy.payments == "target" else fate
            tally.add("bill payment", IN_BOOKS if live else ours, payment.amount)
