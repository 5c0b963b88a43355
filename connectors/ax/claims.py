"""Expenses in AX as a tie-out reads them: no service lists them, the custom one knows our keys."""

from __future__ import annotations

from decimal import Decimal

from connectors.ax.custom import CustomService
from connectors.ax.postings import LEDGERED
from connectors.ports import Scope
from documents.key import Key, Kind
from documents.ledger import BookKind, LedgerLine, Mark, match_of_key
from documents.posting import Posting, PostingState

_KINDS = (Kind.EXPENSE, Kind.EXPENSE_REVERSAL)


class Claims:
    """Asks for the expenses of one company by our keys."""

    def __init__(self, custom: CustomService) -> None:
        self._custom = custom

    async def entries_of(self, scope: Scope, source_id: str, generations: int) -> list[LedgerLine]:
        """Everything posted for one expense, its reversals included."""
        found = []
        for generation in range(1, max(generations, 1) + 1):
            for kind in _KINDS:
                key = Key(tag=scope.tag, kind=kind, source_id=source_id, generation=generation)
                posting = await self._custom.find(key)
                if posting.state in LEDGERED:
                    found.append(_line(key, posting))
        return found


def _line(key: Key, posting: Posting) -> LedgerLine:
    """AX tells the posting date of a cost, and not the date of its document."""
    assert posting.figures is not None, "the custom service tells amounts"
    assert posting.posting_date is not None, "the custom service tells dates"
    total, is_back = posting.figures.total, key.kind is Kind.EXPENSE_REVERSAL
    remaining = posting.remaining.amount if posting.remaining else Decimal(0)
    gone = Mark.REVERSED if posting.state is PostingState.REVERSED else Mark.NONE
    return LedgerLine(
        kind=BookKind.EXPENSE,
        match=match_of_key(key),
        entry=key.text(),
        number=posting.number or "",
        reference="",
        party="" if posting.remaining is None else posting.party or "",
        currency=total.currency,
        amount=-total.amount if is_back else total.amount,
        tax=None,
        open_amount=remaining,
        day=None,
        posted=posting.posting_date,
        generation=key.generation,
        marks=Mark.REVERSAL if is_back else gone,
    )
