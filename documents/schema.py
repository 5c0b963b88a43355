"""What a target says of its own entities: the limits a mapping is checked against."""

from __future__ import annotations

from enum import StrEnum

from pydantic import BaseModel, ConfigDict


class FieldType(StrEnum):
    STRING = "string"
    CODE = "code"
    DECIMAL = "decimal"
    INTEGER = "integer"
    DATE = "date"
    DATETIME = "datetime"
    BOOLEAN = "boolean"
    OPTION = "option"


class FieldSchema(BaseModel):
    """One field of a target's entity. `max_length` counts characters; None means unlimited."""

    model_config = ConfigDict(frozen=True)

    name: str
    type: FieldType
    max_length: int | None = None
    required: bool = False
    read_only: bool = False
    options: tuple[str, ...] = ()


class EntitySchema(BaseModel):
    """An entity of the target and, where it has lines, the name of its line entity."""

    model_config = ConfigDict(frozen=True)

    name: str
    fields: dict[str, FieldSchema]
    lines: str | None = None


class TargetSchema(BaseModel):
    """Every entity a connection may write, by the name its mapping uses.

    `currencies` gives the target's code of each ISO currency where the two differ, as the
    connection reads them back; None where that is not known.
    """

    model_config = ConfigDict(frozen=True)

    system: str
    entities: dict[str, EntitySchema]
    currencies: dict[str, str] | None = None
