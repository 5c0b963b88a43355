"""Invoices (freshbooks.md, sections 5.2 and 5.3)."""

from __future__ import annotations

import uuid
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, ClassVar

from sandbox.freshbooks import money, times, totals
from sandbox.freshbooks.books import Books
from sandbox.freshbooks.clients import Clients
from sandbox.freshbooks.errors import invalid, not_found
from sandbox.freshbooks.fields import Fields
from sandbox.freshbooks.invoice_states import (
    DRAFT,
    SENT,
    deposit_status,
    first_status,
    states,
    wants_deposit,
)
from sandbox.freshbooks.kind import REMOVED, Filters, Kind
from sandbox.freshbooks.ledger import Line
from sandbox.freshbooks.query import Filter
from sandbox.storage import Row

if TYPE_CHECKING:
    from sandbox.freshbooks.expenses import Expenses

_SNAPSHOT = {
    **{name: name for name in ("organization", "fname", "lname", "vat_name", "vat_number")},
    "street": "p_street",
    "street2": "p_street2",
    "city": "p_city",
    "province": "p_province",
    "code": "p_code",
    "country": "p_country",
}


class Invoices(Kind):
    """An invoice is born a draft, and is in the books from the moment it is sent."""

    path, singular, plural = "invoices/invoices", "invoice", "invoices"
    aliases = ("id", "invoiceid")
    event, scope, first_id = "invoice", "invoices", 2_000_001
    http_delete, versioned, birth = True, True, "created_at"
    writable: ClassVar[Fields] = {
        "customerid": 0,
        "invoice_number": "",
        "po_number": None,
        "create_date": None,
        "generation_date": None,
        "fulfillment_date": None,
        "due_offset_days": 0,
        "discount_value": "0",
        "discount_description": None,
        "deposit_amount": None,
        "deposit_percentage": None,
        "currency_code": None,
        "language": "en",
        "notes": "",
        "terms": None,
        **dict.fromkeys(_SNAPSHOT, ""),
        "parent": 0,
        "ownerid": 1,
        "sentid": 1,
        "estimateid": 0,
        "auto_bill": False,
        "show_attachments": False,
        "template": "clean-grouped",
        "return_uri": None,
        "payment_details": "",
        "ext_archive": 0,
        "gmail": False,
        "basecampid": 0,
        "presentation": {},
        "use_default_presentation": True,
        "attachments": [],
        "allowed_gatewayids": [],
    }
    readonly: ClassVar[Fields] = {
        "autobill_status": None,
        "last_order_status": None,
        "dispute_status": None,
        "date_paid": None,
        "lines": [],
        "v3_status": "draft",
        "status": DRAFT,
        "_paid": "0",
    }
    create_only = frozenset({"ownerid", "sentid", "estimateid", "auto_bill"})
    needed = ("customerid", "create_date")
    moneys = frozenset({"deposit_amount"})
    dates = frozenset({"create_date", "generation_date", "fulfillment_date"})
    integers = frozenset({"customerid", "due_offset_days", "parent", "estimateid", "ext_archive"})
    numbers = frozenset({"deposit_percentage"})
    actions = frozenset({"action_mark_as_sent", "action_email"})
    hidden = frozenset({"lines", "presentation", "attachments", "allowed_gatewayids"})
    indexed = ("customerid", "invoice_number")
    filters: ClassVar[Filters] = {
        "customerid": Filter("equal"),
        "customerids": Filter("in", "customerid"),
        "clientid": Filter("equal", "customerid"),
        "invoice_number": Filter("equal"),
        "invoice_number_like": Filter("like", "invoice_number"),
        "v3_status": Filter("equal"),
        "v3_statuses": Filter("in", "v3_status"),
        "payment_status": Filter("equal"),
        "status": Filter("equal"),
        "statusid": Filter("equal", "status"),
        "statusids": Filter("in", "status"),
        "currency_code": Filter("equal"),
        "date_min": Filter("min", "create_date"),
        "date_max": Filter("max", "create_date"),
        "updated_min": Filter("min", "updated"),
        "updated_max": Filter("max", "updated"),
    }

    def __init__(self, books: Books, clients: Clients) -> None:
        super().__init__(books)
        self.clients = clients
        self.expenses: Expenses

    def of_client(self, client_id: int) -> list[Row]:
        """The invoices of a client as they are now, deleted ones too."""
        return [self.present(row) for row in self.with_value("customerid", client_id)]

    def accept(self, account_id: str, body: Row, *, creating: bool) -> Row:
        """As for every kind, with the client and the currency checked and the snapshot taken."""
        accepted = super().accept(account_id, body, creating=creating)
        if accepted.get("currency_code"):
            money.currency(accepted["currency_code"], self.singular, "currency_code")
        if "discount_value" in accepted:
            given = accepted["discount_value"] or 0
            accepted["discount_value"] = money.plain(
                totals.percent(given, self.singular, "discount_value")
            )
        if "customerid" in accepted:
            client = self._client(account_id, accepted["customerid"])
            return self._snapshot(client) | accepted if creating else accepted
        return accepted

    def derive(self, row: Row, body: Row) -> Row:
        """Compute lines, sums, dates and states of a new or changed invoice."""
        code = row["currency_code"] = row["currency_code"] or "USD"
        if "uuid" not in row:
            row = self._newborn(row, body)
        elif body.get("invoice_number"):
            self._check_number(row)
        if "lines" in body:
            stamp = times.eastern(self.books.now())
            made = totals.lines(body["lines"] or [], row["lines"], code, self.singular, stamp)
            row = row | {"lines": made}
        return self.settled(self._added_up(row))

    def settled(self, row: Row) -> Row:
        """The row with what depends on the payments."""
        code = row["currency_code"]
        gross, paid = money.amount(row["amount"]), Decimal(row["_paid"])
        words = states(row, gross, paid)
        if "amount" in row and row["deposit_status"] in ("paid", "unpaid", "partial"):
            words["deposit_status"] = deposit_status(row, gross, paid)
        return row | {
            "paid": money.money(paid, code),
            "outstanding": money.money(gross - paid, code),
            "net_paid_amount": money.money(paid, code),
            **words,
        }

    def settle(self, invoice_id: int, paid: Decimal, date_paid: str | None) -> None:
        """Take over what is paid in total; an unsent invoice that is paid counts as sent."""
        row = self.table[str(invoice_id)]
        if paid and row["status"] == DRAFT:
            row = row | {"status": SENT}
        changed = self.settled(row | {"_paid": str(paid), "date_paid": date_paid})
        if changed["payment_status"] != "paid":
            changed["date_paid"] = None
        self.announce(self.save(changed), "update")

    def act(self, row: Row, body: Row) -> Row:
        """Mark as sent, by hand or by e-mail."""
        if body.get("action_email"):
            self.announce(row, "sendByEmail")
        if row["status"] != DRAFT:
            return row
        return self.settled(row | {"status": SENT})

    def effect(self, row: Row) -> list[Line]:
        """A sent invoice: receivable against revenue and tax."""
        if row["status"] == DRAFT:
            return []
        code, gross, tax = row["currency_code"], money.amount(row["amount"]), Decimal(row["_tax"])
        return [
            Line("receivable", code, gross),
            Line("revenue", code, tax - gross),
            Line("tax", code, -tax),
        ]

    def committed(self, former: Row | None, row: Row) -> None:
        """Tell the expenses that the lines bill on."""
        billed = {line["expenseid"] for line in row["lines"] if line["type"] == totals.EXPENSE}
        self.expenses.bill_on(row, billed if row["vis_state"] != REMOVED else set())

    def present(self, row: Row) -> Row:
        """The row with `overdue`, which follows the calendar, and the client's present name."""
        client = self.clients.table.get(str(row["customerid"]))
        shown = row | {"current_organization": client["organization"] if client else ""}
        late = times.today(self.books.now()).isoformat() > row["due_date"]
        if late and row["v3_status"] in ("sent", "viewed", "partial"):
            shown["v3_status"] = "overdue"
        return shown

    def included(self, row: Row, includes: frozenset[str]) -> Row:
        """Gateways; the stand-in has none."""
        return {"allowed_gateways": []} if "allowed_gateways" in includes else {}

    def share_link(self, row: Row, method: str) -> Row:
        """The link with which the client opens the invoice."""
        return {
            "resourceid": row["id"],
            "clientid": row["customerid"],
            "resource_type": "invoice",
            "share_link": f"https://my.freshbooks.com/#/link/{row['uuid']}",
            "share_method": method,
        }

    def _client(self, account_id: str, client_id: int) -> Row:
        row = self.clients.table.get(str(client_id))
        if row is None or row["_account"] != account_id or row["vis_state"] == REMOVED:
            raise not_found("client", "customerid", client_id, 422)
        return row

    def _snapshot(self, client: Row) -> Row:
        copied: dict[str, Any] = {name: client[field] for name, field in _SNAPSHOT.items()}
        return copied | {"currency_code": client["currency_code"], "language": client["language"]}

    def _newborn(self, row: Row, body: Row) -> Row:
        status = first_status(body)
        number = row["invoice_number"] or self._next_number(row["_account"])
        made = row | {
            "uuid": str(uuid.uuid4()),
            "accountid": row["_account"],
            "invoice_number": number,
            "status": status,
            "deposit_status": "none",
        }
        self._check_number(made)
        if body.get("action_mark_as_sent") or body.get("action_email"):
            made["status"] = SENT
        return made

    def _next_number(self, account_id: str) -> str:
        while True:
            number = f"{self.books.storage.counter(f'invoice number/{account_id}'):07d}"
            taken = self.with_value("invoice_number", number)
            if not any(row["_account"] == account_id for row in taken):
                return number

    def _check_number(self, row: Row) -> None:
        if not self.books.settings.unique_invoice_numbers:
            return
        for other in self.with_value("invoice_number", row["invoice_number"]):
            same_account = other["_account"] == row["_account"]
            if same_account and other["id"] != row["id"] and other["vis_state"] != REMOVED:
                number, why = row["invoice_number"], "Invoice number is already in use."
                raise invalid(self.singular, "invoice_number", number, why)

    def _due(self, row: Row) -> date:
        offset = row["due_offset_days"] or 0
        try:
            return date.fromisoformat(row["create_date"]) + timedelta(days=offset)
        except OverflowError:
            raise invalid(self.singular, "due_offset_days", offset) from None

    def _added_up(self, row: Row) -> Row:
        code = row["currency_code"]
        wrong = [line for line in row["lines"] if line["amount"]["code"] != code]
        if wrong:
            raise invalid(self.singular, "currency_code", code, "The lines have another currency.")
        sums = totals.total(row["lines"], Decimal(row["discount_value"]), code)
        due = self._due(row)
        return row | {
            "amount": money.money(sums.gross, code),
            "discount_total": money.money(-sums.discount, code),
            "description": row["lines"][0]["description"] if row["lines"] else "",
            "due_date": due.isoformat(),
            "_tax": str(sums.tax),
            "deposit_status": wants_deposit(row),
        }
