"""An invoice that does not add up cannot be built without saying so."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from documents.invoice import Invoice, InvoiceLine, InvoiceStage, LineTax
from documents.money import Money
from documents.record import Figures, TaxTotal


def usd(amount: str) -> Money:
    return Money.of(amount, "USD")


def invoice(**changes: Any) -> Invoice:
    """100.00 less 10 percent, plus 13 percent tax: 101.70 USD."""
    line = InvoiceLine(
        line_id="1",
        name="Advice",
        quantity=Decimal(4),
        unit_price=usd("25"),
        amount=usd("100.00"),
        taxes=(LineTax(name="HST", percent=Decimal(13)),),
    )
    fields: dict[str, Any] = {
        "source_id": "1234567",
        "number": "0000013",
        "stage": InvoiceStage.FINAL,
        "party_id": "7654321",
        "currency": "USD",
        "document_date": date(2026, 11, 2),
        "lines": (line,),
        "discount_percent": Decimal(10),
        "subtotal": usd("100.00"),
        "discount": usd("10.00"),
        "net": usd("90.00"),
        "taxes": (
            TaxTotal(name="HST", percent=Decimal(13), basis=usd("90.00"), amount=usd("11.70")),
        ),
        "total": usd("101.70"),
        "paid": usd("0"),
        "outstanding": usd("101.70"),
    }
    return Invoice(**{**fields, **changes})


def test_an_invoice_that_adds_up_is_built() -> None:
    assert invoice().figures == Figures(net=usd("90.00"), tax=usd("11.70"), total=usd("101.70"))


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"subtotal": usd("99.99")}, "lines give 100.00 USD, the invoice says 99.99 USD"),
        ({"net": usd("90.01")}, "subtotal less discount give 90.00 USD"),
        ({"total": usd("101.71")}, "net plus taxes give 101.70 USD, the invoice says 101.71 USD"),
        ({"taxes": ()}, "net plus taxes give 90.00 USD"),
    ],
)
def test_an_invoice_that_does_not_add_up_says_both_figures(
    wrong: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(ValidationError, match=sentence):
        invoice(**wrong)


def test_an_invoice_in_two_currencies_is_refused() -> None:
    with pytest.raises(ValidationError, match="cannot combine"):
        invoice(net=Money.of("90.00", "EUR"))


def test_equal_amounts_in_other_notation_are_not_an_edit() -> None:
    assert (
        invoice(subtotal=usd("100"), total=usd("101.700")).fingerprint() == invoice().fingerprint()
    )


@pytest.mark.parametrize(
    "immaterial",
    [
        {"po_number": "PSI-0001"},
        {"number": "0000099"},
        {"paid": usd("101.70"), "outstanding": usd("0")},
        {"version": "later"},
        {"stage": InvoiceStage.DELETED},
    ],
)
def test_what_is_not_party_dates_lines_tax_or_totals_is_not_an_edit(
    immaterial: dict[str, Any],
) -> None:
    assert invoice(**immaterial).fingerprint() == invoice().fingerprint()


@pytest.mark.parametrize(
    "material",
    [
        {"party_id": "7654322"},
        {"document_date": date(2026, 11, 3)},
        {"due_date": date(2026, 12, 3)},
        {"prices_include_tax": True},
    ],
)
def test_a_change_of_party_or_dates_is_an_edit(material: dict[str, Any]) -> None:
    assert invoice(**material).fingerprint() != invoice().fingerprint()


@given(
    st.lists(st.decimals(min_value=0, max_value=10**5, places=2), min_size=1, max_size=12),
    st.integers(0, 100),
)
def test_the_discount_is_spread_over_the_lines_without_losing_a_cent(
    amounts: list[Decimal], percent: int
) -> None:
    subtotal = sum(amounts, Decimal(0))
    discount = Money.of(subtotal * percent / 100, "USD").rounded()
    net = usd(str(subtotal)) - discount
    built = invoice(
        lines=tuple(
            InvoiceLine(
                line_id=str(n), quantity=Decimal(1), unit_price=usd(str(a)), amount=usd(str(a))
            )
            for n, a in enumerate(amounts)
        ),
        subtotal=usd(str(subtotal)),
        discount=discount,
        net=net,
        taxes=(),
        total=net,
        outstanding=net,
    )
    assert Money.total(built.net_lines(), "USD") == net
