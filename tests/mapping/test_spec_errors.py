"""A wrong spec is refused when it is loaded, naming file, line and field."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from mapping.errors import SpecError
from mapping.mapper import Mapper
from tests.mapping.specs import NAV_SPEC, changed, mapper, problems, written

_CASES: list[tuple[str, dict[str, Any], str, str]] = [
    ("an unknown setting", {"taxs": {}}, "taxs", "did you mean taxes?"),
    (
        "an unknown setting of a rule",
        {"invoice.header.Number": {"frm": "x"}},
        "invoice.header.Number.frm",
        "is not a setting here; did you mean from?",
    ),
    ("a missing section", {"payment": None}, "payment", "is missing"),
    (
        "a rule without a source",
        {"invoice.header.Number": {"truncate": True}},
        "invoice.header.Number",
        "exactly one of from, value, lookup, when, concat, compute, hold; found none",
    ),
    (
        "a rule with two sources",
        {"invoice.header.Number": {"from": "invoice.number", "value": "x"}},
        "invoice.header.Number",
        "found from and value",
    ),
    (
        "a lookup without a key",
        {"invoice.header.Number": {"lookup": "accounts"}},
        "invoice.header.Number",
        "lookup and key belong together",
    ),
    (
        "when without else",
        {"invoice.header.Number": {"when": [{"if": "true", "then": {"value": "x"}}]}},
        "invoice.header.Number",
        "say what happens in all other cases",
    ),
    (
        "a field the target does not have",
        {"invoice.header.Numbr": {"value": "x"}},
        "invoice.header.Numbr",
        "invoice has no such field; did you mean Number?",
    ),
    (
        "a line field the target does not have",
        {"invoice.lines.Acount": {"value": "x"}},
        "invoice.lines.Acount",
        "invoice.line has no such field; did you mean Account?",
    ),
    (
        "a read-only field",
        {"invoice.header.Net": {"from": "invoice.net"}},
        "invoice.header.Net",
        "read-only",
    ),
    (
        "a required field without a rule",
        {"invoice.header.Customer": None},
        "invoice.header.Customer",
        "invoice requires it, and no rule fills it",
    ),
    (
        "an entity the target does not have",
        {"payment.entity": "receipt"},
        "payment.entity",
        "no entity 'receipt'; it has customer, invoice",
    ),
    (
        "a constant that is too long",
        {"invoice.header.Number": {"value": "N" * 13}},
        "invoice.header.Number.value",
        "(13 characters): it holds 12 characters",
    ),
    (
        "a default that is too long",
        {"invoice.header.Number": {"from": "invoice.number", "default": "N" * 13}},
        "invoice.header.Number.default",
        "it holds 12 characters",
    ),
    (
        "a constant that is no option",
        {"payment.header.Kind": {"value": "Receipt"}},
        "payment.header.Kind.value",
        "it is one of ' ', 'Payment', 'Refund'",
    ),
    (
        "a text for yes or no",
        {"invoice.header.Posted": {"value": "yes"}},
        "invoice.header.Posted.value",
        "it is a boolean",
    ),
    (
        "a text for a date",
        {"invoice.header.Date": {"from": "invoice.number"}},
        "invoice.header.Date.from",
        "invoice.number is a text; it is a date",
    ),
    (
        "a map value beyond the field",
        {"maps.banks.rows": {"*|*|*": "BANK-ACCOUNT-1"}},
        "maps.banks.rows.*|*|*",
        "payment.Bank does not take 'BANK-ACCOUNT-1'",
    ),
    (
        "an account beyond the field",
        {"rounding.account": "49000000000"},
        "rounding.account",
        "invoice.line.Account does not take '49000000000'",
    ),
    (
        "a tax code beyond the field",
        {"taxes.rows": [{"taxes": "*", "code": "VAT-STANDARD"}]},
        "taxes.rows[1].code",
        "invoice.line.TaxCode does not take",
    ),
    (
        "a cut beyond the field",
        {"invoice.header.Number": {"from": "invoice.number", "truncate": "40"}},
        "invoice.header.Number.truncate",
        "cuts to 40 characters, but it holds 12",
    ),
    (
        "a cut of a number",
        {"invoice.lines.Amount": {"from": "line.net", "truncate": True}},
        "invoice.lines.Amount.truncate",
        "truncate is for texts",
    ),
    (
        "an unknown map",
        {"invoice.header.Number": {"lookup": "acounts", "key": "invoice.number"}},
        "invoice.header.Number.lookup",
        "did you mean accounts?",
    ),
    (
        "too few parts of a key",
        {"payment.bank_account.key": ["payment.type"]},
        "payment.bank_account.key",
        "1 paths are given, the keys of banks have 3 parts",
    ),
    (
        "a row with too few parts",
        {"maps.banks.rows": {"Check": "B1"}},
        "maps.banks.rows.Check",
        "the key has 1 parts, the map has parts: 3",
    ),
    (
        "a key with two values",
        {"maps.accounts": {"match": "loose", "rows": {"U.S.": "1", "us": "2"}}},
        "maps.accounts.rows.us",
        "leads to two values",
    ),
    (
        "an unknown path",
        {"invoice.header.Number": {"from": "invoice.numbr"}},
        "invoice.header.Number.from",
        "there is no invoice.numbr here; did you mean invoice.number?",
    ),
    (
        "a path of another section",
        {"payment.header.Customer": {"from": "invoice.number"}},
        "payment.header.Customer.from",
        "there is no invoice.number here",
    ),
    (
        "an empty header",
        {"invoice.header": {}},
        "invoice.header.Customer",
        "invoice requires it, and no rule fills it",
    ),
    (
        "a bank account that reads itself",
        {"payment.bank_account": {"from": "record.bank_account"}},
        "payment.bank_account.from",
        "there is no record.bank_account here",
    ),
    (
        "a line's path in a header",
        {"invoice.header.Number": {"from": "line.name"}},
        "invoice.header.Number.from",
        "there is no line.name here",
    ),
    (
        "an unknown dimension",
        {"invoice.lines.Department": {"from": "line.dimensions.departmnt"}},
        "invoice.lines.Department.from",
        "did you mean line.dimensions.department?",
    ),
    (
        "a list as a value",
        {"invoice.lines.Text": {"from": "line.taxes"}},
        "invoice.lines.Text.from",
        "line.taxes is a list",
    ),
    (
        "an expression that does not parse",
        {"invoice.header.Number": {"compute": "invoice.number +"}},
        "invoice.header.Number.compute",
        "is not a CEL expression",
    ),
    (
        "an expression with an unknown name",
        {
            "coding.account": {
                "when": [{"if": "line.nam == 'x'", "then": {"value": "1"}}],
                "else": {"value": "2"},
            }
        },
        "coding.account.when[1].if",
        "there is no 'line.nam' here; did you mean line.name?",
    ),
    (
        "a condition that is none",
        {
            "coding.account": {
                "when": [{"if": "line.name", "then": {"value": "1"}}],
                "else": {"value": "2"},
            }
        },
        "coding.account.when[1].if",
        "is not true or false",
    ),
    (
        "money computed in an expression",
        {"invoice.header.Number": {"compute": "double(invoice.total) * 2.0"}},
        "invoice.header.Number.compute",
        "does not give a text",
    ),
    (
        "an amount that is none",
        {
            "invoice.header.Number": {
                "when": [{"amount": "invoice.number", "over": "1", "then": {"value": "1"}}],
                "else": {"value": "2"},
            }
        },
        "invoice.header.Number.when[1].amount",
        "invoice.number is no amount",
    ),
    (
        "an amount without a bound",
        {
            "invoice.header.Number": {
                "when": [{"amount": "invoice.total", "then": {"value": "1"}}],
                "else": {"value": "2"},
            }
        },
        "invoice.header.Number.when[1]",
        "amount needs exactly one of over, under",
    ),
    (
        "a date format of a text",
        {"invoice.header.Number": {"from": "invoice.number", "format": {"date": "%y"}}},
        "invoice.header.Number.format",
        "invoice.number is no date",
    ),
    (
        "a currency that is no code",
        {"currency.local": "usd"},
        "currency.local",
        "should match pattern",
    ),
    ("an unknown currency map", {"currency.codes": "curencies"}, "currency.codes", "currencies?"),
    (
        "rates that are not there",
        {"currency.convert": {"to": "USD", "rates": "rates.xml", "difference_account": "1"}},
        "currency.convert.rates",
        "rates.xml: No such file",
    ),
    (
        "a tax row with code and line",
        {"taxes.rows": [{"taxes": "*", "code": "V", "line": {"account": "1"}}]},
        "taxes.rows[1]",
        "give either code",
    ),
    (
        "a tax percent that is none",
        {"taxes.rows": [{"taxes": [{"name": "GST", "percent": "five"}], "code": "V"}]},
        "taxes.rows[1].taxes[1].percent",
        "valid decimal",
    ),
    (
        "rows after one that fits everything",
        {"taxes.rows": [{"taxes": "*", "code": "V"}, {"taxes": "*", "code": "W"}]},
        "taxes.rows[1]",
        "no later row is used",
    ),
    (
        "a tax line without a code for the goods",
        {"taxes.zero_code": ""},
        "taxes.rows[1].line",
        "needs code",
    ),
    (
        "an update of a field without a rule",
        {"customer.updates": ["Blocked"]},
        "customer.updates[1]",
        "Blocked has no rule",
    ),
    (
        "an update of the currency",
        {"customer.updates": ["City", "Currency"]},
        "customer.updates[2]",
        "Currency can never be updated",
    ),
    (
        "an update of terms",
        {"customer.header.Terms_Code": {"value": "30D"}, "customer.updates": ["Terms_Code"]},
        "customer.updates[1]",
        "Terms_Code can never be updated",
    ),
    (
        "an update that hides the currency in another field",
        {"customer.header.Terms_Code": None, "customer.header.City": {"from": "record.currency"}},
        "customer.updates[1]",
        "City can never be updated",
    ),
    ("an unknown way of matching", {"customer.match": ["phone"]}, "customer.match[1]", "reference"),
    (
        "a copied field the reversal does not have",
        {"invoice_reversal.copy": ["Customer", "Terms"]},
        "invoice_reversal.copy",
        "invoice has no field Terms",
    ),
    (
        "a party line of an invoice",
        {"invoice.party_line": {"Account": {"value": "1"}}},
        "invoice",
        "party_line (the customer's line) belongs to document: journal",
    ),
]


@pytest.mark.parametrize(
    ("changes", "field", "message"), [c[1:] for c in _CASES], ids=[c[0] for c in _CASES]
)
def test_a_wrong_spec_names_file_line_and_field(
    tmp_path: Path, changes: dict[str, Any], field: str, message: str
) -> None:
    found = [p for p in problems(tmp_path, changes) if p.field == field]
    assert found, f"nothing about {field}"
    assert any(message in p.message for p in found), [p.message for p in found]
    assert {p.file for p in found} == {"small.yaml"}
    assert all(_names(tmp_path, p.line, field) for p in found)


def _names(folder: Path, number: int, field: str) -> bool:
    """Whether the line holds the last part of the field, or an enclosing one that is written."""
    text = (folder / "small.yaml").read_text().splitlines()[number - 1]
    keys = [key for key in field.replace("[", ".[").split(".") if not key.startswith("[")]
    return number == 1 or any(f'"{key}"' in text for key in keys) or field.endswith("]")


def test_all_problems_are_listed_at_once_in_the_order_of_the_file(tmp_path: Path) -> None:
    changes = {
        "invoice.header.Number": {"from": "invoice.numbr"},
        "payment.header.Bank": {"value": "B" * 11},
        "customer.updates": ["Currency"],
    }
    found = problems(tmp_path, changes)
    assert len(found) == 3
    assert [p.line for p in found] == sorted(p.line for p in found)


def test_a_problem_reads_file_line_field_message(tmp_path: Path) -> None:
    folder = shutil.copytree(NAV_SPEC.parent, tmp_path / "mappings")
    text = NAV_SPEC.read_text().replace("Due_Date:", "Due_Dat:")
    number = text.splitlines().index("    Due_Dat: {from: invoice.due_date}") + 1
    (folder / NAV_SPEC.name).write_text(text)
    with pytest.raises(SpecError) as refused:
        Mapper.load(folder / NAV_SPEC.name)
    expected = (
        f"freshbooks-nav.yaml:{number}: invoice.header.Due_Dat: invoice has no such field; "
        "did you mean Due_Date?"
    )
    assert str(refused.value) == expected


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("name: [", 1, ""),
        ("- a\n- b\n", 1, "must be a mapping"),
        ("name: a\nname: b\n", 2, "is given twice"),
        ("name: &x a\n", 1, "anchors are not read"),
        ("a: 1\n? [b]\n: 2\n", 2, "a key must be plain text"),
    ],
)
def test_a_file_that_is_not_a_spec_says_where(
    tmp_path: Path, text: str, line: int, message: str
) -> None:
    path = tmp_path / "broken.yaml"
    path.write_text(text)
    with pytest.raises(SpecError) as refused:
        Mapper.load(path)
    assert any(p.line == line and message in p.message for p in refused.value.problems)
    assert {p.file for p in refused.value.problems} == {"broken.yaml"}


def test_a_missing_or_unreadable_file_is_a_problem_too(tmp_path: Path) -> None:
    with pytest.raises(SpecError, match=r"nowhere\.yaml:1: \(file\): No such file"):
        Mapper.load(tmp_path / "nowhere.yaml")
    (tmp_path / "binary.yaml").write_bytes(b"\xff\xfe")
    with pytest.raises(SpecError, match="is not UTF-8 text"):
        Mapper.load(tmp_path / "binary.yaml")


def test_a_problem_in_an_included_map_names_the_included_file(tmp_path: Path) -> None:
    included = tmp_path / "banks.yaml"
    included.write_text('maps:\n  towns:\n    rows:\n      Bonn: "Bonn am Rhein"\n')
    changes = {
        "include": ["banks.yaml"],
        "customer.header.City": {"lookup": "towns", "key": "customer.address.city"},
    }
    (found,) = problems(tmp_path, changes)
    assert (found.file, found.line, found.field) == ("banks.yaml", 4, "maps.towns.rows.Bonn")


def test_an_included_file_holds_only_maps_and_no_map_twice(tmp_path: Path) -> None:
    (tmp_path / "more.yaml").write_text("taxes: {}\n")
    (found,) = problems(tmp_path, {"include": ["more.yaml"]})
    assert found.message == "an included file holds only `maps:`"
    (tmp_path / "more.yaml").write_text("maps:\n  accounts:\n    rows: {a: b}\n")
    (found,) = problems(tmp_path, {"include": ["more.yaml"]})
    assert (found.file, found.line, found.message) == ("more.yaml", 2, "is defined twice")


def test_the_identity_changes_with_any_file_of_the_spec(tmp_path: Path) -> None:
    (tmp_path / "more.yaml").write_text("maps:\n  towns:\n    rows: {a: b}\n")
    first = mapper(tmp_path, {"include": ["more.yaml"]}).identity
    (tmp_path / "more.yaml").write_text("maps:\n  towns:\n    rows: {a: c}\n")
    second = mapper(tmp_path, {"include": ["more.yaml"]}).identity
    assert first.startswith("small@")
    assert first != second


def test_without_a_schema_the_spec_is_checked_by_itself(tmp_path: Path) -> None:
    path = written(tmp_path, changed({"schema": None, "invoice.header.Whatever": {"value": "x"}}))
    assert Mapper.load(path).target_document == "invoice"
