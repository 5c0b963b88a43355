"""Each kind of rule, by example."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from documents.hold import HoldClass
from tests.mapping.specs import held, invoice, line, map_invoice, mapper, notes, usd


def _number(folder: Path, rule: dict[str, Any], **of_invoice: Any) -> object:
    """What a rule puts into the header field Number of an invoice."""
    record = map_invoice(
        mapper(folder, {"invoice.header.Number": rule}), invoice(line(1, "10.00"), **of_invoice)
    )
    return record.header.get("Number")


def test_from_takes_a_value_of_the_document(tmp_path: Path) -> None:
    assert _number(tmp_path, {"from": "invoice.number"}, number="A-7") == "A-7"


def test_value_is_a_constant(tmp_path: Path) -> None:
    assert _number(tmp_path, {"value": "0010"}) == "0010"


def test_concat_joins_what_is_not_blank(tmp_path: Path) -> None:
    parts = [{"from": "invoice.number"}, {"from": "invoice.po_number"}, {"value": "x"}]
    rule = {"concat": parts, "separator": "/"}
    assert _number(tmp_path, rule, number="A", po_number=" ") == "A/x"


@pytest.mark.parametrize(
    ("split", "part"),
    [
        ({"separator": "-", "part": "1"}, "INV"),
        ({"separator": "-", "part": "2"}, "2024"),
        ({"separator": "-", "part": "-1"}, "7"),
        ({"separator": "-", "part": "2", "rest": True}, "2024-7"),
        ({"separator": "-", "part": "9"}, None),
    ],
)
def test_split_takes_one_part(tmp_path: Path, split: dict[str, Any], part: str | None) -> None:
    rule = {"from": "invoice.number", "split": split}
    assert _number(tmp_path, rule, number="INV-2024-7") == part


@pytest.mark.parametrize(
    ("form", "source", "value"),
    [
        ({"text": "upper"}, "invoice.number", "AB-1"),
        ({"text": "lower"}, "invoice.number", "ab-1"),
        ({"date": "%d.%m.%y"}, "invoice.date", "06.05.24"),
        ({"decimal": "3"}, "invoice.total", "10.000"),
    ],
)
def test_format_changes_the_form(
    tmp_path: Path, form: dict[str, str], source: str, value: str
) -> None:
    assert _number(tmp_path, {"from": source, "format": form}, number="Ab-1") == value


def test_a_decimal_that_would_lose_digits_is_held(tmp_path: Path) -> None:
    rule = {"from": "invoice.total", "format": {"decimal": "1"}}
    made = mapper(tmp_path, {"invoice.header.Number": rule})
    hold = held(map_invoice, made, invoice(line(1, "10.05")))
    assert (hold.cause, hold.hold_class) == ("digits-lost", HoldClass.DATA)
    assert "10.05" in hold.reason


def test_negate_turns_the_sign_of_an_amount(tmp_path: Path) -> None:
    assert _number(tmp_path, {"from": "invoice.total", "negate": True}) == "-10.00"


def test_the_negative_of_nothing_is_nothing(tmp_path: Path) -> None:
    assert _number(tmp_path, {"from": "invoice.discount", "negate": True}) == "0.00"


def test_default_fills_a_blank_and_says_so(tmp_path: Path) -> None:
    rule = {"from": "invoice.po_number", "default": "none"}
    record = map_invoice(
        mapper(tmp_path, {"invoice.header.Number": rule}), invoice(line(1, "1.00"))
    )
    assert record.header["Number"] == "none"
    assert notes(record, "Number") == "blank, so the default"


def test_compute_gives_the_text_of_an_expression(tmp_path: Path) -> None:
    rule = {"compute": "invoice.line_count > 1 ? 'many' : 'one ' + invoice.currency"}
    assert _number(tmp_path, rule) == "one USD"


@pytest.mark.parametrize(
    ("amount", "chosen"), [("9.99", "small"), ("10.00", "medium"), ("99.99", "medium")]
)
def test_the_first_case_that_holds_applies(tmp_path: Path, amount: str, chosen: str) -> None:
    rule = {
        "when": [
            {"if": 'invoice.currency != "USD"', "then": {"value": "foreign"}},
            {"amount": "invoice.total", "under": "10", "then": {"value": "small"}},
            {"amount": "invoice.total", "at_most": "99.99", "then": {"value": "medium"}},
        ],
        "else": {"value": "large"},
    }
    made = mapper(tmp_path, {"invoice.header.Number": rule})
    assert map_invoice(made, invoice(line(1, amount))).header["Number"] == chosen


def test_the_trace_names_the_case_that_applied(tmp_path: Path) -> None:
    cases = [{"amount": "invoice.total", "over": "5", "then": {"value": "x"}}]
    rule = {"when": cases, "else": {"value": "y"}}
    record = map_invoice(
        mapper(tmp_path, {"invoice.header.Number": rule}), invoice(line(1, "6.00"))
    )
    entry = next(e for e in record.trace if e.field == "Number")
    assert entry.rule == "when invoice.total over 5: constant"


def test_a_spec_can_ask_for_a_hold(tmp_path: Path) -> None:
    asked = {"cause": "big-invoice", "reason": "above the limit", "remedy": "ask the controller"}
    cases = [{"amount": "invoice.total", "over": "1000", "then": {"hold": asked}}]
    rule = {"when": cases, "else": {"value": "y"}}
    made = mapper(tmp_path, {"invoice.header.Number": rule})
    hold = held(map_invoice, made, invoice(line(1, "1000.01")))
    assert (hold.cause, hold.hold_class) == ("big-invoice", HoldClass.POLICY)
    assert (hold.reason, hold.remedy) == ("above the limit", "ask the controller")
    assert map_invoice(made, invoice(line(1, "1000.00"))).header["Number"] == "y"


def test_truncate_cuts_to_the_targets_limit_with_a_trace(tmp_path: Path) -> None:
    rule = {"from": "invoice.number", "truncate": True}
    made = mapper(tmp_path, {"invoice.header.Number": rule})
    record = map_invoice(made, invoice(line(1, "1.00"), number="N" * 13))
    assert record.header["Number"] == "N" * 12
    assert notes(record, "Number") == "cut from 13 to 12 characters"


def test_truncate_can_cut_shorter_than_the_target_needs(tmp_path: Path) -> None:
    rule = {"from": "invoice.number", "truncate": "4"}
    assert _number(tmp_path, rule, number="abcdef") == "abcd"


def test_an_over_long_text_is_held_where_the_spec_does_not_cut(tmp_path: Path) -> None:
    made = mapper(tmp_path, {"invoice.header.Number": {"from": "invoice.number"}})
    hold = held(map_invoice, made, invoice(line(1, "1.00"), number="N" * 13))
    assert (hold.cause, hold.hold_class) == ("text-too-long", HoldClass.DATA)
    assert hold.values == {"field": "Number", "length": "13", "limit": "12"}
    assert "NNN" not in hold.reason


def test_skip_continues_where_another_field_ended(tmp_path: Path) -> None:
    rule = {"from": "invoice.number", "skip": "4"}
    assert _number(tmp_path, rule, number="abcdef") == "ef"
    assert _number(tmp_path, rule, number="abc") is None


def test_a_blank_is_left_out_sent_or_held_as_the_rule_says(tmp_path: Path) -> None:
    source = {"from": "invoice.po_number"}
    assert _number(tmp_path, source) is None
    assert _number(tmp_path, {**source, "blank": "send"}) == ""
    made = mapper(tmp_path, {"invoice.header.Number": {**source, "blank": "hold"}})
    hold = held(map_invoice, made, invoice(line(1, "1.00")))
    assert (hold.cause, hold.values) == ("field-empty", {"field": "Number"})
    assert "invoice.po_number is blank" in hold.reason


def test_a_required_field_is_never_left_out(tmp_path: Path) -> None:
    made = mapper(tmp_path, {"invoice.header.Customer": {"from": "invoice.po_number"}})
    assert held(map_invoice, made, invoice(line(1, "1.00"))).cause == "field-empty"


def test_line_breaks_become_blanks_with_a_trace(tmp_path: Path) -> None:
    made = mapper(tmp_path, {"invoice.header.Number": {"from": "invoice.number"}})
    record = map_invoice(made, invoice(line(1, "1.00"), number="a\r\nb\t"))
    assert record.header["Number"] == "a b"
    assert "blanks" in notes(record, "Number")


def test_a_code_is_sent_in_upper_case_with_a_trace(tmp_path: Path) -> None:
    made = mapper(tmp_path, {"invoice.header.Key": {"from": "invoice.po_number"}})
    record = map_invoice(made, invoice(line(1, "1.00"), po_number="po-1"))
    assert record.header["Key"] == "PO-1"
    assert notes(record, "Key") == "a code: upper case"


def test_an_option_that_the_target_does_not_know_is_held(tmp_path: Path) -> None:
    made = mapper(tmp_path, {"invoice.header.Copies": {"compute": "invoice.number"}})
    hold = held(map_invoice, made, invoice(line(1, "1.00"), number="two"))
    assert (hold.cause, hold.values["value"]) == ("value-not-allowed", "two")


def test_a_date_that_is_none_is_held(tmp_path: Path) -> None:
    made = mapper(tmp_path, {"invoice.header.Date": {"compute": "invoice.number"}})
    hold = held(map_invoice, made, invoice(line(1, "1.00"), number="20240506"))
    assert "it is a date" in hold.reason


def test_an_expression_without_a_value_is_held_without_the_documents_text(tmp_path: Path) -> None:
    rule = {"compute": "string(int(invoice.number) + 1)"}
    made = mapper(tmp_path, {"invoice.header.Number": rule})
    assert map_invoice(made, invoice(line(1, "1.00"), number="41")).header["Number"] == "42"
    hold = held(map_invoice, made, invoice(line(1, "1.00"), number="Smith"))
    assert hold.cause == "expression-failed"
    assert "Smith" not in hold.reason


def test_dates_centuries_away_stay_as_they_are(tmp_path: Path) -> None:
    made = mapper(tmp_path, {"invoice.header.Date": {"from": "invoice.date"}})
    for year in (1753, 9999):
        on = date(year, 1, 2)
        record = map_invoice(made, invoice(line(1, "1.00"), document_date=on))
        assert record.header["Date"] == on.isoformat()


def test_an_invoice_without_lines_is_held(tmp_path: Path) -> None:
    assert held(map_invoice, mapper(tmp_path), invoice()).cause == "no-lines"


def test_quantity_and_price_stay_where_they_give_the_net(tmp_path: Path) -> None:
    thing = line(1, "30.00").model_copy(
        update={"quantity": Decimal("2.50"), "unit_price": usd("12.00")}
    )
    sent = map_invoice(mapper(tmp_path), invoice(thing)).lines[0]
    assert (sent["Quantity"], sent["Price"]) == ("2.5", "12.00")


@pytest.mark.parametrize(("quantity", "price"), [("3", "3.333"), ("0", "10"), ("0.0000001", "1e8")])
def test_a_line_that_cannot_be_recomputed_is_one_of_its_net(
    tmp_path: Path, quantity: str, price: str
) -> None:
    thing = line(1, "10.00").model_copy(
        update={"quantity": Decimal(quantity), "unit_price": usd(price)}
    )
    record = map_invoice(mapper(tmp_path), invoice(thing))
    assert (record.lines[0]["Quantity"], record.lines[0]["Price"]) == ("1", "10.00")
    assert any(e.field == "line 1: net" for e in record.trace)


def test_what_is_alike_on_many_lines_is_one_entry_of_the_trace(tmp_path: Path) -> None:
    things = [line(n, "1.00", name="Desk" if n == 2 else "Chair") for n in range(1, 6)]
    record = map_invoice(mapper(tmp_path), invoice(*things))
    accounts = {e.field: e.value for e in record.trace if e.field.endswith("].Account")}
    assert accounts == {"lines[1,3-5].Account": "4000", "lines[2].Account": "4100"}
