"""What an invoice and a credit note have in common, seen from the mapping."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from documents.cash import CreditNote
from documents.hold import HoldClass, HoldRequired
from documents.invoice import Invoice, InvoiceLine
from documents.money import Money
from documents.record import Figures, TaxTotal
from mapping.amounts import share
from mapping.errors import held
from mapping.names import CREDIT_NOTE, INVOICE, Value, day, money, values_of


@dataclass(frozen=True)
class SalesDocument:
    """Lines, discount and taxes of a source document, all in one currency."""

    section: str
    source_id: str
    number: str
    date: date
    party_id: str
    po_number: str
    lines: tuple[InvoiceLine, ...]
    discount: Money
    discount_percent: Decimal
    taxes: tuple[TaxTotal, ...]
    figures: Figures
    values: dict[str, Value]

    @property
    def currency(self) -> str:
        return self.figures.total.currency

    def discount_shares(self) -> list[Money]:
        """Each line's share of the invoice discount; they add up to it to the cent."""
        return share(self.discount, [line.amount.amount for line in self.lines])

    def shared_values(self) -> dict[str, Value]:
        """The names below `document`, for rules that serve every kind of document."""
        return {
            "document.source_id": self.source_id,
            "document.number": self.number,
            "document.date": day(self.date),
            "document.currency": self.currency,
            "document.party_id": self.party_id,
            "document.total": money(self.figures.total),
            "document.po_number": self.po_number,
        }


def of_invoice(invoice: Invoice) -> SalesDocument:
    """HoldRequired (no-lines) for an invoice without lines."""
    if not invoice.lines:
        raise _no_lines("invoice", invoice.number)
    return SalesDocument(
        section="invoice",
        source_id=invoice.source_id,
        number=invoice.number,
        date=invoice.document_date,
        party_id=invoice.party_id,
        po_number=invoice.po_number,
        lines=invoice.lines,
        discount=invoice.discount,
        discount_percent=invoice.discount_percent,
        taxes=invoice.taxes,
        figures=invoice.figures,
        values=values_of("invoice", INVOICE, invoice),
    )


def of_credit_note(note: CreditNote) -> SalesDocument:
    """HoldRequired (no-lines) for a credit note without lines."""
    if not note.lines:
        raise _no_lines("credit note", note.number)
    return SalesDocument(
        section="credit_note",
        source_id=note.source_id,
        number=note.number,
        date=note.document_date,
        party_id=note.party_id,
        po_number="",
        lines=note.lines,
        discount=note.discount,
        discount_percent=note.discount_percent,
        taxes=note.taxes,
        figures=note.figures,
        values=values_of("credit_note", CREDIT_NOTE, note),
    )


def _no_lines(what: str, number: str) -> HoldRequired:
    return held(
        "no-lines",
        f"{what} {number} has no lines, so there is nothing to post",
        f"add lines at the source, or delete the {what} there",
        HoldClass.DATA,
    )
