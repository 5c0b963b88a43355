"""Records of expenses: a purchase invoice of who paid, or a journal against the company's money."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from documents.expense import Expense, Payer
from documents.money import Money
from documents.record import FieldValue, Figures, MappedRecord, TraceEntry
from mapping import trace
from mapping.conversion import exchange
from mapping.corrections import Corrections
from mapping.entity import Posting
from mapping.errors import held
from mapping.fields import Filled
from mapping.lines import CodedLine, Role
from mapping.names import EXPENSE, Value, values_of
from mapping.rules import Outcome
from mapping.sales import Tools
from mapping.spec import DocumentSection, ExpenseCoding, Spec

_SECTIONS = {Payer.PERSON: "expense", Payer.COMPANY: "expense_journal"}
_LINE = "1"
"""An expense has one line, which corrections may name."""


class ExpenseRecords:
    """Makes records of expenses by one spec."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools

    def record(
        self, expense: Expense, payer: Payer, posting: Posting, fix: Corrections
    ) -> MappedRecord:
        """The record of an expense. Raises HoldRequired."""
        section, coding = self._section(payer), _coding(self._tools.spec)
        currencies = self._tools.currencies
        currency = currencies.code(currencies.posting_currency(expense.currency))
        posting = replace(posting, currency=currency.code)
        values = self._values(expense, payer, posting)
        bank = self._clearing(coding, values, fix) if payer is Payer.COMPANY else None
        values["record.bank_account"] = bank.value if bank else ""
        lines, coded = self._lines(expense, coding, values, fix)
        record = self._assembled(section, posting, lines, values)
        found = [currency.trace, *coded, *([trace.entry("clearing", bank)] if bank else [])]
        return record.model_copy(update={"trace": (*found, *record.trace)})

    def _section(self, payer: Payer) -> DocumentSection:
        return self._tools.section(_SECTIONS[payer])

    def _values(self, expense: Expense, payer: Payer, posting: Posting) -> dict[str, Value]:
        return {
            **posting.values(),
            **values_of("expense", EXPENSE, expense),
            "expense.payer": payer.value,
            "record.vendor": posting.customer,
        }

    def _clearing(
        self, coding: ExpenseCoding, values: dict[str, Value], fix: Corrections
    ) -> Outcome:
        if fix.bank_account:
            return Outcome(fix.bank_account, "correction", "")
        found = self._tools.rules.apply(coding.clearing, values) if coding.clearing else None
        if found is None or found.is_blank:
            raise held(
                "bank-account-unmapped",
                "the account that the company paid with has no clearing account in the mapping",
                "map the payment account, or correct the bank account",
            )
        return found

    def _lines(
        self, expense: Expense, coding: ExpenseCoding, values: dict[str, Value], fix: Corrections
    ) -> tuple[list[CodedLine], list[TraceEntry]]:
        """The cost, and each tax that is recovered; the rest of the tax is cost."""
        account, entries = self._account(coding, values, fix)
        dimensions, of_dimensions = self._dimensions(coding, values, fix)
        recovered = self._tools.rules.apply(coding.recoverable, values)
        entries += [*of_dimensions, trace.entry("input tax recovered", recovered)]
        taxes = list(self._taxes(expense, coding, values)) if recovered.value == "yes" else []
        gross = self._converted(expense, expense.gross)
        cost = gross - Money.total((t.net for t in taxes), gross.currency)
        line = CodedLine(
            role=Role.COST,
            net=cost,
            account=account,
            tax_code=coding.zero_code,
            name=expense.category,
            description=expense.vendor,
            dimensions=dimensions,
            source_ids=(_LINE,),
        )
        return [line, *(replace(t, dimensions=dimensions) for t in taxes)], entries

    def _account(
        self, coding: ExpenseCoding, values: dict[str, Value], fix: Corrections
    ) -> tuple[str, list[TraceEntry]]:
        found = self._tools.rules.apply(coding.account, values)
        wanted = fix.account(_LINE, str(found.value))
        if wanted:
            found = Outcome(wanted, "correction", found.source, f"instead of {found.value}")
        if found.is_blank:
            raise held(
                "account-unmapped",
                f"category {values['expense.category']} has no account in the mapping",
                "map the category to an account, or correct the account",
            )
        return str(found.value), [trace.entry("account", found)]

    def _dimensions(
        self, coding: ExpenseCoding, values: dict[str, Value], fix: Corrections
    ) -> tuple[tuple[tuple[str, str], ...], list[TraceEntry]]:
        found, entries = [], []
        for name, rule in coding.dimensions.items():
            wanted = fix.dimension(name, _LINE)
            given = Outcome(wanted, "correction", "") if wanted else None
            outcome = given or self._tools.rules.apply(rule, values)
            found.append((name, str(outcome.value)))
            entries.append(trace.entry(f"dimension {name}", outcome))
        return tuple(found), entries

    def _taxes(
        self, expense: Expense, coding: ExpenseCoding, values: dict[str, Value]
    ) -> Iterator[CodedLine]:
        for tax in expense.taxes:
            known = {**values, "tax.name": tax.name, "tax.percent": str(tax.percent)}
            account = str(self._tools.rules.apply(coding.tax_account, known).value)
            amount = self._converted(expense, tax.amount)
            if amount:
                yield CodedLine(Role.TAX, amount, account, coding.zero_code, tax.name)

    def _converted(self, expense: Expense, amount: Money) -> Money:
        rate = self._tools.currencies.rate(expense.currency, expense.document_date)
        return exchange(amount, rate) if rate else amount

    def _assembled(
        self,
        section: DocumentSection,
        posting: Posting,
        lines: list[CodedLine],
        values: dict[str, Value],
    ) -> MappedRecord:
        tools = self._tools
        writer = tools.entities.header_writer(section.entity, tools.rules)
        header, filled = writer.write(section.header, values)
        total = Money.total((line.net for line in lines), lines[0].net.currency)
        records, line_trace = self._written(section, lines, total, values)
        # The target computes no tax of its own: what is recovered is a line with our amount.
        figures = Figures(net=total, tax=Money.zero(total.currency), total=total)
        return MappedRecord(
            kind=posting.key.kind,
            entity=section.entity,
            header=header,
            lines=tuple(records),
            expected=figures,
            trace=(*trace.of_header(filled), *line_trace),
            spec=tools.identity,
            posting_date=posting.posting_date,
        )

    def _written(
        self,
        section: DocumentSection,
        lines: list[CodedLine],
        total: Money,
        values: dict[str, Value],
    ) -> tuple[list[dict[str, FieldValue]], list[TraceEntry]]:
        """In a journal the company's side comes first: without it nothing balances."""
        writer = self._tools.entities.line_writer(section.entity, self._tools.rules)
        party = replace(lines[0], role=Role.PARTY, net=total, account="")
        every = [party, *lines] if section.document == "journal" else lines
        records: list[dict[str, FieldValue]] = []
        filled: list[list[Filled]] = []
        for position, line in enumerate(every, 1):
            rules = section.party_line if line.role is Role.PARTY else section.lines
            written, fields = writer.write(rules or {}, {**values, **line.values(position)})
            records.append(written)
            filled.append(fields)
        return records, trace.of_lines(filled)


def _coding(spec: Spec) -> ExpenseCoding:
    if spec.expense_coding is None:
        raise held("not-mapped", f"the mapping {spec.name} has no section expense_coding")
    return spec.expense_coding
