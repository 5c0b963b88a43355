"""What is committed, as the control interface shows it."""

from __future__ import annotations

import re
from typing import Any

from sandbox.freshbooks.clients import Clients
from sandbox.freshbooks.credits import CreditNotes
from sandbox.freshbooks.expenses import INTERNAL, INVOICED, OUTSTANDING, RECOUPED, Expenses
from sandbox.freshbooks.invoices import Invoices
from sandbox.freshbooks.kind import ARCHIVED, REMOVED
from sandbox.freshbooks.payments import Payments
from sandbox.storage import Row
from sandbox.system import JournalRow, Kind

_TAG = re.compile(r"\[[^\]]+\]")
_EXPENSE_STATES = {
    INTERNAL: "internal",
    OUTSTANDING: "outstanding",
    INVOICED: "invoiced",
    RECOUPED: "recouped",
}


def journal(
    clients: Clients,
    invoices: Invoices,
    credit_notes: CreditNotes,
    payments: Payments,
    expenses: Expenses,
) -> list[JournalRow]:
    """One row per document of every account, deleted ones too.

    `key` is our reference where we are free to write one: the tag in a client's note, an invoice's
    `po_number`, a payment's and an expense's note.
    """
    return [
        *(_client(row) for row in clients.table.values()),
        *(_invoice(invoices.present(row)) for row in invoices.table.values()),
        *(_credit(row) for row in credit_notes.table.values()),
        *(_payment(row) for row in payments.table.values()),
        *(_expense(expenses.present(row)) for row in expenses.table.values()),
    ]


def _row(kind: Kind, row: Row, state: str, party: object, **fields: Any) -> JournalRow:
    state = {REMOVED: "deleted", ARCHIVED: "archived"}.get(row["vis_state"], state)
    return JournalRow(
        kind=kind,
        state=state,
        party=str(party),
        document=str(row["id"]),
        at=row["_at"],
        currency=fields["amount"]["code"],
        amount=fields["amount"]["amount"],
        key=fields["key"] or "",
        number=fields["number"],
        extra={"account": row["_account"], **fields.get("extra", {})},
    )


def _client(row: Row) -> JournalRow:
    tag = _TAG.search(row["note"] or "")
    nothing = {"amount": "0.00", "code": row["currency_code"]}
    key = tag[0] if tag else ""
    number = str(row["id"])
    return _row("customer", row, "active", row["id"], key=key, number=number, amount=nothing)


def _invoice(row: Row) -> JournalRow:
    return _row(
        "invoice",
        row,
        row["v3_status"],
        row["customerid"],
        key=row["po_number"],
        number=row["invoice_number"],
        amount=row["amount"],
        extra={"outstanding": row["outstanding"]["amount"]},
    )


def _credit(row: Row) -> JournalRow:
    return _row(
        "credit_memo",
        row,
        row["payment_status"],
        row["clientid"],
        key="",
        number=row["credit_number"],
        amount=row["amount"],
    )


def _payment(row: Row) -> JournalRow:
    return _row(
        "payment",
        row,
        "posted",
        row["clientid"],
        key=row["note"],
        number=str(row["id"]),
        amount=row["amount"],
        extra={"invoice": str(row["invoiceid"])},
    )


def _expense(row: Row) -> JournalRow:
    state = _EXPENSE_STATES[row["status"]]
    key, number, amount = row["notes"], str(row["id"]), row["amount"]
    return _row("expense", row, state, row["clientid"], key=key, number=number, amount=amount)
