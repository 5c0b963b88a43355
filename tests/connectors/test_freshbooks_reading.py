"""FreshBooks objects become documents that add up, or say in plain words why they cannot."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.freshbooks.clocks import Clock
from connectors.freshbooks.reading import (
    read_invoice,
    stage_of,
)
from connectors.ports import Unreadable
from documents.hold import HoldClass
from documents.invoice import Invoice, InvoiceStage, LineKind
from documents.money import Money

CLOCK = Clock()
Row = dict[str, Any]


def money(amount: str, code: str = "USD") -> Row:
    return {"amount": amount, "code": code}


def line(amount: str, **more: Any) -> Row:
    code = more.pop("code", "USD")
    return {
        "lineid": 1,
        "qty": "1",
        "unit_cost": money(amount, code),
        "amount": money(amount, code),
        "name": "Work",
        "description": "",
        "taxName1": None,
        "taxAmount1": "0",
        "taxName2": None,
        "taxAmount2": "0",
        "compounded_tax": False,
        "type": 0,
        "expenseid": 0,
        **more,
    }


def invoice(total: str, lines: list[Row], **more: Any) -> Row:
    code = more.pop("code", "USD")
    return {
        "id": 2000001,
        "invoiceid": 2000001,
        "invoice_number": "0000013",
        "customerid": 1000001,
        "currency_code": code,
        "create_date": "2026-02-01",
        "due_date": "2026-03-03",
        "amount": money(total, code),
        "paid": money("0.00", code),
        "outstanding": money(total, code),
        "discount_value": "0",
        "discount_total": money("0.00", code),
        "status": 2,
        "v3_status": "sent",
        "vis_state": 0,
        "po_number": None,
        "updated": "2026-02-01 10:00:00",
        "version": "2026-02-01 10:00:00.123456",
        "an unknown field": {"of": ["any", "shape"]},
        "lines": lines,
        **more,
    }


def built(row: Row) -> Invoice:
    found = read_invoice(row, CLOCK)
    assert isinstance(found, Invoice), found
    return found


def refused(row: Row) -> Unreadable:
    found = read_invoice(row, CLOCK)
    assert isinstance(found, Unreadable), found
    assert found.hold.hold_class is HoldClass.DATA
    assert found.hold.remedy
    return found


HST = {"taxName1": "HST", "taxAmount1": "13", "taxNumber1": "RT0001"}


def test_an_invoice_is_read_with_lines_taxes_and_discount() -> None:
    lines = [
        line("100.00", lineid=1, qty="2", unit_cost=money("50.00"), **HST),
        line("50.00", lineid=2, type=1, expenseid=77, modern_project_id=5, name="Zoë"),
    ]
    found = built(
        invoice("146.70", lines, discount_value="10", discount_total=money("-15.00"), parent=9)
    )
    assert (found.source_id, found.number, found.party_id) == ("2000001", "0000013", "1000001")
    assert (str(found.subtotal), str(found.discount), str(found.net)) == (
        "150.00 USD",
        "15.00 USD",
        "135.00 USD",
    )
    assert [(t.name, str(t.basis), str(t.amount)) for t in found.taxes] == [
        ("HST", "90.00 USD", "11.70 USD")
    ]
    assert str(found.total) == "146.70 USD"
    assert found.lines[0].taxes[0].number == "RT0001"
    assert (found.lines[1].kind, found.lines[1].expense_id) == (LineKind.REBILLED_EXPENSE, "77")
    assert (found.lines[1].project_id, found.lines[1].name) == ("5", "Zoë")
    assert found.recurring_profile_id is None
    assert found.changed_at is not None
    assert found.changed_at.isoformat() == "2026-02-01T15:00:00+00:00"


def test_a_line_without_an_amount_is_quantity_times_price() -> None:
    found = built(invoice("4.50", [line("1.50", qty="3") | {"amount": None}]))
    assert str(found.lines[0].amount) == "4.50 USD"


def test_a_discount_without_a_total_is_the_percentage() -> None:
    row = invoice("90.00", [line("100.00")], discount_value="10", discount_total=None)
    assert str(built(row).discount) == "10.00 USD"


def test_a_deposit_and_a_recurring_profile_are_read() -> None:
    row = invoice("100.00", [line("100.00")], deposit_percentage="30", deposit_status="unpaid")
    found = built(row | {"parent": 12, "generation_date": "2026-02-01"})
    assert found.deposit is not None
    assert (str(found.deposit.amount), found.deposit.status) == ("30.00 USD", "unpaid")
    assert found.recurring_profile_id == "12"


def test_yen_and_dinar_keep_their_own_units() -> None:
    tax = {"taxName1": "VAT", "taxAmount1": "10"}
    assert str(built(invoice("1101", [line("1001", code="JPY", **tax)], code="JPY")).tax) == (
        "100 JPY"
    )
    dinar = invoice("1.101", [line("1.001", code="KWD", **tax)], code="KWD")
    assert str(built(dinar).tax) == "0.100 KWD"


def test_a_credit_line_is_an_ordinary_negative_line() -> None:
    assert str(built(invoice("70.00", [line("100.00"), line("-30.00")])).net) == "70.00 USD"


@given(
    st.lists(st.tuples(st.integers(1, 10**6), st.sampled_from(["0", "5", "13"])), min_size=1),
    st.integers(0, 99),
)
def test_an_invoice_computed_by_any_rate_and_discount_adds_up_in_every_part(
    cents: list[tuple[int, str]], percent: int
) -> None:
    lines = [line(str(Decimal(c).scaleb(-2)), taxName1=f"T{p}", taxAmount1=p) for c, p in cents]
    subtotal = Money.of(Decimal(sum(c for c, _ in cents)).scaleb(-2), "USD")
    discount = (subtotal * (Decimal(percent) / 100)).rounded()
    rates: dict[str, Decimal] = {}
    for c, p in cents:
        share = Decimal(c).scaleb(-2) * (1 - Decimal(percent) / 100)
        rates[p] = rates.get(p, Decimal(0)) + share * Decimal(p) / 100
    tax = Money.total((Money.of(r, "USD").rounded() for r in rates.values()), "USD")
    total = subtotal - discount + tax
    found = built(
        invoice(
            str(total.amount),
            lines,
            discount_value=str(percent),
            discount_total=money(str(-discount.amount)),
        )
    )
    assert found.net + found.tax == found.total == total
    assert Money.total(found.net_lines(), "USD") == found.net


@pytest.mark.parametrize(
    ("row", "cause", "words"),
    [
        (invoice("99.99", [line("100.00")]), "does-not-add-up", ["100.00 USD", "99.99 USD"]),
        (invoice("113.01", [line("100.00", **HST)]), "does-not-add-up", ["113.00", "113.01"]),
        (invoice("0.00", []), "no-lines", ["0000013", "no lines"]),
        (invoice("10.00", []), "lines-missing", ["no lines", "10.00"]),
        (invoice("10.00", []) | {"lines": None}, "lines-missing", ["no lines"]),
        (invoice("1.00", [line("1.00", code="XYZ")], code="XYZ"), "unknown-currency", ["XYZ"]),
        (invoice("1.00", [line("1.00", code="usd")], code="usd"), "unknown-currency", ["usd"]),
        (
            invoice("1.00", [line("1.00", code="EUR")]),
            "mixed-currencies",
            ["line 1", "USD", "EUR"],
        ),
        (
            invoice("1.00", [line("1.00")], paid=money("0.00", "CAD")),
            "mixed-currencies",
            ["USD", "CAD"],
        ),
        (invoice("1.00", [line("1.00")], customerid=0), "no-client", ["client"]),
        (invoice("1.00", [line("1.00")], customerid=None), "no-client", ["client"]),
        (invoice("1,00", [line("1.00")]), "bad-number", ["amount", "1,00"]),
        (invoice("1_0.00", [line("10.00")]), "bad-number", ["1_0.00"]),
        (invoice("1e3", [line("1000.00")]), "bad-number", ["1e3"]),
        (invoice("NaN", [line("1.00")]), "bad-number", ["NaN"]),
        (invoice("1" * 30, [line("1.00")]), "bad-number", ["amount"]),
        (invoice("1.00", [line("1.00"), line("1", qty="two")]), "bad-number", ["line 2", "two"]),
        (invoice("1.00", [line("1.00", qty=None)]), "bad-number", ["line 1"]),
        (invoice("1.00", [line("1.00")], create_date="20210416"), "bad-date", ["20210416"]),
        (invoice("1.00", [line("1.00")], due_date="2026-02-30"), "bad-date", ["2026-02-30"]),
        (invoice("1.00", [line("1.00")], create_date=None), "missing-field", ["no date"]),
        (invoice("1.00", [{"qty": "1"}]), "missing-field", ["line 1", "unit_cost"]),
        (invoice("1.005", [line("1.005")]), "too-many-decimals", ["1.005"]),
        (invoice("1.00", ["a line"]), "bad-field", ["line 1"]),  # type: ignore[list-item]
        (
            invoice("63.00", [line("100.00"), line("-30.00")], discount_total=money("-7.00")),
            "discount-over-mixed-signs",
            ["both signs"],
        ),
    ],
)
def test_what_cannot_be_built_says_why(row: Row, cause: str, words: list[str]) -> None:
    found = refused(row)
    assert found.hold.cause == cause
    assert [w for w in words if w not in found.hold.reason] == []
    assert (found.source_id, found.number) == ("2000001", "0000013")
    assert found.hold.values["stage"] == "final"


def test_an_unreadable_invoice_still_tells_its_amount_when_it_can() -> None:
    assert refused(invoice("99.99", [line("100.00")])).amount == Money.of("99.99", "USD")
    assert refused(invoice("x", [line("100.00")])).amount is None


def test_both_figures_of_a_sum_that_fails_are_named_apart() -> None:
    values = refused(invoice("113.01", [line("100.00", **HST)])).hold.values
    assert (values["computed"], values["stated"]) == ("113.00 USD", "113.01 USD")


@pytest.mark.parametrize(
    ("fields", "stage"),
    [
        ({"vis_state": 1, "v3_status": "draft", "status": 1}, InvoiceStage.DELETED),
        ({"v3_status": "draft", "status": 1}, InvoiceStage.DRAFT),
        ({"v3_status": "created", "status": 1}, InvoiceStage.DRAFT),
        ({"v3_status": None, "status": 1}, InvoiceStage.DRAFT),
        ({"v3_status": "created", "status": 2}, InvoiceStage.FINAL),
        ({"v3_status": "partial", "status": 2}, InvoiceStage.FINAL),
        ({"v3_status": "overdue", "status": 2, "vis_state": 2}, InvoiceStage.FINAL),
        ({"v3_status": "disputed", "status": 2}, InvoiceStage.DISPUTED),
        ({"status": 0}, InvoiceStage.DISPUTED),
        ({"v3_status": "resolved", "status": 0}, InvoiceStage.FINAL),
    ],
)
def test_the_stage_follows_visibility_then_the_newer_status(
    fields: Row, stage: InvoiceStage
) -> None:
    assert stage_of(fields) is stage


def test_an_empty_draft_is_a_draft_and_not_a_hold() -> None:
    found = built(invoice("0.00", [], v3_status="draft", status=1))
    assert (found.stage, found.lines) == (InvoiceStage.DRAFT, ())


def test_an_unreadable_draft_says_that_it_is_a_draft() -> None:
    found = refused(invoice("5.00", [], v3_status="draft", status=1))
    assert found.hold.values["stage"] == "draft"
