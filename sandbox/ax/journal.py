"""The books as the control port shows them: one row per document in its present state."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from sandbox.ax import chart
from sandbox.ax.company import Company
from sandbox.ax.view import DocumentView, Views
from sandbox.system import JournalRow, Kind


def journal_rows(company: Company) -> Iterator[JournalRow]:
    """Customers, what waits to be posted, and every posted transaction of a company.

    `key` is OurAccountNum, PurchOrderFormNum or PaymReference, `document` OurAccountNum,
    CustomerRef or DocumentNum.
    """
    for view in Views(company).everything():
        yield _row(company.area, view)


def _row(area: str, view: DocumentView) -> JournalRow:
    customer = view.kind == "Customer"
    return JournalRow(
        kind=_kind(view),
        key=view.key,
        number=view.invoice_id or view.voucher or view.number,
        state=view.state.lower(),
        currency=view.currency,
        amount=_shown(view.amount, view.currency),
        party=view.account,
        document=view.reference,
        at=f"{view.day}T00:00:00+00:00",
        extra={
            "company": area.upper(),
            "remaining": _shown(Decimal(0) if customer else view.remaining, view.currency),
            "applies_to": list(view.applies_to),
            "voucher": view.voucher,
            "reason": view.reason,
            "sales_type": view.sales_type,
        },
    )


def _kind(view: DocumentView) -> Kind:
    if view.kind == "Customer":
        return "customer"
    if view.kind == "Payment":
        return "payment"
    if view.kind == "Expense":
        return "expense"
    if view.kind == "SalesOrder" and view.state != "Posted":
        return "order"
    return "credit_memo" if view.amount < 0 else "invoice"


def _shown(value: Decimal, currency: str) -> str:
    return str(abs(value).quantize(Decimal(chart.CURRENCIES[currency].precision)))
