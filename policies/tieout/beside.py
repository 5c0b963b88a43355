"""What stands beside an invoice in the target and is one document with it at the source."""

from __future__ import annotations

from collections.abc import Sequence

from documents.ledger import BookRow


def with_fees(live: Sequence[BookRow], fees: Sequence[BookRow]) -> list[BookRow]:
    """The invoices, the first of them with the late fee that was posted beside it: the source has
    one document of both."""
    invoices = [row for row in live if row not in fees]
    if not invoices or not fees:
        return list(live)
    return [together(invoices[0], fees), *invoices[1:]]


def together(row: BookRow, fees: Sequence[BookRow]) -> BookRow:
    """Fees and write-offs bear no tax; what is not known of one of them is not known of all."""
    return row._replace(
        amount=row.amount + sum(fee.amount for fee in fees),
        open=_sum([row.open, *(fee.open for fee in fees)]),
        base=_sum([row.base, *(fee.base for fee in fees)]),
    )


def _sum(values: Sequence[int | None]) -> int | None:
    known = [value for value in values if value is not None]
    return sum(known) if len(known) == len(values) else None
