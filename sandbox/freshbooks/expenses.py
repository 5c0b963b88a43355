"""Expenses, their categories, and staff (freshbooks.md, sections 5.5 and 5.10)."""

from __future__ import annotations

from decimal import Decimal
from typing import ClassVar

from sandbox.freshbooks import money
from sandbox.freshbooks.books import Books
from sandbox.freshbooks.errors import not_found
from sandbox.freshbooks.fields import Fields
from sandbox.freshbooks.invoices import Invoices
from sandbox.freshbooks.kind import Filters, Kind
from sandbox.freshbooks.ledger import Line
from sandbox.freshbooks.query import Filter
from sandbox.settings import FreshBooksAccount
from sandbox.storage import Row

INTERNAL, OUTSTANDING, INVOICED, RECOUPED = 0, 1, 2, 4
_CATEGORIES = (
    *("Advertising", "Car & Truck Expenses", "Contractors", "Education and Training"),
    *("Employee Benefits", "Meals & Entertainment", "Office Expenses & Postage", "Other Expenses"),
    *("Personal", "Professional Services", "Rent or Lease", "Supplies", "Travel", "Utilities"),
)


_TEAM = (("Erin", "Field"), ("Noor", "Haddad"))
"""Who works in a new account beside its owner."""


class Categories(Kind):
    """Expense categories; the API only reads them."""

    path, singular, plural = "expenses/categories", "category", "categories"
    aliases = ("id", "categoryid")
    event, scope, first_id = "category", "expenses", 5_100_001
    verbs = frozenset({"get", "list"})
    stamps, birth = ("updated_at",), "created_at"
    writable: ClassVar[Fields] = {"category": "", "parentid": None, "is_cogs": False}
    readonly: ClassVar[Fields] = {"is_editable": False, "transaction_posted": False}

    def seed(self, account_id: str) -> None:
        """Give an account its standard categories, once."""
        if not any(True for _ in self.rows(account_id)):
            for name in _CATEGORIES:
                self.create(account_id, {"category": name})


class Staffs(Kind):
    """Staff; id 1 is the owner in every account."""

    path, singular, plural = "users/staffs", "staff", "staffs"
    aliases = ("id", "userid")
    scope, first_id = "teams", 5_200_001
    verbs = frozenset({"get", "list", "update", "delete"})
    writable: ClassVar[Fields] = {
        **dict.fromkeys(("fname", "lname", "email", "organization", "bus_phone", "note"), ""),
        "rate": "0",
        "language": "en",
    }
    readonly: ClassVar[Fields] = {"role": "admin", "level": 10}

    def key_of(self, account_id: str, object_id: str) -> str:
        """Staff ids are unique within their account only."""
        return f"{account_id}:{object_id}"

    def seed(self, account: FreshBooksAccount) -> None:
        """Make the owner and a small team of an account, once."""
        if self.key_of(account.account_id, "1") in self.table:
            return
        body = {"fname": "Owner", "lname": "", "email": account.email}
        blank = self._blank(account.account_id) | body | {"id": 1, "userid": 1}
        with self.books.change():
            self.save(blank)
            for first, last in _TEAM:
                email = f"{first.lower()}@team.example"
                member = {"fname": first, "lname": last, "email": email, "role": "employee"}
                self.save(self._blank(account.account_id) | member)


class Expenses(Kind):
    """An expense; whether it is to be billed on follows from its client and invoice."""

    path, singular, plural = "expenses/expenses", "expense", "expenses"
    aliases = ("id", "expenseid")
    event, scope, first_id = "expense", "expenses", 5_000_001
    versioned = True
    writable: ClassVar[Fields] = {
        "amount": None,
        "date": None,
        "categoryid": 0,
        "staffid": 1,
        "clientid": 0,
        "projectid": 0,
        "modern_projectid": None,
        "invoiceid": None,
        "vendor": "",
        "notes": "",
        "account_name": "",
        "accountid": None,
        "bank_name": "",
        "billable": False,
        "markup_percent": "0",
        "include_receipt": True,
        "has_receipt": False,
        "is_cogs": False,
        "attachment": {},
        **dict.fromkeys(("taxName1", "taxName2", "taxAmount1", "taxAmount2")),
        **dict.fromkeys(("taxPercent1", "taxPercent2")),
        "compounded_tax": False,
    }
    readonly: ClassVar[Fields] = {
        "profileid": None,
        "transactionid": None,
        "background_jobid": None,
        "from_bulk_import": False,
        "isduplicate": False,
        "bill_matches": [],
        "potential_bill_payment": False,
        "converse_projectid": None,
        "ext_accountid": 0,
        "ext_invoiceid": 0,
        "ext_systemid": 0,
    }
    needed = ("amount", "date", "categoryid", "staffid")
    moneys = frozenset({"amount", "taxAmount1", "taxAmount2"})
    dates = frozenset({"date"})
    integers = frozenset({"categoryid", "staffid", "clientid", "projectid", "invoiceid"})
    numbers = frozenset({"markup_percent", "taxPercent1", "taxPercent2"})
    hidden = frozenset({"attachment"})
    indexed = ("invoiceid",)
    filters: ClassVar[Filters] = {
        "clientid": Filter("equal"),
        "clientids": Filter("in", "clientid"),
        "clientid_not": Filter("not", "clientid"),
        "staffid": Filter("equal"),
        "staffids": Filter("in", "staffid"),
        "categoryid": Filter("equal"),
        "categoryids": Filter("in", "categoryid"),
        "projectid": Filter("equal"),
        "has_receipt": Filter("equal"),
        "vendor": Filter("equal"),
        "amount_min": Filter("min", "amount"),
        "amount_max": Filter("max", "amount"),
        "date_min": Filter("min", "date"),
        "date_max": Filter("max", "date"),
        "updated_min": Filter("min", "updated"),
        "updated_max": Filter("max", "updated"),
    }

    def __init__(self, books: Books, categories: Categories, invoices: Invoices) -> None:
        super().__init__(books)
        self.categories = categories
        self.invoices = invoices
        invoices.expenses = self

    def derive(self, row: Row, body: Row) -> Row:
        """Check the category and number the receipt."""
        category = self.categories.table.get(str(row["categoryid"]))
        if category is None or category["_account"] != row["_account"]:
            raise not_found("category", "categoryid", row["categoryid"], 422)
        if body.get("attachment"):
            object_id = self.books.next_id("expense_attachments", 5_300_001)
            ids = {"id": object_id, "attachmentid": object_id}
            row |= {"attachment": body["attachment"] | ids, "has_receipt": True}
        return row

    def present(self, row: Row) -> Row:
        """The row with its status, which follows its client and invoice."""
        return row | {"status": self._status(row)}

    def effect(self, row: Row) -> list[Line]:
        """The cost and its tax against cash."""
        code, gross = row["amount"]["code"], money.amount(row["amount"])
        tax = sum((money.amount(row[name]) for name in _taxes(row)), Decimal(0))
        return [
            Line("expense", code, gross - tax),
            Line("tax", code, tax),
            Line("cash", code, -gross),
        ]

    def bill_on(self, invoice: Row, expense_ids: set[int]) -> None:
        """Link exactly these expenses to an invoice; raises ApiError 1012 for an unknown one."""
        linked = {row["id"] for row in self.with_value("invoiceid", invoice["id"])}
        for expense_id in sorted(linked | expense_ids):
            row = self.table.get(str(expense_id))
            if row is None or row["_account"] != invoice["_account"]:
                raise not_found(self.singular, "expenseid", expense_id, 422)
            billed = invoice["id"] if expense_id in expense_ids else None
            if row["invoiceid"] != billed:
                self.announce(self.save(row | {"invoiceid": billed}), "update")

    def _status(self, row: Row) -> int:
        invoice = self.invoices.table.get(str(row["invoiceid"] or 0))
        if invoice is not None:
            return RECOUPED if invoice["payment_status"] == "paid" else INVOICED
        return OUTSTANDING if row["clientid"] else INTERNAL


def _taxes(row: Row) -> list[str]:
    code = row["amount"]["code"]
    names = ("taxAmount1", "taxAmount2")
    return [name for name in names if row[name] and row[name]["code"] == code]
