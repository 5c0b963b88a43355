"""Money is exact, has one currency, and is divided without losing a cent."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from documents.money import CurrencyMismatch, Money, minor_units, smallest_unit

CURRENCIES = st.sampled_from(["USD", "JPY", "KWD"])
AMOUNTS = st.decimals(min_value=-(10**9), max_value=10**9, places=4)
WEIGHTS = st.lists(st.decimals(min_value=0, max_value=10**6, places=3), min_size=1, max_size=30)


@given(AMOUNTS, CURRENCIES, WEIGHTS)
def test_parts_of_an_allocation_add_up_to_the_whole(
    amount: Decimal, currency: str, weights: list[Decimal]
) -> None:
    whole = Money.of(amount, currency)
    assert Money.total(whole.allocate(weights), currency) == whole


@given(AMOUNTS, CURRENCIES, WEIGHTS)
def test_no_part_is_off_its_ideal_share_by_more_than_one_unit(
    amount: Decimal, currency: str, weights: list[Decimal]
) -> None:
    whole = Money.of(amount, currency).rounded()
    shares = weights if any(weights) else [Decimal(1)] * len(weights)
    ideal = [whole.amount * w / sum(shares) for w in shares]
    for part, wanted in zip(whole.allocate(weights), ideal, strict=True):
        assert abs(part.amount - wanted) <= smallest_unit(currency)


@given(AMOUNTS, CURRENCIES, st.integers(1, 9))
def test_an_unweighted_part_of_an_allocation_gets_nothing(
    amount: Decimal, currency: str, parts: int
) -> None:
    whole = Money.of(amount, currency)
    *_, nothing = whole.allocate([*[Decimal(1)] * parts, Decimal(0)])
    assert not nothing


def test_ten_dollars_in_three_parts_give_the_odd_cent_to_the_first() -> None:
    parts = Money.of("10.00", "USD").allocate([Decimal(1)] * 3)
    assert [str(p.amount) for p in parts] == ["3.34", "3.33", "3.33"]


def test_a_credit_is_divided_like_a_debit() -> None:
    parts = Money.of("-10.00", "USD").allocate([Decimal(-1)] * 3)
    assert [str(p.amount) for p in parts] == ["-3.34", "-3.33", "-3.33"]


def test_amounts_of_two_currencies_are_never_combined() -> None:
    with pytest.raises(CurrencyMismatch, match="cannot combine USD with EUR"):
        Money.of(1, "USD") + Money.of(1, "EUR")
    with pytest.raises(CurrencyMismatch):
        assert Money.of(1, "USD") < Money.of(1, "EUR")


@pytest.mark.parametrize("amount", ["NaN", "Infinity", "-Infinity", "ten"])
def test_an_amount_that_is_not_a_finite_number_is_refused(amount: str) -> None:
    with pytest.raises(ValidationError):
        Money(amount=amount, currency="USD")


@pytest.mark.parametrize("currency", ["usd", "US", "DOLLAR", ""])
def test_a_currency_is_three_capital_letters(currency: str) -> None:
    with pytest.raises(ValidationError):
        Money.of(1, currency)


def test_each_currency_rounds_to_its_own_unit() -> None:
    assert [minor_units(c) for c in ("JPY", "USD", "KWD")] == [0, 2, 3]
    assert Money.of("0.5", "JPY").rounded().amount == 1
    assert Money.of("-0.005", "USD").rounded().amount == Decimal("-0.01")
    assert Money.of("1.2345", "KWD").rounded().amount == Decimal("1.235")


def test_weights_of_both_signs_are_refused() -> None:
    with pytest.raises(ValueError, match="must not mix signs"):
        Money.of(1, "USD").allocate([Decimal(1), Decimal(-1)])
    with pytest.raises(ValueError, match="over no parts"):
        Money.of(1, "USD").allocate([])
