"""The mapping of one connection: from documents to records of the target."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Literal

from documents.bill import Bill, BillPayment
from documents.cash import CreditNote, Payment
from documents.customer import Customer, TargetCustomer
from documents.expense import Expense, Payer
from documents.invoice import Invoice
from documents.key import Key
from documents.money import Money
from documents.record import Figures, MappedRecord, TraceEntry
from documents.schema import TargetSchema
from documents.write_off import WriteOff
from mapping.bills import BillRecords
from mapping.check import Checker
from mapping.conversion import Currencies
from mapping.corrections import NONE, Corrections, parse
from mapping.document import SalesDocument, of_credit_note, of_invoice
from mapping.entity import Entities, Posting
from mapping.errors import SpecError
from mapping.expenses import ExpenseRecords
from mapping.limits import LimitChecker
from mapping.loading import load_schema, load_spec
from mapping.parties import CustomerRecords
from mapping.rates import RateTable
from mapping.receipts import ReceiptRecords
from mapping.reversals import ReversalRecords
from mapping.rounding import Roundings
from mapping.rules import Rules
from mapping.sales import SalesRecords, Tools
from mapping.source import SpecSource, Stamp, stamp
from mapping.spec import Spec
from mapping.write_offs import WriteOffRecords


class Mapper:
    """Maps documents by one spec. Pure: the same document gives the same record, byte for byte.

    Every method that maps raises HoldRequired where the spec or the document cannot decide, and
    CorrectionRefused for a correction of anything but coding, matching and posting date.
    """

    def __init__(self, tools: Tools, stamps: Mapping[Path, Stamp]) -> None:
        self._tools = tools
        self._stamps = stamps
        self._sales = SalesRecords(tools)
        self._customers = CustomerRecords(tools)
        self._receipts = ReceiptRecords(tools)
        self._reversals = ReversalRecords(tools)
        self._roundings = Roundings(tools)
        self._expenses = ExpenseRecords(tools)
        self._bills = BillRecords(tools)
        self._write_offs = WriteOffRecords(tools)

    @classmethod
    def load(
        cls, path: Path | str, schema: TargetSchema | None = None, rates: RateTable | None = None
    ) -> Mapper:
        """Read a spec and check all of it. Raises SpecError with every problem found.

        `schema` is what the target says of itself; without it the recorded schema that the spec
        names is used. `rates` replaces the rate file of the spec.
        """
        path = Path(path)
        spec, source = load_spec(path)
        stamps = dict(source.stamps)
        if schema is None and spec.schema_file:
            recorded = path.parent / spec.schema_file
            stamps[recorded] = stamp(recorded)
            schema = load_schema(recorded)
        entities = Entities(schema)
        rules = _checked(spec, source, path.parent, entities)
        currencies = Currencies(spec, rules, path.parent, rates)
        identity = f"{spec.name}@{source.digest[:12]}"
        return cls(Tools(spec, rules, entities, currencies, identity), stamps)

    @property
    def is_current(self) -> bool:
        """Whether the files of the spec are still those that were read."""
        return all(stamp(path) == seen for path, seen in self._stamps.items())

    @property
    def identity(self) -> str:
        """The name of the spec and the digest of its files, as every record carries it."""
        return self._tools.identity

    @property
    def local_currency(self) -> str:
        """The ISO code of the currency that the target's books are kept in."""
        return self._tools.spec.currency.local

    def is_converted(self, currency: str) -> bool:
        """Whether documents in this currency are converted before they are posted."""
        return self._tools.currencies.posting_currency(currency) != currency

    def booked(self, amount: Money, on: date) -> Money:
        """What a document of that day over an amount is posted over. HoldRequired (rate-missing)
        when it is to be converted and there is no rate."""
        rate = self._tools.currencies.rate(amount.currency, on)
        return rate.convert(amount) if rate else amount

    def without_rate(self, on: date) -> list[str]:
        """The currencies of the map whose documents of a day would be held for want of a rate."""
        return self._tools.currencies.without_rate(on)

    @property
    def target_document(self) -> str:
        """What an invoice becomes: invoice, order or journal."""
        return self._tools.spec.invoice.document

    @property
    def invoice_entity(self) -> str:
        """The target's entity that an invoice becomes."""
        return self._tools.spec.invoice.entity

    @property
    def customer_match(self) -> tuple[str, ...]:
        """The ways of finding a client's customer, in this order: reference, email, name."""
        return tuple(self._tools.spec.customer.match)

    @property
    def customer_when_missing(self) -> Literal["create", "hold"]:
        """What happens to a client that no customer fits."""
        return self._tools.spec.customer.when_missing

    def map_invoice(
        self,
        invoice: Invoice,
        customer: Customer,
        target_customer: str,
        key: Key,
        posting_date: date,
        corrections: Mapping[str, str] | None = None,
    ) -> MappedRecord:
        """The sales document of an invoice, with the figures the target must compute from it."""
        return self._sale(
            of_invoice(invoice), customer, target_customer, key, posting_date, corrections
        )

    def map_credit_note(
        self,
        note: CreditNote,
        customer: Customer,
        target_customer: str,
        key: Key,
        posting_date: date,
        corrections: Mapping[str, str] | None = None,
    ) -> MappedRecord:
        """The credit memo of a goodwill credit note. Others stand for money that was received
        and are never documents of their own."""
        return self._sale(
            of_credit_note(note), customer, target_customer, key, posting_date, corrections
        )

    def map_reversal(
        self, original: MappedRecord, key: Key, posting_date: date, applies_to: str
    ) -> MappedRecord:
        """The credit memo that takes back a posted record: the same lines, not the source's
        present ones. `applies_to` is the target's number of the posted document."""
        reverses = key.of_kind(original.kind).text()
        posting = Posting(
            key=key, posting_date=posting_date, applies_to=applies_to, reverses=reverses
        )
        return self._reversals.record(original, posting)

    def map_payment(
        self,
        payment: Payment,
        target_customer: str,
        key: Key,
        posting_date: date,
        applies_to: str | None,
        corrections: Mapping[str, str] | None = None,
    ) -> MappedRecord:
        """The receipt of a payment. `applies_to` is the target's number of the posted invoice,
        None for a payment that is applied afterwards."""
        fix = self._corrections(corrections)
        posting, trace = _posting(key, target_customer, posting_date, fix, applies_to or "")
        record = self._receipts.record(payment, posting, fix)
        return _finished(record, trace, payment.date)

    def map_expense(
        self,
        expense: Expense,
        payer: Payer,
        vendor: str,
        key: Key,
        posting_date: date,
        corrections: Mapping[str, str] | None = None,
    ) -> MappedRecord:
        """The posting of an expense: for a person's own money on the vendor account of that
        person, for the company's against its bank or card clearing account."""
        fix = self._corrections(corrections)
        posting, trace = _posting(key, vendor, posting_date, fix)
        record = self._expenses.record(expense, payer, posting, fix)
        return _finished(record, trace, expense.document_date)

    def map_bill(
        self,
        bill: Bill,
        vendor: str,
        key: Key,
        posting_date: date,
        corrections: Mapping[str, str] | None = None,
    ) -> MappedRecord:
        """The posting of a bill on the vendor's account."""
        fix = self._corrections(corrections)
        posting, trace = _posting(key, vendor, posting_date, fix)
        record = self._bills.record(bill, posting, fix)
        return record.model_copy(update={"trace": (*trace, *record.trace)})

    def map_bill_payment(
        self,
        payment: BillPayment,
        bill: str,
        vendor: str,
        key: Key,
        posting_date: date,
        applies_to: str,
        corrections: Mapping[str, str] | None = None,
    ) -> MappedRecord:
        """The payment of a bill, whose number at the vendor is `bill`; `applies_to` is the
        target's number of the posted bill."""
        fix = self._corrections(corrections)
        posting, trace = _posting(key, vendor, posting_date, fix, applies_to)
        record = self._bills.payment(payment, bill, posting, fix)
        return record.model_copy(update={"trace": (*trace, *record.trace)})

    def map_write_off(
        self, made: WriteOff, target_customer: str, key: Key, posting_date: date, applies_to: str
    ) -> MappedRecord:
        """The journal line that books a difference. `applies_to` is the target's number of the
        invoice that a credit settles; empty for a debit."""
        posting, _ = _posting(key, target_customer, posting_date, NONE, applies_to)
        return self._write_offs.record(made, posting)

    @property
    def missing_for_bills(self) -> tuple[str, ...]:
        """The sections without which bills and their payments cannot be posted."""
        spec = self._tools.spec
        wanted = {
            "bill_coding": spec.bill_coding,
            "bill": spec.bill,
            "bill_payment": spec.bill_payment,
        }
        return tuple(name for name, section in wanted.items() if section is None)

    @property
    def writes_off(self) -> bool:
        """Whether the spec says how a difference is written off."""
        return self._tools.spec.write_off is not None

    def is_journal(self, record: MappedRecord) -> bool:
        """Whether a record of a cost is a journal, which the target reverses by itself."""
        spec = self._tools.spec
        journals = (spec.expense_journal, spec.expense, spec.bill, spec.bill_payment)
        return any(
            section.entity == record.entity and section.document == "journal"
            for section in journals
            if section
        )

    def map_customer(self, customer: Customer, key: Key) -> MappedRecord:
        """A new customer of the target."""
        return self._customers.new(customer, key)

    def map_customer_update(
        self, customer: Customer, existing: TargetCustomer
    ) -> MappedRecord | None:
        """The fields to change in an existing customer, of those the spec lists; None when all
        are as they should be."""
        return self._customers.update(customer, existing)

    def settle_rounding(self, record: MappedRecord, target_figures: Figures) -> MappedRecord:
        """The record with a rounding line where the target's figures differ within tolerance;
        HoldRequired (totals-differ) with both figures where they differ by more."""
        return self._roundings.settle(record, target_figures)

    def _sale(
        self,
        document: SalesDocument,
        customer: Customer,
        target_customer: str,
        key: Key,
        posting_date: date,
        corrections: Mapping[str, str] | None,
    ) -> MappedRecord:
        fix = self._corrections(corrections)
        posting, trace = _posting(key, target_customer, posting_date, fix)
        record = self._sales.record(document, customer, posting, fix)
        return _finished(record, trace, document.date)

    def _corrections(self, given: Mapping[str, str] | None) -> Corrections:
        if not given:
            return NONE
        spec = self._tools.spec
        of_costs = (name for _, coding in spec.cost_codings() for name in coding.dimensions)
        return parse(given, {*spec.coding.dimensions, *of_costs})


def _finished(record: MappedRecord, corrected: Sequence[TraceEntry], on: date) -> MappedRecord:
    trace = (*corrected, *record.trace)
    return record.model_copy(update={"trace": trace, "document_date": on})


def _checked(spec: Spec, source: SpecSource, folder: Path, entities: Entities) -> Rules:
    checker = Checker(spec, source, folder)
    problems = [*checker.problems(), *LimitChecker(spec, source, entities).problems()]
    if problems:
        raise SpecError(list(dict.fromkeys(problems)))
    return Rules(checker.tables, checker.expressions)


def _posting(
    key: Key, customer: str, posting_date: date, fix: Corrections, applies_to: str = ""
) -> tuple[Posting, list[TraceEntry]]:
    """The posting with the corrections of customer and date, each with a trace."""
    found = Posting(
        key=key,
        customer=fix.customer or customer,
        posting_date=fix.posting_date or posting_date,
        applies_to=applies_to,
    )
    trace = []
    if fix.customer:
        trace.append(_correction("customer", customer, fix.customer))
    if fix.posting_date:
        trace.append(_correction("posting date", str(posting_date), str(fix.posting_date)))
    return found, trace


def _correction(what: str, before: str, after: str) -> TraceEntry:
    return TraceEntry(field=what, rule="correction", source=before, value=after)
