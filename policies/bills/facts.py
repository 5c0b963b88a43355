"""What the decision of a bill is made of."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from documents.bill import Bill, BillPayment
from documents.customer import Existence
from documents.hold import Hold
from documents.key import Key, Kind
from documents.money import Money
from documents.posting import Posting
from documents.row import PostingRow
from policies.facts import Record


class BillFacts(BaseModel):
    """The source as it is now, and our record of it. `bill` None: gone, never there, or
    `unreadable` says why it could not be built; `withdrawn` that such a one was deleted.
    `payments` are those that are not deleted, `alike` the ids of other bills of the same vendor
    that bear the same number and go before this one."""

    model_config = ConfigDict(frozen=True)

    bill: Bill | None = None
    unreadable: Hold | None = None
    withdrawn: bool = False
    payments: tuple[BillPayment, ...] = ()
    alike: tuple[str, ...] = ()
    record: Record

    @property
    def key(self) -> Key:
        row = self.record.row
        return self.record.key(Kind.BILL, row.source_id, row.generation)

    @property
    def is_withdrawn(self) -> bool:
        """Deleted at the source, or never there."""
        if self.bill is None:
            return self.withdrawn or self.unreadable is None
        return self.bill.existence is Existence.DELETED

    @property
    def posted(self) -> Posting | None:
        return self.record.target.get(self.key.text())

    @property
    def live_payments(self) -> list[PostingRow]:
        """What stands in the ledger for payments of the bill, deleted ones too."""
        return self.record.live(Kind.BILL_PAYMENT)

    @property
    def paid_there(self) -> Money | None:
        """How much of the posted bill is settled in the target; None when it does not say."""
        posted = self.posted
        if posted is None or posted.remaining is None or posted.figures is None:
            return None
        return posted.figures.total - posted.remaining

    def payment_key(self, payment_id: str) -> Key:
        """The key of a payment's next or present posting."""
        return self.record.next_key(Kind.BILL_PAYMENT, payment_id)
