"""The steps of a backfill: a page of documents told, a page rehearsed, opening balances."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from temporalio import activity

from activities.bills.rehearsal import BillRehearsal
from activities.context import Connection, Workplace
from activities.errands import BackfillPage, BackfillRequest, BackfillSteps
from activities.expenses.rehearsal import ExpenseRehearsal
from activities.opening_balances import OpeningBalances
from activities.rehearsal import Rehearsal
from activities.tally import Tally
from activities.telling import LOWEST, Messengers
from connectors.ports import ChangedPage
from documents.key import Kind
from documents.row import DocumentState
from store.outcomes import DocumentOutcome

_PATIENCE_SECONDS = 45.0
_PAUSE_SECONDS = 0.25
_PAYMENTS = {Kind.INVOICE: Kind.PAYMENT, Kind.BILL: Kind.BILL_PAYMENT}
"""What comes with the documents of a listing."""

_WORDS = {
    DocumentState.POSTED: "posted",
    DocumentState.HELD: "held",
    DocumentState.IGNORED: "ignored",
    DocumentState.IN_FLIGHT: "in flight",
}


@dataclass(frozen=True)
class BackfillActivities(BackfillSteps):
    """The implementation that the worker registers, for all its connections."""

    place: Workplace
    messengers: Messengers

    @activity.defn(name="backfill page")
    async def backfill_page(self, request: BackfillRequest) -> BackfillPage:
        """Tell every document of a page to look at itself, and wait a while for what becomes of
        them: a backfill goes no faster than its documents, and those of today go first."""
        connection = self.place.connection(request.connection)
        page = await _page(connection, request)
        if page is None:
            return BackfillPage()
        kind = Kind(request.kind)
        ids = [row.source_id for row in page.rows]
        messenger = self.messengers.of(request.connection, request.source, LOWEST)
        await messenger.tell_all((kind, each) for each in ids)
        tally = Tally()
        for each in await self._at_rest(request.connection, kind, ids):
            _count(tally, request.kind, each)
        if kind in _PAYMENTS:
            of_parents = self.place.store.outcomes.of_parents
            for each in await of_parents(request.connection, _PAYMENTS[kind], ids):
                _count(tally, _PAYMENTS[kind].value.replace("_", " "), each)
        return _report(page, len(ids), tally)

    @activity.defn(name="rehearse page")
    async def rehearse_page(self, request: BackfillRequest) -> BackfillPage:
        """Say what would become of every document of a page. Nothing is sent anywhere."""
        connection = self.place.connection(request.connection)
        page = await _page(connection, request)
        if page is None:
            return BackfillPage()
        now, store = self.place.now(), self.place.store
        rehearsal, tally = Rehearsal.of(connection, store, self.place.seal, now), Tally()
        bills = BillRehearsal.of(connection, store, self.place.seal, now)
        expenses = ExpenseRehearsal.of(connection, store, self.place.seal, now)
        for row in page.rows:
            if request.kind == "bill" and connection.bills is not None:
                await bills.bill(row.source_id, connection.bills, tally)
            elif request.kind == "expense" and connection.expenses is not None:
                await expenses.expense(row.source_id, connection.expenses, tally)
            elif request.kind == "invoice":
                await rehearsal.invoice(row.source_id, tally)
            else:
                await rehearsal.credit(row.source_id, tally)
        return _report(page, len(page.rows), tally)

    @activity.defn(name="opening balances")
    async def opening_balances(self, request: BackfillRequest) -> BackfillPage:
        """What was open at the cut-over, on both sides, per currency."""
        connection = self.place.connection(request.connection)
        cut_over = connection.policy.cut_over_date
        if cut_over is None:
            return BackfillPage()
        balances = OpeningBalances(connection, self.place.store, cut_over)
        return BackfillPage(opening=await balances.compared())

    async def _at_rest(
        self, connection: str, kind: Kind, ids: Sequence[str]
    ) -> list[DocumentOutcome]:
        """The outcomes once nothing is in flight, or when patience ends."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + _PATIENCE_SECONDS
        while True:
            found = await self.place.store.outcomes.of(connection, kind, ids)
            busy = [each for each in found if each.state is DocumentState.IN_FLIGHT]
            if (len(found) == len(ids) and not busy) or loop.time() > deadline:
                return found
            await asyncio.sleep(_PAUSE_SECONDS)


async def _page(connection: Connection, request: BackfillRequest) -> ChangedPage | None:
    """The one page behind the cursor; None when there is none, or its kind is not handled."""
    optional = {"bill": connection.bills, "expense": connection.expenses}
    if request.kind in optional and optional[request.kind] is None:
        return None
    async for page in connection.source.dated(request.kind, request.since, request.after):
        return page
    return None


def _count(tally: Tally, kind: str, each: DocumentOutcome) -> None:
    word = "linked" if each.linked else _WORDS[each.state]
    tally.add(kind, word, each.amount)
    if each.state is DocumentState.HELD and each.cause:
        tally.explain(kind, each.number, word, each.cause)


def _report(page: ChangedPage, documents: int, tally: Tally) -> BackfillPage:
    return BackfillPage(
        after=page.after,
        documents=documents,
        total=page.total,
        lines=tally.sorted_lines(),
        examples=tuple(tally.examples),
    )
