"""The record under construction: values every rule may read, and the writers per entity."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from documents.key import Key
from documents.schema import EntitySchema, TargetSchema
from mapping.fields import FieldWriter
from mapping.names import Value, day
from mapping.rules import Rules


@dataclass(frozen=True)
class Posting:
    """What is known of a posting beside its source document."""

    key: Key
    customer: str = ""
    currency: str = ""
    posting_date: date | None = None
    applies_to: str = ""
    reverses: str = ""
    bank_account: str = ""

    def values(self) -> dict[str, Value]:
        """The names below `connection` and `record`."""
        return {
            "connection.tag": self.key.tag,
            "record.key": self.key.text(),
            "record.kind": self.key.kind.value,
            "record.generation": self.key.generation,
            "record.posting_date": day(self.posting_date),
            "record.customer": self.customer,
            "record.currency": self.currency,
            "record.applies_to": self.applies_to,
            "record.reverses": self.reverses,
            "record.bank_account": self.bank_account,
        }


class Entities:
    """The target's entities by name; without a schema nothing of them is known."""

    def __init__(self, schema: TargetSchema | None) -> None:
        self._schema = schema

    @property
    def is_known(self) -> bool:
        return self._schema is not None

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self._schema.entities) if self._schema else ()

    def reads_currency(self, iso: str, code: str) -> bool:
        """Whether the connection reads a code of the target back as that ISO currency."""
        known = self._schema.currencies if self._schema else None
        return known is None or code.upper() in (known.get(iso, iso).upper(), iso)

    def header(self, entity: str) -> EntitySchema | None:
        return self._schema.entities.get(entity) if self._schema else None

    def lines(self, entity: str) -> EntitySchema | None:
        """The line entity of a document; the entity itself where it has none (a journal)."""
        header = self.header(entity)
        if header is None or header.lines is None:
            return header
        return self.header(header.lines)

    def header_writer(self, entity: str, rules: Rules) -> FieldWriter:
        return FieldWriter(entity, self.header(entity), rules)

    def line_writer(self, entity: str, rules: Rules) -> FieldWriter:
        lines = self.lines(entity)
        return FieldWriter(lines.name if lines else f"{entity} line", lines, rules)
