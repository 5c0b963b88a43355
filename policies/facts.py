"""What a decision is made of: the source as it is now, our record, and the target's word."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import BaseModel, ConfigDict

from documents.cash import Payment
from documents.hold import Hold
from documents.invoice import Invoice
from documents.key import Key, Kind
from documents.posting import Posting, PostingState
from documents.row import DocumentRow, PostingRow


class Source(BaseModel):
    """The source as it is now. `invoice` None: gone or never there. `unreadable` holds why it
    could not be built. `payments` are those that are not deleted."""

    model_config = ConfigDict(frozen=True)

    invoice: Invoice | None = None
    unreadable: Hold | None = None
    payments: tuple[Payment, ...] = ()


class Record(BaseModel):
    """What our store knows: the row of the invoice and every posting made for it, by key, and
    what the target now says of those that were looked up."""

    model_config = ConfigDict(frozen=True)

    tag: str
    row: DocumentRow
    postings: Mapping[str, PostingRow] = {}
    target: Mapping[str, Posting] = {}

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

    def live_payments(self) -> list[PostingRow]:
        """Payments posted and not taken back, oldest key first."""
        return [
            row
            for text, row in sorted(self.postings.items())
            if row.kind is Kind.PAYMENT and self.is_live(Key.parse(text))
        ]

    def is_live(self, key: Key) -> bool:
        reversal = key.of_kind(key.kind.reversal)
        return self.state(key) is PostingState.POSTED and not self.is_posted(reversal)

    def payment_key(self, payment_id: str) -> Key:
        """The key of a payment's next or present posting: one generation per reversal."""
        generation = 1
        while self.is_posted(self.key(Kind.PAYMENT_REVERSAL, payment_id, generation)):
            generation += 1
        return self.key(Kind.PAYMENT, payment_id, generation)
