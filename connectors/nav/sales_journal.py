"""Sales through the general journal: the customer's line with the lines of revenue and tax."""

from __future__ import annotations

from connectors.nav.company import Company
from connectors.nav.cost_journal import JOURNAL, CostJournal
from connectors.nav.ledger import Ledger, duplicate
from connectors.nav.odata import Entity
from connectors.nav.values import option
from documents.key import Key
from documents.money import Money
from documents.posting import Posting, PostingState
from documents.record import Figures


class SalesJournal(CostJournal):
    """Made and posted as every journal of several lines is. What it becomes is an entry of the
    customer, so that payments find it and its open amount there."""

    def __init__(self, company: Company, ledger: Ledger) -> None:
        super().__init__(company)
        self._ledger = ledger

    async def lookup(self, key: Key) -> Posting:
        """Our lines in the batch, else the customer's entry; both at once are held."""
        lines, posted = await self._lines(key), await self._in_ledger(key)
        if lines and posted.state is not PostingState.ABSENT:
            # They may have been posted between the two reads.
            lines = await self._lines(key)
        if lines and posted.state is not PostingState.ABSENT:
            raise duplicate(f"look up {JOURNAL}", key, (posted.number or "?", "a draft"))
        return await self._draft(key, lines) if lines else posted

    async def _draft(self, key: Key, lines: list[Entity]) -> Posting:
        """The customer's amount is the figure: NAV computes no tax of it."""
        partys = [line for line in lines if option(line["Account_Type"]) == "Customer"]
        currency = await self._company.iso_currency(lines[0].text("Currency_Code"))
        amounts = (Money.of(abs(line.number("Amount")), currency) for line in partys)
        total = Money.total(amounts, currency)
        draft = await super()._draft(key, lines)
        return draft.model_copy(
            update={
                "party": partys[0].text("Account_No") if partys else "",
                "figures": Figures(net=total, tax=Money.zero(currency), total=total),
            }
        )

    async def _in_ledger(self, key: Key) -> Posting:
        return await self._ledger.lookup(key)
