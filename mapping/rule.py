"""What a rule is: where a field's value comes from, and what is done to it on the way."""

from __future__ import annotations

from decimal import Decimal
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from documents.hold import HoldClass

SOURCES = ("from", "value", "lookup", "when", "concat", "compute", "hold")
"""The settings of a rule that say where its value comes from; each rule has exactly one."""


class Strict(BaseModel):
    """A part of a spec: frozen, and an unknown setting is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=False)


class Split(Strict):
    """One part of a text. `part` counts from 1, or from the end when negative."""

    separator: str = Field(default=" ", min_length=1)
    part: int = 1
    rest: bool = False

    @model_validator(mode="after")
    def _counts_from_one(self) -> Self:
        if self.part == 0:
            raise ValueError("part counts from 1, or from the end with -1")
        if self.rest and self.part < 0:
            raise ValueError("rest takes everything from a part counted from the start")
        return self


class Format(Strict):
    """`text` changes case or trims, `date` is a strftime pattern, `decimal` a number of digits.

    A decimal that would lose digits is never rounded: the document is held.
    """

    text: Literal["upper", "lower", "trim"] | None = None
    date: str | None = None
    decimal: int | None = Field(default=None, ge=0, le=10)

    @model_validator(mode="after")
    def _one(self) -> Self:
        if len(self.model_fields_set) != 1:
            raise ValueError("give exactly one of text, date, decimal")
        return self


class HoldText(Strict):
    """A hold that a spec asks for: a code of its own, and the words a bookkeeper reads."""

    cause: str = Field(pattern=r"^[a-z][a-z0-9-]*$", max_length=60)
    reason: str = Field(min_length=1)
    remedy: str = ""
    hold_class: HoldClass = Field(default=HoldClass.POLICY, alias="class")


COMPARISONS = ("over", "under", "at_least", "at_most", "equals")


class Case(Strict):
    """A condition and the rule that applies where it holds.

    The condition is a CEL expression in `if`, or a comparison of the decimal at the path
    `amount` with one bound; CEL has no decimals, so amounts are never compared there.
    """

    condition: str | None = Field(default=None, alias="if", min_length=1)
    amount: str | None = None
    over: Decimal | None = None
    under: Decimal | None = None
    at_least: Decimal | None = None
    at_most: Decimal | None = None
    equals: Decimal | None = None
    then: Rule

    @model_validator(mode="after")
    def _one_condition(self) -> Self:
        if (self.condition is None) == (self.amount is None):
            raise ValueError("give either if (an expression) or amount (a path and a bound)")
        if len(self.bounds) != (self.amount is not None):
            raise ValueError(f"amount needs exactly one of {', '.join(COMPARISONS)}, if needs none")
        return self

    @property
    def bounds(self) -> dict[str, Decimal]:
        found = {name: getattr(self, name) for name in COMPARISONS}
        return {name: bound for name, bound in found.items() if bound is not None}

    @property
    def text(self) -> str:
        """The condition as a person reads it in a trace."""
        bound = "".join(f" {name.replace('_', ' ')} {b}" for name, b in self.bounds.items())
        return self.condition or f"{self.amount}{bound}"


class Rule(Strict):
    """One source of a value, then in this order: negate, split, skip, format, default, truncate.

    `skip` drops as many characters as a field of that length holds: what is left is what does
    not fit there, for a field that continues another.
    `blank` says what happens to an empty result: the field is left out, sent empty, or the
    document is held. A field that the target requires is never left out.
    """

    path: str | None = Field(default=None, alias="from", min_length=1)
    value: str | bool | None = None
    lookup: str | None = None
    key: str | list[str] | None = None
    when: list[Case] | None = Field(default=None, min_length=1)
    otherwise: Rule | None = Field(default=None, alias="else")
    concat: list[Rule] | None = Field(default=None, min_length=1)
    separator: str = " "
    compute: str | None = Field(default=None, min_length=1)
    hold: HoldText | None = None
    negate: bool = False
    split: Split | None = None
    skip: int | None = Field(default=None, ge=1)
    format: Format | None = None
    default: str | None = None
    truncate: bool | int = False
    blank: Literal["omit", "send", "hold"] = "omit"

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        given = [s for s in SOURCES if self._source(s) is not None]
        if len(given) != 1:
            found = " and ".join(given) or "none"
            raise ValueError(f"a rule has exactly one of {', '.join(SOURCES)}; found {found}")
        return self

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if (self.lookup is None) != (self.key is None):
            raise ValueError("lookup and key belong together: the map, and the path of its key")
        if (self.when is None) != (self.otherwise is None):
            raise ValueError("when and else belong together: say what happens in all other cases")
        if "separator" in self.model_fields_set and self.concat is None:
            raise ValueError("separator belongs to concat (split has a separator of its own)")
        if not isinstance(self.truncate, bool) and self.truncate < 1:
            raise ValueError("truncate is true (the target's own limit) or a length of at least 1")
        return self

    def _source(self, name: str) -> object:
        return self.path if name == "from" else getattr(self, name)

    @property
    def keys(self) -> tuple[str, ...]:
        """The paths a lookup takes its key from."""
        if self.key is None:
            return ()
        return (self.key,) if isinstance(self.key, str) else tuple(self.key)

    @property
    def inner(self) -> tuple[tuple[tuple[str | int, ...], Rule], ...]:
        """The rules inside this one, with where they stand."""
        found: list[tuple[tuple[str | int, ...], Rule]] = []
        for number, case in enumerate(self.when or ()):
            found.append((("when", number, "then"), case.then))
        if self.otherwise is not None:
            found.append((("else",), self.otherwise))
        found += [(("concat", number), part) for number, part in enumerate(self.concat or ())]
        return tuple(found)
