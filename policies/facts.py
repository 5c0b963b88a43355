"""What a decision is made of: the source as it is now, our record, and the target's word."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from pydantic import BaseModel, ConfigDict

from documents.cash import Payment
from documents.exchange import Exchange, Rate
from documents.hold import Hold
from documents.invoice import Invoice, InvoiceStage
from documents.key import Key, Kind
from documents.money import Money
from documents.posting import UNPOSTED, Posting, PostingState
from documents.row import Action, Decision, DocumentRow, PostingRow


class Source(BaseModel):
    """The source as it is now. `invoice` None: gone or never there. `unreadable` holds why it
    could not be built. `payments` are those that are not deleted. `late_fee` is what was added to
    a posted invoice, which `invoice` then is without; what is paid settles that first."""

    model_config = ConfigDict(frozen=True)

    invoice: Invoice | None = None
    unreadable: Hold | None = None
    unreadable_stage: InvoiceStage = InvoiceStage.FINAL
    payments: tuple[Payment, ...] = ()
    late_fee: Invoice | None = None

    @property
    def owed(self) -> Money | None:
        """What the client still has to pay of the invoice and its late fee."""
        parts = [each.owed for each in (self.invoice, self.late_fee) if each]
        return Money.total(parts, parts[0].currency) if parts else None

    @property
    def stage(self) -> InvoiceStage:
        """Gone counts as deleted; what cannot be built still has a stage."""
        if self.invoice:
            return self.invoice.stage
        return self.unreadable_stage if self.unreadable else InvoiceStage.DELETED


class Record(BaseModel):
    """What our store knows: the row of the invoice, those of its payments by id, every posting
    made for it by key, the entries of the credits it uses by credit id, the rates at which those
    entries (by key) were converted, and what the target now says of the postings that were
    looked up."""

    model_config = ConfigDict(frozen=True)

    tag: str
    row: DocumentRow
    postings: Mapping[str, PostingRow] = {}
    target: Mapping[str, Posting] = {}
    payments: Mapping[str, DocumentRow] = {}
    credits: Mapping[str, str] = {}
    credit_rates: Mapping[str, Rate | None] = {}

    @property
    def invoice_key(self) -> Key:
        return self.key(Kind.INVOICE, self.row.source_id, self.row.generation)

    def key(self, kind: Kind, source_id: str, generation: int = 1) -> Key:
        return Key(tag=self.tag, kind=kind, source_id=source_id, generation=generation)

    def state(self, key: Key) -> PostingState:
        """The target is the truth of what was posted; our row where it was not asked."""
        text = key.text()
        if text in self.target:
            return self.target[text].state
        return self.postings[text].state if text in self.postings else PostingState.ABSENT

    def is_posted(self, key: Key) -> bool:
        return self.state(key) in (PostingState.POSTED, PostingState.REVERSED)

    def live(self, *kinds: Kind) -> list[PostingRow]:
        """Postings of these kinds that were made and not taken back, in order of their keys."""
        return [
            row
            for text, row in sorted(self.postings.items())
            if row.kind in kinds and self.is_live(Key.parse(text))
        ]

    def under_way(self, *kinds: Kind) -> list[PostingRow]:
        """What stands in the target unposted or may come there, in order of the keys."""
        return [
            row
            for text, row in sorted(self.postings.items())
            if row.kind in kinds and self.is_under_way(Key.parse(text))
        ]

    def is_under_way(self, key: Key) -> bool:
        """Created, or sent with an outcome that nobody knows yet: it can still be posted."""
        if self.is_posted(key):
            return False
        row = self.postings.get(key.text())
        return self.state(key) in UNPOSTED or (row is not None and bool(row.send))

    def is_gone(self, key: Key) -> bool:
        """Created, and then deleted in the target by others."""
        row = self.postings.get(key.text())
        was_created = row is not None and row.state in UNPOSTED
        return was_created and self.state(key) is PostingState.ABSENT

    def is_live(self, key: Key) -> bool:
        if self.state(key) is not PostingState.POSTED:
            return False
        if key.kind is Kind.CREDIT_APPLICATION:
            return True
        return not self.is_posted(key.of_kind(key.kind.reversal))

    def decision(self, payment_id: str) -> Decision | None:
        """What a person decided about this payment, not about its invoice."""
        row = self.payments.get(payment_id)
        return row.decision if row else None

    def is_given_up(self, payment_id: str) -> bool:
        """Whether a person decided that this payment is left as it is."""
        decision = self.decision(payment_id)
        return decision is not None and decision.action in GIVEN_UP

    def is_reversed_by_people(self, payment: Payment) -> bool:
        """The target took the payment's last posting back, by no reversal of ours: money that a
        person took out of the books is not put back unasked."""
        key, decision = self.cash_key(payment), self.decision(payment.source_id)
        if payment.from_credit or key.generation == 1 or (decision and decision.released):
            return False
        last = key.model_copy(update={"generation": key.generation - 1})
        is_ours = self.is_posted(last.of_kind(last.kind.reversal))
        return self.state(last) is PostingState.REVERSED and not is_ours

    def is_open_and_not_ours(self, key: Key) -> bool:
        """Something is open on an entry that people made, and its invoice stands: only they can
        apply it."""
        found, stands = self.target.get(key.text()), self.is_live(self.invoice_key)
        return found is not None and bool(found.remaining) and self.is_adopted(key) and stands

    def is_changed(self, payment: Payment) -> bool:
        """Whether a posted payment is not what was posted any more."""
        row = self.payments.get(payment.source_id)
        key = self.cash_key(payment)
        posted_as = (row.fingerprint if row else "") or self.made_of(key)
        is_edited = bool(posted_as) and posted_as != payment.fingerprint()
        return is_edited or self.rates_apart(key) is not None

    @property
    def exchange(self) -> Exchange | None:
        """How the invoice was converted when it was posted: by its present generation, or the last
        one that was. None when it was not, or when nobody knows any more."""
        generations = range(self.row.generation, 0, -1)
        keys = [self.key(Kind.INVOICE, self.row.source_id, n).text() for n in generations]
        rows = [self.postings[text] for text in keys if text in self.postings]
        return next((row.exchange for row in rows if row.number), None)

    def rates_apart(self, key: Key) -> tuple[Rate, Rate] | None:
        """The rates of a posting and of the invoice, where they are not the same: an invoice of
        another day has another one, and its money with it."""
        row, invoice = self.postings.get(key.text()), self.exchange
        made = row.exchange if row else None
        if made is None or invoice is None or made.rate.rate == invoice.rate.rate:
            return None
        return made.rate, invoice.rate

    def is_of_other_customer(self, payment_id: str) -> bool:
        """Whether the invoice was given to another customer since this payment was posted."""
        row = self.payments.get(payment_id)
        theirs, ours = row.target_party if row else "", self.row.target_party
        return bool(theirs and ours) and theirs != ours

    def made_of(self, key: Key) -> str:
        """The fingerprint of the document as its kept record was mapped, "" if nobody knows: what
        stands in the target when the step that posted it could not say so."""
        row = self.postings.get(key.text())
        return row.record.made_of if row and row.record else ""

    def posted_on(self, key: Key) -> date | None:
        """The day under which something of ours stands in the target, as far as we know."""
        found, row = self.target.get(key.text()), self.postings.get(key.text())
        kept = row.record.posting_date if row and row.record else None
        return (found.posting_date if found else None) or kept

    def is_adopted(self, key: Key) -> bool:
        """Whether people made this posting: it does not carry our key."""
        row = self.postings.get(key.text())
        return row is not None and not row.was_sent and bool(row.number)

    def cash_key(self, payment: Payment) -> Key:
        """The key of a payment's next or present posting: one generation per taking back."""
        return self.next_key(_cash_kind(payment), payment.source_id)

    def next_key(self, kind: Kind, source_id: str) -> Key:
        """The key of the next or present posting of what has no generation of its own."""
        generation = 1
        while self._is_over(self.key(kind, source_id, generation)):
            generation += 1
        return self.key(kind, source_id, generation)

    def _is_over(self, key: Key) -> bool:
        return self.is_posted(key) and not self.is_live(key)


GIVEN_UP = (Action.SKIP, Action.ABANDON)
"""What a person decides about a document that is not to be touched again."""

CASH = (Kind.PAYMENT, Kind.REFUND, Kind.CREDIT_APPLICATION)
"""What a payment of the source becomes: a receipt, a refund, or an application of credit."""


def _cash_kind(payment: Payment) -> Kind:
    if payment.is_refund:
        return Kind.REFUND
    return Kind.CREDIT_APPLICATION if payment.from_credit else Kind.PAYMENT
