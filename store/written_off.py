"""How much was written off in a period, for its limit."""

from __future__ import annotations

from decimal import Decimal

from documents.key import Kind
from documents.posting import PostingState
from documents.row import PostingRow
from documents.tieout import Break
from documents.write_off import decision_of
from store.postings import Postings


async def written_off(postings: Postings, connection: str, beside: Break) -> Decimal:
    """What was written off, or is just about to be, in the period and currency of a break, beside
    that break; without signs, so that a gain makes no room for a loss."""
    rows = await postings.of_kind(connection, Kind.WRITE_OFF)
    return sum((_amount(row, beside) for row in rows), Decimal(0))


def _amount(row: PostingRow, beside: Break) -> Decimal:
    record = row.record
    if record is None or row.state is PostingState.REVERSED or record.expected is None:
        return Decimal(0)
    # The row's own amount is that of the first record, which may have been refused.
    booked = record.expected.total
    is_here = record.posting_date is not None and f"{record.posting_date:%Y-%m}" == beside.period
    is_other = record.made_of != decision_of(beside) and booked.currency == beside.currency
    return booked.amount if is_here and is_other else Decimal(0)
