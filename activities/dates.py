"""The posting date of a document: the source's own while its period is open."""

from __future__ import annotations

from datetime import date, timedelta

from activities.context import Connection
from documents.hold import Hold, HoldClass, HoldRequired
from documents.record import MappedRecord
from documents.row import DocumentRow


def wanted_date(row: DocumentRow, document_date: date) -> date:
    """The document's own date, unless a person corrected the posting date."""
    corrected = row.decision.values.get("posting_date") if row.decision else None
    return date.fromisoformat(corrected) if corrected else document_date


async def posting_date(connection: Connection, document_date: date) -> date:
    """The document date, or by policy the first open day after it. HoldRequired otherwise."""
    first = await _open_day(connection, document_date)
    if first == document_date:
        return document_date
    if first is None or connection.policy.closed_period == "hold":
        raise HoldRequired(closed(document_date, first))
    return first


async def require_open(connection: Connection, record: MappedRecord) -> None:
    """HoldRequired when two people signed off the period of a record since it was prepared."""
    day = record.posting_date
    if day is not None and await connection.is_signed_off(day):
        raise HoldRequired(closed(day, await _open_day(connection, day)))


async def is_open(connection: Connection, day: date) -> bool:
    """Whether the target, and the sign-offs here, let anybody post on a day."""
    return await _open_day(connection, day) == day


async def _open_day(connection: Connection, wanted: date) -> date | None:
    """The first day that is open in the target and not in a period that was signed off here:
    what two people signed must not move."""
    day: date | None = await connection.target.open_day(wanted)
    while day is not None and await connection.is_signed_off(day):
        following = (day.replace(day=1) + timedelta(days=32)).replace(day=1)
        day = await connection.target.open_day(following)
    return day


def closed(wanted: date, first: date | None) -> Hold:
    following = f"the first open day is {first}" if first else "no later day is open"
    return Hold(
        cause="period-closed",
        hold_class=HoldClass.POLICY,
        reason=f"The period of {wanted} is closed in the target or signed off here; {following}.",
        remedy=(
            "Open the period, or correct with posting_date=YYYY-MM-DD, or set the policy "
            "'closed_period' to 'first open day'."
        ),
        values={"date": str(wanted), "first open day": str(first or "none")},
    )
