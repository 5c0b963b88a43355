"""Taxes: combinations, codes, lines of their own, and what the target must compute."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from documents.money import Money
from tests.mapping.specs import (
    by_role,
    held,
    invoice,
    line,
    map_invoice,
    mapper,
    net_of,
    tax,
    total,
)

GST, PST, HST = tax("GST", "5"), tax("PST", "7"), tax("HST", "13")
_CODES: list[dict[str, Any]] = [
    {"taxes": [{"name": "HST", "percent": "13.0"}], "code": "VAT13"},
    {
        "taxes": [{"name": "GST", "percent": "5"}, {"name": "PST", "percent": "7"}],
        "line": {"account": "2200", "accounts": {"PST": "2210"}, "code": "OUTSIDE"},
    },
    {
        "taxes": [
            {"name": "GST", "percent": "5"},
            {"name": "PST", "percent": "7", "compound": True},
        ],
        "code": "BOTH",
    },
]


def test_an_unmapped_combination_is_held(tmp_path: Path) -> None:
    made = mapper(tmp_path, {"taxes.rows": _CODES})
    document = invoice(line(4, "10.00", PST, GST), taxes=(total("PST", "7", "0.70"),))
    hold = held(map_invoice, made, document)
    assert hold.cause == "tax-unmapped"
    assert hold.values == {"combination": "PST 7 % + GST 5 %", "line": "4"}


@pytest.mark.parametrize("percent", ["13", "13.00"])
def test_a_percent_is_compared_as_a_number(tmp_path: Path, percent: str) -> None:
    made = mapper(tmp_path, {"taxes.rows": _CODES})
    document = invoice(line(1, "10.00", tax("HST", percent)), taxes=(total("HST", "13", "1.30"),))
    assert map_invoice(made, document).lines[0]["TaxCode"] == "VAT13"


def test_a_code_leaves_the_tax_to_the_target(tmp_path: Path) -> None:
    made = mapper(tmp_path, {"taxes.rows": _CODES})
    record = map_invoice(made, invoice(line(1, "10.00", HST), taxes=(total("HST", "13", "1.30"),)))
    assert by_role(record, "tax") == []
    assert record.expected is not None
    figures = (record.expected.net.amount, record.expected.tax.amount)
    assert figures == (Decimal("10.00"), Decimal("1.30"))


def test_compound_taxes_are_another_combination(tmp_path: Path) -> None:
    made = mapper(tmp_path, {"taxes.rows": _CODES})
    taxes = (total("GST", "5", "5.00"), total("PST", "7", "7.35"))
    compound = invoice(line(1, "100.00", GST, tax("PST", "7", compound=True)), taxes=taxes)
    assert map_invoice(made, compound).lines[0]["TaxCode"] == "BOTH"
    plain = invoice(line(1, "100.00", GST, PST), taxes=taxes)
    assert map_invoice(made, plain).lines[0]["TaxCode"] == "OUTSIDE"


def test_each_tax_of_a_combination_can_have_its_account(tmp_path: Path) -> None:
    made = mapper(tmp_path, {"taxes.rows": _CODES})
    taxes = (total("GST", "5", "5.00"), total("PST", "7", "7.00"))
    record = map_invoice(made, invoice(line(1, "100.00", GST, PST), taxes=taxes))
    assert by_role(record, "tax") == [("2200", Decimal("5.00")), ("2210", Decimal("7.00"))]
    assert {n["TaxCode"] for n in record.lines} == {"OUTSIDE"}
    assert net_of(record) == Decimal("112.00")


def test_one_tax_of_two_treatments_is_divided_by_what_it_was_computed_on(tmp_path: Path) -> None:
    rows = [{"taxes": [{"name": "GST", "percent": "5"}], "code": "GST5"}, _CODES[1]]
    made = mapper(tmp_path, {"taxes.rows": rows})
    taxes = (total("GST", "5", "20.01"), total("PST", "7", "7.00"))
    document = invoice(line(1, "300.00", GST), line(2, "100.00", GST, PST), taxes=taxes)
    record = map_invoice(made, document)
    assert by_role(record, "tax") == [("2200", Decimal("5.00")), ("2210", Decimal("7.00"))]
    assert record.expected is not None
    assert record.expected.tax == Money.of("15.01", "USD")
    assert net_of(record) + record.expected.tax.amount == document.total.amount


def test_untaxed_lines_map_explicitly(tmp_path: Path) -> None:
    record = map_invoice(mapper(tmp_path), invoice(line(1, "10.00")))
    assert record.lines[0]["TaxCode"] == "EXEMPT"


def test_untaxed_lines_can_depend_on_the_customer(tmp_path: Path) -> None:
    rule = {
        "when": [{"if": 'customer.name == "Acme"', "then": {"value": "OUTSIDE"}}],
        "else": {"value": "EXEMPT"},
    }
    record = map_invoice(mapper(tmp_path, {"taxes.untaxed": rule}), invoice(line(1, "10.00")))
    assert record.lines[0]["TaxCode"] == "OUTSIDE"


def test_a_tax_of_nothing_needs_a_mapping_but_no_line(tmp_path: Path) -> None:
    zero = tax("Zero", "0")
    document = invoice(line(1, "10.00", zero), taxes=(total("Zero", "0", "0"),))
    record = map_invoice(mapper(tmp_path), document)
    assert by_role(record, "tax") == []
    assert record.lines[0]["TaxCode"] == "ZERO"
    assert held(map_invoice, mapper(tmp_path, {"taxes.rows": _CODES}), document).cause == (
        "tax-unmapped"
    )


def test_a_tax_that_no_line_carries_is_held(tmp_path: Path) -> None:
    document = invoice(line(1, "10.00"), taxes=(total("HST", "13", "1.30"),))
    hold = held(map_invoice, mapper(tmp_path), document)
    assert (hold.cause, hold.values["combination"]) == ("tax-unmapped", "HST 13 %")


def test_wildcards_stand_for_any_name_or_percent(tmp_path: Path) -> None:
    rows = [
        {"taxes": [{"name": "*", "percent": "13"}], "code": "VAT13"},
        {"taxes": [{"name": "GST", "percent": "*"}], "code": "GST"},
    ]
    made = mapper(tmp_path, {"taxes.rows": rows})
    taxes = (total("TVH", "13", "1.30"), total("GST", "6", "0.60"))
    things = line(1, "10.00", tax("TVH", "13")), line(2, "10.00", tax("GST", "6"))
    record = map_invoice(made, invoice(*things, taxes=taxes))
    assert [n["TaxCode"] for n in record.lines] == ["VAT13", "GST"]


def test_the_spread_discount_gives_lines_that_add_up_to_the_net(tmp_path: Path) -> None:
    document = invoice(line(1, "0.01"), line(2, "0.01"), line(3, "0.01"), discount="0.01")
    record = map_invoice(mapper(tmp_path), document)
    assert [n["Price"] for n in record.lines] == ["0.00", "0.01", "0.01"]


def test_a_discount_account_gets_one_line_per_tax_code(tmp_path: Path) -> None:
    made = mapper(tmp_path, {"discount": {"account": "4200"}, "taxes.rows": _CODES})
    taxes = (total("HST", "13", "11.70"),)
    document = invoice(line(1, "100.00", HST), line(2, "50.00"), discount="15.00", taxes=taxes)
    record = map_invoice(made, document)
    discounts = [(n["TaxCode"], n["Price"]) for n in record.lines if n["Role"] == "discount"]
    assert discounts == [("VAT13", "-10.00"), ("EXEMPT", "-5.00")]
    assert net_of(record) == Decimal("135.00")


def test_a_discount_account_can_have_a_tax_code_of_its_own(tmp_path: Path) -> None:
    discount = {"account": "4200", "code": "OUTSIDE", "description": "Rebate"}
    record = map_invoice(
        mapper(tmp_path, {"discount": discount}),
        invoice(line(1, "100.00"), line(2, "50.00"), discount="15.00"),
    )
    (sent,) = [n for n in record.lines if n["Role"] == "discount"]
    assert (sent["TaxCode"], sent["Price"]) == ("OUTSIDE", "-15.00")
    assert str(sent["Text"]).startswith("Rebate")


def test_a_discount_of_everything_is_posted_as_nothing(tmp_path: Path) -> None:
    record = map_invoice(mapper(tmp_path), invoice(line(1, "10.00"), discount="10.00"))
    assert [(n["Quantity"], n["Price"]) for n in record.lines] == [("1", "0.00")]


def test_a_negative_line_shares_the_discount_with_its_sign(tmp_path: Path) -> None:
    document = invoice(line(1, "100.00"), line(2, "-20.00"), discount="8.00")
    record = map_invoice(mapper(tmp_path), document)
    assert [n["Price"] for n in record.lines] == ["90.00", "-18.00"]


def test_lines_are_added_up_by_account_and_the_trace_lists_them(tmp_path: Path) -> None:
    things = [
        line(1, "10.00", name="Desk"),
        line(2, "5.00", name="Lamp"),
        line(3, "2.50", name="Chair"),
        line(4, "1.00", name="Lamp", item_code="X"),
    ]
    record = map_invoice(mapper(tmp_path, {"lines": "by account"}), invoice(*things))
    assert [(n["Account"], n["Price"], n["Text"]) for n in record.lines] == [
        ("4100", "10.00", "Desk"),
        ("4000", "7.50", "2 lines"),
        ("4000", "1.00", "Lamp"),
    ]
    entry = next(e for e in record.trace if e.field == "lines[2]")
    assert entry.source == "line 2: 5.00; line 3: 2.50"


def test_recovery_and_deferral_follow_the_line(tmp_path: Path) -> None:
    recovery = {"if": 'line.kind == "rebilled expense"', "then": {"value": "4300"}}
    deferral = {
        "when": [{"if": 'line.name.startsWith("Annual")', "then": {"value": "12M"}}],
        "else": {"value": ""},
    }
    made = mapper(
        tmp_path,
        {
            "coding.account": {
                "when": [recovery],
                "else": {"lookup": "accounts", "key": "line.name"},
            },
            "coding.deferral": deferral,
            "invoice.lines.Deferral": {"from": "line.deferral"},
        },
    )
    things = [
        line(1, "1.00", name="Train", kind="rebilled expense"),
        line(2, "12.00", name="Annual plan"),
    ]
    first, second = map_invoice(made, invoice(*things)).lines
    assert (first["Account"], "Deferral" in first) == ("4300", False)
    assert (second["Account"], second["Deferral"]) == ("4000", "12M")
