"""What a process needs of a source and of a target, whatever system it is."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple, Protocol, runtime_checkable

from documents.bill import Bill, BillPayment
from documents.cash import CreditNote, Payment
from documents.customer import Customer, TargetCustomer
from documents.expense import Expense, Receipt, ReceiptRef
from documents.hold import Hold
from documents.invoice import Invoice, InvoiceStage
from documents.key import Key, Kind
from documents.money import Money
from documents.posting import Posting
from documents.record import MappedRecord
from documents.schema import TargetSchema


@dataclass(frozen=True)
class Unreadable:
    """A source document that exists but cannot be built: it does not add up, say."""

    source_id: str
    number: str
    hold: Hold
    amount: Money | None = None
    stage: InvoiceStage = InvoiceStage.FINAL
    version: str = ""


@dataclass(frozen=True)
class CallbackState:
    """A webhook registration at the source."""

    callback_id: str
    event: str
    uri: str
    verified: bool


@dataclass(frozen=True)
class Changed:
    """One row of a listing: enough to hint, never enough to decide.

    `version` is the source's mark of the object's present state, equal to that of the document
    read by itself: an object whose version was looked at has nothing new to say.
    """

    kind: str
    source_id: str
    document_id: str
    changed_at: datetime
    deleted: bool = False
    version: str = ""


@dataclass(frozen=True)
class ChangedPage:
    """A page of a listing, and the cursor behind it: empty after the last page. `total` is how
    many rows the listing has, where the source tells."""

    rows: tuple[Changed, ...]
    after: str = ""
    total: int = 0


class SourcePort(Protocol):
    """Where documents come from. All reads return the present state, deleted objects too."""

    system: str

    async def invoice(self, invoice_id: str) -> Invoice | Unreadable | None: ...

    async def payments(self, invoice_id: str) -> list[Payment]:
        """Payments of an invoice that are not deleted, oldest first."""
        ...

    async def payment(self, payment_id: str) -> Payment | None: ...

    async def customer(self, client_id: str) -> Customer | None: ...

    async def credit_note(self, credit_id: str) -> CreditNote | Unreadable | None: ...

    async def expense(self, expense_id: str) -> Expense | Unreadable | None:
        """An expense with its category, staff member and receipt reference."""
        ...

    async def receipt(self, reference: ReceiptRef) -> Receipt | None:
        """What a receipt is, fetched now; None when there is no such file."""
        ...

    async def mark_expense(self, expense_id: str, text: str) -> bool:
        """Write our mark behind the writer's own notes; False when the expense is gone."""
        ...

    async def bill(self, bill_id: str) -> Bill | Unreadable | None:
        """A bill of a vendor, with whom it comes from and its lines."""
        ...

    async def bill_payments(self, bill_id: str) -> list[BillPayment]:
        """Payments of a bill that are not deleted, oldest first."""
        ...

    async def write_reference(self, invoice_id: str, reference: str) -> bool:
        """Write the target's number into the invoice's PO number if that is empty.

        True when it is there afterwards; False when the field holds something else.
        """
        ...

    def changes(self, kind: str, since: datetime, after: str = "") -> AsyncIterator[ChangedPage]:
        """Pages of objects of a kind changed since a moment, deleted ones included; on from
        behind a page when its cursor is given with the same moment."""
        ...

    def dated(self, kind: str, since: date, after: str = "") -> AsyncIterator[ChangedPage]:
        """Pages of documents of a kind (invoice, credit_note, bill) whose own date is this day or
        later and that are not deleted; on from behind a page when its cursor is given."""
        ...

    async def callbacks(self) -> list[CallbackState]: ...

    async def register_callback(self, event: str, uri: str) -> CallbackState: ...

    async def confirm_callback(self, callback_id: str, verifier: str) -> bool: ...

    async def resend_verification(self, callback_id: str) -> None: ...


@dataclass(frozen=True)
class Safety:
    """How a target makes a second send of the same document safe.

    `refuses_duplicates`: the target itself returns or refuses the second document with our
    key, so that it may be sent again at once. Otherwise `settle_seconds` must pass after the
    send's deadline before a document that was not found may be sent again. `resumes_creation`:
    `create` of a document that exists half done completes it; otherwise one that exists is
    complete, and `create` is never called for it again. `refuses_repeats`: the target refuses to
    take the very same record under the same key twice, though not another one. `keeps_drafts`:
    what is created waits for our own `post`, so that it can be tried out and discarded.
    """

    refuses_duplicates: bool
    settle_seconds: float
    explanation: str
    resumes_creation: bool = False
    refuses_repeats: bool = False
    keeps_drafts: bool = False


class Memo(Protocol):
    """A few words about one entry that outlive a failure or a killed worker."""

    async def read(self) -> str: ...

    async def write(self, text: str) -> None: ...


class TargetPort(Protocol):
    """Where documents are posted.

    `create` and `post` raise Rejected, OutcomeUnknown or another ConnectorError; both are
    called only by the posting activity, behind the fence. `lookup` finds by key, drafts first,
    then posted, and raises Unavailable rather than say absent when it cannot tell.
    """

    system: str
    safety: Safety

    async def schema(self) -> TargetSchema: ...

    async def refresh(self) -> None:
        """Forget what was read of the target's own descriptions: they may have changed."""
        ...

    async def find_customers(
        self, *, key: str = "", number: str = "", email: str = "", name: str = ""
    ) -> list[TargetCustomer]: ...

    async def create_customer(self, key: Key, record: MappedRecord) -> TargetCustomer: ...

    async def update_customer(self, number: str, record: MappedRecord) -> TargetCustomer: ...

    async def lookup(self, key: Key) -> Posting: ...

    async def shows_drafts(self, key: Key) -> bool:
        """Whether `lookup` finds a document of this kind while it is unposted. Where it does not,
        not finding one proves nothing for as long as somebody else may post it."""
        ...

    async def create(self, key: Key, record: MappedRecord) -> Posting:
        """Make the unposted document and return it with the target's own figures."""
        ...

    async def post(self, key: Key) -> Posting:
        """Post what was created. On a target where a clerk or a batch job posts this only looks,
        and answers CREATED until they did."""
        ...

    async def discard(self, key: Key) -> None:
        """Remove an unposted document (its content is obsolete). Nothing when there is none."""
        ...

    async def reverse(
        self, original: Key, reversal: Key, posting_date: date, memo: Memo | None = None
    ) -> Posting:
        """Take back a posted payment; unapplies it first. The reversal has its own key."""
        ...

    async def reverse_entry(
        self, original: Key, number: str, reversal: Key, posting_date: date
    ) -> Posting:
        """Take back a receipt or a credit that stands under the target's own number, whoever
        posted it, under a key of ours; what it settles is taken back first. `original` is the key
        of the document that it stands for once too often. Rejected where no service of the target
        can, with the words what a person has to do."""
        ...

    async def apply(
        self,
        entry: Key,
        invoice_number: str,
        amount: Money | None = None,
        kind: Kind = Kind.INVOICE,
    ) -> Posting:
        """Apply an open posted entry of ours to a posted invoice, named by the target's number;
        `kind` refund names a refund instead.

        `amount` (positive, document currency) limits how much; without it as much as both
        leave open. An entry that is applied to that document already is left as it is.
        """
        ...

    async def unapply(
        self, entry: Key, invoice_number: str = "", memo: Memo | None = None
    ) -> Posting:
        """Take back what an entry of ours settles: on one invoice, or on all when none is
        named. Nothing applied is success. Whatever else was settled stays settled: what has to
        be taken back with it is noted in `memo` before, so that a repetition settles it again."""
        ...

    async def lookup_number(self, key: Key, number: str) -> Posting:
        """What stands under the target's own number for a document of the key's kind: used for
        postings that people made by hand and we adopted; they do not carry our key."""
        ...

    async def open_day(self, on: date) -> date | None:
        """The first day on or after `on` into which may be posted; None when there is none."""
        ...

    async def find_vendor_document(self, vendor: str, number: str) -> list[str]:
        """The target's numbers of what a vendor is owed for under the vendor's own document
        number, without our key and not taken back."""
        ...

    async def find_similar(self, party: str, amount: Money, on: date, days: int) -> list[Posting]:
        """Postings without our key of the same party, amount and currency near a date."""
        ...

    async def find_similar_payables(
        self, vendor: str, amount: Money, on: date, days: int
    ) -> list[Posting]:
        """What a vendor is owed without our key over this amount and currency near a date."""
        ...


class LedgerChange(NamedTuple):
    """Something happened to the entry of one of our postings; `is_settled` says that nothing is
    open of it any more, or that it was taken back."""

    key: Key
    is_settled: bool


@runtime_checkable
class ChangeTracking(Protocol):
    """A target that can tell which of our postings were posted, settled or reversed."""

    def ledger_changes(self, since: datetime) -> AsyncIterator[Sequence[LedgerChange]]:
        """Pages of what changed in the customer ledger after a moment (aware), by the target's
        clock; what happened twice may come twice.

        Raises Misconfigured where the site does not track changes, ChangesLost when the moment
        is older than the target remembers.
        """
        ...

    async def untracked(self) -> str:
        """Why this site does not tell what changes, for its administrator; empty when it does."""
        ...


@runtime_checkable
class ChoosesDocument(Protocol):
    """A target whose connection says what an invoice becomes there."""

    @property
    def invoice_entity(self) -> str: ...
