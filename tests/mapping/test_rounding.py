"""Differences between the target's figures and ours: settled within tolerance, or held."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from documents.money import Money
from documents.record import Figures, MappedRecord
from mapping.mapper import Mapper
from tests.mapping.specs import held, invoice, line, map_invoice, mapper, tax, total, usd


def _figures(net: str, tax_amount: str, currency: str = "USD") -> Figures:
    money = Money.of(net, currency), Money.of(tax_amount, currency)
    return Figures(net=money[0], tax=money[1], total=money[0] + money[1])


def _taxed(
    folder: Path, currency: str = "USD", changes: dict[str, Any] | None = None
) -> tuple[Mapper, MappedRecord]:
    computed = {"taxes.rows": [{"taxes": "*", "code": "VAT"}]}
    made = mapper(folder, {**computed, **(changes or {})})
    document = invoice(
        line(1, "10.00", tax("VAT", "20"), currency=currency),
        taxes=(total("VAT", "20", "2.00", currency),),
    )
    return made, map_invoice(made, document)


def test_figures_that_agree_need_no_rounding(tmp_path: Path) -> None:
    made, record = _taxed(tmp_path)
    assert made.settle_rounding(record, _figures("10.00", "2.00")) is record


@pytest.mark.parametrize(("computed", "line_amount"), [("2.01", "-0.01"), ("1.95", "0.05")])
def test_a_small_difference_goes_to_the_rounding_account(
    tmp_path: Path, computed: str, line_amount: str
) -> None:
    made, record = _taxed(tmp_path)
    settled = made.settle_rounding(record, _figures("10.00", computed))
    added = settled.lines[-1]
    assert (added["Account"], added["Price"], added["TaxCode"]) == ("4900", line_amount, "ZERO")
    assert settled.expected is not None
    assert settled.expected.total == usd("12.00")
    assert settled.expected.tax == usd(computed)
    entry = next(e for e in settled.trace if e.field == "rounding")
    assert ("total 12.00 USD" in entry.source, computed in entry.note) == (True, True)


@pytest.mark.parametrize("computed", ["2.06", "1.94", "0"])
def test_a_larger_difference_is_held_with_both_figures(tmp_path: Path, computed: str) -> None:
    made, record = _taxed(tmp_path)
    hold = held(made.settle_rounding, record, _figures("10.00", computed))
    assert hold.cause == "totals-differ"
    assert hold.values["source"] == "net 10.00 USD, tax 2.00 USD, total 12.00 USD"
    assert hold.values["target"].startswith(f"net 10.00 USD, tax {Decimal(computed):.2f} USD")


def test_the_tolerance_can_depend_on_the_currency(tmp_path: Path) -> None:
    made, record = _taxed(tmp_path, "JPY")
    assert record.tolerance == Decimal(1)
    settled = made.settle_rounding(record, _figures("10", "3", "JPY"))
    assert settled.lines[-1]["Price"] == "-1"


def test_figures_in_another_currency_are_held(tmp_path: Path) -> None:
    made, record = _taxed(tmp_path)
    assert held(made.settle_rounding, record, _figures("10.00", "2.00", "EUR")).cause == (
        "totals-differ"
    )


def test_without_a_rounding_account_every_difference_is_held(tmp_path: Path) -> None:
    made, record = _taxed(tmp_path, changes={"rounding": None})
    assert record.tolerance == 0
    assert held(made.settle_rounding, record, _figures("10.00", "2.01")).cause == "totals-differ"


def test_a_record_is_rounded_only_once(tmp_path: Path) -> None:
    made, record = _taxed(tmp_path)
    settled = made.settle_rounding(record, _figures("10.00", "2.01"))
    again = held(made.settle_rounding, settled, _figures("10.00", "2.02"))
    assert again.cause == "totals-differ"


def test_net_and_tax_may_differ_within_tolerance_without_a_line(tmp_path: Path) -> None:
    made, record = _taxed(tmp_path)
    settled = made.settle_rounding(record, _figures("10.01", "1.99"))
    assert settled.lines == record.lines
    assert settled.expected == _figures("10.01", "1.99")


def test_a_rounding_line_takes_what_is_the_same_on_every_line(tmp_path: Path) -> None:
    rule = {"from": "invoice.currency"}
    made, record = _taxed(tmp_path, changes={"invoice.lines.Department": rule})
    settled = made.settle_rounding(record, _figures("10.00", "2.01"))
    assert [n["Department"] for n in settled.lines] == ["USD", "USD"]
    assert list(settled.lines[1]) == list(settled.lines[0])


@pytest.mark.parametrize(("given", "expected"), [({"1": "A", "2": "A"}, "A"), ({"1": "A"}, "")])
def test_a_rounding_line_has_the_dimension_that_all_lines_share(
    tmp_path: Path, given: dict[str, str], expected: str
) -> None:
    made = mapper(tmp_path, {"taxes.rows": [{"taxes": "*", "code": "VAT"}]})
    document = invoice(
        line(1, "5.00", tax("VAT", "20")),
        line(2, "5.00", tax("VAT", "20")),
        taxes=(total("VAT", "20", "2.00"),),
    )
    fix = {f"dimension:department:{number}": value for number, value in given.items()}
    settled = made.settle_rounding(map_invoice(made, document, fix), _figures("10.00", "2.01"))
    assert settled.lines[-1].get("Department", "") == expected
