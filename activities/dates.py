"""The posting date of a document: the source's own while its period is open."""

from __future__ import annotations

from datetime import date

from activities.context import Connection
from documents.hold import Hold, HoldClass, HoldRequired


async def posting_date(connection: Connection, document_date: date) -> date:
    """The document date, or by policy the first open day after it. HoldRequired otherwise."""
    first = await connection.target.open_day(document_date)
    if first == document_date:
        return document_date
    if first is None or connection.policy.closed_period == "hold":
        raise HoldRequired(_closed(document_date, first))
    return first


def _closed(wanted: date, first: date | None) -> Hold:
    following = f"the first open day is {first}" if first else "no later day is open"
    return Hold(
        cause="period-closed",
        hold_class=HoldClass.POLICY,
        reason=f"The target's period of {wanted} is closed; {following}.",
        remedy=(
            "Open the period, or correct with posting_date=YYYY-MM-DD, or set the policy "
            "'closed_period' to 'first open day'."
        ),
        values={"date": str(wanted), "first open day": str(first or "none")},
    )
