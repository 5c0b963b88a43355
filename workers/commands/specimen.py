"""A document from a file, for a mapping to be tried on."""

from __future__ import annotations

import json
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from connectors.freshbooks.clocks import Clock
from connectors.freshbooks.reading import read_customer, read_invoice
from connectors.ports import Unreadable
from documents.customer import Customer
from documents.hold import HoldRequired
from documents.invoice import Invoice
from workers.refusal import Refusal

# An invoice carries the client's name and address as they were when it was written.
_SNAPSHOT = {
    "organization": "organization",
    "fname": "fname",
    "lname": "lname",
    "street": "p_street",
    "street2": "p_street2",
    "city": "p_city",
    "province": "p_province",
    "code": "p_code",
    "country": "p_country",
    "language": "language",
    "vat_number": "vat_number",
}


@dataclass(frozen=True)
class Specimen:
    """An invoice and its client."""

    invoice: Invoice
    customer: Customer


def read_specimen(path: Path) -> Specimen:
    """Read `{"invoice": ..., "client": ...}` in the form of FreshBooks' API, `client` being
    optional, or `{"invoice": ..., "customer": ...}` in ours, or an answer of that API as it came.

    Raises Refusal when the file is neither, HoldRequired when the invoice would be held as it is.
    """
    content = _unwrapped(_json(path), path)
    row = content.get("invoice", content)
    if not isinstance(row, dict):
        raise Refusal(f"{path}: `invoice` must be an object")
    return _of_ours(content, row, path) if "source_id" in row else _of_theirs(content, row)


def _json(path: Path) -> Any:
    try:
        return json.loads(path.read_bytes(), parse_float=Decimal)
    except ValueError as error:
        raise Refusal(f"{path} is not JSON") from error


def _unwrapped(content: Any, path: Path) -> dict[str, Any]:
    for layer in ("response", "result"):
        content = content.get(layer, content) if isinstance(content, dict) else content
    if not isinstance(content, dict):
        raise Refusal(f"{path} must hold one JSON object")
    return content


def _of_ours(content: dict[str, Any], row: dict[str, Any], path: Path) -> Specimen:
    try:
        invoice = Invoice.model_validate(row)
        customer = content.get("customer", {"source_id": invoice.party_id})
        return Specimen(invoice, Customer.model_validate(customer))
    except ValidationError as error:
        told = "; ".join(
            f"{'.'.join(map(str, each['loc'])) or 'invoice'}: {each['msg']}"
            for each in error.errors(include_input=False, include_url=False)
        )
        raise Refusal(f"{path}: {told}") from error


def _of_theirs(content: dict[str, Any], row: dict[str, Any]) -> Specimen:
    invoice = read_invoice(row, Clock())
    if isinstance(invoice, Unreadable):
        raise HoldRequired(invoice.hold)
    snapshot = {theirs: row[ours] for ours, theirs in _SNAPSHOT.items() if ours in row}
    client = content.get("client", {"id": invoice.party_id, **snapshot})
    return Specimen(invoice, read_customer(client))
