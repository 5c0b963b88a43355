"""The sections of a mapping spec."""

from __future__ import annotations

from decimal import Decimal
from typing import Literal, Self

from pydantic import Field, field_validator, model_validator

from documents.hold import HoldClass
from documents.money import Amount, CurrencyCode
from mapping.rule import Rule, Strict

Fields = dict[str, Rule]
"""Rules by the target's own field name."""


class ValueMap(Strict):
    """A table from source values to target values.

    `rows` holds `key: value`; a key of several parts is written `a|b|c` and `*` stands for any
    part. `codes` is the other way round, a value with all names that lead to it (and itself).
    There is no default but a row of `*`. `match` says how keys are compared: exactly, ignoring
    case, or loosely (ignoring case, accents and punctuation).
    """

    parts: int = Field(default=1, ge=1, le=4)
    match: Literal["exact", "ignore-case", "loose"] = "exact"
    rows: dict[str, str] = Field(default_factory=dict)
    codes: dict[str, list[str]] = Field(default_factory=dict)
    cause: str = Field(default="value-unmapped", pattern=r"^[a-z][a-z0-9-]*$")
    hold_class: HoldClass = Field(default=HoldClass.SETUP, alias="class")
    remedy: str = ""

    @model_validator(mode="after")
    def _filled(self) -> Self:
        if not self.rows and not self.codes:
            raise ValueError("a map needs rows or codes")
        return self


class TaxName(Strict):
    """One tax of a combination. `*` stands for any name or percent, null compound for either."""

    name: str
    percent: Amount | Literal["*"]
    compound: bool | None = False


class TaxLine(Strict):
    """The tax becomes a line of its own with the source's amount.

    `accounts` gives single taxes of the combination an account of their own; `code` is the
    product group without tax that both the goods and the tax line carry.
    """

    account: str
    accounts: dict[str, str] = Field(default_factory=dict)
    code: str | None = None


class TaxRow(Strict):
    """A combination of taxes, in order, and what becomes of it: a code the target computes
    with, or a line of its own. `*` instead of a list stands for every combination."""

    taxes: Literal["*"] | list[TaxName]
    code: str | None = None
    line: TaxLine | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.code is None) == (self.line is None):
            raise ValueError("give either code (the target computes) or line (the source's amount)")
        if not self.taxes:
            raise ValueError("a combination has at least one tax; lines without go to untaxed")
        return self


class Taxes(Strict):
    """Every combination of taxes that documents may carry. The first row that fits applies.

    `untaxed` maps lines without tax; `zero_code` is the code of goods whose tax is a line of
    its own, of those tax lines, and of rounding and difference lines.
    """

    untaxed: Rule
    zero_code: str = ""
    rows: list[TaxRow] = Field(default_factory=list)


class DiscountAccount(Strict):
    """The invoice discount becomes negative lines on an account.

    Without `code` there is one line per tax code of what was discounted, so that the target
    computes tax on the discounted amounts; with it, one line that carries that code.
    """

    account: str
    code: str | None = None
    description: str = "Discount"


class Rounding(Strict):
    """Where a difference between the target's figures and ours goes, and how large it may be,
    in the document's currency; `tolerances` by ISO currency code go before `tolerance`."""

    account: str
    tolerance: Amount = Field(ge=0)
    tolerances: dict[CurrencyCode, Amount] = Field(default_factory=dict)
    description: str = "Rounding difference"

    def limit(self, currency: str) -> Decimal:
        return self.tolerances.get(currency, self.tolerance)


class Conversion(Strict):
    """Post in one currency whatever the document's: `rates` is a file relative to the spec
    (.xml as the ECB publishes it, .csv or .yaml), `max_age_days` how old a rate may be."""

    to: CurrencyCode
    rates: str
    max_age_days: int = Field(default=7, ge=0)
    difference_account: str
    description: str = "Conversion difference"


class Currency(Strict):
    """`codes` names the map from ISO codes to the target's; the local currency has a code of
    its own, blank unless said otherwise."""

    local: CurrencyCode
    local_code: str = ""
    codes: str
    convert: Conversion | None = None


class Coding(Strict):
    """What a line is booked as, before any field of the target is filled."""

    account: Rule
    deferral: Rule | None = None
    dimensions: dict[str, Rule] = Field(default_factory=dict)


class CustomerSection(Strict):
    """How a client is matched, made and updated in the target."""

    entity: str
    match: list[Literal["reference", "email", "name"]] = Field(min_length=1)
    when_missing: Literal["create", "hold"]
    header: Fields
    updates: list[str] = Field(default_factory=list)

    @field_validator("match")
    @classmethod
    def _once(cls, value: list[str]) -> list[str]:
        if len(set(value)) != len(value):
            raise ValueError("names a way of matching twice")
        return value


class DocumentSection(Strict):
    """A sales document of the target, or the lines of a journal that stand for it."""

    document: Literal["invoice", "order", "credit memo", "journal", "purchase invoice"]
    entity: str
    header: Fields
    lines: Fields
    party_line: Fields | None = None

    @model_validator(mode="after")
    def _party_line_of_a_journal(self) -> Self:
        if (self.document == "journal") != (self.party_line is not None):
            raise ValueError("party_line (the customer's line) belongs to document: journal")
        return self


class CostCoding(Strict):
    """What a cost is booked as. `recoverable` says yes or no: input tax that is recovered is
    a line of its own on `tax_account` with the source's amount, the rest is cost. `zero_code` is
    the target's code without tax, which every line carries; `clearing` maps what the company
    paid to a bank or card clearing account."""

    account: Rule
    recoverable: Rule
    tax_account: Rule
    zero_code: str = ""
    clearing: Rule | None = None
    dimensions: dict[str, Rule] = Field(default_factory=dict)


class ReversedLines(Strict):
    """Which fields of the posted lines are taken over, and which of them change sign."""

    copy_fields: Literal["all"] | list[str] = Field(default="all", alias="copy")
    negate: list[str] = Field(default_factory=list)
    set_fields: Fields = Field(default_factory=dict, alias="set")


class ReversalSection(Strict):
    """A credit memo (or journal) made from the record that was posted."""

    entity: str
    copy_fields: list[str] = Field(default_factory=list, alias="copy")
    header: Fields
    lines: ReversedLines = ReversedLines()


class WriteOffSection(Strict):
    """A line of the general journal: the customer's account against that of write-offs."""

    entity: str
    header: Fields = Field(default_factory=dict)
    line: Fields


class PaymentSection(Strict):
    """A receipt. `bank_account` maps type, gateway and currency; a map without a row of `*`
    has no default."""

    entity: str
    bank_account: Rule
    header: Fields
