"""Taking a posting of ours back, under a key of its own."""

from __future__ import annotations

from datetime import date

from activities.dates import posting_date
from activities.posting import Poster, is_adopted
from documents.hold import HoldRequired
from documents.key import Key, Kind
from documents.posting import Posting
from policies import holds

_RECEIPTS = (Kind.PREPAYMENT, Kind.BILL_PAYMENT)


async def refuse_adopted(poster: Poster, original: Key) -> None:
    """HoldRequired for a posting that people made: we do not take back what we know no lines of."""
    kept = await poster.store.postings.get(original.text())
    if kept and is_adopted(kept):
        raise HoldRequired(holds.adopted_by_hand(original.text()))


async def reversal_day(poster: Poster, original: Key, wanted: date | None) -> date:
    """The wanted day, else today, never before the original. HoldRequired when people posted
    that, or no day is open."""
    await refuse_adopted(poster, original)
    posted = await poster.connection.target.lookup(original)
    day = wanted or poster.connection.policy.day_of(poster.now())
    return await posting_date(poster.connection, max(day, posted.posting_date or day))


async def take_back(
    poster: Poster, original: Key, reversal: Key, wanted: date | None = None
) -> Posting:
    """Money and journals are reversed by the target itself, a document by a memo of the same
    lines; on the wanted day, else today, and never before the original.

    HoldRequired for what people posted: we know nothing of its lines.
    """
    on = await reversal_day(poster, original, wanted)
    kept = await poster.store.postings.get(original.text())
    record = kept.record if kept else None
    is_receipt = original.kind in _RECEIPTS
    if record is None and not is_receipt:
        raise HoldRequired(holds.adopted_by_hand(original.text()))
    target = poster.connection.target
    mapper = await poster.connection.mapper()
    if record is None or is_receipt or mapper.is_journal(record):
        return await poster.send(
            reversal, "reverse", lambda: target.reverse(original, reversal, on)
        )
    number = (await target.lookup(original)).number or (kept.number if kept else "")
    await poster.prepare(reversal, mapper.map_reversal(record, reversal, on, number))
    return (await poster.post(reversal))[0]
