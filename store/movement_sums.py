"""What moved the balance of every customer, added up from the staged lines by the database."""

from __future__ import annotations

from typing import Any

from sqlalchemy import and_, case, func, select

from documents.ledger import BookKind, Mark, Side
from store.tieout_tables import tieout_lines

_c = tieout_lines.c
_SIDES = {Side.SOURCE: "s", Side.TARGET: "t"}
_OPENING = int(Mark.OPENING)

NO_MOVEMENTS = [
    kind.value
    for kind in (
        BookKind.CREDIT_BALANCE,
        BookKind.EXPENSE,
        BookKind.BILL,
        BookKind.BILL_PAYMENT,
        BookKind.CUSTOMER,
    )
]
"""What moves no customer's balance."""


def movement_sums(run: int) -> Any:
    """Movements by customer and currency, in natural amounts: credits and receipts are positive.
    What the target has beside, or was written off, is an adjustment; what is owed to persons is
    no customer's."""
    is_opening = _c.marks.op("&")(_OPENING) != 0
    written_off = _c.marks.op("&")(int(Mark.WRITTEN_OFF)) != 0
    debit = _c.kind.in_([BookKind.INVOICE.value, BookKind.OTHER.value])
    columns = []
    for side in Side:
        here = _c.side == _SIDES[side]
        signed = case((debit, _c.amount), else_=-_c.amount)
        columns.append(_sum(and_(here, is_opening), signed, f"{side.value}_opening"))
        kind_of = case((written_off, BookKind.OTHER.value), else_=_c.kind)
        for kind, name in _MOVEMENTS.items():
            clause = and_(here, ~is_opening, kind_of == kind.value)
            columns.append(_sum(clause, _c.amount, f"{side.value}_{name}"))
    where = and_(
        _c.run == run,
        _c.kind.not_in(NO_MOVEMENTS),
        _c.marks.op("&")(int(Mark.UNPOSTED | Mark.OUTSIDE)) == 0,
    )
    return select(_c.party, _c.currency, *columns).where(where).group_by(_c.party, _c.currency)


_MOVEMENTS = {
    BookKind.INVOICE: "invoices",
    BookKind.CREDIT_MEMO: "credits",
    BookKind.PAYMENT: "receipts",
    BookKind.OTHER: "adjustments",
}


def _sum(clause: Any, value: Any, name: str) -> Any:
    return func.coalesce(func.sum(case((clause, value), else_=0)), 0).label(name)
