"""The URL families of FreshBooks: where an object is, and how a reply wraps it.

Three ids name one business, and each family uses another of them. The tables follow the map of
the official Python SDK (client.py and api/*.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any
from urllib.parse import quote

from connectors.freshbooks.models import Row


@dataclass(frozen=True)
class Account:
    """The ids of one FreshBooks business; the wrong kind of id answers 404."""

    account_id: str
    business_id: str = ""
    business_uuid: str = ""


@dataclass(frozen=True)
class Page:
    """One page of a list. `total` may count rows that this user never sees."""

    rows: list[Row]
    pages: int
    total: int


class Envelope(Enum):
    """How a family wraps what it returns."""

    RESULT = auto()  # {"response": {"result": {"invoice": {}}}}
    META = auto()  # {"project": {}} and {"meta": {}, "projects": []}
    DATA = auto()  # {"data": {}} and {"data": []}, never paged


@dataclass(frozen=True)
class Family:
    """One URL family. `bracketed` families filter by `search[x]`, the others by a bare `x`
    (there the bracketed form is ignored with a success)."""

    prefix: str
    envelope: Envelope
    bracketed: bool = True

    def includes(self, names: Iterable[str]) -> list[tuple[str, str]]:
        """Parameters that ask for sub-objects, percent-encoded later by the transport."""
        return [("include[]", n) if self.bracketed else (n, "true") for n in names]

    def filters(
        self, search: Iterable[tuple[str, str]], include: Iterable[str]
    ) -> list[tuple[str, str]]:
        """Filters and sub-objects as parameters; a name ending in `[]` is a list filter."""
        found = [(_bracketed(k) if self.bracketed else k, v) for k, v in search]
        return found + self.includes(include)

    def single(self, resource: Resource, body: Any) -> Row | None:
        """The object in a reply, None when the reply is not of this family's shape."""
        if self.envelope is Envelope.RESULT:
            return _mapping(_at(_at(_at(body, "response"), "result"), resource.singular))
        return _mapping(_at(body, "data" if self.is_data else resource.singular))

    def page(self, resource: Resource, body: Any) -> Page | None:
        """A page of a list, None when the reply is not of this family's shape."""
        if self.is_data:
            rows = _rows(_at(body, "data"))
            return None if rows is None else Page(rows, 1, len(rows))
        if self.envelope is Envelope.RESULT:
            holder = counts = _at(_at(body, "response"), "result")
        else:
            holder, counts = body, _at(body, "meta")
        rows, pages = _rows(_at(holder, resource.plural)), _at(counts, "pages")
        if rows is None or not isinstance(pages, int):
            return None
        total = _at(counts, "total")
        return Page(rows, pages, total if isinstance(total, int) else len(rows))

    @property
    def is_data(self) -> bool:
        return self.envelope is Envelope.DATA


@dataclass(frozen=True)
class Resource:
    """A kind of object. `single` is the path of one object where it differs from the list's."""

    family: Family
    path: str
    singular: str
    plural: str
    single: str = ""

    def list_path(self, account: Account) -> str:
        return f"{self._prefix(account)}/{self.path}"

    def single_path(self, account: Account, object_id: str) -> str:
        """Path of one object; with an empty id the path to create one."""
        path = f"{self._prefix(account)}/{self.single or self.path}"
        return f"{path}/{quote(object_id, safe='')}" if object_id else path

    def _prefix(self, account: Account) -> str:
        return self.family.prefix.format(
            account_id=quote(account.account_id, safe=""),
            business_id=quote(account.business_id, safe=""),
            business_uuid=quote(account.business_uuid, safe=""),
        )


ACCOUNTING = Family("/accounting/account/{account_id}", Envelope.RESULT)
EVENTS = Family("/events/account/{account_id}", Envelope.RESULT)
LEDGER = Family("/accounting/businesses/{business_uuid}", Envelope.DATA, bracketed=False)
PROJECT = Family("/projects/business/{business_id}", Envelope.META, bracketed=False)
TIME = Family("/timetracking/business/{business_id}", Envelope.META, bracketed=False)

CLIENTS = Resource(ACCOUNTING, "users/clients", "client", "clients")
INVOICES = Resource(ACCOUNTING, "invoices/invoices", "invoice", "invoices")
PAYMENTS = Resource(ACCOUNTING, "payments/payments", "payment", "payments")
CREDIT_NOTES = Resource(ACCOUNTING, "credit_notes/credit_notes", "credit_note", "credit_notes")
EXPENSES = Resource(ACCOUNTING, "expenses/expenses", "expense", "expenses")
BILLS = Resource(ACCOUNTING, "bills/bills", "bill", "bills")
BILL_VENDORS = Resource(ACCOUNTING, "bill_vendors/bill_vendors", "bill_vendor", "bill_vendors")
BILL_PAYMENTS = Resource(ACCOUNTING, "bill_payments/bill_payments", "bill_payment", "bill_payments")
CATEGORIES = Resource(ACCOUNTING, "expenses/categories", "category", "categories")
STAFF = Resource(ACCOUNTING, "users/staffs", "staff", "staffs")
CALLBACKS = Resource(EVENTS, "events/callbacks", "callback", "callbacks")
LEDGER_ACCOUNTS = Resource(LEDGER, "ledger_accounts/accounts", "account", "accounts")
PROJECTS = Resource(PROJECT, "projects", "project", "projects", single="project")
TIME_ENTRIES = Resource(TIME, "time_entries", "time_entry", "time_entries")


def _bracketed(name: str) -> str:
    return f"search[{name[:-2]}][]" if name.endswith("[]") else f"search[{name}]"


def _at(value: Any, name: str) -> Any:
    return value.get(name) if isinstance(value, Mapping) else None


def _mapping(value: Any) -> Row | None:
    return value if isinstance(value, dict) else None


def _rows(value: Any) -> list[Row] | None:
    if not isinstance(value, Sequence) or isinstance(value, str):
        return None
    return [row for row in value if isinstance(row, dict)]
