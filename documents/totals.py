"""Control totals: how many documents each side has, and what they add up to."""

from __future__ import annotations

from decimal import Decimal

from pydantic import BaseModel, ConfigDict

from documents.ledger import BookKind


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True)


class Tally(_Frozen):
    """Documents of one side: how many, and their exact sum."""

    count: int = 0
    amount: Decimal = Decimal(0)


class ControlTotal(_Frozen):
    """One line of the control totals, in one currency. `reversed` are target postings that were
    taken back, shown beside and never netted away; `outside` is posted in the target and not
    ours (reconciling items)."""

    kind: BookKind
    currency: str
    source: Tally = Tally()
    target: Tally = Tally()
    reversed: Tally = Tally()
    outside: Tally = Tally()

    @property
    def ties(self) -> bool:
        return self.source == self.target


class AccountTotal(_Frozen):
    """One line of the control totals by account, which foot to those by kind and currency.
    `account` is where the target has the postings; empty: it does not say, or has none."""

    kind: BookKind
    currency: str
    account: str
    source: Tally = Tally()
    target: Tally = Tally()
