"""Expenses as records of NAV: split by category and tax, summed to the cent, in their currency."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from documents.expense import Expense, ExpenseStage, Payer, Staff
from documents.key import Kind
from documents.money import Money, minor_units
from documents.record import MappedRecord, TaxTotal
from mapping.mapper import Mapper
from tests.mapping.specs import KEY, NAV_SPEC, ON, held

_KEY = KEY.of_kind(Kind.EXPENSE)
_NAV = Mapper.load(NAV_SPEC)
_CURRENCIES = st.sampled_from(["USD", "EUR", "JPY"])
_CATEGORIES = st.sampled_from(["Travel", "Meals & Entertainment"])


def _expense(gross: str, *taxes: str, currency: str = "USD", **changes: Any) -> Expense:
    totals = tuple(
        TaxTotal(
            name=f"TAX{n}",
            percent=Decimal(13),
            basis=Money.of(gross, currency),
            amount=Money.of(each, currency),
        )
        for n, each in enumerate(taxes, 1)
    )
    tax = sum((Decimal(each) for each in taxes), Decimal(0))
    found: dict[str, Any] = {
        "source_id": "5000001",
        "stage": ExpenseStage.ENTERED,
        "staff": Staff(source_id="1"),
        "category_id": "1",
        "category": "Travel",
        "document_date": date(2026, 3, 2),
        "gross": Money.of(gross, currency),
        "net": Money.of(Decimal(gross) - tax, currency),
        "taxes": totals,
        **changes,
    }
    return Expense.model_validate(found)


def _mapped(expense: Expense, payer: Payer = Payer.PERSON) -> MappedRecord:
    return _NAV.map_expense(expense, payer, "V-ERIN", _KEY, ON, {})


def _sum(record: MappedRecord, account: str = "") -> Decimal:
    """What the lines of an account come to; of the purchase invoice as it is priced."""
    lines = [each for each in record.lines if account in ("", _account(each))]
    return sum((_amount(each) for each in lines), Decimal(0))


def _account(line: Mapping[str, Any]) -> str:
    return str(line.get("No") or line.get("Account_No"))


def _amount(line: Mapping[str, Any]) -> Decimal:
    return Decimal(str(line["Direct_Unit_Cost" if "No" in line else "Amount"]))


@st.composite
def _expenses(draw: st.DrawFn) -> Expense:
    currency = draw(_CURRENCIES)
    places = minor_units(currency)
    units = draw(st.integers(1, 10_000_000))
    first = draw(st.integers(0, units))
    second = draw(st.integers(0, units - first))
    unit = Decimal(1).scaleb(-places)
    taxes = [str(each * unit) for each in (first, second) if each]
    return _expense(str(units * unit), *taxes, currency=currency, category=draw(_CATEGORIES))


@settings(max_examples=60, deadline=None)
@given(expense=_expenses())
def test_the_lines_of_an_expense_are_its_gross_amount_to_the_cent(expense: Expense) -> None:
    record = _mapped(expense)
    assert _sum(record) == expense.gross.amount
    assert record.header["Buy_from_Vendor_No"] == "V-ERIN"
    assert record.header["Vendor_Invoice_No"] == _KEY.text()


@settings(max_examples=60, deadline=None)
@given(expense=_expenses())
def test_tax_is_a_line_of_its_own_where_it_is_recovered_and_cost_where_not(
    expense: Expense,
) -> None:
    recovered = expense.category == "Travel"
    wanted = expense.tax.amount if recovered else Decimal(0)
    assert _sum(_mapped(expense), "1400") == wanted


@settings(max_examples=60, deadline=None)
@given(expense=_expenses())
def test_what_the_company_paid_balances_against_its_money(expense: Expense) -> None:
    cards = expense.model_copy(update={"account_name": "Company card"})
    record = _mapped(cards, Payer.COMPANY)
    assert _sum(record) == 0
    assert _sum(record, "CARDS") == -expense.gross.amount


@pytest.mark.parametrize(("currency", "code"), [("USD", ""), ("EUR", "EUR"), ("JPY", "JPY")])
def test_an_expense_posts_in_its_own_currency(currency: str, code: str) -> None:
    record = _mapped(_expense("45", currency=currency))
    assert str(record.header.get("Currency_Code", "")) == code


def test_what_is_not_mapped_is_held_with_its_name() -> None:
    hold = held(_mapped, _expense("45", category="Elephants"))
    assert hold.cause == "account-unmapped"
    assert "Elephants" in str(hold)
    nobody = _expense("45", account_name="Somebody's card")
    assert held(_mapped, nobody, Payer.COMPANY).cause.endswith("unmapped")
