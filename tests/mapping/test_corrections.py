"""Corrections by a person change coding, matching and posting date, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from mapping.errors import CorrectionRefused
from mapping.mapper import Mapper
from tests.mapping.specs import ON, invoice, line, map_invoice, mapper, tax, total
from tests.mapping.test_records import _PAYMENT_KEY, _paid

_LINES = (line(1, "10.00", name="Desk"), line(2, "5.00", name="Lamp"), line(3, "1.00", name="Mat"))


def _accounts(made: Mapper, fix: dict[str, str]) -> list[object]:
    return [sent["Account"] for sent in map_invoice(made, invoice(*_LINES), fix).lines]


@pytest.mark.parametrize(
    ("fix", "accounts"),
    [
        ({"account": "4500"}, ["4500", "4500", "4500"]),
        ({"account:4000": "4500"}, ["4100", "4500", "4500"]),
        ({"account:2": "4500"}, ["4100", "4500", "4000"]),
        ({"account:2": "4600", "account:4000": "4500", "account": "1"}, ["1", "4600", "4500"]),
        ({"account:9999": "4500"}, ["4100", "4000", "4000"]),
    ],
)
def test_an_account_is_corrected_for_all_lines_for_one_or_instead_of_another(
    tmp_path: Path, fix: dict[str, str], accounts: list[str]
) -> None:
    assert _accounts(mapper(tmp_path), fix) == accounts


def test_the_trace_says_what_a_correction_replaced(tmp_path: Path) -> None:
    record = map_invoice(mapper(tmp_path), invoice(*_LINES), {"account:1": "4500"})
    entry = next(e for e in record.trace if e.field == "line 1: account")
    assert (entry.rule, entry.value) == ("correction", "4500")
    assert entry.note == "instead of 4100, lookup accounts"


def test_a_tax_line_is_corrected_by_the_account_it_has(tmp_path: Path) -> None:
    document = invoice(line(1, "10.00", tax("VAT", "20")), taxes=(total("VAT", "20", "2.00"),))
    record = map_invoice(mapper(tmp_path), document, {"account:2200": "2250", "account": "4500"})
    assert [sent["Account"] for sent in record.lines] == ["4500", "2250"]


def test_an_unmapped_tax_is_corrected_to_a_code(tmp_path: Path) -> None:
    made = mapper(tmp_path, {"taxes.rows": []})
    document = invoice(line(1, "10.00", tax("VAT", "20")), taxes=(total("VAT", "20", "2.00"),))
    record = map_invoice(made, document, {"tax:1": "VAT20"})
    assert record.lines[0]["TaxCode"] == "VAT20"
    assert record.expected is not None
    assert record.expected.tax == document.tax


@pytest.mark.parametrize("name", ["dimension", "dimension:department"])
def test_a_dimension_is_corrected_by_name_or_as_the_only_one(tmp_path: Path, name: str) -> None:
    fix = {name: "SALES", "dimension:department:2": "ADM"}
    record = map_invoice(mapper(tmp_path), invoice(*_LINES), fix)
    assert [sent["Department"] for sent in record.lines] == ["SALES", "ADM", "SALES"]


@pytest.mark.parametrize(
    ("items", "fix", "departments", "of_the_header"),
    [
        (("A", "A"), {}, ["A", "A", "A"], "A"),
        (("A", "B"), {}, ["A", "B", ""], ""),
        (("", ""), {"dimension": "S"}, ["S", "S", "S"], "S"),
        (("A", "B"), {"dimension": "S", "dimension:department:1": "T"}, ["T", "S", "S"], "S"),
    ],
)
def test_header_and_tax_line_have_the_dimension_of_the_whole_document(
    tmp_path: Path,
    items: tuple[str, str],
    fix: dict[str, str],
    departments: list[str],
    of_the_header: str,
) -> None:
    made = mapper(tmp_path, {"invoice.header.Number": {"from": "document.dimensions.department"}})
    lines = [line(n, "10.00", tax("VAT", "20"), item_code=item) for n, item in enumerate(items, 1)]
    document = invoice(*lines, taxes=(total("VAT", "20", "4.00"),))
    record = map_invoice(made, document, fix)
    assert [sent.get("Department", "") for sent in record.lines] == departments
    assert record.header.get("Number", "") == of_the_header


def test_a_correction_that_fits_nothing_says_so(tmp_path: Path) -> None:
    fix = {"account:9999": "1", "tax:7": "V", "dimension:department:7": "X", "account:4000": "2"}
    record = map_invoice(mapper(tmp_path), invoice(*_LINES), fix)
    unused = [e.field for e in record.trace if "changed nothing" in e.note]
    assert unused == ["account:9999", "tax:7", "dimension:department:7"]


def test_customer_and_posting_date_are_corrected_with_a_trace(tmp_path: Path) -> None:
    fix = {"customer": "C9", "posting_date": "2024-06-01"}
    record = map_invoice(mapper(tmp_path), invoice(*_LINES), fix)
    assert (record.header["Customer"], record.header["Date"]) == ("C9", "2024-06-01")
    corrected = {e.field: (e.source, e.value) for e in record.trace if e.rule == "correction"}
    assert corrected == {
        "customer": ("C1", "C9"),
        "posting date": ("2024-05-07", "2024-06-01"),
    }


def test_a_bank_account_is_corrected(tmp_path: Path) -> None:
    fix = {"bank_account": "B9"}
    made = mapper(tmp_path)
    record = made.map_payment(_paid(type="Cash"), "C1", _PAYMENT_KEY, ON, None, fix)
    assert record.header["Bank"] == "B9"


@pytest.mark.parametrize(
    ("fix", "message"),
    [
        ({"amount": "5"}, "'amount' cannot be corrected here"),
        ({"total": "5"}, "corrected at the source"),
        ({"currency": "EUR"}, "'currency' cannot be corrected here"),
        ({"document_date": "2024-01-01"}, "cannot be corrected here"),
        ({"account": " "}, "has no value"),
        ({"posting_date": "soon"}, "is not a date"),
        ({"customer:1": "C9"}, "leave out '1'"),
        ({"dimension:region": "X"}, "it has dimension:department"),
    ],
)
def test_anything_else_is_refused(tmp_path: Path, fix: dict[str, str], message: str) -> None:
    with pytest.raises(CorrectionRefused, match=message):
        map_invoice(mapper(tmp_path), invoice(*_LINES), fix)
