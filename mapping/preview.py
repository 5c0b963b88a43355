"""What a mapping would send, as plain tables: nothing is sent and nothing is kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from documents.cash import CreditNote, Payment
from documents.customer import Customer
from documents.hold import Hold
from documents.invoice import Invoice
from documents.key import Key, Kind
from documents.record import FieldValue, Figures, MappedRecord
from mapping.mapper import Mapper

Row = tuple[str, ...]


class NotADocument(ValueError):
    """A file is not a document to preview. Lists what is wrong, each as `field: problem`."""


class PreviewDocument(BaseModel):
    """A source document with what a posting needs beside it.

    `kind` says what is mapped; the document of that name must be there, and the customer too for
    an invoice, a credit note and a reversal (of the invoice). The posting date is the document's
    own unless given; `applies_to` is the target's number that a payment or reversal settles.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal["invoice", "reversal", "payment", "credit_note", "customer"]
    invoice: Invoice | None = None
    payment: Payment | None = None
    credit_note: CreditNote | None = None
    customer: Customer | None = None
    tag: str = Field(default="DEMO", pattern=r"^[A-Z0-9]{1,4}$")
    target_customer: str = "C0001"
    posting_date: date | None = None
    applies_to: str = ""
    corrections: dict[str, str] = {}

    @model_validator(mode="after")
    def _complete(self) -> Self:
        document = "invoice" if self.kind == "reversal" else self.kind
        wanted = {document, "customer"} - ({"customer"} if self.kind == "payment" else set())
        missing = sorted(name for name in wanted if getattr(self, name) is None)
        if missing:
            raise ValueError(f"a preview of kind {self.kind} needs {' and '.join(missing)}")
        return self


@dataclass(frozen=True)
class PreviewTable:
    """A table of texts; every row has as many cells as there are columns."""

    title: str
    columns: Row
    rows: tuple[Row, ...]


def read_document(content: str | bytes) -> PreviewDocument:
    """A document from the JSON of a file. Raises NotADocument."""
    try:
        return PreviewDocument.model_validate_json(content)
    except ValidationError as error:
        problems = (
            f"{'.'.join(map(str, e['loc'])) or '(top)'}: {e['msg'].removeprefix('Value error, ')}"
            for e in error.errors(include_input=False, include_url=False)
        )
        raise NotADocument("\n".join(problems)) from error


def preview(mapper: Mapper, document: PreviewDocument) -> MappedRecord:
    """The record that would be sent. Raises HoldRequired and CorrectionRefused."""
    if document.payment is not None and document.kind == "payment":
        return _payment(mapper, document, document.payment)
    customer = document.customer or Customer(source_id="")
    if document.credit_note is not None and document.kind == "credit_note":
        return _credit_note(mapper, document, document.credit_note, customer)
    if document.invoice is not None and document.kind in ("invoice", "reversal"):
        return _invoice(mapper, document, document.invoice, customer)
    return mapper.map_customer(customer, _key(document, Kind.CUSTOMER, customer.source_id))


def _payment(mapper: Mapper, document: PreviewDocument, payment: Payment) -> MappedRecord:
    return mapper.map_payment(
        payment,
        document.target_customer,
        _key(document, Kind.PAYMENT, payment.source_id),
        document.posting_date or payment.date,
        document.applies_to or None,
        document.corrections,
    )


def _credit_note(
    mapper: Mapper, document: PreviewDocument, note: CreditNote, customer: Customer
) -> MappedRecord:
    return mapper.map_credit_note(
        note,
        customer,
        document.target_customer,
        _key(document, Kind.CREDIT_NOTE, note.source_id),
        document.posting_date or note.document_date,
        document.corrections,
    )


def _invoice(
    mapper: Mapper, document: PreviewDocument, invoice: Invoice, customer: Customer
) -> MappedRecord:
    key = _key(document, Kind.INVOICE, invoice.source_id)
    on = document.posting_date or invoice.document_date
    posted = mapper.map_invoice(
        invoice, customer, document.target_customer, key, on, document.corrections
    )
    if document.kind == "invoice":
        return posted
    return mapper.map_reversal(posted, key.of_kind(Kind.INVOICE_REVERSAL), on, document.applies_to)


def _key(document: PreviewDocument, kind: Kind, source_id: str) -> Key:
    return Key(tag=document.tag, kind=kind, source_id=source_id)


def tables(record: MappedRecord) -> list[PreviewTable]:
    """A record and its trace: header, lines, what the target must compute, applied rules."""
    header = tuple((name, shown(value)) for name, value in record.header.items())
    found = [PreviewTable(f"{record.entity} ({record.spec})", ("field", "value"), header)]
    if record.lines:
        found.append(_lines(record))
    if record.expected:
        found.append(_figures(record.expected, record))
    columns = ("field", "rule", "from", "value", "note")
    trace = tuple((e.field, e.rule, e.source, e.value, e.note) for e in record.trace)
    return [*found, PreviewTable("applied rules", columns, trace)]


def hold_table(hold: Hold) -> PreviewTable:
    """Why a document would be held, and what to do about it."""
    rows = [("cause", hold.cause), ("class", hold.hold_class.value), ("reason", hold.reason)]
    rows += [("remedy", hold.remedy)] if hold.remedy else []
    return PreviewTable("held", ("", ""), (*rows, *hold.values.items()))


def shown(value: FieldValue) -> str:
    """A field's value as text: yes and no for true and false."""
    if isinstance(value, str):
        return value
    return "yes" if value else "no"


def _lines(record: MappedRecord) -> PreviewTable:
    names = tuple(dict.fromkeys(name for line in record.lines for name in line))
    rows = tuple(
        (str(number), *(shown(line.get(name, "")) for name in names))
        for number, line in enumerate(record.lines, 1)
    )
    return PreviewTable("lines", ("line", *names), rows)


def _figures(expected: Figures, record: MappedRecord) -> PreviewTable:
    amounts = (str(expected.net), str(expected.tax), str(expected.total), str(record.tolerance))
    columns = ("net", "tax", "total", "tolerance")
    return PreviewTable("what the target must compute", columns, (amounts,))
