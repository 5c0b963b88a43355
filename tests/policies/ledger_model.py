"""A small model of both sides, in memory: a source that people change at any moment, and a
ledger in which the steps of a plan have exactly the effect that their names promise."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from activities import rows
from documents.cash import Payment
from documents.invoice import Invoice, InvoiceStage
from documents.key import Key, Kind
from documents.money import Money
from documents.plan import Outcome, Plan, Step, StepName
from documents.posting import Posting, PostingState
from documents.record import MappedRecord
from documents.row import DocumentRow, PostingRow
from policies.facts import Record, Source
from policies.order_to_cash import decide
from policies.settings import OrderToCashPolicy
from tests.documents.test_invoice import invoice as an_invoice

ID = "1234567"
TAG = "TEST"


def usd(amount: Decimal | int | str) -> Money:
    return Money.of(amount, "USD")


@dataclass
class Entry:
    """A posted entry: what it was posted with, and what it is applied to (by key)."""

    amount: Money
    reversed: bool = False
    applied_to: str | None = None


@dataclass
class World:
    """Both sides and our record of one invoice."""

    policy: OrderToCashPolicy
    stage: InvoiceStage = InvoiceStage.DRAFT
    total: Decimal = Decimal(100)
    payments: dict[str, Decimal] = field(default_factory=dict)
    ledger: dict[str, Entry] = field(default_factory=dict)
    row: DocumentRow = field(
        default_factory=lambda: DocumentRow(connection="c", kind=Kind.INVOICE, source_id=ID)
    )
    posted: list[str] = field(default_factory=list)

    def invoice(self) -> Invoice:
        total, paid = usd(self.total), usd(sum(self.payments.values(), Decimal(0)))
        line = (
            an_invoice()
            .lines[0]
            .model_copy(
                update={"amount": total, "quantity": Decimal(1), "unit_price": total, "taxes": ()}
            )
        )
        return an_invoice(
            source_id=ID, stage=self.stage, lines=(line,), subtotal=total, discount=usd(0),
            discount_percent=Decimal(0), net=total, taxes=(), total=total, paid=paid,
            outstanding=max(total - paid, usd(0)),
        )  # fmt: skip

    def source(self) -> Source:
        payments = tuple(
            Payment(
                source_id=payment_id,
                invoice_id=ID,
                amount=usd(amount),
                date=date(2026, 11, 5),
                type="Check",
            )
            for payment_id, amount in sorted(self.payments.items())
        )
        return Source(invoice=self.invoice(), payments=payments)

    def record(self) -> Record:
        postings = {key: self._posting_row(key) for key in self.ledger}
        target = {key: self._posting(key) for key in self.ledger}
        known = {key.source_id: key for key in map(Key.parse, self.ledger)}
        cash = {i: _known(key) for i, key in known.items() if i in self.payments}
        return Record(tag=TAG, row=self.row, postings=postings, target=target, payments=cash)

    def payment_row(self, payment_id: str) -> DocumentRow:
        """The row of a payment as its posting leaves it."""
        (payment,) = (p for p in self.source().payments if p.source_id == payment_id)
        return DocumentRow(
            connection="c", kind=Kind.PAYMENT, source_id=payment_id,
            fingerprint=payment.fingerprint(), target_number="known",
        )  # fmt: skip

    def look(self) -> Plan:
        return decide(self.source(), self.record(), self.policy)

    def run(self, steps: int | None = None) -> Plan:
        """Look and carry out the plan, or only its first steps, as when a worker dies."""
        plan = self.look()
        for step in plan.steps[:steps]:
            self._carry_out(step)
        return plan

    def settle_down(self) -> Plan:
        """Run until nothing changes: at most a handful of looks for any state of the world."""
        for _ in range(10):
            if not self.run().steps:
                return self.look()
        raise AssertionError(f"never settles: {self.look()}")

    def live(self, kind: Kind) -> list[str]:
        return [
            key
            for key, entry in self.ledger.items()
            if Key.parse(key).kind is kind and not entry.reversed
        ]

    def open_amount(self, invoice_key: str) -> Decimal:
        cash = sum(
            (e.amount.amount for e in self.ledger.values() if e.applied_to == invoice_key),
            Decimal(0),
        )
        return max(self.ledger[invoice_key].amount.amount - cash, Decimal(0))

    def _carry_out(self, step: Step) -> None:
        match step.name:
            case StepName.POST_INVOICE:
                self._post_invoice(step)
            case StepName.POST_PAYMENT:
                assert step.payment is not None
                self._post(step.key, Entry(step.payment.amount, applied_to=step.target_key or None))
            case StepName.APPLY_PAYMENT:
                self.ledger[step.key].applied_to = step.target_key
            case StepName.UNAPPLY_PAYMENT:
                self.ledger[step.key].applied_to = None
            case StepName.REVERSE_PAYMENT:
                self._reverse(step)
            case StepName.REVERSE_INVOICE:
                self._reverse_invoice(step)
            case StepName.WRITE_REFERENCE | StepName.DISCARD_DRAFT:
                pass

    def _post_invoice(self, step: Step) -> None:
        invoice = self.invoice()
        self._post(step.key, Entry(invoice.total))
        posting = Posting(
            key=step.key, kind=Kind.INVOICE, state=PostingState.POSTED, number=step.key, party="C1"
        )
        key, digest = Key.parse(step.key), invoice.fingerprint()
        self.row = rows.posted(self.row, key, posting, digest)

    def _post(self, key: str, entry: Entry) -> None:
        assert key not in self.ledger, f"{key} posted twice"
        self.posted.append(key)
        self.ledger[key] = entry

    def _reverse(self, step: Step) -> None:
        original = self.ledger[step.target_key]
        assert not original.reversed, f"{step.target_key} reversed twice"
        self._post(step.key, Entry(original.amount, reversed=True))
        original.reversed, original.applied_to = True, None

    def _reverse_invoice(self, step: Step) -> None:
        applied = [k for k, e in self.ledger.items() if e.applied_to == step.target_key]
        assert not applied, f"{step.target_key} reversed while {applied} settle it"
        self._reverse(step)
        self.row = rows.reversed_once_more(self.row, Key.parse(step.target_key))

    def _posting_row(self, key: str) -> PostingRow:
        parsed = Key.parse(key)
        return PostingRow(
            key=key, connection="c", kind=parsed.kind, source_id=parsed.source_id,
            generation=parsed.generation, state=PostingState.POSTED, number=key,
            record=MappedRecord(kind=parsed.kind, entity="entry", header={}),
        )  # fmt: skip

    def _posting(self, key: str) -> Posting:
        entry, kind = self.ledger[key], Key.parse(key).kind
        is_open = kind is Kind.PAYMENT and not entry.applied_to
        left = entry.amount if is_open else usd(0)
        if kind is Kind.INVOICE:
            left = usd(0) if entry.reversed else usd(self.open_amount(key))
        return Posting(
            key=key, kind=kind, state=PostingState.POSTED, number=key, remaining=left,
            applied_to=(entry.applied_to,) if entry.applied_to else (),
        )  # fmt: skip


def _known(key: Key) -> DocumentRow:
    """The row of a payment whose number was written down."""
    return DocumentRow(
        connection="c", kind=Kind.PAYMENT, source_id=key.source_id, target_number=key.text()
    )


FINAL_OUTCOMES = {Outcome.CLOSED, Outcome.WAITING, Outcome.IGNORED}
