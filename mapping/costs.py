"""Costs: what was bought, coded to an account with its recovered taxes, and the record of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

from documents.exchange import Exchange
from documents.money import Money
from documents.record import FieldValue, Figures, MappedRecord, TaxTotal, TraceEntry
from mapping import trace
from mapping.conversion import exchange_entry
from mapping.corrections import Corrections
from mapping.entity import Posting
from mapping.errors import held
from mapping.fields import Filled
from mapping.lines import CodedLine, Role
from mapping.names import Value
from mapping.rules import Outcome
from mapping.sales import Tools
from mapping.sections import CostCoding, DocumentSection

Values = dict[str, Value]


@dataclass(frozen=True)
class Cost:
    """What was bought under one category, with the taxes in it. `line_id` is how corrections
    name it, `on` the date of the document."""

    line_id: str
    category: str
    description: str
    gross: Money
    taxes: tuple[TaxTotal, ...]
    on: date


class CostCoder:
    """Codes costs by one coding of a spec. What it raises is HoldRequired."""

    def __init__(self, tools: Tools, coding: CostCoding) -> None:
        self._tools = tools
        self._coding = coding

    def coded(
        self, cost: Cost, values: Values, fix: Corrections
    ) -> tuple[list[CodedLine], list[TraceEntry]]:
        """The cost, and each tax that is recovered; the rest of the tax is cost."""
        account, entries = self._account(cost, values, fix)
        dimensions, of_dimensions = self._dimensions(cost, values, fix)
        recovered = self._tools.rules.apply(self._coding.recoverable, values)
        entries += [*of_dimensions, trace.entry("input tax recovered", recovered)]
        taxes = list(self._taxes(cost, values)) if recovered.value == "yes" else []
        gross = self._converted(cost, cost.gross)
        entries += self._exchanged(cost)
        line = CodedLine(
            role=Role.COST,
            net=gross - Money.total((t.net for t in taxes), gross.currency),
            account=account,
            tax_code=self._coding.zero_code,
            name=cost.category,
            description=cost.description,
            dimensions=dimensions,
            source_ids=(cost.line_id,),
        )
        return [line, *(replace(t, dimensions=dimensions) for t in taxes)], entries

    def clearing(self, values: Values, fix: Corrections) -> Outcome:
        """The account of ours that the money comes from."""
        if fix.bank_account:
            return Outcome(fix.bank_account, "correction", "")
        rule = self._coding.clearing
        found = self._tools.rules.apply(rule, values) if rule else None
        if found is None or found.is_blank:
            raise held(
                "bank-account-unmapped",
                "what it was paid with has no bank or clearing account in the mapping",
                "map the payment account, or correct the bank account",
            )
        return found

    def _account(
        self, cost: Cost, values: Values, fix: Corrections
    ) -> tuple[str, list[TraceEntry]]:
        found = self._tools.rules.apply(self._coding.account, values)
        wanted = fix.account(cost.line_id, str(found.value))
        if wanted:
            found = Outcome(wanted, "correction", found.source, f"instead of {found.value}")
        if found.is_blank:
            raise held(
                "account-unmapped",
                f"category {cost.category} has no account in the mapping",
                "map the category to an account, or correct the account",
            )
        return str(found.value), [trace.entry("account", found)]

    def _dimensions(
        self, cost: Cost, values: Values, fix: Corrections
    ) -> tuple[tuple[tuple[str, str], ...], list[TraceEntry]]:
        found, entries = [], []
        for name, rule in self._coding.dimensions.items():
            wanted = fix.dimension(name, cost.line_id)
            given = Outcome(wanted, "correction", "") if wanted else None
            outcome = given or self._tools.rules.apply(rule, values)
            found.append((name, str(outcome.value)))
            entries.append(trace.entry(f"dimension {name}", outcome))
        return tuple(found), entries

    def _taxes(self, cost: Cost, values: Values) -> Iterator[CodedLine]:
        for tax in cost.taxes:
            known = {**values, "tax.name": tax.name, "tax.percent": str(tax.percent)}
            account = str(self._tools.rules.apply(self._coding.tax_account, known).value)
            amount = self._converted(cost, tax.amount)
            if amount:
                yield CodedLine(Role.TAX, amount, account, self._coding.zero_code, tax.name)

    def _exchanged(self, cost: Cost) -> Iterator[TraceEntry]:
        rate = self._tools.currencies.rate(cost.gross.currency, cost.on)
        if rate:
            made = Exchange(amount=cost.gross, booked=rate.convert(cost.gross), rate=rate)
            yield exchange_entry(f"line {cost.line_id}", made)

    def _converted(self, cost: Cost, amount: Money) -> Money:
        rate = self._tools.currencies.rate(cost.gross.currency, cost.on)
        return rate.convert(amount) if rate else amount


class CostRecords:
    """Writes coded lines as a document of the target, or as a journal."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools

    def record(
        self, section: DocumentSection, posting: Posting, lines: list[CodedLine], values: Values
    ) -> MappedRecord:
        """The record of the lines, which the target must add up to the same total."""
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
        self, section: DocumentSection, lines: list[CodedLine], total: Money, values: Values
    ) -> tuple[list[dict[str, FieldValue]], list[TraceEntry]]:
        """In a journal the other side comes first: without it nothing balances."""
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
