"""Records of expenses: a purchase invoice of who paid, or a journal against the company's money."""

from __future__ import annotations

from dataclasses import replace

from documents.expense import Expense, Payer
from documents.record import MappedRecord
from mapping import trace
from mapping.corrections import Corrections
from mapping.costs import Cost, CostCoder, CostRecords
from mapping.entity import Posting
from mapping.errors import held
from mapping.names import EXPENSE, Value, values_of
from mapping.sales import Tools
from mapping.sections import CostCoding
from mapping.spec import Spec

_SECTIONS = {Payer.PERSON: "expense", Payer.COMPANY: "expense_journal"}
_LINE = "1"
"""An expense has one line, which corrections may name."""


class ExpenseRecords:
    """Makes records of expenses by one spec."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools
        self._records = CostRecords(tools)

    def record(
        self, expense: Expense, payer: Payer, posting: Posting, fix: Corrections
    ) -> MappedRecord:
        """The record of an expense. Raises HoldRequired."""
        section = self._tools.section(_SECTIONS[payer])
        coder = CostCoder(self._tools, _coding(self._tools.spec))
        currencies = self._tools.currencies
        currency = currencies.code(currencies.posting_currency(expense.currency))
        posting = replace(posting, currency=currency.code)
        values = self._values(expense, payer, posting)
        bank = coder.clearing(values, fix) if payer is Payer.COMPANY else None
        values["record.bank_account"] = bank.value if bank else ""
        lines, coded = coder.coded(_cost(expense), values, fix)
        record = self._records.record(section, posting, lines, values)
        found = [currency.trace, *coded, *([trace.entry("clearing", bank)] if bank else [])]
        return record.model_copy(update={"trace": (*found, *record.trace)})

    def _values(self, expense: Expense, payer: Payer, posting: Posting) -> dict[str, Value]:
        return {
            **posting.values(),
            **values_of("expense", EXPENSE, expense),
            "expense.payer": payer.value,
            "record.vendor": posting.customer,
        }


def _cost(expense: Expense) -> Cost:
    return Cost(
        line_id=_LINE,
        category=expense.category,
        description=expense.vendor,
        gross=expense.gross,
        taxes=expense.taxes,
        on=expense.document_date,
    )


def _coding(spec: Spec) -> CostCoding:
    if spec.expense_coding is None:
        raise held("not-mapped", f"the mapping {spec.name} has no section expense_coding")
    return spec.expense_coding
