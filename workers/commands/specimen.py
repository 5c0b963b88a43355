"""A document from a file, for a mapping to be tried on."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

from connectors.errors import Rejected
from connectors.freshbooks.clocks import Clock
from connectors.freshbooks.reading import read_customer, read_invoice
from connectors.ports import Unreadable
from documents.hold import HoldRequired
from mapping.preview import NotADocument, PreviewDocument, read_document
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


def read_specimen(path: Path) -> PreviewDocument:
    """Read a document in the form of `mapping.preview`, or an invoice as FreshBooks' API answers
    it; there, `client` beside `invoice` is optional.

    Raises Refusal when the file is neither, HoldRequired when the invoice would be held as it is.
    """
    content = path.read_bytes()
    answer = _unwrapped(_json(content, path))
    if not isinstance(answer, dict):
        raise Refusal(f"{path} must hold one JSON object")
    if "kind" not in answer and isinstance(answer.get("invoice"), dict):
        return _of_freshbooks(answer["invoice"], answer.get("client"))
    try:
        return read_document(content)
    except NotADocument as error:
        raise Refusal(f"{path}: {error}") from error


def _json(content: bytes, path: Path) -> Any:
    try:
        return json.loads(content, parse_float=Decimal)
    except ValueError as error:
        raise Refusal(f"{path} is not JSON") from error


def _unwrapped(content: Any) -> Any:
    for layer in ("response", "result"):
        content = content.get(layer, content) if isinstance(content, dict) else content
    return content


def _of_freshbooks(row: dict[str, Any], client: dict[str, Any] | None) -> PreviewDocument:
    invoice = read_invoice(row, Clock())
    if isinstance(invoice, Unreadable):
        raise HoldRequired(invoice.hold)
    snapshot = {theirs: row[ours] for ours, theirs in _SNAPSHOT.items() if ours in row}
    try:
        customer = read_customer(client or {"id": invoice.party_id, **snapshot})
    except Rejected as error:
        raise HoldRequired(error.hold) from error
    return PreviewDocument(kind="invoice", invoice=invoice, customer=customer)
