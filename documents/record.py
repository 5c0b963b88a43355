"""A mapped record: the target's own fields, made once per generation and kept."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Self

from pydantic import BaseModel, ConfigDict, model_validator

from documents.exchange import Exchange
from documents.key import Kind
from documents.money import Amount, Money

FieldValue = str | bool
"""Values travel as text (decimals in plain notation, dates ISO 8601) so that a record read back
is byte for byte the one that was made; the adapter turns them into the target's types."""


class TaxTotal(BaseModel):
    """One tax of a document: its name, percent, the basis it was computed on and its amount."""

    model_config = ConfigDict(frozen=True)

    name: str
    percent: Amount
    basis: Money
    amount: Money


class Figures(BaseModel):
    """Net, taxes and total of a document; building one that does not add up is refused."""

    model_config = ConfigDict(frozen=True)

    net: Money
    tax: Money
    total: Money

    @model_validator(mode="after")
    def _add_up(self) -> Self:
        if (self.net + self.tax).amount != self.total.amount:
            raise ValueError(f"net {self.net} + tax {self.tax} is not total {self.total}")
        return self


class CodeTax(BaseModel):
    """The tax that the target must compute on the lines of one tax code. `lines` are positions in
    the record, the first is 1."""

    model_config = ConfigDict(frozen=True)

    code: str
    tax: Money
    lines: tuple[int, ...]


class TraceEntry(BaseModel):
    """One applied rule: which field got which value, by which rule, from what."""

    model_config = ConfigDict(frozen=True)

    field: str
    rule: str
    source: str
    value: str
    note: str = ""


class MappedRecord(BaseModel):
    """What is sent to the target: field names are the target's, values are text.

    `entity` names the target's entity (sales invoice, order, journal line, customer);
    `expected` is what the target must compute by itself before anything is posted, in the
    currency of the posting; `taxes` the tax of each code where there are several; `tolerance` how
    far each figure may differ; `spec` the mapping and its digest;
    `made_of` the fingerprint of the source document as it was mapped. `resend` counts how often
    a person stated that what was sent before under the key is not in the target, so that a target
    that remembers what it was sent does not take this one for a repetition. `posting_date` is the
    civil day under which it is posted, in one of the fields, `document_date` that of the source.
    `exchange` is how its amount came about where the mapping converts.
    """

    model_config = ConfigDict(frozen=True)

    kind: Kind
    entity: str
    header: dict[str, FieldValue]
    lines: tuple[dict[str, FieldValue], ...] = ()
    expected: Figures | None = None
    taxes: tuple[CodeTax, ...] = ()
    tolerance: Amount = Decimal(0)
    trace: tuple[TraceEntry, ...] = ()
    spec: str = ""
    made_of: str = ""
    resend: int = 0
    posting_date: date | None = None
    document_date: date | None = None
    exchange: Exchange | None = None
