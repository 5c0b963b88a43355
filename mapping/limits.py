"""What must be true of a spec for its target: fields, types, lengths, options."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from difflib import get_close_matches

from documents.record import FieldValue
from documents.schema import EntitySchema, FieldSchema, FieldType
from mapping.entity import Entities
from mapping.errors import SpecProblem
from mapping.fields import allows, expectation
from mapping.names import Names
from mapping.possible import Possible
from mapping.rule import Rule
from mapping.scope import names_at
from mapping.sections import Fields
from mapping.source import SpecPath, SpecSource
from mapping.spec import Spec

_TEXTS = (FieldType.STRING, FieldType.CODE)
_WRONG = {
    FieldType.DATE: {"date"},
    FieldType.DECIMAL: {"amount", "number"},
    FieldType.INTEGER: {"number"},
    FieldType.BOOLEAN: {"flag"},
}
"""What a bare `from` must read to fill a field of a type; other types take any text."""


class LimitChecker:
    """Collects what a spec asks of a target that it does not have or take."""

    def __init__(self, spec: Spec, source: SpecSource, entities: Entities) -> None:
        self._spec = spec
        self._source = source
        self._entities = entities
        self._possible = Possible(spec)

    def problems(self) -> Iterator[SpecProblem]:
        if not self._entities.is_known:
            return
        spec = self._spec
        yield from self._part("customer", spec.customer.entity, spec.customer.header)
        yield from self._part("payment", spec.payment.entity, spec.payment.header)
        if spec.write_off:
            yield from self._part("write_off", spec.write_off.entity, spec.write_off.header)
            found = spec.write_off
            yield from self._part("write_off", found.entity, found.line, "line", found.header)
        for name, section in spec.documents():
            yield from self._part(name, section.entity, section.header)
            shared = section.header if section.document == "journal" else ()
            yield from self._part(name, section.entity, section.lines, "lines", shared)
            if section.party_line:
                rules = section.party_line
                yield from self._part(name, section.entity, rules, "party_line", shared)
        yield from self._reversals()
        yield from self._currencies()

    def _currencies(self) -> Iterator[SpecProblem]:
        """A code that the connection does not read back would stand in a posted document as an
        unknown currency."""
        name = self._spec.currency.codes
        for iso, code in self._spec.maps[name].rows.items() if name in self._spec.maps else ():
            if iso != "*" and code and not self._entities.reads_currency(iso.upper(), code):
                message = f"write target.currencies: {{{iso}: {code}}} into the connection's file"
                yield self._source.problem(("maps", name, "rows", iso), message)

    def _part(
        self,
        section: str,
        entity: str,
        rules: Fields,
        part: str = "header",
        copied: Collection[str] = (),
    ) -> Iterator[SpecProblem]:
        schema = self._schema(entity, part)
        if schema is None:
            if part == "header":
                yield self._no_entity(section, entity)
            return
        if part != "header" or not self._is_journal(section):
            # A journal is all lines: its header is only what they share.
            yield from self._required(section, part, schema, {*rules, *copied})
        names = names_at(self._spec, (section, part))
        for name, rule in rules.items():
            yield from self._field((section, part, name), schema, name, rule, names)

    def _is_journal(self, section: str) -> bool:
        if section == "write_off":
            return True
        documents = dict(self._spec.documents())
        original = documents.get(section.removesuffix("_reversal"))
        return original is not None and original.document == "journal"

    def _schema(self, entity: str, part: str) -> EntitySchema | None:
        return self._entities.header(entity) if part == "header" else self._entities.lines(entity)

    def _no_entity(self, section: str, entity: str) -> SpecProblem:
        known = ", ".join(self._entities.names)
        message = f"the target has no entity {entity!r}; it has {known}"
        return self._source.problem((section, "entity"), message)

    def _required(
        self, section: str, part: str, schema: EntitySchema, filled: Collection[str]
    ) -> Iterator[SpecProblem]:
        for field in schema.fields.values():
            if field.required and field.name not in filled:
                message = f"{schema.name} requires it, and no rule fills it"
                yield self._source.problem((section, part, field.name), message)

    def _field(
        self, path: SpecPath, schema: EntitySchema, name: str, rule: Rule, names: Names
    ) -> Iterator[SpecProblem]:
        field = schema.fields.get(name)
        if field is None:
            close = get_close_matches(name, schema.fields, n=1)
            hint = f"; did you mean {close[0]}?" if close else ""
            yield self._source.problem(path, f"{schema.name} has no such field{hint}")
            return
        if field.read_only:
            yield self._source.problem(path, f"{schema.name}.{name} is read-only in the target")
        yield from self._type(path, field, rule, names)
        yield from self._values(path, schema, field, rule)

    def _type(
        self, path: SpecPath, field: FieldSchema, rule: Rule, names: Names
    ) -> Iterator[SpecProblem]:
        kinds = _WRONG.get(field.type)
        given = names.get(rule.path or "")
        if kinds and given and given not in kinds and not rule.split and not rule.format:
            message = f"{rule.path} is a {given}; {expectation(field)}"
            yield self._source.problem((*path, "from"), message)
        if rule.truncate and field.type not in _TEXTS:
            message = f"truncate is for texts; {expectation(field)}"
            yield self._source.problem((*path, "truncate"), message)
        longest = None if isinstance(rule.truncate, bool) else rule.truncate
        if longest and field.max_length is not None and longest > field.max_length:
            message = f"cuts to {longest} characters, but {expectation(field)}"
            yield self._source.problem((*path, "truncate"), message)

    def _values(
        self, path: SpecPath, schema: EntitySchema, field: FieldSchema, rule: Rule
    ) -> Iterator[SpecProblem]:
        for where, value in self._possible.of(path, rule):
            if not _allowed(field, value):
                shown = f"{value!r} ({len(str(value))} characters)"
                message = f"{schema.name}.{field.name} does not take {shown}: {expectation(field)}"
                yield self._source.problem(where, message)

    def _reversals(self) -> Iterator[SpecProblem]:
        for name, reversal, original in self._spec.reversals():
            yield from self._part(
                name, reversal.entity, reversal.header, copied=reversal.copy_fields
            )
            header = self._entities.header(reversal.entity)
            lines = self._entities.lines(reversal.entity)
            copied = reversal.lines.copy_fields
            taken = list(original.lines) if original and copied == "all" else copied
            yield from self._copied((name, "copy"), reversal.copy_fields, header)
            yield from self._copied((name, "lines", "copy"), list(taken), lines)

    def _copied(
        self, path: SpecPath, names: list[str], schema: EntitySchema | None
    ) -> Iterator[SpecProblem]:
        for name in names:
            if schema is not None and name not in schema.fields:
                yield self._source.problem(path, f"{schema.name} has no field {name}")


def _allowed(field: FieldSchema, value: FieldValue) -> bool:
    if field.type is FieldType.CODE and isinstance(value, str):
        return allows(field, value.strip().upper())
    return allows(field, value)
