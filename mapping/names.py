"""The names a spec can use: paths such as `invoice.number`, their types and their values.

Values are plain: text, yes or no, whole numbers. Amounts are texts in plain notation with the
digits they have, dates ISO 8601, and what is not given is an empty text.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from typing import Literal, TypeVar

from documents.bill import Bill, BillLine, BillPayment
from documents.cash import CreditNote, Payment
from documents.customer import Customer
from documents.expense import Expense
from documents.invoice import Invoice, InvoiceLine
from documents.money import Money, minor_units
from documents.write_off import WriteOff

PathType = Literal["text", "date", "amount", "number", "flag", "list"]
Value = str | bool | int | list[dict[str, str | bool]]
Names = Mapping[str, PathType]

T = TypeVar("T")
Table = dict[str, tuple[PathType, Callable[[T], Value]]]

_SAMPLES: dict[PathType, Value] = {
    "text": "x",
    "date": "2024-01-31",
    "amount": "1.00",
    "number": 1,
    "flag": False,
    "list": [{"name": "VAT", "percent": "20", "compound": False, "number": ""}],
}
_BLANKS: dict[PathType, Value] = {
    "text": "",
    "date": "",
    "amount": "",
    "number": 0,
    "flag": False,
    "list": [],
}


def sample(kind: PathType) -> Value:
    """A typical value of a type, to try an expression out with."""
    return _SAMPLES[kind]


def blank(kind: PathType) -> Value:
    """What a path holds when nothing is given."""
    return _BLANKS[kind]


def plain(number: Decimal) -> str:
    """A decimal in plain notation without superfluous zeros: 1E+3 is `1000`, 2.50 is `2.5`."""
    return format(number.normalize(), "f") if number else "0"


def money(amount: Money) -> str:
    """An amount in plain notation, exact, with its currency's decimals, or more if it has more."""
    exponent = amount.amount.normalize().as_tuple().exponent
    digits = max(minor_units(amount.currency), -exponent if isinstance(exponent, int) else 0)
    return format(amount.amount, f".{digits}f")


def day(value: date | None) -> str:
    return value.isoformat() if value else ""


def _taxes(line: InvoiceLine) -> Value:
    return [
        {"name": t.name, "percent": plain(t.percent), "compound": t.compound, "number": t.number}
        for t in line.taxes
    ]


INVOICE: Table[Invoice] = {
    "source_id": ("text", lambda i: i.source_id),
    "number": ("text", lambda i: i.number),
    "stage": ("text", lambda i: i.stage.value),
    "party_id": ("text", lambda i: i.party_id),
    "currency": ("text", lambda i: i.currency),
    "date": ("date", lambda i: day(i.document_date)),
    "due_date": ("date", lambda i: day(i.due_date)),
    "discount_percent": ("amount", lambda i: plain(i.discount_percent)),
    "subtotal": ("amount", lambda i: money(i.subtotal)),
    "discount": ("amount", lambda i: money(i.discount)),
    "net": ("amount", lambda i: money(i.net)),
    "tax": ("amount", lambda i: money(i.tax)),
    "total": ("amount", lambda i: money(i.total)),
    "po_number": ("text", lambda i: i.po_number),
    "recurring_profile_id": ("text", lambda i: i.recurring_profile_id or ""),
    "prices_include_tax": ("flag", lambda i: i.prices_include_tax),
    "line_count": ("number", lambda i: len(i.lines)),
}

CREDIT_NOTE: Table[CreditNote] = {
    "source_id": ("text", lambda c: c.source_id),
    "number": ("text", lambda c: c.number),
    "type": ("text", lambda c: c.type.value),
    "party_id": ("text", lambda c: c.party_id),
    "currency": ("text", lambda c: c.currency),
    "date": ("date", lambda c: day(c.document_date)),
    "net": ("amount", lambda c: money(c.net)),
    "tax": ("amount", lambda c: money(c.figures.tax)),
    "total": ("amount", lambda c: money(c.total)),
}

PAYMENT: Table[Payment] = {
    "source_id": ("text", lambda p: p.source_id),
    "invoice_id": ("text", lambda p: p.invoice_id),
    "party_id": ("text", lambda p: p.party_id),
    "amount": ("amount", lambda p: money(p.amount)),
    "currency": ("text", lambda p: p.stated.currency),
    "date": ("date", lambda p: day(p.date)),
    "type": ("text", lambda p: p.type),
    "gateway": ("text", lambda p: p.gateway),
    "note": ("text", lambda p: p.note),
    "from_credit": ("flag", lambda p: p.from_credit),
    "is_refund": ("flag", lambda p: p.is_refund),
    "credit_id": ("text", lambda p: p.credit_id or ""),
    "overpayment_id": ("text", lambda p: p.overpayment_id or ""),
}

EXPENSE: Table[Expense] = {
    "source_id": ("text", lambda e: e.source_id),
    "date": ("date", lambda e: day(e.document_date)),
    "currency": ("text", lambda e: e.currency),
    "gross": ("amount", lambda e: money(e.gross)),
    "net": ("amount", lambda e: money(e.net)),
    "tax": ("amount", lambda e: money(e.tax)),
    "category": ("text", lambda e: e.category),
    "category_id": ("text", lambda e: e.category_id),
    "vendor": ("text", lambda e: e.vendor),
    "staff_id": ("text", lambda e: e.staff.source_id),
    "client_id": ("text", lambda e: e.client_id),
    "project_id": ("text", lambda e: e.project_id),
    "account_name": ("text", lambda e: e.account_name),
    "billable": ("flag", lambda e: e.billable),
}

BILL: Table[Bill] = {
    "source_id": ("text", lambda b: b.source_id),
    "number": ("text", lambda b: b.number),
    "date": ("date", lambda b: day(b.document_date)),
    "due_date": ("date", lambda b: day(b.due_date)),
    "currency": ("text", lambda b: b.currency),
    "total": ("amount", lambda b: money(b.total)),
    "tax": ("amount", lambda b: money(b.tax)),
    "vendor": ("text", lambda b: b.vendor.name),
    "vendor_id": ("text", lambda b: b.vendor.source_id),
}

BILL_LINE: Table[BillLine] = {
    "category": ("text", lambda n: n.category),
    "category_id": ("text", lambda n: n.category_id),
    "description": ("text", lambda n: n.description),
    "net": ("amount", lambda n: money(n.net)),
    "gross": ("amount", lambda n: money(n.gross)),
}

BILL_PAYMENT: Table[BillPayment] = {
    "source_id": ("text", lambda p: p.source_id),
    "date": ("date", lambda p: day(p.date)),
    "currency": ("text", lambda p: p.amount.currency),
    "amount": ("amount", lambda p: money(p.amount)),
    "type": ("text", lambda p: p.type),
}

WRITE_OFF: Table[WriteOff] = {
    "number": ("text", lambda w: w.number),
    "account": ("text", lambda w: w.account),
    "amount": ("amount", lambda w: money(w.amount)),
    "debit": ("amount", lambda w: money(w.amount) if w.amount.amount > 0 else ""),
    "credit": ("amount", lambda w: money(-w.amount) if w.amount.amount < 0 else ""),
}

CUSTOMER: Table[Customer] = {
    "source_id": ("text", lambda c: c.source_id),
    "name": ("text", lambda c: c.name),
    "organization": ("text", lambda c: c.organization),
    "first_name": ("text", lambda c: c.first_name),
    "last_name": ("text", lambda c: c.last_name),
    "email": ("text", lambda c: c.email),
    "phone": ("text", lambda c: c.phone),
    "address.street": ("text", lambda c: c.address.street),
    "address.street2": ("text", lambda c: c.address.street2),
    "address.city": ("text", lambda c: c.address.city),
    "address.province": ("text", lambda c: c.address.province),
    "address.postal_code": ("text", lambda c: c.address.postal_code),
    "address.country": ("text", lambda c: c.address.country),
    "currency": ("text", lambda c: c.currency or ""),
    "language": ("text", lambda c: c.language),
    "vat_number": ("text", lambda c: c.vat_number),
}

SOURCE_LINE: Table[InvoiceLine] = {
    "line_id": ("text", lambda n: n.line_id),
    "name": ("text", lambda n: n.name),
    "description": ("text", lambda n: n.description),
    "source_quantity": ("amount", lambda n: plain(n.quantity)),
    "source_price": ("amount", lambda n: money(n.unit_price)),
    "source_amount": ("amount", lambda n: money(n.amount)),
    "kind": ("text", lambda n: n.kind.value),
    "item_code": ("text", lambda n: n.item_code or ""),
    "project_id": ("text", lambda n: n.project_id or ""),
    "expense_id": ("text", lambda n: n.expense_id or ""),
    "taxes": ("list", _taxes),
}

CODED_LINE: Names = {
    "line.role": "text",
    "line.position": "number",
    "line.account": "text",
    "line.tax_code": "text",
    "line.deferral": "text",
    "line.quantity": "amount",
    "line.unit_price": "amount",
    "line.net": "amount",
}

RECORD: Names = {
    "connection.tag": "text",
    "record.key": "text",
    "record.kind": "text",
    "record.generation": "number",
    "record.posting_date": "date",
    "record.customer": "text",
    "record.currency": "text",
    "record.applies_to": "text",
}


def names_of(prefix: str, table: Table[T]) -> dict[str, PathType]:
    return {f"{prefix}.{name}": kind for name, (kind, _) in table.items()}


def values_of(prefix: str, table: Table[T], thing: T) -> dict[str, Value]:
    return {f"{prefix}.{name}": read(thing) for name, (_, read) in table.items()}


def blanks_of(names: Names) -> dict[str, Value]:
    return {name: blank(kind) for name, kind in names.items()}
