"""Which listing of a source a line of the books belongs to."""

from __future__ import annotations

from documents.key import Kind
from documents.ledger import BookKind, document_of

LISTINGS = {
    Kind.INVOICE: "invoice",
    Kind.PAYMENT: "payment",
    Kind.REFUND: "payment",
    Kind.CREDIT_NOTE: "credit_note",
    Kind.PREPAYMENT: "credit_note",
    Kind.EXPENSE: "expense",
    Kind.BILL: "bill",
    Kind.BILL_PAYMENT: "bill_payment",
    Kind.CUSTOMER: "customer",
}
"""The listing of a source in which a document of each kind stands."""

_LISTINGS_OF_BOOKS = {
    BookKind.INVOICE: "invoice",
    BookKind.PAYMENT: "payment",
    BookKind.CREDIT_MEMO: "credit_note",
    BookKind.EXPENSE: "expense",
    BookKind.BILL: "bill",
    BookKind.BILL_PAYMENT: "bill_payment",
}


def listing_of(match: str, book: BookKind) -> str:
    """The listing of the source that a line belongs to: by its document, else by what it is
    counted as. Empty for what no source has."""
    if match:
        return LISTINGS.get(document_of(match)[0], "")
    return _LISTINGS_OF_BOOKS.get(book, "")
