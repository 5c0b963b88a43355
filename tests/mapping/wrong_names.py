"""Wrong names, maps, expressions and settings, in the form of `wrong_specs`."""

from __future__ import annotations

from tests.mapping.wrong_specs import Case

NAMES: list[Case] = [
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
        "an account that reads itself",
        {"coding.account": {"from": "line.account"}},
        "coding.account.from",
        "there is no line.account here",
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
