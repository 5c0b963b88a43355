"""Records of bills: a purchase invoice or journal of their vendor, and what is paid on them."""

from __future__ import annotations

from dataclasses import replace

from documents.bill import Bill, BillLine, BillPayment
from documents.record import MappedRecord, TraceEntry
from mapping import trace
from mapping.conversion import TargetCurrency
from mapping.corrections import Corrections
from mapping.costs import Cost, CostCoder, CostRecords, Values
from mapping.entity import Posting
from mapping.errors import held
from mapping.lines import CodedLine, Role
from mapping.names import BILL, BILL_LINE, BILL_PAYMENT, values_of
from mapping.sales import Tools


class BillRecords:
    """Makes records of bills and their payments by one spec."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools
        self._records = CostRecords(tools)

    def record(self, bill: Bill, posting: Posting, fix: Corrections) -> MappedRecord:
        """The record of a bill. Raises HoldRequired."""
        section = self._tools.section("bill")
        currency, posting = self._in_currency(bill.currency, posting)
        values = {**posting.values(), **values_of("bill", BILL, bill)}
        values["record.vendor"] = posting.customer
        lines, entries = self._lines(bill, values, fix)
        record = self._records.record(section, posting, lines, values)
        found = (currency.trace, *entries, *record.trace)
        return record.model_copy(update={"trace": found, "made_of": bill.fingerprint()})

    def payment(
        self, payment: BillPayment, bill: str, posting: Posting, fix: Corrections
    ) -> MappedRecord:
        """The journal of a payment, from the account of ours that its type leads to; `bill` is
        the vendor's own number. Raises HoldRequired."""
        section = self._tools.section("bill_payment")
        currency, posting = self._in_currency(payment.amount.currency, posting)
        values = {**posting.values(), **values_of("bill_payment", BILL_PAYMENT, payment)}
        values |= {"record.vendor": posting.customer, "bill.number": bill}
        bank = self._coder.clearing(values, fix)
        values["record.bank_account"] = bank.value
        line = CodedLine(Role.CASH, payment.amount, str(bank.value), "", payment.type)
        record = self._records.record(section, posting, [line], values)
        found = (currency.trace, trace.entry("bank account", bank), *record.trace)
        return record.model_copy(update={"trace": found, "made_of": payment.fingerprint()})

    def _in_currency(self, iso: str, posting: Posting) -> tuple[TargetCurrency, Posting]:
        currencies = self._tools.currencies
        currency = currencies.code(currencies.posting_currency(iso))
        return currency, replace(posting, currency=currency.code)

    def _lines(
        self, bill: Bill, values: Values, fix: Corrections
    ) -> tuple[list[CodedLine], list[TraceEntry]]:
        """The costs, then the taxes that are recovered, one line for each name and account."""
        coder, costs, taxes = self._coder, list[CodedLine](), list[CodedLine]()
        entries: list[TraceEntry] = []
        for line in bill.lines:
            known = {**values, **values_of("bill_line", BILL_LINE, line)}
            (cost, *recovered), found = coder.coded(_cost(bill, line), known, fix)
            costs.append(cost)
            taxes += recovered
            entries += found
        return [*costs, *taxes], entries

    @property
    def _coder(self) -> CostCoder:
        spec = self._tools.spec
        if spec.bill_coding is None:
            raise held("not-mapped", f"the mapping {spec.name} has no section bill_coding")
        return CostCoder(self._tools, spec.bill_coding)


def _cost(bill: Bill, line: BillLine) -> Cost:
    return Cost(
        line_id=line.line_id,
        category=line.category,
        description=line.description,
        gross=line.gross,
        taxes=line.taxes,
        on=bill.document_date,
    )
