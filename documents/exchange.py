"""Exchange rates with their date and source, and amounts that were converted at one."""

from __future__ import annotations

from datetime import date

from pydantic import BaseModel, ConfigDict, field_validator

from documents.money import Amount, CurrencyCode, CurrencyMismatch, Money


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

    def convert(self, amount: Money) -> Money:
        """An amount of the base in the quote, rounded to the smallest unit."""
        if amount.currency != self.base:
            raise CurrencyMismatch(amount.currency, self.base)
        return Money(amount=amount.amount * self.rate, currency=self.quote).rounded()

    def __str__(self) -> str:
        return f"1 {self.base} = {self.rate:f} {self.quote} of {self.date} ({self.source})"


class Exchange(BaseModel):
    """What the source says (`amount`), what is booked for it in the currency of the books, and the
    rate between them. The two differ from the rate by less than a unit for each payment, because
    payments together come to their converted sum."""

    model_config = ConfigDict(frozen=True)

    amount: Money
    booked: Money
    rate: Rate
