"""Rules at work: from a rule and the values of a document to one value, with its story."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from operator import eq, ge, gt, le, lt
from typing import NamedTuple, TypeVar, cast

from documents.hold import HoldClass, HoldRequired
from documents.record import FieldValue
from mapping.errors import held
from mapping.expression import Expression, ExpressionFailed, Wants
from mapping.names import Value
from mapping.rule import Case, Format, HoldText, Rule, Split
from mapping.tables import ValueTable
from mapping.texts import beyond, printable

T = TypeVar("T")
ExpressionKey = tuple[Wants, str]
Values = Mapping[str, Value]
"""Everything a rule may read, by path."""

_COMPARE: dict[str, Callable[[Decimal, Decimal], bool]] = {
    "over": gt,
    "under": lt,
    "at_least": ge,
    "at_most": le,
    "equals": eq,
}


class Outcome(NamedTuple):
    """A value with the rule that gave it, what it was made from, and what else happened.

    `truncate` is how far the value may be cut: not at all, to the target's limit, to a length.
    """

    value: FieldValue
    rule: str
    source: str
    note: str = ""
    truncate: bool | int = False

    def noting(self, note: str) -> Outcome:
        return self._replace(note=f"{self.note}; {note}" if self.note else note)

    @property
    def is_blank(self) -> bool:
        return self.value == ""


class Rules:
    """Applies rules. Holds the value maps and the compiled expressions of one spec."""

    def __init__(
        self, tables: Mapping[str, ValueTable], expressions: Mapping[ExpressionKey, Expression]
    ) -> None:
        self._tables = tables
        self._expressions = expressions

    def apply(self, rule: Rule, values: Values) -> Outcome:
        """The value of a rule. Raises HoldRequired where the spec or the document has none."""
        found = self._source(rule, values)
        if rule.negate:
            found = _negated(found)
        if rule.split:
            found = found._replace(value=_part(str(found.value), rule.split))
        if rule.skip:
            found = found._replace(value=beyond(printable(str(found.value)), rule.skip))
        if rule.format and not found.is_blank:
            found = _formatted(found, rule.format)
        if rule.default is not None and found.is_blank:
            found = found._replace(value=rule.default).noting("blank, so the default")
        return found._replace(truncate=rule.truncate) if rule.truncate else found

    def reads(self, rule: Rule) -> tuple[str, ...]:
        """The paths that a rule depends on, those of the rules inside it included."""
        found = [*((rule.path,) if rule.path else ()), *rule.keys]
        if rule.compute is not None:
            found += self._expressions["text", rule.compute].paths
        for case in rule.when or ():
            found += self._case_reads(case)
        for _, inner in rule.inner:
            found += self.reads(inner)
        return tuple(dict.fromkeys(found))

    def _case_reads(self, case: Case) -> tuple[str, ...]:
        if case.condition is None:
            return (case.amount or "",)
        return self._expressions["condition", case.condition].paths

    def _source(self, rule: Rule, values: Values) -> Outcome:
        if rule.path is not None:
            return Outcome(read(values, rule.path), f"from {rule.path}", rule.path)
        if rule.value is not None:
            return Outcome(rule.value, "constant", "")
        if rule.lookup is not None:
            return self.lookup(rule.lookup, [read_text(values, key) for key in rule.keys])
        if rule.when is not None:
            return self._first(rule.when, rule.otherwise, values)
        if rule.concat is not None:
            return self._joined(rule.concat, rule.separator, values)
        if rule.compute is not None:
            return self._computed(rule.compute, values)
        raise _asked_for(cast(HoldText, rule.hold))

    def lookup(self, name: str, keys: list[str], cause: str = "", remedy: str = "") -> Outcome:
        """The value of a map for a key. HoldRequired with the map's cause when no row fits."""
        table = self._tables[name]
        found = table.find(tuple(keys))
        shown = " | ".join(keys)
        if found is None:
            raise held(
                cause or table.spec.cause,
                f"the map {name} has no entry for {shown or 'a blank value'}",
                remedy or table.spec.remedy or f"add it to the map {name}, or correct the source",
                table.spec.hold_class,
                map=name,
                key=shown,
            )
        value, row = found
        note = f"row {row}" if "*" in row else ""
        return Outcome(value, f"lookup {name}", shown, note)

    def _first(self, cases: list[Case], otherwise: Rule | None, values: Values) -> Outcome:
        for case in cases:
            if self._holds(case, values):
                return self._chosen(f"when {case.text}", case.then, values)
        return self._chosen("else", cast(Rule, otherwise), values)

    def _chosen(self, label: str, rule: Rule, values: Values) -> Outcome:
        found = self.apply(rule, values)
        return found._replace(rule=f"{label}: {found.rule}")

    def _holds(self, case: Case, values: Values) -> bool:
        if case.condition is not None:
            return self._evaluate(("condition", case.condition), Expression.holds, values)
        amount = to_decimal(read_text(values, case.amount or ""), case.amount or "")
        return all(_COMPARE[name](amount, bound) for name, bound in case.bounds.items())

    def _joined(self, parts: list[Rule], separator: str, values: Values) -> Outcome:
        found = [self.apply(part, values) for part in parts]
        texts = [str(part.value) for part in found if str(part.value).strip()]
        source = ", ".join(part.source for part in found if part.source)
        return Outcome(separator.join(texts), f"concat of {len(texts)}", source)

    def _computed(self, text: str, values: Values) -> Outcome:
        result = self._evaluate(("text", text), Expression.result, values)
        return Outcome(result, "compute", text)

    def _evaluate(
        self, which: ExpressionKey, how: Callable[[Expression, Values], T], values: Values
    ) -> T:
        try:
            return how(self._expressions[which], values)
        except ExpressionFailed as error:
            raise held("expression-failed", str(error), "correct the expression") from error


def read(values: Values, path: str) -> FieldValue:
    value = values[path]
    if isinstance(value, str | bool):
        return value
    return str(value)


def read_text(values: Values, path: str) -> str:
    value = read(values, path)
    return value if isinstance(value, str) else str(value).lower()


def to_decimal(text: str, what: str) -> Decimal:
    """A decimal from its text. HoldRequired (not-a-number) when it is none."""
    try:
        number = Decimal(text)
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite():
        raise held("not-a-number", f"{what} is {text!r}, which is not a number")
    return number


def to_date(text: str, what: str) -> date:
    """A date from its ISO 8601 text. HoldRequired (not-a-date) when it is none."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise held("not-a-date", f"{what} is {text!r}, which is not a date") from None


def _asked_for(hold: HoldText) -> HoldRequired:
    return held(hold.cause, hold.reason, hold.remedy, hold.hold_class)


def _negated(found: Outcome) -> Outcome:
    number = to_decimal(str(found.value), found.source)
    text = format(-number if number else number.copy_abs(), "f")
    return found._replace(value=text).noting("sign turned")


def _part(text: str, split: Split) -> str:
    parts = [part.strip() for part in text.split(split.separator)]
    index = split.part - 1 if split.part > 0 else split.part
    if split.rest:
        return split.separator.join(parts[index:])
    return parts[index] if -len(parts) <= index < len(parts) else ""


def _formatted(found: Outcome, form: Format) -> Outcome:
    text = str(found.value)
    if form.text:
        changed = {"upper": text.upper, "lower": text.lower, "trim": text.strip}[form.text]()
    elif form.date is not None:
        changed = to_date(text, found.source).strftime(form.date)
    else:
        changed = _digits(text, form.decimal or 0, found.source)
    return found._replace(value=changed) if changed != text else found


def _digits(text: str, digits: int, what: str) -> str:
    number = to_decimal(text, what)
    exact = format(number, f".{digits}f")
    if Decimal(exact) != number:
        raise held(
            "digits-lost",
            f"{what} is {text}, which {digits} decimals cannot hold",
            "correct the figure at the source, or allow more decimals in the mapping",
            HoldClass.DATA,
        )
    return exact
