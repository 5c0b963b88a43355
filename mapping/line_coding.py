"""Coding of one source line: account, tax treatment, deferral, dimensions, quantity."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal

from documents.invoice import InvoiceLine
from documents.money import Money
from documents.record import TraceEntry
from mapping.corrections import Corrections
from mapping.errors import held
from mapping.lines import CodedLine, Dimensions, Role
from mapping.names import SOURCE_LINE, money, plain, values_of
from mapping.rules import Outcome, Rules, Values
from mapping.spec import Spec
from mapping.taxes import Treatment, treatment
from mapping.trace import entry


@dataclass(frozen=True)
class CodedSource:
    """A line of the source with its share of the discount, its tax treatment and coding."""

    line: InvoiceLine
    discount: Money
    treated: Treatment
    booked: CodedLine

    @property
    def net(self) -> Money:
        """The line's amount after its share of the discount, however that is booked."""
        return self.line.amount - self.discount


class LineCoder:
    """Codes the lines of one document, and keeps the trace of every rule it applied."""

    def __init__(self, spec: Spec, rules: Rules, shared: Values, corrections: Corrections) -> None:
        self._spec = spec
        self._rules = rules
        self._shared = shared
        self._corrections = corrections
        self.trace: list[TraceEntry] = []
        self.seen: set[str] = set()
        """Line ids and mapped accounts: what a correction can name."""

    def code(self, line: InvoiceLine, discount: Money) -> CodedSource:
        """Raises HoldRequired where the mapping has no coding for the line."""
        facts = values_of("line", SOURCE_LINE, line)
        values = {**self._shared, **facts}
        treated = self._treatment(line, values)
        booked = CodedLine(
            role=Role.REVENUE,
            net=line.amount - discount if self._spec.discount == "spread" else line.amount,
            account=self._account(line.line_id, values),
            tax_code=treated.code,
            name=line.name,
            description=line.description,
            deferral=self._deferral(line.line_id, values),
            dimensions=self._dimensions(line.line_id, values),
            source_ids=(line.line_id,),
            facts=facts,
        )
        return CodedSource(line, discount, treated, self._sized(booked, line))

    def _account(self, line_id: str, values: Values) -> str:
        found = self._rules.apply(self._spec.coding.account, values)
        wanted = self._corrections.account(line_id, str(found.value))
        self.seen |= {line_id, str(found.value)}
        if wanted:
            note = f"instead of {found.value}, {found.rule}"
            found = Outcome(wanted, "correction", found.source, note)
        if found.is_blank:
            raise held(
                "account-unmapped",
                f"line {line_id} has no account in the mapping",
                "map the line's item or category to an account, or correct the account",
                line=line_id,
            )
        return self._traced(line_id, "account", found)

    def _deferral(self, line_id: str, values: Values) -> str:
        if self._spec.coding.deferral is None:
            return ""
        found = self._rules.apply(self._spec.coding.deferral, values)
        return self._traced(line_id, "deferral", found)

    def _dimensions(self, line_id: str, values: Values) -> Dimensions:
        result = []
        for name, rule in self._spec.coding.dimensions.items():
            wanted = self._corrections.dimension(name, line_id)
            given = Outcome(wanted, "correction", "") if wanted else None
            found = given or self._rules.apply(rule, values)
            result.append((name, self._traced(line_id, f"dimension {name}", found)))
        return tuple(result)

    def _treatment(self, line: InvoiceLine, values: Values) -> Treatment:
        wanted = self._corrections.tax(line.line_id)
        taxes = self._spec.taxes
        if wanted:
            treated = Treatment(wanted, {}, "correction", "")
        elif line.taxes:
            treated = treatment(line, taxes.rows, taxes.zero_code)
        else:
            found = self._rules.apply(taxes.untaxed, values)
            treated = Treatment(str(found.value), {}, f"untaxed: {found.rule}", found.source)
        note = "the tax is a line of its own" if treated.accounts else ""
        outcome = Outcome(treated.code, treated.rule, treated.combination, note)
        self._traced(line.line_id, "tax code", outcome)
        return treated

    def _sized(self, booked: CodedLine, line: InvoiceLine) -> CodedLine:
        """Quantity and price of the source where they give the net exactly and the target can
        hold their decimals; otherwise the line stays quantity 1 of its net."""
        exact = line.quantity * line.unit_price.amount == booked.net.amount
        digits = (line.quantity, line.unit_price.amount)
        if exact and line.quantity and not any(self._too_fine(n) for n in digits):
            return replace(booked, quantity=line.quantity, unit_price=line.unit_price)
        stated = f"{plain(line.quantity)} x {money(line.unit_price)} = {money(line.amount)}"
        share = line.amount - booked.net
        less = f", less discount {money(share)}" if share else ""
        outcome = Outcome(money(booked.net), "quantity 1 of the net", stated + less)
        self._traced(line.line_id, "net", outcome)
        return booked

    def _too_fine(self, number: Decimal) -> bool:
        exponent = number.normalize().as_tuple().exponent
        return isinstance(exponent, int) and -exponent > self._spec.unit_decimals

    def _traced(self, line_id: str, what: str, found: Outcome) -> str:
        if not found.is_blank:
            self.trace.append(entry(f"line {line_id}: {what}", found))
        return str(found.value)
