"""Names on the wire: workflow ids, types, task queues and the one signal. One function makes
each id. Ids hold connection names and source ids only, never anything personal."""

from __future__ import annotations

from documents.key import Kind

ORDER_TO_CASH = "OrderToCash"
CREDIT_NOTE = "CreditNote"
EXPENSE_REIMBURSEMENT = "ExpenseReimbursement"
VENDOR_BILL = "VendorBill"
EXPENSE_CLAIM = "ExpenseClaim"
HINT = "Hint"
SWEEP = "Sweep"
BACKFILL = "Backfill"
ALERTS = "Alerts"
TIE_OUT = "TieOut"
PUT_RIGHT = "PutRight"
BULK_RETRY = "BulkRetry"
WORKFLOW_TASK_QUEUE = "tieout"
LOOK_AGAIN = "look_again"
"""The one signal: something may have changed, look again. It has no content on purpose."""

CONNECTION_ATTRIBUTE = "TieoutConnection"
"""The search attribute that every process of a connection carries."""


_PROCESSES = {
    Kind.INVOICE: "order-to-cash",
    Kind.CREDIT_NOTE: "credit-note",
    Kind.EXPENSE: "expense-reimbursement",
    Kind.BILL: "vendor-bill",
}

_CLAIM = "expense-claim"
"""A claim is no document of the source: nobody receives it, nothing is posted for it."""

PROCESSES = tuple(_PROCESSES)
"""The kinds of documents that have a process of their own."""


def process_id(connection: str, kind: Kind, source_id: str) -> str:
    """The workflow id of a document's process: its idempotency key. KeyError for a kind that is
    followed by the process of another."""
    name = _CLAIM if kind is Kind.EXPENSE_CLAIM else _PROCESSES[kind]
    return f"{name}/{connection}/{source_id}"


def hint_id(connection: str, kind: str, object_id: str) -> str:
    """The workflow id of a hint about another object than the invoice itself."""
    return f"hint/{connection}/{kind}/{object_id}"


def sweep_id(connection: str) -> str:
    """The id of a connection's sweep: of its schedule, and the beginning of its runs' ids."""
    return f"sweep/{connection}"


def alerts_id(connection: str) -> str:
    """The id of a connection's alerts: of their schedule, and the beginning of its runs' ids."""
    return f"alerts/{connection}"


def backfill_id(connection: str) -> str:
    """The workflow id of a connection's backfill: one at a time."""
    return f"backfill/{connection}"


def bulk_retry_id(connection: str, cause: str) -> str:
    """The workflow id of a bulk retry: one at a time for a cause of a connection."""
    return f"bulk-retry/{connection}/{cause}"


def task_queue(system: str, connection: str) -> str:
    """The task queue of the steps that talk to one system of one connection."""
    return f"{system}.{connection}"


def tie_out_id(connection: str, period: str = "") -> str:
    """The workflow id of a period's tie-out; without a period that of the schedule, whose runs
    tie out every open period."""
    return f"tie-out/{connection}/{period}" if period else f"tie-out/{connection}"


def put_right_id(connection: str, match: str) -> str:
    """The workflow id of taking back what stands too often of one document: one at a time."""
    return f"put-right/{connection}/{match}"
