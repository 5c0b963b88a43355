"""A mapping spec: how documents become the records of one target, as data."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, Self

from pydantic import Field, model_validator

from mapping.rule import Rule, Strict
from mapping.sections import (
    Coding,
    CostCoding,
    Currency,
    CustomerSection,
    DiscountAccount,
    DocumentSection,
    Fields,
    PaymentSection,
    ReversalSection,
    Rounding,
    Taxes,
    ValueMap,
    WriteOffSection,
)
from mapping.source import SpecPath


class Spec(Strict):
    """A whole mapping. `schema` names the recorded limits of the target, used where the target
    itself cannot be asked; `extends` the spec that all sections come from which this one does not
    give; `unit_decimals` how many decimals the target takes in quantity and price."""

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*$")
    extends: str | None = None
    schema_file: str | None = Field(default=None, alias="schema")
    include: list[str] = Field(default_factory=list)
    maps: dict[str, ValueMap] = Field(default_factory=dict)
    currency: Currency
    coding: Coding
    taxes: Taxes
    discount: Literal["spread"] | DiscountAccount = "spread"
    lines: Literal["one to one", "by account"] = "one to one"
    unit_decimals: int = Field(default=5, ge=0, le=10)
    rounding: Rounding | None = None
    customer: CustomerSection
    invoice: DocumentSection
    invoice_reversal: ReversalSection | None = None
    payment: PaymentSection
    credit_note: DocumentSection | None = None
    credit_note_reversal: ReversalSection | None = None
    expense_coding: CostCoding | None = None
    expense: DocumentSection | None = None
    expense_journal: DocumentSection | None = None
    expense_reversal: ReversalSection | None = None
    bill_coding: CostCoding | None = None
    bill: DocumentSection | None = None
    bill_reversal: ReversalSection | None = None
    bill_payment: DocumentSection | None = None
    write_off: WriteOffSection | None = None

    @model_validator(mode="after")
    def _expenses_are_coded(self) -> Self:
        if (self.expense or self.expense_journal) and self.expense_coding is None:
            raise ValueError("expense and expense_journal need expense_coding")
        if (self.bill or self.bill_payment) and self.bill_coding is None:
            raise ValueError("bill and bill_payment need bill_coding")
        if self.bill_payment and self.bill_payment.document != "journal":
            raise ValueError("bill_payment is a journal: of the vendor and of the money")
        return self

    def documents(self) -> Iterator[tuple[str, DocumentSection]]:
        yield "invoice", self.invoice
        if self.credit_note:
            yield "credit_note", self.credit_note
        if self.expense:
            yield "expense", self.expense
        if self.expense_journal:
            yield "expense_journal", self.expense_journal
        if self.bill:
            yield "bill", self.bill
        if self.bill_payment:
            yield "bill_payment", self.bill_payment

    def reversals(self) -> Iterator[tuple[str, ReversalSection, DocumentSection | None]]:
        if self.invoice_reversal:
            yield "invoice_reversal", self.invoice_reversal, self.invoice
        if self.credit_note_reversal:
            yield "credit_note_reversal", self.credit_note_reversal, self.credit_note
        if self.expense_reversal:
            yield "expense_reversal", self.expense_reversal, self.expense
        if self.bill_reversal:
            yield "bill_reversal", self.bill_reversal, self.bill

    def field_rules(self) -> Iterator[tuple[SpecPath, Fields]]:
        """Every group of field rules with where it stands."""
        yield ("customer", "header"), self.customer.header
        yield ("payment", "header"), self.payment.header
        if self.write_off:
            yield ("write_off", "header"), self.write_off.header
            yield ("write_off", "line"), self.write_off.line
        for name, section in self.documents():
            yield (name, "header"), section.header
            yield (name, "lines"), section.lines
            yield (name, "party_line"), section.party_line or {}
        for name, reversal, _ in self.reversals():
            yield (name, "header"), reversal.header
            yield (name, "lines", "set"), reversal.lines.set_fields

    def coding_rules(self) -> Iterator[tuple[SpecPath, Rule]]:
        """The rules that code a line."""
        yield ("coding", "account"), self.coding.account
        if self.coding.deferral:
            yield ("coding", "deferral"), self.coding.deferral
        for name, rule in self.coding.dimensions.items():
            yield ("coding", "dimensions", name), rule
        yield ("taxes", "untaxed"), self.taxes.untaxed
        for section, coding in self.cost_codings():
            yield from _cost_rules(section, coding)

    def cost_codings(self) -> Iterator[tuple[str, CostCoding]]:
        """What costs are coded by, with the name of the section."""
        if self.expense_coding:
            yield "expense_coding", self.expense_coding
        if self.bill_coding:
            yield "bill_coding", self.bill_coding


def _cost_rules(section: str, coding: CostCoding) -> Iterator[tuple[SpecPath, Rule]]:
    for name in ("account", "recoverable", "tax_account", "clearing"):
        rule = getattr(coding, name)
        if rule is not None:
            yield (section, name), rule
    for name, rule in coding.dimensions.items():
        yield (section, "dimensions", name), rule
