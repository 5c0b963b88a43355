"""What a backfill would do with a bill, without doing it: decided and mapped, never sent."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from activities.bills.duplicates import refuse_posted_by_hand
from activities.bills.look import BillObserver
from activities.context import Connection
from activities.dates import posting_date
from activities.readonly import read_only
from activities.rehearsal import HELD, IGNORED, IN_BOOKS, POSTED, settled
from activities.signatures import DocumentRef
from activities.tally import Tally
from connectors.errors import Rejected
from connectors.ports import Unreadable
from documents.bill import Bill
from documents.hold import HoldRequired
from documents.key import Kind
from documents.plan import StepName
from policies.bills.facts import BillFacts
from policies.bills.settings import BillPolicy
from store.seal import Seal
from store.store import Store


@dataclass(frozen=True)
class BillRehearsal:
    """Goes through the bills of one connection with ports that only read."""

    connection: Connection
    store: Store
    seal: Seal
    now: datetime

    @classmethod
    def of(cls, connection: Connection, store: Store, seal: Seal, now: datetime) -> BillRehearsal:
        """The only way to make one: the connection loses its writes here."""
        return cls(read_only(connection), store, seal, now)

    async def bill(self, bill_id: str, policy: BillPolicy, tally: Tally) -> None:
        """Add a bill and its payments to the tally."""
        observer = BillObserver(self.connection, self.store, self.seal, self.now)
        place = DocumentRef(connection=self.connection.name, kind=Kind.BILL, source_id=bill_id)
        found, facts, plan = await observer.consider(place, policy)
        if found is None:
            return
        outcome, reason = settled(plan)
        if facts.bill and any(step.name is StepName.POST_BILL for step in plan.steps):
            outcome, reason = await self._tried(facts.bill, facts, policy)
        amount = found.amount if isinstance(found, Unreadable) else found.total
        tally.add("bill", outcome, amount)
        if outcome == HELD:
            tally.explain("bill", found.number, outcome, reason)
        self._payments(facts, policy, outcome, tally)

    async def _tried(self, bill: Bill, facts: BillFacts, policy: BillPolicy) -> tuple[str, str]:
        """Whether it can be mapped, and is not there already; or the hold that it would end in."""
        vendor = policy.vendor_number(bill.vendor)
        try:
            on = await posting_date(self.connection, bill.document_date)
            await refuse_posted_by_hand(self.connection, facts.record.row, bill, vendor)
            (await self.connection.mapper()).map_bill(bill, vendor, facts.key, on, {})
        except (HoldRequired, Rejected) as error:
            return HELD, error.hold.reason
        return POSTED, ""

    def _payments(self, facts: BillFacts, policy: BillPolicy, outcome: str, tally: Tally) -> None:
        """Payments share the fate of their bill, unless the target pays."""
        fate = outcome if outcome in (HELD, IGNORED) else POSTED
        for payment in facts.payments:
            live = facts.record.is_live(facts.payment_key(payment.source_id))
            ours = IGNORED if policy.payments == "target" else fate
            tally.add("bill payment", IN_BOOKS if live else ours, payment.amount)
