"""Expenses and bills in AX as a tie-out reads them: no service lists them, the custom one knows our
keys."""

from __future__ import annotations

from decimal import Decimal

from connectors.ax.custom import CustomService
from connectors.ax.postings import LEDGERED
from connectors.errors import Rejected
from connectors.listings import Scope
from documents.key import Key
from documents.ledger import LedgerLine, Mark, book_kind, document_of, match_of_key
from documents.ledger_keys import keys_of
from documents.posting import Posting, PostingState


class Claims:
    """Asks for the expenses and bills of one company by our keys."""

    def __init__(self, custom: CustomService) -> None:
        self._custom = custom

    async def entries_of(self, scope: Scope, match: str, generations: int) -> list[LedgerLine]:
        """Everything posted for one expense, bill or payment, its reversals included."""
        found = []
        for key in keys_of(scope.tag, match, generations):
            posting = await self._custom.find(key)
            if posting.state in LEDGERED:
                found.append(_line(key, posting))
        return found

    async def adopted(self, scope: Scope, match: str, number: str) -> list[LedgerLine]:
        """What a clerk posted under a voucher, and a document was said to be."""
        kind, source_id = document_of(match)
        key = Key(tag=scope.tag, kind=kind, source_id=source_id)
        try:
            posting = await self._custom.payable(key, number)
        except Rejected:
            # Several debts under one voucher: nobody can tell which, and a person has to look.
            return []
        if posting.state not in LEDGERED:
            return []
        line = _line(key, posting)
        return [line._replace(marks=line.marks | Mark.ADOPTED)]


def _line(key: Key, posting: Posting) -> LedgerLine:
    """AX tells the posting date of a cost, and not the date of its document."""
    assert posting.figures is not None, "the custom service tells amounts"
    assert posting.posting_date is not None, "the custom service tells dates"
    total, is_back = posting.figures.total, key.kind.value.endswith("_reversal")
    remaining = posting.remaining.amount if posting.remaining else Decimal(0)
    gone = Mark.REVERSED if posting.state is PostingState.REVERSED else Mark.NONE
    return LedgerLine(
        kind=book_kind(key.kind),
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
