"""From an outcome to a field of the target: type, length and options, or a hold."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date

from documents.hold import HoldClass, HoldRequired
from documents.record import FieldValue
from documents.schema import EntitySchema, FieldSchema, FieldType
from mapping.errors import held
from mapping.rule import Rule
from mapping.rules import Outcome, Rules, Values, to_decimal
from mapping.texts import cut, printable, width

Filled = tuple[str, Outcome]
"""A field's name and what filled it."""

_TEXTS = (FieldType.STRING, FieldType.CODE)


class FieldWriter:
    """Fills the fields of one entity from their rules. Without a schema only the spec's own
    limits are known."""

    def __init__(self, entity: str, schema: EntitySchema | None, rules: Rules) -> None:
        self._entity = entity
        self._fields = schema.fields if schema else {}
        self._rules = rules

    def write(
        self, rules: Mapping[str, Rule], values: Values
    ) -> tuple[dict[str, FieldValue], list[Filled]]:
        """The fields, and what filled each of them. Raises HoldRequired."""
        record: dict[str, FieldValue] = {}
        filled: list[Filled] = []
        for name, rule in rules.items():
            outcome = self.fit(name, rule, values)
            if not outcome.is_blank or rule.blank == "send":
                record[name] = outcome.value
                filled.append((name, outcome))
            elif outcome.note:
                filled.append((name, outcome.noting("not sent")))
        return record, filled

    def fit(self, name: str, rule: Rule, values: Values) -> Outcome:
        """One field's value as the target takes it. Raises HoldRequired."""
        schema = self._fields.get(name) or FieldSchema(name=name, type=FieldType.STRING)
        outcome = self._conform(schema, self._rules.apply(rule, values))
        if outcome.is_blank and (schema.required or rule.blank == "hold"):
            raise held(
                "field-empty",
                f"{self._entity}.{name} needs a value, and {outcome.source or 'the rule'} is blank",
                "fill it in at the source, then retry",
                HoldClass.DATA,
                field=name,
            )
        return outcome

    def _conform(self, schema: FieldSchema, outcome: Outcome) -> Outcome:
        if schema.type in _TEXTS:
            return self._text(schema, outcome)
        if outcome.is_blank and schema.type is not FieldType.OPTION:
            return outcome
        fits = _FITS.get(schema.type)
        if fits and not fits(outcome.value, schema):
            raise self._not_allowed(schema, outcome)
        return outcome

    def _text(self, schema: FieldSchema, outcome: Outcome) -> Outcome:
        if isinstance(outcome.value, bool):
            outcome = outcome._replace(value=str(outcome.value).lower())
        text = str(outcome.value)
        clean = printable(text)
        if clean != text:
            outcome = outcome._replace(value=clean).noting("line breaks and margins became blanks")
        if schema.type is FieldType.CODE and clean != clean.upper():
            outcome = outcome._replace(value=clean.upper()).noting("a code: upper case")
        return self._short(schema, outcome)

    def _short(self, schema: FieldSchema, outcome: Outcome) -> Outcome:
        text, allowed = str(outcome.value), outcome.truncate
        if allowed is False and (schema.max_length is None or width(text) <= schema.max_length):
            return outcome
        limits = [schema.max_length, allowed if not isinstance(allowed, bool) else None]
        limit = min((n for n in limits if n is not None), default=None)
        if limit is None or width(text) <= limit:
            return outcome
        if not allowed:
            raise self._too_long(schema, outcome, limit)
        note = f"cut from {width(text)} to {limit} characters"
        return outcome._replace(value=cut(text, limit)).noting(note)

    def _too_long(self, schema: FieldSchema, outcome: Outcome, limit: int) -> HoldRequired:
        length = str(width(str(outcome.value)))
        return held(
            "text-too-long",
            f"{outcome.source or outcome.rule} has {length} characters, "
            f"{self._entity}.{schema.name} holds {limit}",
            "shorten it at the source, or let the mapping truncate it",
            HoldClass.DATA,
            field=schema.name,
            length=length,
            limit=str(limit),
        )

    def _not_allowed(self, schema: FieldSchema, outcome: Outcome) -> HoldRequired:
        return held(
            "value-not-allowed",
            f"{self._entity}.{schema.name} does not take {str(outcome.value)!r}: "
            + expectation(schema),
            "correct the mapping",
            field=schema.name,
            value=str(outcome.value),
        )


def allows(schema: FieldSchema, value: FieldValue) -> bool:
    """Whether a field takes a value as it stands: its type, its options, its length."""
    if schema.type in _TEXTS:
        return schema.max_length is None or width(str(value)) <= schema.max_length
    fits = _FITS.get(schema.type)
    blank = value == "" and schema.type is not FieldType.OPTION
    return blank or fits is None or fits(value, schema)


def expectation(schema: FieldSchema) -> str:
    """What a field takes, in words."""
    if schema.type is FieldType.OPTION:
        return "it is one of " + ", ".join(repr(o) for o in schema.options)
    if schema.type in _TEXTS and schema.max_length is not None:
        return f"it holds {schema.max_length} characters"
    return f"it is a {schema.type.value}"


def _is_decimal(value: FieldValue, _: FieldSchema) -> bool:
    return isinstance(value, str) and not _raises(lambda: to_decimal(value, ""))


def _is_integer(value: FieldValue, _: FieldSchema) -> bool:
    return isinstance(value, str) and value.removeprefix("-").isdecimal()


def _is_date(value: FieldValue, _: FieldSchema) -> bool:
    if not isinstance(value, str) or _raises(lambda: date.fromisoformat(value)):
        return False
    return date.fromisoformat(value).isoformat() == value


def _is_option(value: FieldValue, schema: FieldSchema) -> bool:
    return not schema.options or value in schema.options or (value == "" and " " in schema.options)


def _raises(call: Callable[[], object]) -> bool:
    try:
        call()
    except (ValueError, HoldRequired):
        return True
    return False


_FITS: dict[FieldType, Callable[[FieldValue, FieldSchema], bool]] = {
    FieldType.DECIMAL: _is_decimal,
    FieldType.INTEGER: _is_integer,
    FieldType.DATE: _is_date,
    FieldType.BOOLEAN: lambda value, _: isinstance(value, bool),
    FieldType.OPTION: _is_option,
}
