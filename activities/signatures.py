"""What the steps of the processes take and give: the only thing workflows know of activities.

This module imports nothing but documents, so that the workflow sandbox loads it cheaply. Names
on the wire are explicit; contracts only ever gain optional fields.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from datetime import date

from pydantic import BaseModel, ConfigDict, model_validator
from temporalio import activity

from documents.cash import CreditNote, Payment
from documents.invoice import Invoice
from documents.key import Key, Kind
from documents.money import Money
from documents.plan import Plan
from documents.record import Figures, MappedRecord
from documents.row import Action, Decision


class Contract(BaseModel):
    """Base of everything on the wire: frozen, and tolerant of fields of a newer version."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class DocumentRef(Contract):
    """The source document a step works for."""

    connection: str
    kind: Kind
    source_id: str


class StartInput(Contract):
    """What every process of a document is started with, by us or by hand. Its `source` names
    the system that owns the document's task queue.

    Whatever cannot be read is missing here: then the run is refused with a sentence, where a
    task that cannot read its input would fail for ever.
    """

    connection: str = ""

    @model_validator(mode="before")
    @classmethod
    def _what_can_be_read(cls, value: object) -> object:
        if not isinstance(value, Mapping):
            return {}
        return {name: str(each) for name, each in value.items() if isinstance(each, str | int)}


class OrderToCashInput(StartInput):
    """Start of order to cash."""

    invoice_id: str = ""
    source: str = "freshbooks"


class HintInput(StartInput):
    """Something happened to an object: look which documents it concerns."""

    kind: str = ""
    object_id: str = ""
    source: str = "freshbooks"


class LookRequest(Contract):
    """Look at both sides of a document; `decision` is what a person just decided about it."""

    document: DocumentRef
    decision: Decision | None = None


class Look(Contract):
    """The present state and the plan. `invoice` is there when it or its `late_fee` will be posted;
    `queue` is the task queue of the target's steps; `second_person_for` the decisions about this
    document that somebody else has to approve."""

    plan: Plan
    queue: str
    document_number: str = ""
    target_number: str = ""
    amount: str = ""
    version: int = 0
    invoice: Invoice | None = None
    late_fee: Invoice | None = None
    credit_note: CreditNote | None = None
    second_person_for: tuple[Action, ...] = ()

    def invoice_of(self, key: str) -> Invoice:
        """What a step posts under a key: the invoice, or the late fee beside it."""
        found = self.late_fee if Key.parse(key).kind is Kind.LATE_FEE else self.invoice
        assert found is not None, "a plan that posts comes with what it posts"
        return found


class CustomerRequest(Contract):
    document: DocumentRef
    party_id: str


class CustomerResult(Contract):
    """The target's customer: its number and what was done (matched by what, created, updated)."""

    number: str
    how: str


class PrepareRequest(Contract):
    document: DocumentRef
    key: str
    invoice: Invoice
    customer_number: str


class RepostRequest(PrepareRequest):
    """Try whether an invoice could be posted under `key` once the posting of `target_key` is
    taken back on `posting_date`."""

    target_key: str
    posting_date: date | None = None


class Prepared(Contract):
    """The mapped record that every attempt to post will send, with its trace."""

    record: MappedRecord


class PostRequest(Contract):
    """Post the prepared record of a key. `fingerprint` digests the content it was made of."""

    document: DocumentRef
    key: str
    fingerprint: str


class AdoptRequest(Contract):
    """Take a posting that people made as the document's own, after comparing it."""

    document: DocumentRef
    key: str
    number: str
    customer_number: str
    invoice: Invoice


class StepRequest(Contract):
    """A step on an existing posting; see documents.plan.Step for the two keys. `closes` marks
    the document closed in our store if nothing stays open on the invoice."""

    document: DocumentRef
    key: str
    target_key: str = ""
    payment: Payment | None = None
    posting_date: date | None = None
    number: str = ""
    amount: Money | None = None
    closes: bool = False


class StepResult(Contract):
    """What a step did: `how` in words for the audit trail, `number` the target's own number of
    what was posted, `figures` what the target computed, `settled` whether the step left nothing
    open on the invoice. `posted` is False while the document is created in the target and waits
    for a clerk or batch job there."""

    how: str
    number: str = ""
    figures: Figures | None = None
    settled: bool = False
    posted: bool = True


class CreditNoteInput(StartInput):
    """Start of a credit note's process."""

    credit_id: str = ""
    source: str = "freshbooks"


class CreditNoteRequest(Contract):
    """Post a credit note: a goodwill one as a credit memo, a prepayment as a receipt. Or adopt
    the posting of that `number`, which people made. Or try whether it could be posted once that of
    `target_key` is taken back on `posting_date`."""

    document: DocumentRef
    key: str
    credit_note: CreditNote
    customer_number: str
    number: str = ""
    target_key: str = ""
    posting_date: date | None = None


class Concerned(Contract):
    """The workflows that were told to look again."""

    workflow_ids: tuple[str, ...]


class OrderToCashSteps(ABC):
    """The steps of order to cash. Workflows call them by these signatures; the implementation
    registered with the worker overrides each under the same name on the wire."""

    @activity.defn(name="look")
    @abstractmethod
    async def look(self, request: LookRequest) -> Look: ...

    @activity.defn(name="upsert customer")
    @abstractmethod
    async def upsert_customer(self, request: CustomerRequest) -> CustomerResult: ...

    @activity.defn(name="prepare")
    @abstractmethod
    async def prepare(self, request: PrepareRequest) -> Prepared: ...

    @activity.defn(name="post invoice")
    @abstractmethod
    async def post_invoice(self, request: PostRequest) -> StepResult: ...

    @activity.defn(name="adopt invoice")
    @abstractmethod
    async def adopt_invoice(self, request: AdoptRequest) -> StepResult: ...

    @activity.defn(name="discard draft")
    @abstractmethod
    async def discard_draft(self, request: StepRequest) -> StepResult: ...

    @activity.defn(name="write back reference")
    @abstractmethod
    async def write_reference(self, request: StepRequest) -> StepResult: ...

    @activity.defn(name="post payment")
    @abstractmethod
    async def post_payment(self, request: StepRequest) -> StepResult: ...

    @activity.defn(name="adopt payment")
    @abstractmethod
    async def adopt_payment(self, request: StepRequest) -> StepResult: ...

    @activity.defn(name="apply payment")
    @abstractmethod
    async def apply_payment(self, request: StepRequest) -> StepResult: ...

    @activity.defn(name="unapply payment")
    @abstractmethod
    async def unapply_payment(self, request: StepRequest) -> StepResult: ...

    @activity.defn(name="apply credit")
    @abstractmethod
    async def apply_credit(self, request: StepRequest) -> StepResult: ...

    @activity.defn(name="unapply credit")
    @abstractmethod
    async def unapply_credit(self, request: StepRequest) -> StepResult: ...

    @activity.defn(name="prepare payment again")
    @abstractmethod
    async def prepare_payment_again(self, request: StepRequest) -> StepResult: ...

    @activity.defn(name="reverse payment")
    @abstractmethod
    async def reverse_payment(self, request: StepRequest) -> StepResult: ...

    @activity.defn(name="prepare again")
    @abstractmethod
    async def prepare_again(self, request: RepostRequest) -> StepResult: ...

    @activity.defn(name="prepare reversal")
    @abstractmethod
    async def prepare_reversal(self, request: StepRequest) -> StepResult: ...

    @activity.defn(name="reverse invoice")
    @abstractmethod
    async def reverse_invoice(self, request: StepRequest) -> StepResult: ...


class CreditNoteSteps(ABC):
    """The steps of a credit note's own process; its customer is found as an invoice's is."""

    @activity.defn(name="look at credit note")
    @abstractmethod
    async def look_at_credit_note(self, request: LookRequest) -> Look: ...

    @activity.defn(name="post credit note")
    @abstractmethod
    async def post_credit_note(self, request: CreditNoteRequest) -> StepResult: ...

    @activity.defn(name="adopt credit note")
    @abstractmethod
    async def adopt_credit_note(self, request: CreditNoteRequest) -> StepResult: ...

    @activity.defn(name="prepare credit note again")
    @abstractmethod
    async def prepare_credit_note_again(self, request: CreditNoteRequest) -> StepResult: ...

    @activity.defn(name="reverse credit note")
    @abstractmethod
    async def reverse_credit_note(self, request: StepRequest) -> StepResult: ...

    @activity.defn(name="settle reversal")
    @abstractmethod
    async def settle_reversal(self, request: StepRequest) -> StepResult: ...


class HintSteps(ABC):
    """The one step of a hint."""

    @activity.defn(name="follow hint")
    @abstractmethod
    async def follow_hint(self, request: HintInput) -> Concerned: ...
