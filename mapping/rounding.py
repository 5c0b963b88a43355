"""Differences between the target's figures and ours: to a rounding account, or to a person."""

from __future__ import annotations

from decimal import Decimal

from documents.hold import HoldRequired
from documents.key import Kind
from documents.money import Money
from documents.record import FieldValue, Figures, MappedRecord, TraceEntry
from mapping.coding import Coder
from mapping.errors import held
from mapping.lines import Role
from mapping.rule import Rule
from mapping.sales import Tools
from mapping.sections import Rounding
from mapping.trace import of_lines

_CREDIT_NOTES = (Kind.CREDIT_NOTE, Kind.CREDIT_NOTE_REVERSAL)


class Roundings:
    """Settles small differences by the rounding of one spec."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools
        self._coder = Coder(tools.spec, tools.rules)

    def settle(self, record: MappedRecord, target: Figures) -> MappedRecord:
        """The record with a rounding line for what the target's figures lack.

        The record itself when they agree. HoldRequired (totals-differ) with both figures when
        they differ by more than the tolerance, when the spec names no rounding account, and when
        the record has a rounding line already.
        """
        expected, rounding = record.expected, self._tools.spec.rounding
        if expected is None or _same(expected, target):
            return record
        again = any(entry.field == "rounding" for entry in record.trace)
        if rounding is None or again or _differ(expected, target, record.tolerance):
            raise _totals_differ(expected, target, record.tolerance)
        return self._settled(record, expected, target, rounding)

    def _settled(
        self, record: MappedRecord, expected: Figures, target: Figures, rounding: Rounding
    ) -> MappedRecord:
        lack = expected.total - target.total
        settled = Figures(net=target.net + lack, tax=target.tax, total=expected.total)
        trace = [*record.trace, _rounding_entry(expected, target, rounding.account)]
        lines = record.lines
        if lack:
            fields, entries = self._line(record, lack, rounding)
            lines, trace = (*lines, fields), [*trace, *entries]
        changes = {"expected": settled, "lines": lines, "trace": tuple(trace)}
        return record.model_copy(update=changes)

    def _line(
        self, record: MappedRecord, lack: Money, rounding: Rounding
    ) -> tuple[dict[str, FieldValue], list[TraceEntry]]:
        """One more line. What a rule takes from the document and not from the line is the same
        on every line, so it is copied from the last one; so are dimensions that all share."""
        rules = self._tools.section(_section(record.kind)).lines
        own = {
            name: rule
            for name, rule in rules.items()
            if self._is_of_line(rule) and not self._is_shared(name, rule, record)
        }
        code = self._tools.spec.taxes.zero_code
        line = self._coder.made_line(
            Role.ROUNDING, lack, rounding.account, code, rounding.description
        )
        position = len(record.lines) + 1
        writer = self._tools.entities.line_writer(record.entity, self._tools.rules)
        fields, filled = writer.write(own, line.values(position))
        shared = {n: v for n, v in record.lines[-1].items() if n in rules and n not in own}
        found = {**shared, **fields}
        return {name: found[name] for name in rules if name in found}, of_lines([filled], position)

    def _is_shared(self, name: str, rule: Rule, record: MappedRecord) -> bool:
        paths = self._tools.rules.reads(rule)
        is_dimension = bool(paths) and all(p.startswith("line.dimensions.") for p in paths)
        return is_dimension and len({line.get(name) for line in record.lines}) == 1

    def _is_of_line(self, rule: Rule) -> bool:
        return all(path.startswith("line.") for path in self._tools.rules.reads(rule))


def _section(kind: Kind) -> str:
    return "credit_note" if kind in _CREDIT_NOTES else "invoice"


def _same(expected: Figures, target: Figures) -> bool:
    return _amounts(expected) == _amounts(target) and _currency(expected) == _currency(target)


def _differ(expected: Figures, target: Figures, tolerance: Decimal) -> bool:
    pairs = zip(_amounts(expected), _amounts(target), strict=True)
    beyond = any(abs(ours - theirs) > tolerance for ours, theirs in pairs)
    return beyond or _currency(expected) != _currency(target)


def _amounts(figures: Figures) -> tuple[Decimal, Decimal, Decimal]:
    return figures.net.amount, figures.tax.amount, figures.total.amount


def _currency(figures: Figures) -> str:
    return figures.total.currency


def _shown(figures: Figures) -> str:
    return f"net {figures.net}, tax {figures.tax}, total {figures.total}"


def _totals_differ(expected: Figures, target: Figures, tolerance: Decimal) -> HoldRequired:
    return held(
        "totals-differ",
        f"the source has {_shown(expected)}; the target computes {_shown(target)}; "
        f"the tolerance is {tolerance}",
        "correct the tax code or the target's tax set-up, or the amounts at the source",
        source=_shown(expected),
        target=_shown(target),
        tolerance=str(tolerance),
    )


def _rounding_entry(expected: Figures, target: Figures, account: str) -> TraceEntry:
    return TraceEntry(
        field="rounding",
        rule=f"within the tolerance, to account {account}",
        source=f"source: {_shown(expected)}",
        value=str((expected.total - target.total).amount),
        note=f"target: {_shown(target)}",
    )
