"""The plan of a process: the next steps of one document, each with its reason."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from pydantic import BaseModel, ConfigDict

from documents.bill import BillPayment
from documents.cash import Payment
from documents.hold import Hold
from documents.money import Money


class Outcome(StrEnum):
    """How things stand once the steps of the plan are done."""

    WAITING = "waiting"
    CLOSED = "closed"
    IGNORED = "ignored"
    HELD = "held"


class StepName(StrEnum):
    """Named by what each does for the business; the activity of a step bears the same name."""

    POST_INVOICE = "post invoice"
    DISCARD_DRAFT = "discard draft"
    WRITE_REFERENCE = "write back reference"
    ADOPT_INVOICE = "adopt invoice"
    LINK_INVOICE = "link invoice"
    POST_PAYMENT = "post payment"
    ADOPT_PAYMENT = "adopt payment"
    APPLY_PAYMENT = "apply payment"
    UNAPPLY_PAYMENT = "unapply payment"
    APPLY_CREDIT = "apply credit"
    UNAPPLY_CREDIT = "unapply credit"
    REVERSE_PAYMENT = "reverse payment"
    PREPARE_AGAIN = "prepare again"
    PREPARE_REVERSAL = "prepare reversal"
    PREPARE_PAYMENT_AGAIN = "prepare payment again"
    PREPARE_CREDIT_NOTE_AGAIN = "prepare credit note again"
    REVERSE_INVOICE = "reverse invoice"
    POST_CREDIT_NOTE = "post credit note"
    ADOPT_CREDIT_NOTE = "adopt credit note"
    LINK_CREDIT_NOTE = "link credit note"
    REVERSE_CREDIT_NOTE = "reverse credit note"
    SETTLE_REVERSAL = "settle reversal"
    ASK_APPROVAL = "ask for approval"
    POST_EXPENSE = "post expense"
    ADOPT_EXPENSE = "adopt expense"
    MARK_EXPENSE = "mark expense"
    REVERSE_EXPENSE = "reverse expense"
    POST_BILL = "post bill"
    ADOPT_BILL = "adopt bill"
    REVERSE_BILL = "reverse bill"
    POST_BILL_PAYMENT = "post bill payment"
    APPLY_BILL_PAYMENT = "apply bill payment"
    REVERSE_BILL_PAYMENT = "reverse bill payment"
    TELL_EXPENSES = "tell expenses"


class Step(BaseModel):
    """One step: `key` is that of the posting it makes or changes, `target_key` that of the
    posting it acts on (the invoice or refund a payment is applied to, the original of a
    reversal); `number` is a target number that a person named, `amount` how much of an entry is
    to settle what it is applied to."""

    model_config = ConfigDict(frozen=True)

    name: StepName
    key: str
    why: str
    target_key: str = ""
    source_id: str = ""
    payment: Payment | None = None
    bill_payment: BillPayment | None = None
    number: str = ""
    amount: Money | None = None
    posting_date: date | None = None


class Plan(BaseModel):
    """What is to be done now, and how the document stands afterwards.

    `reason` is the sentence shown to people. `look_again` asks for another look as soon as the
    steps are done, because more can only be decided then. `closes_when_settled` closes the
    document without another look if the last step leaves nothing open on the invoice. `stage` is
    what people see where the outcome alone does not say it.
    """

    model_config = ConfigDict(frozen=True)

    outcome: Outcome
    reason: str
    steps: tuple[Step, ...] = ()
    hold: Hold | None = None
    look_again: bool = False
    closes_when_settled: bool = False
    stage: str = ""

    @classmethod
    def held(cls, hold: Hold) -> Plan:
        """Somebody, or the source, has to change something first."""
        return cls(outcome=Outcome.HELD, reason=hold.reason, hold=hold)

    @classmethod
    def doing(cls, reason: str, *steps: Step) -> Plan:
        """Steps, after which more can be decided."""
        return cls(outcome=Outcome.WAITING, reason=reason, steps=steps, look_again=True)
