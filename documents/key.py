"""Our key: the reference that a posting carries in a searchable field of the target."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Self

from pydantic import BaseModel, ConfigDict, model_validator

MAX_KEY_LENGTH = 20
"""The shortest searchable reference field among the targets (NAV Document No., Code 20)."""


class Kind(StrEnum):
    """What a posting stands for. A reversal is a posting of its own, with a key of its own."""

    CUSTOMER = "customer"
    INVOICE = "invoice"
    INVOICE_REVERSAL = "invoice_reversal"
    PAYMENT = "payment"
    PAYMENT_REVERSAL = "payment_reversal"
    CREDIT_NOTE = "credit_note"
    CREDIT_NOTE_REVERSAL = "credit_note_reversal"
    CREDIT_APPLICATION = "credit_application"
    PREPAYMENT = "prepayment"
    PREPAYMENT_REVERSAL = "prepayment_reversal"
    REFUND = "refund"
    REFUND_REVERSAL = "refund_reversal"
    EXPENSE = "expense"
    EXPENSE_REVERSAL = "expense_reversal"
    BILL = "bill"
    BILL_REVERSAL = "bill_reversal"
    BILL_PAYMENT = "bill_payment"
    BILL_PAYMENT_REVERSAL = "bill_payment_reversal"
    ORDER = "order"
    DUPLICATE_REVERSAL = "duplicate_reversal"
    EXPENSE_CLAIM = "expense_claim"
    LATE_FEE = "late_fee"
    LATE_FEE_REVERSAL = "late_fee_reversal"
    WRITE_OFF = "write_off"
    WRITE_OFF_REVERSAL = "write_off_reversal"
    ENTRY_REVERSAL = "entry_reversal"

    @property
    def reversal(self) -> Kind:
        """The kind of the posting that takes back one of this kind; ValueError if none does."""
        return Kind(f"{self.value}_reversal")


_LETTERS = {
    Kind.CUSTOMER: "C",
    Kind.INVOICE: "I",
    Kind.INVOICE_REVERSAL: "R",
    Kind.PAYMENT: "P",
    Kind.PAYMENT_REVERSAL: "Q",
    Kind.CREDIT_NOTE: "N",
    Kind.CREDIT_NOTE_REVERSAL: "M",
    Kind.CREDIT_APPLICATION: "A",
    Kind.PREPAYMENT: "D",
    Kind.PREPAYMENT_REVERSAL: "E",
    Kind.REFUND: "F",
    Kind.REFUND_REVERSAL: "G",
    Kind.EXPENSE: "X",
    Kind.EXPENSE_REVERSAL: "Y",
    Kind.BILL: "B",
    Kind.BILL_REVERSAL: "U",
    Kind.BILL_PAYMENT: "V",
    Kind.BILL_PAYMENT_REVERSAL: "W",
    Kind.ORDER: "O",
    Kind.DUPLICATE_REVERSAL: "Z",
    Kind.EXPENSE_CLAIM: "L",
    Kind.LATE_FEE: "S",
    Kind.LATE_FEE_REVERSAL: "T",
    Kind.WRITE_OFF: "H",
    Kind.WRITE_OFF_REVERSAL: "J",
    Kind.ENTRY_REVERSAL: "K",
}
_KINDS = {letter: kind for kind, letter in _LETTERS.items()}
_TEXT = re.compile(r"([A-Z0-9]{1,4})-([A-Z])([A-Z0-9]{1,11}|(?<=K)[A-Z][0-9]{11})-([1-9][0-9]?)")


class Key(BaseModel):
    """Identity of one posting: connection tag, kind, source id and generation.

    The generation rises only after a confirmed reversal, so that at any time at most one
    unreversed posting of a source document exists. `text()` and `parse()` are the only two
    functions that build and read it; ValueError when it would not fit the target's field.
    """

    model_config = ConfigDict(frozen=True)

    tag: str
    kind: Kind
    source_id: str
    generation: int = 1

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if not _TEXT.fullmatch(self.text()) or len(self.text()) > MAX_KEY_LENGTH:
            raise ValueError(
                f"key {self.text()!r} must be TAG-<kind letter><source id>-<generation> in upper "
                f"case, at most {MAX_KEY_LENGTH} characters, generation 1 to 99"
            )
        return self

    def text(self) -> str:
        return f"{self.tag}-{_LETTERS[self.kind]}{self.source_id}-{self.generation}"

    def __str__(self) -> str:
        return self.text()

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read back what `text()` wrote. ValueError for anything else."""
        match = _TEXT.fullmatch(text.strip().upper())
        if not match or match[2] not in _KINDS:
            raise ValueError(f"{text!r} is not one of our keys")
        tag, letter, source_id, generation = match.groups()
        return cls(tag=tag, kind=_KINDS[letter], source_id=source_id, generation=int(generation))

    @classmethod
    def read(cls, text: str) -> Self | None:
        """As `parse`; None for what people or other software wrote."""
        try:
            return cls.parse(text)
        except ValueError:
            return None

    def taking_back(self, generation: int) -> Key:
        """The key under which an entry that stands beside this document's own is taken back by
        the target itself. Its source id begins with the letter of the document's kind."""
        source_id = f"{_LETTERS[self.kind]}{self.source_id}"
        update = {"kind": Kind.ENTRY_REVERSAL, "source_id": source_id, "generation": generation}
        return Key.model_validate({**dict(self), **update})

    @property
    def document(self) -> tuple[Kind, str]:
        """The kind and source id that the key is about."""
        letter, of = self.source_id[0], self.source_id[1:]
        # People may have typed what looks like one.
        if self.kind is not Kind.ENTRY_REVERSAL or letter not in _KINDS or not of:
            return self.kind, self.source_id
        return _KINDS[letter], of

    def of_kind(self, kind: Kind) -> Key:
        """The key of another kind for the same document and generation (its reversal, say)."""
        return self.model_copy(update={"kind": kind})
