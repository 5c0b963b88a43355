"""Credit notes (freshbooks.md, section 5.8): goodwill, prepayments, and what overpayments leave."""

from __future__ import annotations

from decimal import Decimal
from typing import ClassVar

from sandbox.freshbooks import money, times, totals
from sandbox.freshbooks.books import Books
from sandbox.freshbooks.clients import Clients
from sandbox.freshbooks.errors import invalid, not_found
from sandbox.freshbooks.fields import Fields
from sandbox.freshbooks.kind import REMOVED, Filters, Kind
from sandbox.freshbooks.ledger import Line
from sandbox.freshbooks.query import Filter
from sandbox.storage import Row

GOODWILL, OVERPAYMENT, PREPAYMENT = "goodwill", "overpayment", "prepayment"


class CreditNotes(Kind):
    """A credit of a client, from which later invoices can be paid; `paid` is what was used."""

    path, singular, plural = "credit_notes/credit_notes", "credit_note", "credit_notes"
    aliases = ("id", "creditid")
    event, scope, first_id = "credit_note", "credit_notes", 4_000_001
    birth = "created_at"
    writable: ClassVar[Fields] = {
        "clientid": 0,
        "credit_number": "",
        "credit_type": GOODWILL,
        "create_date": None,
        "currency_code": None,
        "language": "en",
        "amount": None,
        "notes": "",
        "terms": "",
        **dict.fromkeys(("organization", "fname", "lname", "street", "street2"), ""),
        **dict.fromkeys(("city", "province", "code", "country", "vat_name", "vat_number"), ""),
        "template": "clean-grouped",
        "ext_archive": 0,
        "show_attachments": False,
    }
    readonly: ClassVar[Fields] = {"lines": [], "_used": "0", "_tax": "0"}
    create_only = frozenset({"clientid", "credit_type"})
    needed = ("clientid", "create_date")
    dates = frozenset({"create_date"})
    integers = frozenset({"clientid", "ext_archive"})
    hidden = frozenset({"lines"})
    indexed = ("clientid",)
    filters: ClassVar[Filters] = {
        "clientid": Filter("equal"),
        "clientids": Filter("in", "clientid"),
        "credit_number": Filter("equal"),
        "credit_type": Filter("equal"),
        "payment_status": Filter("equal"),
        "date_min": Filter("min", "create_date"),
        "date_max": Filter("max", "create_date"),
        "updated_min": Filter("min", "updated"),
        "updated_max": Filter("max", "updated"),
    }

    def __init__(self, books: Books, clients: Clients) -> None:
        super().__init__(books)
        self.clients = clients
        clients.credits = self

    def of_client(self, client_id: int) -> list[Row]:
        """The credits of a client that were not deleted."""
        rows = self.with_value("clientid", client_id)
        return [row for row in rows if row["vis_state"] != REMOVED]

    def left(self, row: Row) -> Decimal:
        """What can still be used of a credit."""
        return money.amount(row["amount"]) - Decimal(row["_used"])

    def source(self, payment: Row, used_by_others: Decimal) -> Row | None:
        """The credit that can carry a payment: the one it names, or else the oldest enough."""
        code, value = payment["amount"]["code"], money.amount(payment["amount"])
        for row in self.of_client(payment["clientid"]):
            if row["currency_code"] != code:
                continue
            named = payment["creditid"] == row["id"]
            left = money.amount(row["amount"]) - used_by_others if named else self.left(row)
            if left >= value and (named or not payment["creditid"]):
                return row
        return None

    def use(self, credit_id: int, used: Decimal) -> None:
        """Note how much of a credit is used in total."""
        row = self.table[str(credit_id)]
        self.announce(self.save(_stated(row | {"_used": str(used)})), "update")

    def of_overpayment(self, payment: Row, over: Decimal) -> Row:
        """The credit that an overpayment leaves; its cash is in the payment's own posting."""
        body = {
            "clientid": payment["clientid"],
            "create_date": payment["date"],
            "credit_type": OVERPAYMENT,
            "currency_code": payment["amount"]["code"],
            "amount": {"amount": str(over), "code": payment["amount"]["code"]},
        }
        return self.create(payment["_account"], body)

    def resize(self, credit_id: int, over: Decimal) -> None:
        """Follow a change of the payment; refused when more than that was used already."""
        row = self.table[str(credit_id)]
        if Decimal(row["_used"]) > over:
            raise invalid("payment", "amount", over, "The credit of this payment was used.")
        if over:
            amount = money.money(over, row["currency_code"])
            self.announce(self.save(_stated(row | {"amount": amount})), "update")
        elif row["vis_state"] != REMOVED:
            self.announce(self.save(row | {"vis_state": REMOVED}), "delete")

    def accept(self, account_id: str, body: Row, *, creating: bool) -> Row:
        """As for every kind, with the client checked."""
        accepted = super().accept(account_id, body, creating=creating)
        if accepted.get("credit_type") not in (None, GOODWILL, OVERPAYMENT, PREPAYMENT):
            raise invalid(self.singular, "credit_type", accepted["credit_type"])
        if not creating:
            return accepted
        client = self.clients.table.get(str(accepted["clientid"]))
        if client is None or client["_account"] != account_id or client["vis_state"] == REMOVED:
            raise not_found("client", "clientid", accepted["clientid"], 422)
        return {"currency_code": client["currency_code"]} | accepted

    def clean(self, name: str, value: object) -> object:
        """As for every kind, but for the amount."""
        # The amount needs the currency of the credit, which `derive` knows.
        return None if name == "amount" else super().clean(name, value)

    def derive(self, row: Row, body: Row) -> Row:
        """Number a new credit and add up its lines, or take its plain amount."""
        code = row["currency_code"] = money.currency(
            row["currency_code"], self.singular, "currency_code"
        )
        if not row["credit_number"]:
            number = self.books.storage.counter(f"credit number/{row['_account']}")
            row["credit_number"] = f"CN{number:07d}"
        if body.get("lines"):
            stamp = times.eastern(self.books.now())
            made = totals.lines(body["lines"], row["lines"], code, self.singular, stamp)
            sums = totals.total(made, Decimal(0), code)
            row |= {"lines": made, "_tax": str(sums.tax), "amount": money.money(sums.gross, code)}
        elif body.get("amount"):
            row["amount"] = money.money(self._amount(body, code), code)
        row["amount"] = row["amount"] or money.money(Decimal(0), code)
        return _stated(row)

    def effect(self, row: Row) -> list[Line]:
        """Goodwill takes back revenue and tax, a prepayment brings cash."""
        code, gross, tax = row["currency_code"], money.amount(row["amount"]), Decimal(row["_tax"])
        if row["credit_type"] == OVERPAYMENT:
            return []
        if row["credit_type"] == PREPAYMENT:
            return [Line("cash", code, gross), Line("credit", code, -gross)]
        return [
            Line("revenue", code, gross - tax),
            Line("tax", code, tax),
            Line("credit", code, -gross),
        ]

    def _amount(self, body: Row, code: str) -> Decimal:
        value, given = money.parsed_money(body["amount"], code, self.singular, "amount")
        if given != code or value < 0:
            raise invalid(self.singular, "amount", value)
        return value


def _stated(row: Row) -> Row:
    code, total, used = row["currency_code"], money.amount(row["amount"]), Decimal(row["_used"])
    words = "unpaid" if used == 0 else "paid" if used >= total else "partial"
    return row | {
        "paid": money.money(used, code),
        "status": words,
        "display_status": words,
        "payment_status": words,
    }
