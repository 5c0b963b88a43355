"""Reversals: a credit memo made from the record that was posted, not from the source again."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from documents.key import Kind
from documents.record import FieldValue, MappedRecord, TraceEntry
from mapping.entity import Posting
from mapping.errors import held
from mapping.fields import Filled
from mapping.names import Value
from mapping.rules import Outcome, to_decimal
from mapping.sales import Tools
from mapping.scope import names_at
from mapping.sections import ReversalSection, ReversedLines
from mapping.trace import of_header, of_lines

_SECTIONS = {
    Kind.INVOICE: "invoice_reversal",
    Kind.ORDER: "invoice_reversal",
    Kind.LATE_FEE: "invoice_reversal",
    Kind.CREDIT_NOTE: "credit_note_reversal",
    Kind.EXPENSE: "expense_reversal",
    Kind.BILL: "bill_reversal",
}

Line = dict[str, FieldValue]


class ReversalRecords:
    """Makes reversals by one spec."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools

    def record(self, original: MappedRecord, posting: Posting) -> MappedRecord:
        """The reversal of a posted record: its lines and its expected figures."""
        name, section = self._section(original.kind)
        values = self._values(name, original, posting)
        tools = self._tools
        writer = tools.entities.header_writer(section.entity, tools.rules)
        header, filled = writer.write(section.header, values)
        taken = {n: original.header[n] for n in section.copy_fields if n in original.header}
        lines, line_trace = self._lines(section, original, values)
        return MappedRecord(
            kind=posting.key.kind,
            entity=section.entity,
            header={**taken, **header},
            lines=tuple(lines),
            expected=original.expected,
            tolerance=original.tolerance,
            trace=(*of_header([*_taken(taken), *filled]), *line_trace),
            spec=tools.identity,
            posting_date=posting.posting_date,
            exchange=original.exchange,
        )

    def _section(self, kind: Kind) -> tuple[str, ReversalSection]:
        wanted = _SECTIONS.get(kind, f"{kind.value}_reversal")
        for name, section, _ in self._tools.spec.reversals():
            if name == wanted:
                return name, section
        spec = self._tools.spec.name
        raise held("not-mapped", f"the mapping {spec} has no section {wanted}")

    def _values(self, name: str, original: MappedRecord, posting: Posting) -> dict[str, Value]:
        names = names_at(self._tools.spec, (name, "header"))
        found: dict[str, Value] = {n: "" for n in names if n.startswith("original.")}
        found.update({f"original.{n}": _text(v) for n, v in original.header.items()})
        if original.expected is not None:
            currency = self._tools.currencies.code(original.expected.total.currency)
            posting = replace(posting, currency=currency.code)
        return {**found, **posting.values()}

    def _lines(
        self, section: ReversalSection, original: MappedRecord, values: dict[str, Value]
    ) -> tuple[list[Line], list[TraceEntry]]:
        writer = self._tools.entities.line_writer(section.entity, self._tools.rules)
        records: list[Line] = []
        filled: list[list[Filled]] = []
        for line in original.lines:
            taken = _mirrored(line, section.lines)
            fields, made = writer.write(section.lines.set_fields, values)
            records.append({**taken, **fields})
            filled.append([*_taken(taken), *made])
        return records, of_lines(filled)


def _mirrored(line: Line, wanted: ReversedLines) -> Line:
    names = list(line) if wanted.copy_fields == "all" else wanted.copy_fields
    taken = {name: line[name] for name in names if name in line}
    for name in wanted.negate:
        if name in taken:
            taken[name] = _negated(to_decimal(_text(taken[name]), name))
    return taken


def _negated(number: Decimal) -> str:
    return format(-number if number else number.copy_abs(), "f")


def _taken(fields: Line) -> list[Filled]:
    return [(name, Outcome(value, "as posted", name)) for name, value in fields.items()]


def _text(value: FieldValue) -> str:
    return value if isinstance(value, str) else str(value).lower()
