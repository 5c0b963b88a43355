"""Records of sales documents: invoices, orders, credit memos, or the journal lines for them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from documents.customer import Customer
from documents.money import Money
from documents.record import CodeTax, FieldValue, Figures, MappedRecord, TraceEntry
from mapping import trace
from mapping.coding import Coder, Draft
from mapping.conversion import Currencies
from mapping.corrections import Corrections
from mapping.document import SalesDocument
from mapping.entity import Entities, Posting
from mapping.errors import held
from mapping.fields import Filled
from mapping.lines import CodedLine, Role
from mapping.names import CUSTOMER, values_of
from mapping.rules import Rules, Values
from mapping.sections import DocumentSection
from mapping.spec import Spec


@dataclass(frozen=True)
class Tools:
    """What every kind of record is made with."""

    spec: Spec
    rules: Rules
    entities: Entities
    currencies: Currencies
    identity: str

    def section(self, name: str) -> DocumentSection:
        """HoldRequired (not-mapped) when the spec has no such section."""
        found = dict(self.spec.documents()).get(name)
        if found is None:
            raise held("not-mapped", f"the mapping {self.spec.name} has no section {name}")
        return found


class SalesRecords:
    """Makes records of sales documents by one spec."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools
        self._coder = Coder(tools.spec, tools.rules)

    def record(
        self, document: SalesDocument, customer: Customer, posting: Posting, fix: Corrections
    ) -> MappedRecord:
        """The record of a document. Raises HoldRequired."""
        section = self._tools.section(document.section)
        currencies = self._tools.currencies
        currency = currencies.code(currencies.posting_currency(document.currency))
        posting = replace(posting, currency=currency.code)
        shared = {
            **posting.values(),
            **values_of("customer", CUSTOMER, customer),
            **document.shared_values(),
        }
        draft = self._coder.code(document, shared, fix)
        draft = currencies.converted(draft, document.date, self._coder)
        draft = self._coder.summed(draft)
        draft = replace(draft, trace=[currency.trace, *draft.trace])
        whole = {f"document.dimensions.{name}": value for name, value in draft.dimensions}
        return self._assembled(section, posting, draft, {**shared, **document.values, **whole})

    def _assembled(
        self, section: DocumentSection, posting: Posting, draft: Draft, values: Values
    ) -> MappedRecord:
        tools = self._tools
        writer = tools.entities.header_writer(section.entity, tools.rules)
        header, filled = writer.write(section.header, values)
        lines, line_trace = self._lines(section, draft, values)
        return MappedRecord(
            kind=posting.key.kind,
            entity=section.entity,
            header=header,
            lines=tuple(lines),
            expected=_expected(section, draft),
            taxes=_taxes(section, draft),
            tolerance=self._tolerance(draft.expected.total.currency),
            trace=(*draft.trace, *trace.of_header(filled), *line_trace),
            spec=tools.identity,
            posting_date=posting.posting_date,
            exchange=draft.exchange,
        )

    def _tolerance(self, currency: str) -> Decimal:
        rounding = self._tools.spec.rounding
        return rounding.limit(currency) if rounding else Decimal(0)

    def _lines(
        self, section: DocumentSection, draft: Draft, values: Values
    ) -> tuple[list[dict[str, FieldValue]], list[TraceEntry]]:
        writer = self._tools.entities.line_writer(section.entity, self._tools.rules)
        records: list[dict[str, FieldValue]] = []
        filled: list[list[Filled]] = []
        for position, line in enumerate(_with_party(section, draft), 1):
            rules = section.party_line if line.role is Role.PARTY else section.lines
            known = {**values, **line.values(position)}
            record, fields = writer.write(rules or {}, known)
            records.append(record)
            filled.append(fields)
        return records, trace.of_lines(filled)


def _expected(section: DocumentSection, draft: Draft) -> Figures:
    """What the target computes: in a journal tax is a line among others, so there the customer's
    amount is all that it knows."""
    if section.document != "journal":
        return draft.expected
    total = draft.expected.total
    return Figures(net=total, tax=Money.zero(total.currency), total=total)


def _taxes(section: DocumentSection, draft: Draft) -> tuple[CodeTax, ...]:
    """The tax of each code, where the total would not show that one has too much and another too
    little. In a journal the target computes none."""
    positions: dict[str, list[int]] = {}
    for position, line in enumerate(draft.lines, 1):
        positions.setdefault(line.tax_code, []).append(position)
    if section.document == "journal" or len(positions) < 2:
        return ()
    nothing = Money.zero(draft.expected.total.currency)
    return tuple(
        CodeTax(code=code, tax=draft.taxes.get(code, nothing), lines=tuple(lines))
        for code, lines in positions.items()
    )


def _with_party(section: DocumentSection, draft: Draft) -> Sequence[CodedLine]:
    """In a journal the customer's line, with the gross amount, comes first."""
    if section.document != "journal":
        return draft.lines
    return [CodedLine(Role.PARTY, draft.expected.total, "", "", ""), *draft.lines]
