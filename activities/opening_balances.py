"""The opening balances of both sides, as they were at the cut-over.

The source tells what is open now. A payment since then of an invoice of before has lowered that at
once, and the target only when we post it; so what came since, and is not posted by us, is taken
back out. The same for credits that were used since.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

from activities.books import scope_of, source_ledger, target_ledger
from activities.context import Connection
from activities.errands import Opening
from connectors.errors import Misconfigured
from connectors.listings import LedgerPage, SumPage
from documents.cash import CreditNote, Payment
from documents.invoice import Invoice
from documents.ledger import BookKind
from documents.money import Money
from documents.posting import PostingState
from policies.facts import CASH
from store.store import Store

Sums = dict[str, Decimal]
"""Amounts by currency."""


@dataclass
class OpeningBalances:
    """What is open of documents dated before `cut_over`, credits taken off."""

    connection: Connection
    store: Store
    cut_over: date
    _counted: set[str] = field(default_factory=set)

    async def compared(self) -> tuple[Opening, ...]:
        """Both sides, per currency."""
        ours, theirs = await asyncio.gather(self._source(), self._target())
        currencies = sorted({c for side in (ours, theirs or {}) for c in side if side[c]})
        return tuple(_opening(each, ours, theirs) for each in currencies)

    @property
    def _last(self) -> date:
        return self.cut_over - timedelta(days=1)

    async def _source(self) -> Sums:
        ledger = source_ledger(self.connection)
        found: Sums = defaultdict(Decimal)
        for listing in ledger.listings:
            await _add_invoices(found, ledger.lines(listing, None, self._last))
        await _subtract(found, ledger.credit(self._last))
        await self._take_out_later_cash(found)
        return found

    async def _target(self) -> Sums | None:
        """None for a target whose books cannot be listed."""
        try:
            ledger = target_ledger(self.connection)
        except Misconfigured:
            return None
        found: Sums = defaultdict(Decimal)
        scope = scope_of(self.connection)
        for listing in ledger.listings:
            await _add_invoices(found, ledger.entries(listing, scope, None, self._last))
        async for page in ledger.unapplied(scope, self._last):
            for credit in page.credits:
                found[credit.currency] -= credit.amount
        return found

    async def _take_out_later_cash(self, found: Sums) -> None:
        since = datetime.combine(self.cut_over, time(), UTC)
        async for page in self.connection.source.changes("payment", since):
            changed = {row.source_id for row in page.rows if not row.deleted}
            for invoice_id in sorted({row.document_id for row in page.rows if row.document_id}):
                invoice = await self.connection.source.invoice(invoice_id)
                if isinstance(invoice, Invoice):
                    await self._add_later(found, invoice, changed)

    async def _add_later(self, found: Sums, invoice: Invoice, changed: set[str]) -> None:
        for payment in await self.connection.source.payments(invoice.source_id):
            is_later = payment.source_id in changed and payment.date >= self.cut_over
            # A listing that changes while it is read repeats rows.
            if not is_later or payment.source_id in self._counted:
                continue
            effect = await self._effect(invoice, payment)
            if effect and not await self._is_ours(payment):
                self._counted.add(payment.source_id)
                found[invoice.currency] += effect

    async def _effect(self, invoice: Invoice, payment: Payment) -> Decimal:
        """By how much a later payment lowered what is open of before; negative when it used up
        credit of before on an invoice of after."""
        lowered = Decimal(0)
        if invoice.document_date < self.cut_over:
            # What was paid beyond the total became credit, which is of after.
            lowered = min(payment.amount, invoice.total - invoice.owed).amount
        if payment.from_credit and await self._is_old_credit(payment):
            lowered -= payment.amount.amount
        return lowered

    async def _is_old_credit(self, payment: Payment) -> bool:
        note = await self.connection.source.credit_note(payment.credit_id or "")
        return isinstance(note, CreditNote) and note.document_date < self.cut_over

    async def _is_ours(self, payment: Payment) -> bool:
        """Whether it is in the target by us, so that both sides know of it."""
        name = self.connection.name
        rows = await self.store.postings.of_document(name, CASH, payment.source_id)
        return any(row.state is PostingState.POSTED for row in rows)


async def _add_invoices(found: Sums, pages: AsyncIterator[LedgerPage]) -> None:
    async for page in pages:
        for line in page.lines:
            if line.kind is BookKind.INVOICE and line.open_amount:
                found[line.currency] += line.open_amount


async def _subtract(found: Sums, pages: AsyncIterator[SumPage]) -> None:
    async for page in pages:
        for currency, amount in page.sums.items():
            found[currency] -= amount


def _opening(currency: str, ours: Sums, theirs: Sums | None) -> Opening:
    there = None if theirs is None else Money.of(theirs.get(currency, Decimal(0)), currency)
    source = Money.of(ours.get(currency, Decimal(0)), currency)
    return Opening(currency=currency, source=source, target=there)
