"""Starting what two people approved: whoever approved may not have come to it."""

from __future__ import annotations

from activities.reconciling import Begun
from activities.telling import Messenger
from documents.tieout import BreakState
from store.store import Store


async def start_approved(store: Store, messenger: Messenger, begun: Begun) -> None:
    """Start carrying out every decision of a period that is approved and not carried out."""
    for each in await store.breaks.page(
        begun.connection, begun.period, states=(BreakState.APPROVED,)
    ):
        await messenger.put_right(begun.period, each.match, begun.target_queue)
