"""The taxes of a document add up to the source's own figure, however the source rounded."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.freshbooks.taxes import TaxDiffers, TaxedLine, tax_totals
from documents.invoice import LineTax
from documents.money import Money, round_to_unit

CURRENCIES = st.sampled_from(["USD", "JPY", "KWD"])
PERCENTS = st.sampled_from(["0", "5", "7.5", "9.975", "13", "19", "21.125"]).map(Decimal)
NETS = st.decimals(min_value=-(10**6), max_value=10**6, places=3)


@st.composite
def line_taxes(draw: st.DrawFn) -> tuple[LineTax, ...]:
    count = draw(st.integers(0, 2))
    return tuple(
        LineTax(
            name=f"T{draw(st.integers(0, 2))}",
            percent=draw(PERCENTS),
            compound=place == 1 and draw(st.booleans()),
        )
        for place in range(count)
    )


LINES = st.lists(st.builds(TaxedLine, NETS, line_taxes()), min_size=1, max_size=12)


def line_sum(lines: list[TaxedLine], rounding: Callable[[Decimal], Decimal]) -> Decimal:
    """An independent sum: every tax of every line, compound ones on the line plus the first."""
    total = Decimal(0)
    for line in lines:
        first = Decimal(0)
        for tax in line.taxes:
            basis = line.net + first if tax.compound else line.net
            amount = rounding(basis * tax.percent / 100)
            total, first = total + amount, first + amount
    return total


@given(LINES, CURRENCIES)
def test_a_tax_rounded_once_is_attributed_without_losing_a_cent(
    lines: list[TaxedLine], currency: str
) -> None:
    stated = Money.of(line_sum(lines, lambda amount: amount), currency).rounded()
    taxes = tax_totals([lines], stated)
    assert Money.total((t.amount for t in taxes), currency) == stated
    assert all(t.amount.is_exact and t.basis.is_exact for t in taxes)


@given(LINES, CURRENCIES)
def test_a_tax_rounded_per_line_is_attributed_without_losing_a_cent(
    lines: list[TaxedLine], currency: str
) -> None:
    stated = Money.of(line_sum(lines, lambda a: round_to_unit(a, currency)), currency)
    taxes = tax_totals([lines], stated)
    assert Money.total((t.amount for t in taxes), currency) == stated


@given(LINES, CURRENCIES, st.integers(50, 10**6))
def test_a_tax_that_no_rounding_gives_is_refused_with_the_computed_figure(
    lines: list[TaxedLine], currency: str, units: int
) -> None:
    exact = Money.of(line_sum(lines, lambda amount: amount), currency).rounded()
    with pytest.raises(TaxDiffers) as refused:
        tax_totals([lines], Money.of(exact.amount + units, currency))
    assert abs(refused.value.computed - exact).amount <= 12 * 2


GST = LineTax(name="GST", percent=Decimal("5"))
QST_ON_GST = LineTax(name="QST", percent=Decimal("9.5"), compound=True)


def test_the_second_tax_is_computed_on_the_line_plus_the_first_when_compound() -> None:
    taxes = tax_totals([[TaxedLine(Decimal(100), (GST, QST_ON_GST))]], Money.of("14.98", "CAD"))
    assert [(t.name, str(t.basis), str(t.amount)) for t in taxes] == [
        ("GST", "100.00 CAD", "5.00 CAD"),
        ("QST", "105.00 CAD", "9.98 CAD"),
    ]


def test_the_same_name_with_another_percent_or_another_base_is_a_tax_of_its_own() -> None:
    plain = LineTax(name="QST", percent=Decimal("9.5"))
    other = LineTax(name="GST", percent=Decimal("7"))
    lines = [
        TaxedLine(Decimal(100), (GST, QST_ON_GST)),
        TaxedLine(Decimal(100), (GST, plain)),
        TaxedLine(Decimal(100), (other,)),
    ]
    taxes = tax_totals([lines], Money.of("36.48", "CAD"))
    assert [(t.name, t.percent, t.amount.amount) for t in taxes] == [
        ("GST", Decimal(5), Decimal("10.00")),
        ("QST", Decimal("9.5"), Decimal("9.98")),
        ("QST", Decimal("9.5"), Decimal("9.50")),
        ("GST", Decimal(7), Decimal("7.00")),
    ]


def test_a_cent_of_rounding_goes_to_the_larger_tax() -> None:
    # 0.104 + 1.004 is 1.108: rounded once 1.11, but 0.10 + 1.00 when rounded one by one.
    a, b = LineTax(name="A", percent=Decimal("1.04")), LineTax(name="B", percent=Decimal("10.04"))
    taxes = tax_totals([[TaxedLine(Decimal("10.00"), (a, b))]], Money.of("1.11", "USD"))
    assert [(t.name, str(t.amount)) for t in taxes] == [("A", "0.10 USD"), ("B", "1.01 USD")]


def test_a_tax_of_zero_percent_is_kept_with_its_basis() -> None:
    exempt = LineTax(name="Exempt", percent=Decimal(0))
    (tax,) = tax_totals([[TaxedLine(Decimal(40), (exempt,))]], Money.zero("USD"))
    assert (tax.name, str(tax.basis), str(tax.amount)) == ("Exempt", "40.00 USD", "0.00 USD")


def test_without_taxes_only_a_tax_of_zero_is_accepted() -> None:
    lines = [TaxedLine(Decimal(40), ())]
    assert tax_totals([lines], Money.zero("USD")) == ()
    with pytest.raises(TaxDiffers):
        tax_totals([lines], Money.of("0.01", "USD"))
