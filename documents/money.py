"""Decimal money with a currency, and its division without losing a cent."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Annotated, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, StringConstraints

_NO_DECIMALS = (
    "BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG",
    "RWF", "UGX", "UYI", "VND", "VUV", "XAF", "XOF", "XPF",
)  # fmt: skip
_THREE_DECIMALS = ("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND")
_MINOR_UNITS = {**dict.fromkeys(_NO_DECIMALS, 0), **dict.fromkeys(_THREE_DECIMALS, 3)}


def _finite(value: Decimal) -> Decimal:
    if not value.is_finite():
        raise ValueError(f"amount {value} is not a finite decimal number")
    return value


Amount = Annotated[Decimal, AfterValidator(_finite)]
CurrencyCode = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]


class CurrencyMismatch(ValueError):
    """Two amounts of different currencies were added, subtracted or compared."""

    def __init__(self, left: str, right: str) -> None:
        super().__init__(f"cannot combine {left} with {right}: convert one at a dated rate first")


def minor_units(currency: str) -> int:
    """Digits after the decimal point of a currency (ISO 4217): JPY 0, USD 2, KWD 3."""
    return _MINOR_UNITS.get(currency, 2)


def smallest_unit(currency: str) -> Decimal:
    """The smallest amount of a currency: 0.01 for USD, 1 for JPY."""
    return Decimal(1).scaleb(-minor_units(currency))


def round_to_unit(amount: Decimal, currency: str) -> Decimal:
    """Round half away from zero to the currency's smallest unit, as invoices are rounded."""
    return amount.quantize(smallest_unit(currency), ROUND_HALF_UP)


class Money(BaseModel):
    """An exact amount in one currency. Arithmetic across currencies raises CurrencyMismatch."""

    model_config = ConfigDict(frozen=True)

    amount: Amount
    currency: CurrencyCode

    @classmethod
    def of(cls, amount: Decimal | int | str, currency: str) -> Self:
        return cls(amount=Decimal(amount), currency=currency)

    @classmethod
    def zero(cls, currency: str) -> Self:
        return cls(amount=Decimal(0), currency=currency)

    @classmethod
    def total(cls, parts: Iterable[Money], currency: str) -> Money:
        """Sum of amounts in one currency; zero of that currency when there are none."""
        result: Money = cls.zero(currency)
        for part in parts:
            result = result + part
        return result

    def __add__(self, other: Money) -> Money:
        return Money(amount=self.amount + self._same(other).amount, currency=self.currency)

    def __sub__(self, other: Money) -> Money:
        return Money(amount=self.amount - self._same(other).amount, currency=self.currency)

    def __neg__(self) -> Money:
        return Money(amount=-self.amount, currency=self.currency)

    def __abs__(self) -> Money:
        return Money(amount=abs(self.amount), currency=self.currency)

    def __mul__(self, factor: Decimal | int) -> Money:
        return Money(amount=self.amount * factor, currency=self.currency)

    def __lt__(self, other: Money) -> bool:
        return self.amount < self._same(other).amount

    def __le__(self, other: Money) -> bool:
        return self.amount <= self._same(other).amount

    def __bool__(self) -> bool:
        return self.amount != 0

    def __str__(self) -> str:
        return f"{self.rounded().amount} {self.currency}"

    def rounded(self) -> Money:
        """This amount rounded half away from zero to the currency's smallest unit."""
        return Money(amount=round_to_unit(self.amount, self.currency), currency=self.currency)

    @property
    def is_exact(self) -> bool:
        """Whether the amount is a whole number of the currency's smallest units."""
        return self.amount == self.rounded().amount

    def allocate(self, weights: Sequence[Decimal]) -> list[Money]:
        """Split into parts proportional to the weights; the parts add up to this amount exactly.

        Each part is a whole number of smallest units, except that what this amount has below
        them stays in the last weighted part. Left-over units go to the largest remainders, ties
        to the earlier part. Weights of one sign only; all zero weights count as equal.
        """
        if not weights:
            raise ValueError("an amount cannot be allocated over no parts")
        if any(w < 0 for w in weights) and any(w > 0 for w in weights):
            raise ValueError("weights must not mix signs")
        shares = [abs(w) for w in weights] if any(weights) else [Decimal(1)] * len(weights)
        return [Money(amount=part, currency=self.currency) for part in self._parts(shares)]

    def _parts(self, shares: list[Decimal]) -> list[Decimal]:
        unit = smallest_unit(self.currency)
        units, below = divmod(abs(self.amount), unit)
        whole = sum(shares, Decimal(0))
        ideal = [units * share / whole for share in shares]
        floors = [i // 1 for i in ideal]
        by_remainder = sorted(range(len(shares)), key=lambda n: (floors[n] - ideal[n], n))
        for n in by_remainder[: int(units - sum(floors, Decimal(0)))]:
            floors[n] += 1
        parts = [floor * unit for floor in floors]
        parts[max(n for n, share in enumerate(shares) if share)] += below
        return [part if self.amount >= 0 else -part for part in parts]

    def _same(self, other: Money) -> Money:
        if other.currency != self.currency:
            raise CurrencyMismatch(self.currency, other.currency)
        return other
