"""Values between our text and NAV's JSON."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.nav.values import (
    NotConvertible,
    decode_json,
    encode_json,
    equals,
    key_predicate,
    option,
    query,
    same,
    to_date,
    to_decimal,
    to_edm,
    to_text,
)
from documents.record import FieldValue

_DECIMALS = st.decimals(
    allow_nan=False, allow_infinity=False, min_value=-(10**15), max_value=10**15
)


@given(_DECIMALS)
def test_a_decimal_survives_json_digit_for_digit(value: Decimal) -> None:
    written = encode_json({"Amount": value})
    decoded = decode_json(written.encode())
    assert isinstance(decoded, dict)
    assert Decimal(decoded["Amount"]) == value
    assert "e" not in written.lower().replace("amount", "")


def test_an_amount_that_no_float_can_hold_is_written_exactly() -> None:
    value = Decimal("9007199254740993.10")
    assert encode_json({"a": value}) == '{"a":9007199254740993.10}'
    assert decode_json(b'{"a":9007199254740993.10}') == {"a": value}


def test_json_of_texts_lists_booleans_and_null() -> None:
    body = {"a": 'Müller & Söhne "x"', "b": [True, None, 3], "c": False}
    assert decode_json(encode_json(body).encode()) == body


def test_a_float_is_refused() -> None:
    with pytest.raises(TypeError, match="float"):
        encode_json({"Amount": 0.1})


@pytest.mark.parametrize("body", [b"NaN", b'{"a": Infinity}', b"<html>", b"\xff\xfe", b""])
def test_what_is_not_json_is_refused(body: bytes) -> None:
    with pytest.raises(ValueError):
        decode_json(body)


@pytest.mark.parametrize(
    ("edm", "text", "value"),
    [
        ("Edm.Decimal", "12.50", Decimal("12.50")),
        ("Edm.Decimal", "-3", Decimal(-3)),
        ("Edm.Int32", "10000", 10000),
        ("Edm.Boolean", "true", True),
        ("Edm.Boolean", False, False),
        ("Edm.Date", "2026-02-28", "2026-02-28"),
        ("Edm.Date", "", "0001-01-01"),
        ("Edm.String", "0012", "0012"),
        ("Edm.String", True, "true"),
    ],
)
def test_text_becomes_a_value_of_the_field_s_type(
    edm: str, text: FieldValue, value: object
) -> None:
    assert to_edm(edm, text) == value


@pytest.mark.parametrize(
    ("edm", "text"),
    [
        ("Edm.Decimal", "12,50"),
        ("Edm.Decimal", "NaN"),
        ("Edm.Decimal", "Infinity"),
        ("Edm.Int32", "1.5"),
        ("Edm.Boolean", "maybe"),
        ("Edm.Date", "28.02.2026"),
        ("Edm.Date", "2026-02-30"),
    ],
)
def test_a_text_of_another_type_is_refused(edm: str, text: str) -> None:
    with pytest.raises(NotConvertible):
        to_edm(edm, text)


def test_a_quote_in_a_filter_value_is_doubled() -> None:
    assert equals("Name", "O'Neill or 1 eq 1") == "Name eq 'O''Neill or 1 eq 1'"


def test_numbers_and_booleans_in_a_filter_have_no_quotes() -> None:
    assert equals("Entry_No", 7) == "Entry_No eq 7"
    assert equals("Open", True) == "Open eq true"


def test_a_key_is_addressed_by_name_and_escaped_for_a_path() -> None:
    values = {"Document_Type": "Credit Memo", "No": "A/1'%"}
    predicate = key_predicate(("Document_Type", "No"), values)
    assert predicate == "(Document_Type='Credit%20Memo',No='A%2F1''%25')"
    assert key_predicate(("No",), values) == "('A%2F1''%25')"


def test_a_query_keeps_its_dollar_and_writes_blanks_without_plus() -> None:
    text = query({"$filter": "Name eq 'A+B & C'", "$orderby": "", "tenant": "t 1"})
    assert text == "$filter=Name%20eq%20%27A%2BB%20%26%20C%27&tenant=t%201"


@pytest.mark.parametrize("spelled", ["Credit_x0020_Memo", "Credit Memo", " Credit Memo "])
def test_an_option_is_read_in_either_spelling(spelled: str) -> None:
    assert option(spelled) == "Credit Memo"


@pytest.mark.parametrize("spelled", ["", " ", "_x0020_", None])
def test_a_blank_option_is_read_in_either_spelling(spelled: str | None) -> None:
    assert option(spelled) == ""


@pytest.mark.parametrize(
    ("current", "wanted", "equal"),
    [
        (Decimal("10.00"), Decimal(10), True),
        (10, Decimal("10.01"), False),
        ("CORP ", "corp", False),
        ("CORP", " corp ", True),
        ("Corp", "corp", False),
        (True, True, True),
        (None, Decimal(0), False),
        ("_x0020_", " ", True),
        (10000, 10000, True),
    ],
)
def test_a_field_that_holds_the_value_already_is_left_alone(
    current: object, wanted: str | bool | int | Decimal | None, equal: bool
) -> None:
    assert same(current, wanted) is equal


def test_nav_s_blank_date_is_no_date() -> None:
    assert to_date("0001-01-01") is None
    assert to_date(None) is None
    assert to_date("2026-02-28T00:00:00Z") == date(2026, 2, 28)


def test_values_are_shown_as_text_in_plain_notation() -> None:
    assert [to_text(v) for v in (None, True, Decimal("1E+3"), 7, "x")] == [
        "",
        "true",
        "1000",
        "7",
        "x",
    ]


@pytest.mark.parametrize("value", [True, "many", Decimal("NaN"), []])
def test_what_is_no_number_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match="number"):
        to_decimal(value)
