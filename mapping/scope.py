"""Which names may be used where in a spec."""

from __future__ import annotations

from mapping.names import (
    BILL,
    BILL_LINE,
    BILL_PAYMENT,
    CODED_LINE,
    CREDIT_NOTE,
    CUSTOMER,
    EXPENSE,
    INVOICE,
    PAYMENT,
    RECORD,
    SOURCE_LINE,
    WRITE_OFF,
    Names,
    PathType,
    names_of,
)
from mapping.sections import CostCoding
from mapping.source import SpecPath
from mapping.spec import Spec

DOCUMENT: Names = {
    "document.source_id": "text",
    "document.number": "text",
    "document.date": "date",
    "document.currency": "text",
    "document.party_id": "text",
    "document.total": "amount",
    "document.po_number": "text",
}
"""What an invoice and a credit note have in common, for rules that serve both."""

_BASE = {**RECORD, **names_of("customer", CUSTOMER)}
CODING: Names = {**_BASE, **DOCUMENT, **names_of("line", SOURCE_LINE)}
_INVOICE: Names = {**_BASE, **DOCUMENT, **names_of("invoice", INVOICE)}
_CREDIT_NOTE: Names = {**_BASE, **DOCUMENT, **names_of("credit_note", CREDIT_NOTE)}
_PAYMENT: Names = {**RECORD, "record.bank_account": "text", **names_of("payment", PAYMENT)}
_EXPENSE: Names = {**RECORD, **names_of("expense", EXPENSE), "expense.payer": "text"}
_EXPENSE_RECORD: Names = {**_EXPENSE, "record.vendor": "text", "record.bank_account": "text"}
_PAYABLE: Names = {**RECORD, "record.vendor": "text", "record.bank_account": "text"}
_BILL: Names = {**_PAYABLE, **names_of("bill", BILL)}
_BILL_LINE: Names = {**_BILL, **names_of("bill_line", BILL_LINE)}
_BILL_PAYMENT: Names = {
    **_PAYABLE,
    **names_of("bill_payment", BILL_PAYMENT),
    "bill.number": "text",
}
_WRITE_OFF: Names = {**RECORD, **names_of("write_off", WRITE_OFF)}
_TAX: Names = {"tax.name": "text", "tax.percent": "amount"}
_REVERSAL: Names = {**RECORD, "record.reverses": "text"}


def dimension_names(spec: Spec, of: str = "line") -> dict[str, PathType]:
    return {f"{of}.dimensions.{name}": "text" for name in spec.coding.dimensions}


def line_names(spec: Spec) -> dict[str, PathType]:
    """Everything known of a coded line."""
    return {**names_of("line", SOURCE_LINE), **CODED_LINE, **dimension_names(spec)}


def _cost_line(coding: CostCoding | None) -> dict[str, PathType]:
    dimensions = coding.dimensions if coding else {}
    return {
        **names_of("line", SOURCE_LINE),
        **CODED_LINE,
        **{f"line.dimensions.{name}": "text" for name in dimensions},
    }


def names_at(spec: Spec, path: SpecPath) -> Names:
    """The names that rules of one part of a spec may use."""
    section, part = path[0], path[1] if len(path) > 1 else ""
    if section in ("coding", "taxes"):
        return CODING
    if section == "payment":
        return _PAYMENT if part == "header" else {**RECORD, **names_of("payment", PAYMENT)}
    if section == "expense_coding":
        return {**_EXPENSE, **_TAX} if part == "tax_account" else _EXPENSE
    if section == "bill_coding":
        return _bill_coding(part)
    if section in ("expense", "expense_journal", "bill", "bill_payment"):
        return _of_cost(spec, str(section), part)
    if section == "customer":
        return _BASE
    if section == "write_off":
        return _WRITE_OFF
    if str(section).endswith("_reversal"):
        return {**_REVERSAL, **_original(spec, str(section))}
    base = _INVOICE if section == "invoice" else _CREDIT_NOTE
    base = {**base, **dimension_names(spec, "document")}
    return base if part == "header" else {**base, **line_names(spec)}


def _bill_coding(part: object) -> Names:
    if part == "clearing":
        return _BILL_PAYMENT
    return {**_BILL_LINE, **_TAX} if part == "tax_account" else _BILL_LINE


def _of_cost(spec: Spec, section: str, part: object) -> Names:
    of_bill = section.startswith("bill")
    base = {"bill": _BILL, "bill_payment": _BILL_PAYMENT}.get(section, _EXPENSE_RECORD)
    coding = spec.bill_coding if of_bill else spec.expense_coding
    return base if part == "header" else {**base, **_cost_line(coding)}


def _original(spec: Spec, section: str) -> dict[str, PathType]:
    """The header fields of the posted record that a reversal is made from."""
    documents = {
        "credit_note_reversal": spec.credit_note,
        "expense_reversal": spec.expense,
        "bill_reversal": spec.bill,
    }
    document = documents.get(section, spec.invoice)
    return {f"original.{name}": "text" for name in (document.header if document else {})}
