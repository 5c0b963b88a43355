"""Documents, entities and fields, as an Axd document class and its query define them."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

from sandbox.ax import edt
from sandbox.ax.edt import Simple

Row = dict[str, Any]
"""A record as it is stored. Numbers that may have decimals and days are strings."""

HASH = "_DocumentHash"
ENTITY = "entity"


@dataclass(frozen=True)
class Structure:
    """One of the account and dimension types of the shared types schema."""

    kind: Literal[
        "DimensionAttributeValueSet",
        "MultiTypeAccount",
        "LedgerAccount",
        "MultiTypeDefaultAccount",
    ]

    @property
    def name(self) -> str:
        """The name of its complex type."""
        return f"AxdType_{self.kind}"

    @property
    def account(self) -> str:
        """The element with the account number; empty for a set of dimension values."""
        names = {"LedgerAccount": "MainAccount", "DimensionAttributeValueSet": ""}
        return names.get(self.kind, "Account")


DIMENSIONS = Structure("DimensionAttributeValueSet")
MULTI_TYPE_ACCOUNT = Structure("MultiTypeAccount")
LEDGER_ACCOUNT = Structure("LedgerAccount")
DEFAULT_ACCOUNT = Structure("MultiTypeDefaultAccount")


@dataclass(frozen=True)
class Field:
    """A field of an entity; an `output` field is filled by the application only."""

    name: str
    type: Simple | Structure
    required: bool = False
    output: bool = False

    @property
    def empty(self) -> Any:
        """The value nobody gave."""
        return {} if isinstance(self.type, Structure) else self.type.empty


@dataclass(frozen=True)
class Entity:
    """A data source of a document with its fields and the data sources joined to it, in order.

    A polymorphic one has `variants`, each with all parts of its base, chosen by xsi:type. A `dated`
    one has periods of validity.
    """

    name: str
    parts: tuple[Field | Entity, ...]
    type_name: str = ""
    dated: bool = False
    root: bool = False
    variants: tuple[Entity, ...] = field(default=())

    @property
    def schema_type(self) -> str:
        """The name of its complex type."""
        return self.type_name or f"AxdEntity_{self.name}"

    @cached_property
    def places(self) -> dict[str, int]:
        """Where each part stands in the sequence."""
        return {part.name: place for place, part in enumerate(self.parts)}

    @cached_property
    def fields(self) -> dict[str, Field]:
        """The fields by name."""
        return {part.name: part for part in self.parts if isinstance(part, Field)}

    @cached_property
    def children(self) -> dict[str, Entity]:
        """The data sources below by name."""
        return {part.name: part for part in self.parts if isinstance(part, Entity)}

    def variant(self, name: str) -> Entity:
        """The variant of that type name, or the entity itself where there are none."""
        return next((one for one in self.variants if one.schema_type == name), self)

    def blank(self) -> Row:
        """A record nobody filled."""
        empty: Row = {one.name: one.empty for one in self.fields.values()}
        return empty | {name: [] for name in self.children}


@dataclass(frozen=True)
class Document:
    """An Axd document: its name without `Axd`, its root data source and the key of that."""

    name: str
    root: Entity
    key: str
    dated: bool = False

    @property
    def namespace(self) -> str:
        """The namespace of its schema."""
        return f"http://schemas.microsoft.com/dynamics/2008/01/documents/{self.name}"

    @cached_property
    def header(self) -> tuple[Field, ...]:
        """The fields of the document itself, before its root records."""
        head = [
            Field("ClearNilFieldsOnUpdate", edt.BOOLEAN),
            Field("DocPurpose", edt.DOC_PURPOSE),
            Field("SenderId", edt.DATA_AREA),
        ]
        if self.dated:
            head += [
                Field("ValidAsOfDateTime", edt.DATE_TIME),
                Field("ValidFromDateTime", edt.DATE_TIME),
                Field("ValidTimeStateType", edt.VALID_TIME_STATE),
                Field("ValidToDateTime", edt.DATE_TIME),
            ]
        return tuple(head)

    def source(self, name: str) -> Entity | None:
        """The data source of that name anywhere in the document."""
        return _find(self.root, name)


def _find(entity: Entity, name: str) -> Entity | None:
    if entity.name == name:
        return entity
    for below in (*entity.children.values(), *entity.variants):
        found = _find(below, name)
        if found is not None:
            return found
    return None


def records(entity: Entity, row: Row) -> list[tuple[Entity, Row]]:
    """A record and every record below it, each with its data source."""
    shape = entity.variant(row.get("$type", ""))
    found = [(shape, row)]
    for name, below in shape.children.items():
        for child in row.get(name, []):
            found += records(below, child)
    return found
