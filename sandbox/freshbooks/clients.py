"""Clients (freshbooks.md, section 5.1)."""

from __future__ import annotations

import uuid
from collections import defaultdict
from decimal import Decimal
from typing import TYPE_CHECKING, ClassVar

from sandbox.freshbooks import money, times
from sandbox.freshbooks.books import Books
from sandbox.freshbooks.fields import Fields
from sandbox.freshbooks.kind import REMOVED, Filters, Kind
from sandbox.freshbooks.query import Filter
from sandbox.storage import Row

if TYPE_CHECKING:
    from sandbox.freshbooks.credits import CreditNotes
    from sandbox.freshbooks.invoices import Invoices

_ADDRESS = ("street", "street2", "city", "province", "code", "country")
_BALANCES = {
    "outstanding_balance",
    "credit_balance",
    "draft_balance",
    "overdue_balance",
    "grand_total_balance",
}


class Clients(Kind):
    """A client is a customer of the business. E-mail addresses are not unique."""

    path, singular, plural = "users/clients", "client", "clients"
    aliases = ("id", "userid")
    event, scope, first_id = "client", "clients", 1_000_001
    writable: ClassVar[Fields] = {
        **dict.fromkeys(("email", "fname", "lname", "organization"), ""),
        **dict.fromkeys(("bus_phone", "mob_phone", "home_phone", "fax"), ""),
        "note": None,
        "language": "en",
        "currency_code": "USD",
        **dict.fromkeys(("vat_name", "vat_number", "company_industry", "company_size")),
        **{f"{kind}_{part}": "" for kind in "ps" for part in _ADDRESS},
        **dict.fromkeys(("pref_email", "allow_late_notifications", "allow_late_fees"), True),
        **dict.fromkeys(("pref_gmail", "allow_email_include_pdf"), False),
        "contacts": [],
    }
    readonly: ClassVar[Fields] = {
        "role": "client",
        "level": 0,
        "last_login": None,
        "num_logins": 0,
        "subdomain": None,
        "notified": False,
        "has_retainer": None,
        "retainer_id": None,
        "last_activity": None,
    }
    filters: ClassVar[Filters] = {
        "email": Filter("equal"),
        "username": Filter("equal"),
        "vat_number": Filter("equal"),
        "currency_code": Filter("equal"),
        "email_like": Filter("like", "email"),
        "fname_like": Filter("like", "fname"),
        "lname_like": Filter("like", "lname"),
        "note_like": Filter("like", "note"),
        "organization_like": Filter("like", "organization"),
        "user_like": Filter("like", "username"),
        "address_like": Filter("like", "p_street"),
        "phone_like": Filter("like", "bus_phone"),
        "updated_min": Filter("min", "updated"),
        "updated_max": Filter("max", "updated"),
    }
    indexed = ("email",)

    def __init__(self, books: Books) -> None:
        super().__init__(books)
        self.invoices: Invoices
        self.credits: CreditNotes

    def accept(self, account_id: str, body: Row, *, creating: bool) -> Row:
        """As for every kind; the currency must be a code."""
        accepted = super().accept(account_id, body, creating=creating)
        if accepted.get("currency_code"):
            money.currency(accepted["currency_code"], "client", "currency_code")
        return accepted

    def derive(self, row: Row, body: Row) -> Row:
        """Give a new client its generated identities and its signup date, which is in UTC."""
        if "uuid" in row:
            return row
        marks = {name: uuid.uuid4().hex for name in ("statement_token", "direct_link_token")}
        return row | {
            "uuid": str(uuid.uuid4()),
            "username": f"client{row['id']}",
            "signup_date": times.utc(self.books.now()),
            **marks,
        }

    def included(self, row: Row, includes: frozenset[str]) -> Row:
        """Balances, each a list with one amount per currency."""
        wanted = sorted(includes & _BALANCES)
        parts = {name: self._balance(row, name) for name in wanted}
        for name in ("late_reminders", "late_fee"):
            if name in includes:
                parts[name] = []
        return parts

    def _balance(self, row: Row, name: str) -> list[Row]:
        sums: dict[str, Decimal] = defaultdict(Decimal)
        if name == "credit_balance":
            for credit in self.credits.of_client(row["id"]):
                sums[credit["currency_code"]] += self.credits.left(credit)
        else:
            for invoice in self.invoices.of_client(row["id"]):
                if _counts(invoice, name):
                    sums[invoice["currency_code"]] += money.amount(invoice["outstanding"])
        return [{"amount": money.money(total, code)} for code, total in sorted(sums.items())]


def _counts(invoice: Row, name: str) -> bool:
    if invoice["vis_state"] == REMOVED:
        return False
    if name == "grand_total_balance":
        return True
    if name == "overdue_balance":
        return bool(invoice["v3_status"] == "overdue")
    return bool((invoice["v3_status"] == "draft") == (name == "draft_balance"))
