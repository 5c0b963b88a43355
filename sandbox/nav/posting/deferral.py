"""Deferred income: posted to a balance sheet account, released in equal parts month by month."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

from sandbox.nav.money import precision_of, spread
from sandbox.nav.posting.register import Document, Register
from sandbox.nav.terms import add_months


def defer(
    register: Register, document: Document, template: str, account: str, local: Decimal
) -> None:
    """Move `local` from an account to the deferral account and schedule its way back.

    The first part is released on the posting date, each further one a month later.
    """
    company = register.company
    row = company["Deferral Template"].require(template)
    holding = row["Deferral_Account"]
    _move(register, document, account, holding, local)
    count = max(1, row["No_of_Periods"])
    parts = spread(local, [Decimal(1)] * count, precision_of(company, ""))
    start = date.fromisoformat(document.posting_date)
    for month, part in enumerate(parts):
        later = replace(document, posting_date=add_months(start, month).isoformat())
        _move(register, later, holding, account, part)


def _move(register: Register, document: Document, source: str, into: str, local: Decimal) -> None:
    marks = {"System_Created_Entry": True}
    register.ledger(document, source, -local, **marks)
    register.ledger(document, into, local, **marks)
