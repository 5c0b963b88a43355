"""What must be true of a spec by itself: names, maps, expressions, updates."""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import get_close_matches
from pathlib import Path

from mapping.errors import SpecProblem
from mapping.expression import Expression, ExpressionError, Wants
from mapping.names import Names
from mapping.rate_files import read_rates
from mapping.rates import RatesUnreadable
from mapping.rule import Rule
from mapping.rules import ExpressionKey
from mapping.scope import names_at
from mapping.source import SpecPath, SpecSource
from mapping.spec import Spec
from mapping.tables import ValueTable, entries

_NEVER_UPDATED = re.compile(r"currency|posting|group|terms|paymterm|block|credit_?limit", re.I)
"""Names of fields that people own in the target: currency, posting groups, terms and blocks."""


class Checker:
    """Collects the problems of one spec, and compiles its expressions on the way."""

    def __init__(self, spec: Spec, source: SpecSource, folder: Path) -> None:
        self._spec = spec
        self._source = source
        self._folder = folder
        self.tables = {name: ValueTable(name, found) for name, found in spec.maps.items()}
        self.expressions: dict[ExpressionKey, Expression] = {}

    def problems(self) -> Iterator[SpecProblem]:
        """Everything that is wrong, in no order."""
        yield from self._maps()
        yield from self._currency()
        yield from self._taxes()
        yield from self._updates()
        for path, rule in rules_of(self._spec):
            yield from self._rule(path, rule, names_at(self._spec, path))

    def _maps(self) -> Iterator[SpecProblem]:
        for name, table in self.tables.items():
            path = ("maps", name)
            for key in table.conflicts:
                yield self._problem((*path, "rows", key), f"{key!r} leads to two values")
            for key, _ in entries(table.spec):
                parts = len(key.split("|"))
                if parts != table.spec.parts:
                    message = f"the key has {parts} parts, the map has parts: {table.spec.parts}"
                    yield self._problem((*path, "rows", key), message)

    def _currency(self) -> Iterator[SpecProblem]:
        settings = self._spec.currency
        if settings.codes not in self._spec.maps:
            yield self._problem(("currency", "codes"), self._no_map(settings.codes))
        elif self._spec.maps[settings.codes].parts != 1:
            yield self._problem(("currency", "codes"), "the map of currencies has one part")
        if settings.convert is not None:
            try:
                read_rates(self._folder / settings.convert.rates)
            except RatesUnreadable as error:
                yield self._problem(("currency", "convert", "rates"), str(error))

    def _taxes(self) -> Iterator[SpecProblem]:
        taxes = self._spec.taxes
        for number, row in enumerate(taxes.rows):
            path: SpecPath = ("taxes", "rows", number)
            if row.taxes == "*" and number + 1 < len(taxes.rows):
                yield self._problem(path, "taxes: '*' fits everything, so no later row is used")
            if row.line and not (row.line.code or taxes.zero_code):
                message = "needs code (the code without tax), here or as taxes.zero_code"
                yield self._problem((*path, "line"), message)

    def _updates(self) -> Iterator[SpecProblem]:
        section = self._spec.customer
        for number, name in enumerate(section.updates):
            path = ("customer", "updates", number)
            rule = section.header.get(name)
            if rule is None:
                yield self._problem(path, f"{name} has no rule in customer.header")
            elif _NEVER_UPDATED.search(name) or _reads_currency(rule):
                yield self._problem(
                    path,
                    f"{name} can never be updated: currency, posting groups, terms and blocks of "
                    "an existing customer belong to the target",
                )

    def _rule(self, path: SpecPath, rule: Rule, names: Names) -> Iterator[SpecProblem]:
        if rule.path is not None:
            yield from self._named((*path, "from"), rule.path, names)
        for key in rule.keys:
            yield from self._named((*path, "key"), key, names)
        if rule.lookup is not None:
            yield from self._lookup(path, rule)
        if rule.compute is not None:
            yield from self._expression((*path, "compute"), "text", rule.compute, names)
        for number, case in enumerate(rule.when or ()):
            where = (*path, "when", number)
            if case.condition is not None:
                yield from self._expression((*where, "if"), "condition", case.condition, names)
            if case.amount is not None:
                yield from self._amount((*where, "amount"), case.amount, names)
        yield from self._typed(path, rule, names)

    def _named(self, path: SpecPath, name: str, names: Names) -> Iterator[SpecProblem]:
        if name not in names:
            close = get_close_matches(name, names, n=1)
            hint = f"; did you mean {close[0]}?" if close else ""
            yield self._problem(path, f"there is no {name} here{hint}")
        elif names[name] == "list":
            yield self._problem(path, f"{name} is a list; only an expression can read it")

    def _amount(self, path: SpecPath, name: str, names: Names) -> Iterator[SpecProblem]:
        yield from self._named(path, name, names)
        if names.get(name, "amount") not in ("amount", "number"):
            yield self._problem(path, f"{name} is no amount")

    def _lookup(self, path: SpecPath, rule: Rule) -> Iterator[SpecProblem]:
        table = self.tables.get(rule.lookup or "")
        if table is None:
            yield self._problem((*path, "lookup"), self._no_map(rule.lookup or ""))
        elif table.spec.parts != len(rule.keys):
            wanted, given = table.spec.parts, len(rule.keys)
            message = f"{given} paths are given, the keys of {table.name} have {wanted} parts"
            yield self._problem((*path, "key"), message)

    def _expression(
        self, path: SpecPath, wants: Wants, text: str, names: Names
    ) -> Iterator[SpecProblem]:
        try:
            self.expressions[wants, text] = Expression(text, names, wants)
        except ExpressionError as error:
            yield self._problem(path, str(error))

    def _typed(self, path: SpecPath, rule: Rule, names: Names) -> Iterator[SpecProblem]:
        kind = names.get(rule.path or "")
        if rule.negate and kind not in (None, "amount", "number"):
            yield self._problem((*path, "negate"), f"{rule.path} is no amount")
        if rule.format and rule.format.date is not None and kind not in (None, "date"):
            yield self._problem((*path, "format"), f"{rule.path} is no date")
        if rule.format and rule.format.decimal is not None and kind not in (None, "amount"):
            yield self._problem((*path, "format"), f"{rule.path} is no amount")

    def _no_map(self, name: str) -> str:
        close = get_close_matches(name, self._spec.maps, n=1)
        hint = f"did you mean {close[0]}?" if close else f"maps are {', '.join(self._spec.maps)}"
        return f"there is no map {name!r}; {hint}"

    def _problem(self, path: SpecPath, message: str) -> SpecProblem:
        return self._source.problem(path, message)


def rules_of(spec: Spec) -> Iterator[tuple[SpecPath, Rule]]:
    """Every rule of a spec with where it stands, those inside other rules included."""
    for path, rule in _outer_rules(spec):
        yield from _within(path, rule)


def _outer_rules(spec: Spec) -> Iterator[tuple[SpecPath, Rule]]:
    yield from spec.coding_rules()
    yield ("payment", "bank_account"), spec.payment.bank_account
    for path, rules in spec.field_rules():
        yield from (((*path, name), rule) for name, rule in rules.items())


def _within(path: SpecPath, rule: Rule) -> Iterator[tuple[SpecPath, Rule]]:
    yield path, rule
    for step, inner in rule.inner:
        yield from _within((*path, *step), inner)


def _reads_currency(rule: Rule) -> bool:
    return any(
        path in ("record.currency", "customer.currency")
        for _, inner in _within((), rule)
        for path in (inner.path, *inner.keys)
    )
