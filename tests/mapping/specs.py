"""A small target with a spec of its own, whose parts the tests change one by one."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from documents.customer import Customer
from documents.hold import Hold, HoldRequired
from documents.invoice import Invoice, InvoiceLine, InvoiceStage, LineTax
from documents.key import Key, Kind
from documents.money import Money
from documents.record import MappedRecord, TaxTotal
from mapping.errors import SpecError, SpecProblem
from mapping.mapper import Mapper
from mapping.rates import RateTable

CONFIG = Path(__file__).parents[2] / "config"
NAV_SPEC = CONFIG / "mappings" / "freshbooks-nav.yaml"

_LINE_RULES = {
    "Account": {"from": "line.account"},
    "Text": {"concat": [{"from": "line.name"}, {"from": "line.description"}], "truncate": True},
    "Quantity": {"from": "line.quantity"},
    "Price": {"from": "line.unit_price"},
    "TaxCode": {"from": "line.tax_code"},
    "Role": {"from": "line.role"},
    "Department": {"from": "line.dimensions.department"},
}
_HEADER_RULES = {
    "Customer": {"from": "record.customer"},
    "Key": {"from": "record.key"},
    "Date": {"from": "record.posting_date"},
    "Currency": {"from": "record.currency", "blank": "send"},
    "Number": {"from": "document.number", "truncate": True},
}

SPEC: dict[str, Any] = {
    "name": "small",
    "schema": "schema.yaml",
    "maps": {
        "currencies": {"rows": {c: c for c in ("EUR", "CAD", "GBP", "JPY", "KWD")}},
        "banks": {
            "parts": 3,
            "cause": "bank-account-unmapped",
            "rows": {"Check|*|USD": "B1", "*|Stripe|*": "B2", "Check|Stripe|EUR": "B3"},
        },
        "accounts": {"match": "ignore-case", "rows": {"Desk": "4100", "*": "4000"}},
    },
    "currency": {"local": "USD", "codes": "currencies"},
    "coding": {
        "account": {"lookup": "accounts", "key": "line.name"},
        "dimensions": {"department": {"from": "line.item_code"}},
    },
    "taxes": {
        "untaxed": {"value": "EXEMPT"},
        "zero_code": "ZERO",
        "rows": [{"taxes": "*", "line": {"account": "2200"}}],
    },
    "rounding": {"account": "4900", "tolerance": "0.05", "tolerances": {"JPY": "1"}},
    "customer": {
        "entity": "customer",
        "match": ["reference", "email", "name"],
        "when_missing": "create",
        "header": {
            "Name": {"from": "customer.name", "truncate": True},
            "Key": {"from": "record.key"},
            "City": {"from": "customer.address.city", "truncate": True},
            "Currency": {"from": "record.currency"},
        },
        "updates": ["City"],
    },
    "invoice": {
        "document": "invoice",
        "entity": "invoice",
        "header": _HEADER_RULES,
        "lines": _LINE_RULES,
    },
    "invoice_reversal": {
        "entity": "invoice",
        "copy": ["Customer", "Currency", "Number"],
        "header": {"Key": {"from": "record.key"}, "Date": {"from": "record.posting_date"}},
    },
    "payment": {
        "entity": "payment",
        "bank_account": {
            "lookup": "banks",
            "key": ["payment.type", "payment.gateway", "payment.currency"],
        },
        "header": {
            "Customer": {"from": "record.customer"},
            "Amount": {"from": "payment.amount", "negate": True},
            "Bank": {"from": "record.bank_account"},
            "AppliesTo": {"from": "record.applies_to"},
        },
    },
    "credit_note": {
        "document": "credit memo",
        "entity": "invoice",
        "header": _HEADER_RULES,
        "lines": _LINE_RULES,
    },
}


def _code(length: int, **more: object) -> dict[str, object]:
    return {"type": "code", "max_length": length, **more}


SCHEMA: dict[str, Any] = {
    "system": "small",
    "entities": {
        "customer": {
            "fields": {
                "Name": {"type": "string", "max_length": 20, "required": True},
                "Key": _code(20),
                "City": {"type": "string", "max_length": 10},
                "Currency": _code(3),
                "Terms_Code": _code(10),
                "Blocked": {"type": "option", "options": [" ", "All"]},
            }
        },
        "invoice": {
            "lines": "invoice.line",
            "fields": {
                "Customer": _code(20, required=True),
                "Key": _code(20),
                "Date": {"type": "date", "required": True},
                "Currency": _code(3),
                "Number": {"type": "string", "max_length": 12},
                "Net": {"type": "decimal", "read_only": True},
                "Posted": {"type": "boolean"},
                "Copies": {"type": "integer"},
            },
        },
        "invoice.line": {
            "fields": {
                "Account": _code(10, required=True),
                "Text": {"type": "string", "max_length": 15},
                "Quantity": {"type": "decimal"},
                "Price": {"type": "decimal"},
                "Amount": {"type": "decimal"},
                "TaxCode": _code(10),
                "Role": {"type": "string"},
                "Department": _code(10),
                "Deferral": _code(10),
            }
        },
        "payment": {
            "fields": {
                "Customer": _code(20),
                "Amount": {"type": "decimal"},
                "Bank": _code(10),
                "AppliesTo": _code(20),
                "Kind": {"type": "option", "options": [" ", "Payment", "Refund"]},
            }
        },
        "journal": {
            "fields": {
                "Kind": {"type": "option", "options": ["Ledger", "Customer"]},
                "Account": _code(20),
                "Amount": {"type": "decimal"},
                "Text": {"type": "string", "max_length": 15},
            }
        },
    },
}


def changed(changes: dict[str, Any]) -> dict[str, Any]:
    """The spec with values set (or, with None, removed) by dotted path."""
    # Through JSON, so that sections which share rules here are apart afterwards.
    spec: dict[str, Any] = json.loads(json.dumps(SPEC))
    for path, value in changes.items():
        *parents, last = path.split(".")
        part = spec
        for parent in parents:
            part = part.setdefault(parent, {})
        if value is None:
            part.pop(last, None)
        else:
            part[last] = value
    return spec


def written(folder: Path, spec: dict[str, Any]) -> Path:
    """The spec and its schema as files. JSON is YAML, and gives each value a line of its own."""
    (folder / "schema.yaml").write_text(json.dumps(SCHEMA, indent=1))
    path = folder / "small.yaml"
    path.write_text(json.dumps(spec, indent=1, ensure_ascii=False))
    return path


def mapper(
    folder: Path, changes: dict[str, Any] | None = None, rates: RateTable | None = None
) -> Mapper:
    return Mapper.load(written(folder, changed(changes or {})), rates=rates)


def problems(folder: Path, changes: dict[str, Any]) -> tuple[SpecProblem, ...]:
    """What is wrong with a changed spec; the test fails when nothing is."""
    with pytest.raises(SpecError) as refused:
        mapper(folder, changes)
    return refused.value.problems


def usd(amount: str) -> Money:
    return Money.of(amount, "USD")


def line(number: int, amount: str, *taxes: LineTax, **more: Any) -> InvoiceLine:
    """A line of quantity 1."""
    price = Money.of(amount, more.pop("currency", "USD"))
    values = {"name": f"Thing {number}", "quantity": Decimal(1), "unit_price": price, **more}
    return InvoiceLine(line_id=str(number), amount=price, taxes=taxes, **values)


def tax(name: str, percent: str, compound: bool = False) -> LineTax:
    return LineTax(name=name, percent=Decimal(percent), compound=compound)


def total(name: str, percent: str, amount: str, currency: str = "USD") -> TaxTotal:
    value = Money.of(amount, currency)
    return TaxTotal(name=name, percent=Decimal(percent), basis=value, amount=value)


def invoice(
    *lines: InvoiceLine, taxes: tuple[TaxTotal, ...] = (), discount: str = "0", **more: Any
) -> Invoice:
    """An invoice that adds up, from its lines, its tax totals and its discount."""
    currency = lines[0].amount.currency if lines else "USD"
    subtotal = Money.total((one.amount for one in lines), currency)
    net = subtotal - Money.of(discount, currency)
    gross = net + Money.total((one.amount for one in taxes), currency)
    values: dict[str, Any] = {
        "source_id": "1234567",
        "number": "INV-1",
        "stage": InvoiceStage.FINAL,
        "party_id": "7654321",
        "currency": currency,
        "document_date": date(2024, 5, 6),
        "lines": lines,
        "subtotal": subtotal,
        "discount": Money.of(discount, currency),
        "net": net,
        "taxes": taxes,
        "total": gross,
        "paid": Money.zero(currency),
        "outstanding": gross,
    }
    return Invoice(**{**values, **more})


CUSTOMER = Customer(source_id="7654321", organization="Acme")
KEY = Key(tag="T", kind=Kind.INVOICE, source_id="1234567")
ON = date(2024, 5, 7)


def map_invoice(
    made: Mapper, document: Invoice, corrections: dict[str, str] | None = None
) -> MappedRecord:
    key = Key(tag="T", kind=Kind.INVOICE, source_id=document.source_id)
    return made.map_invoice(document, CUSTOMER, "C1", key, ON, corrections)


def held(call: Any, *arguments: Any) -> Hold:
    """The hold that a call ends in; the test fails when it does not."""
    with pytest.raises(HoldRequired) as waiting:
        call(*arguments)
    return waiting.value.hold


def net_of(record: MappedRecord) -> Decimal:
    """What the lines of a record add up to in the target."""
    amounts = (Decimal(str(n["Quantity"])) * Decimal(str(n["Price"])) for n in record.lines)
    return sum(amounts, Decimal(0))


def by_role(record: MappedRecord, role: str) -> list[tuple[str, Decimal]]:
    """Account and amount of the lines of one role."""
    return [
        (str(n["Account"]), Decimal(str(n["Quantity"])) * Decimal(str(n["Price"])))
        for n in record.lines
        if n["Role"] == role
    ]


def notes(record: MappedRecord, field: str) -> str:
    """The notes of a field's trace; the test fails when the field has none."""
    found = [entry for entry in record.trace if entry.field == field]
    assert found, f"no trace of {field} in {[e.field for e in record.trace]}"
    return "; ".join(entry.note for entry in found)
