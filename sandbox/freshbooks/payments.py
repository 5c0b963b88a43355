"""Payments (freshbooks.md, section 5.4): what they settle, and the credit an overpayment makes."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, ClassVar

from sandbox.freshbooks import money
from sandbox.freshbooks.books import Books
from sandbox.freshbooks.errors import invalid, not_found
from sandbox.freshbooks.fields import Fields
from sandbox.freshbooks.invoices import Invoices
from sandbox.freshbooks.kind import REMOVED, Filters, Kind
from sandbox.freshbooks.ledger import Line
from sandbox.freshbooks.query import Filter
from sandbox.storage import Row

if TYPE_CHECKING:
    from sandbox.freshbooks.credits import CreditNotes

TYPES = (
    *("Check", "Credit", "Cash", "Bank Transfer", "Credit Card", "Debit", "PayPal", "2Checkout"),
    *("VISA", "MASTERCARD", "DISCOVER", "AMEX", "DINERS", "JCB", "ACH", "Other"),
)


class Payments(Kind):
    """A payment settles its invoice; what is beyond the outstanding amount becomes a credit.

    A payment in another currency than its invoice is accepted as it is and settles nothing. A
    negative payment is a refund: it opens again what payments of its invoice have settled. (The
    real behaviour of both is unverified.)
    """

    path, singular, plural = "payments/payments", "payment", "payments"
    aliases = ("id", "logid")
    event, scope, first_id = "payment", "payments", 3_000_001
    writable: ClassVar[Fields] = {
        "invoiceid": 0,
        "amount": None,
        "date": None,
        "type": "Other",
        "note": "",
        "orderid": None,
        "send_client_notification": None,
        "creditid": None,
        "from_credit": False,
        "bulk_paymentid": None,
    }
    readonly: ClassVar[Fields] = {
        "clientid": 0,
        "gateway": None,
        "overpaymentid": None,
        "transactionid": None,
        "_applied": "0",
    }
    create_only = frozenset({"invoiceid", "from_credit", "creditid"})
    needed = ("invoiceid", "amount", "date")
    dates = frozenset({"date"})
    integers = frozenset({"invoiceid", "creditid"})
    indexed = ("invoiceid", "creditid", "clientid")
    filters: ClassVar[Filters] = {
        "invoiceid": Filter("equal"),
        "invoiceids": Filter("in", "invoiceid"),
        "creditid": Filter("equal"),
        "clientid": Filter("equal"),
        "clientids": Filter("in", "clientid"),
        "customerid": Filter("equal", "clientid"),
        "customerids": Filter("in", "clientid"),
        "type": Filter("equal"),
        "from_credit": Filter("equal"),
        "notes": Filter("like", "note"),
        "amount_min": Filter("min", "amount"),
        "amount_max": Filter("max", "amount"),
        "date_min": Filter("min", "date"),
        "date_max": Filter("max", "date"),
        "updated_min": Filter("min", "updated"),
        "updated_max": Filter("max", "updated"),
    }

    def __init__(self, books: Books, invoices: Invoices, credit_notes: CreditNotes) -> None:
        super().__init__(books)
        self.invoices = invoices
        self.credits = credit_notes

    def accept(self, account_id: str, body: Row, *, creating: bool) -> Row:
        """As for every kind; a bare amount is in the currency of the invoice."""
        accepted = super().accept(account_id, body, creating=creating)
        if "type" in accepted and accepted["type"] not in TYPES:
            raise invalid(self.singular, "type", accepted["type"])
        return accepted

    def clean(self, name: str, value: object) -> object:
        """As for every kind, but for the amount."""
        # The amount needs the currency of the invoice, which `derive` knows.
        return None if name == "amount" else super().clean(name, value)

    def derive(self, row: Row, body: Row) -> Row:
        """Split the amount into what settles the invoice and what becomes a credit."""
        invoice = self._invoice(row)
        code = invoice["currency_code"]
        row = row | {"clientid": invoice["customerid"]}
        if "amount" in body:
            value, given = money.parsed_money(body["amount"], code, self.singular, "amount")
            if value == 0:
                raise invalid(self.singular, "amount", value)
            row["amount"] = money.money(value, given)
        row = self._from_credit(row)
        return self._overpaid(row | {"_applied": str(self._applied(row, invoice))})

    def effect(self, row: Row) -> list[Line]:
        """Cash (or the client's credit) against the receivable and, beyond it, a new credit."""
        code, value = row["amount"]["code"], money.amount(row["amount"])
        applied = Decimal(row["_applied"])
        return [
            Line("credit" if row["creditid"] else "cash", code, value),
            Line("receivable", code, -applied),
            Line("credit", code, applied - value),
        ]

    def committed(self, former: Row | None, row: Row) -> None:
        """Bring the invoice and the credit up to date."""
        settling = [item for item in self.of_invoice(row["invoiceid"]) if _settles(item)]
        paid = sum((Decimal(item["_applied"]) for item in settling), Decimal(0))
        latest = max((item["date"] for item in settling), default=None)
        self.invoices.settle(row["invoiceid"], paid, latest)
        if row["creditid"]:
            used = sum((money.amount(item["amount"]) for item in self._uses(row)), Decimal(0))
            self.credits.use(row["creditid"], used)

    def of_invoice(self, invoice_id: int) -> list[Row]:
        """The payments of an invoice, deleted ones too."""
        return self.with_value("invoiceid", invoice_id)

    def included(self, row: Row, includes: frozenset[str]) -> Row:
        """The invoice, the client and the credit note of a payment."""
        parts: Row = {}
        if "invoice" in includes:
            invoice = self.invoices.table[str(row["invoiceid"])]
            parts["invoice"] = self.invoices.view(invoice, frozenset())
        if "client" in includes:
            client = self.invoices.clients.table[str(row["clientid"])]
            parts["client"] = self.invoices.clients.view(client, frozenset())
        if "credit_note" in includes and row["creditid"]:
            credit = self.credits.table[str(row["creditid"])]
            parts["credit_note"] = self.credits.view(credit, frozenset())
        return parts

    def _invoice(self, row: Row) -> Row:
        invoice = self.invoices.table.get(str(row["invoiceid"]))
        if invoice is None or invoice["_account"] != row["_account"]:
            raise not_found("invoice", "invoiceid", row["invoiceid"], 422)
        if invoice["vis_state"] == REMOVED and row["vis_state"] != REMOVED:
            raise not_found("invoice", "invoiceid", row["invoiceid"], 422)
        return invoice

    def _from_credit(self, row: Row) -> Row:
        """Find the credit that pays: the one that is named, or the first that is enough."""
        asked = row["creditid"] or row["from_credit"]
        if money.amount(row["amount"]) < 0:
            return row
        if row["vis_state"] == REMOVED or not (asked or row["type"] == "Credit"):
            return row
        others = [item for item in self._uses(row) if item["id"] != row["id"]]
        used = sum((money.amount(item["amount"]) for item in others), Decimal(0))
        credit = self.credits.source(row, used)
        if credit is None and asked:
            raise invalid(self.singular, "creditid", row["creditid"], "Not enough credit.")
        if credit is None:
            return row
        return row | {"creditid": credit["id"], "from_credit": True, "type": "Credit"}

    def _uses(self, row: Row) -> list[Row]:
        if not row["creditid"]:
            return []
        used = self.with_value("creditid", row["creditid"])
        return [item for item in used if item["vis_state"] != REMOVED]

    def _applied(self, row: Row, invoice: Row) -> Decimal:
        if row["amount"]["code"] != invoice["currency_code"]:
            return Decimal(0)
        others = [item for item in self.of_invoice(invoice["id"]) if item["id"] != row["id"]]
        settled = sum((Decimal(o["_applied"]) for o in others if _settles(o)), Decimal(0))
        if settled < 0:
            raise invalid(self.singular, "vis_state", REMOVED, "This payment was refunded.")
        if row["vis_state"] == REMOVED:
            return Decimal(0)
        value = money.amount(row["amount"])
        if value < 0:
            cash = (Decimal(o["_applied"]) for o in others if _settles(o) and not o["creditid"])
            if -value > sum(cash, Decimal(0)):
                raise invalid(self.singular, "amount", value, "More than was paid.")
            return value
        open_amount = max(money.amount(invoice["amount"]) - settled, Decimal(0))
        return min(value, open_amount)

    def _overpaid(self, row: Row) -> Row:
        """Make, resize or remove the credit of an overpayment."""
        over = money.amount(row["amount"]) - Decimal(row["_applied"])
        if row["vis_state"] == REMOVED:
            over = Decimal(0)
        if row["creditid"]:
            if over > 0:
                raise invalid(self.singular, "amount", over, "More than the outstanding amount.")
            return row
        if row["overpaymentid"]:
            self.credits.resize(row["overpaymentid"], over)
            return row if over else row | {"overpaymentid": None}
        if over > 0:
            return row | {"overpaymentid": self.credits.of_overpayment(row, over)["id"]}
        return row


def _settles(row: Row) -> bool:
    return bool(row["vis_state"] != REMOVED and Decimal(row["_applied"]) != 0)
