"""Wrong specs: what is changed, the field that is named, and what is said of it."""

from __future__ import annotations

from typing import Any

Case = tuple[str, dict[str, Any], str, str]

SHAPE: list[Case] = [
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
]

TARGET: list[Case] = [
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
]
