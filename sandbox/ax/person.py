"""A person at the AX client: what is done there and by no service operation.

`POST /person/<company>/<action>` with a JSON object, on loopback and without sign-in. It is part of
the stand-in, like the control port, and no part of AX: the product never calls it.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from sandbox.ax.company import Company
from sandbox.ax.errors import AifError
from sandbox.ax.posting.payables import add_vendor, pay_vendor
from sandbox.ax.posting.reversal import reverse_transaction
from sandbox.ax.posting.settlement import reverse_settlement, settle
from sandbox.ax.seed import add_rate
from sandbox.ax.services.finding import Finder

Arguments = dict[str, Any]

_OF_CUSTOMERS = (
    "CustTable", "CustInvoiceTable", "SalesTable", "CustTrans", "CustInvoiceJour",
)  # fmt: skip
_ACCOUNTS = ("AccountNum", "OrderAccount", "InvoiceAccount", "CustAccount")


def _period(company: Company, given: Arguments) -> None:
    company.setup.set_period(given["month"], given["status"])


def _account(company: Company, given: Arguments) -> None:
    company.setup.suspend_account(given["number"], given["suspended"])


def _value(company: Company, given: Arguments) -> None:
    dimension, value = given["dimension"], given["value"]
    company.setup.suspend_value(dimension, value, given["suspended"])


def _require(company: Company, given: Arguments) -> None:
    number, dimension = given["number"], given["dimension"]
    company.setup.require_dimension(number, dimension, given["required"])


def _rate(company: Company, given: Arguments) -> None:
    add_rate(company, given["currency"], given["from"], str(Decimal(given["rate"])))


def _block(company: Company, given: Arguments) -> None:
    row = company["CustTable"].first("AccountNum", given["account"])
    if row is None:
        raise AifError("NotInTable", value=given["account"], field="AccountNum", table="CustTable")
    company.change("CustTable", row, Blocked=given["blocked"])


def _reconcile(company: Company, given: Arguments) -> None:
    for row in company["BankAccountTrans"].find("Voucher", given["voucher"]):
        company.change("BankAccountTrans", row, Reconciled="Yes")


def _settle(company: Company, given: Arguments) -> None:
    finder = Finder(company)
    one = finder.require_transaction(given["one"])
    settle(company, one, finder.require_transaction(given["other"]))


def _cancel(company: Company, given: Arguments) -> None:
    row = Finder(company).only("SalesTable", given["key"])
    company.change("SalesTable", row, SalesStatus="Canceled")


def _unsettle(company: Company, given: Arguments) -> None:
    reverse_settlement(company, Finder(company).require_transaction(given["one"]))


def _reverse(company: Company, given: Arguments) -> None:
    trans = Finder(company).require_transaction(given["one"])
    reverse_transaction(company, trans, given["as"], company.today())


def _rename(company: Company, given: Arguments) -> None:
    """Give a customer another account; whatever names it, posted or not, follows."""
    old, new = given["account"], given["as"]
    for table in _OF_CUSTOMERS:
        for row in list(company[table].all()):
            changed = {name: new for name in _ACCOUNTS if row.get(name) == old}
            if changed:
                company.change(table, row, **changed)


def _vendor(company: Company, given: Arguments) -> None:
    add_vendor(company, given["account"], given["name"], given.get("group", "EMP"))


def _pay(company: Company, given: Arguments) -> None:
    pay_vendor(company, given["key"], given["bank"])


ACTIONS: dict[str, Callable[[Company, Arguments], None]] = {
    "period": _period,
    "account": _account,
    "value": _value,
    "require": _require,
    "rate": _rate,
    "block": _block,
    "reconcile": _reconcile,
    "settle": _settle,
    "cancel": _cancel,
    "unsettle": _unsettle,
    "reverse": _reverse,
    "rename": _rename,
    "vendor": _vendor,
    "pay": _pay,
}
"""`period` {month, status: Open, On hold or Closed}, `account` {number, suspended}, `value`
{dimension, value, suspended} (a value that does not exist is added), `require` {number, dimension,
required}, `rate` {currency, from, rate per 100}, `block` {account, blocked}, `reconcile` {voucher},
`settle` {one, other: our reference, invoice or voucher}, `cancel` {key: reference of an order},
`unsettle` {one}, `reverse` {one: a payment, as: the reference of its contra}, `rename` {account,
as}, `vendor` {account, name, group: EMP for employees or VEND}, `pay` {key: our reference or a
document number, bank} (what is open of it)."""
