"""One exchange rate, with its date and source."""

from __future__ import annotations

from datetime import date

from pydantic import BaseModel, ConfigDict, field_validator

from documents.money import Amount, CurrencyCode


class RatesUnreadable(ValueError):
    """A rate file is not what its name says. Names the file and what is wrong with it."""


class Rate(BaseModel):
    """One `base` is `rate` of `quote` on `date`, according to `source`."""

    model_config = ConfigDict(frozen=True)

    base: CurrencyCode
    quote: CurrencyCode
    date: date
    source: str
    rate: Amount

    @field_validator("rate")
    @classmethod
    def _positive(cls, value: Amount) -> Amount:
        if value <= 0:
            raise ValueError("a rate is above zero")
        return value

    def inverse(self) -> Rate:
        return self.model_copy(
            update={"base": self.quote, "quote": self.base, "rate": 1 / self.rate}
        )

    def via(self, onward: Rate) -> Rate:
        """This rate and then another, both of one day: the cross rate."""
        source = self.source if onward.source == self.source else f"{self.source}, {onward.source}"
        cross = {"quote": onward.quote, "rate": self.rate * onward.rate, "source": source}
        return self.model_copy(update=cross)

    def __str__(self) -> str:
        return f"1 {self.base} = {self.rate:f} {self.quote} of {self.date} ({self.source})"
