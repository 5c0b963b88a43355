"""Is this bill in the books already, under the vendor's own number and without our key?"""

from __future__ import annotations

from activities.context import Connection
from documents.bill import Bill
from documents.hold import HoldRequired
from documents.row import DocumentRow
from policies.bills.holds import posted_by_hand


async def refuse_posted_by_hand(
    connection: Connection, row: DocumentRow, bill: Bill, vendor: str
) -> None:
    """HoldRequired when people posted the vendor's document, unless a person has released it."""
    released = row.decision is not None and row.decision.released
    if row.generation > 1 or released or not bill.number:
        return
    found = await connection.target.find_vendor_document(vendor, bill.number)
    if found:
        raise HoldRequired(posted_by_hand(bill, ", ".join(found)))
