"""Expenses and clients of FreshBooks as lines of its books."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from connectors.freshbooks.client import FreshBooksClient
from connectors.freshbooks.clocks import Clock
from connectors.freshbooks.expenses import Expenses
from connectors.freshbooks.families import Resource
from connectors.freshbooks.models import Row
from connectors.ports import Unreadable
from documents.customer import Customer, Existence
from documents.expense import Expense, ExpenseStage
from documents.key import Kind
from documents.ledger import BookKind, LedgerLine, Mark, match_of


class Claims:
    """Makes lines of the rows of one listing; categories and staff are few and read once."""

    def __init__(self, client: FreshBooksClient, clock: Clock) -> None:
        self._client = client
        self._expenses = Expenses(client, clock, self._remembered)
        self._seen: dict[tuple[str, str], Row | None] = {}

    async def line(self, row: Row) -> LedgerLine | Unreadable | None:
        """The line of an expense, Unreadable as the process would see it; None when it is gone."""
        found = await self._expenses.of_row(row)
        if isinstance(found, Unreadable):
            return found
        return _line(found) if found.stage is ExpenseStage.ENTERED else None

    async def _remembered(self, resource: Resource, object_id: str) -> Row | None:
        place = (resource.path, object_id)
        if place not in self._seen:
            self._seen[place] = await self._client.read(resource, object_id)
        return self._seen[place]


def _line(expense: Expense) -> LedgerLine:
    """Whoever paid it is told from the expense, by the policy; nothing is paid back before we
    noted so."""
    match = match_of(Kind.EXPENSE, expense.source_id)
    gross = expense.gross
    return LedgerLine(
        kind=BookKind.EXPENSE,
        match=match,
        entry=match,
        number=expense.source_id,
        reference="",
        party=expense.staff.source_id,
        currency=gross.currency,
        amount=gross.amount,
        tax=None,
        open_amount=gross.amount,
        day=expense.document_date,
        posted=expense.document_date,
        expense=expense,
    )


def client_line(client: Customer) -> LedgerLine:
    """A client, which belongs to every period."""
    match = match_of(Kind.CUSTOMER, client.source_id)
    return LedgerLine(
        kind=BookKind.CUSTOMER,
        match=match,
        entry=match,
        number=client.source_id,
        reference="",
        party=client.source_id,
        currency=client.currency or "",
        amount=Decimal(0),
        tax=None,
        open_amount=None,
        day=date.min,
        posted=date.min,
        marks=Mark.BLOCKED if client.existence is Existence.ARCHIVED else Mark.NONE,
        name=client.name,
    )
