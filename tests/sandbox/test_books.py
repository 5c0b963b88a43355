"""The double-entry books behind the FreshBooks stand-in, under any order of business."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox.clock import Clock
from sandbox.freshbooks import FreshBooks, build
from sandbox.freshbooks.errors import ApiError
from sandbox.freshbooks.kind import REMOVED
from sandbox.freshbooks.ledger import Ledger, Line, UnbalancedError
from sandbox.settings import FreshBooksAccount, FreshBooksSettings
from sandbox.storage import Row, Storage

MONEY = st.decimals("0.01", "500", places=2)
PICK = st.integers(0, 3)
STEPS = st.one_of(
    st.tuples(st.just("invoice"), MONEY, st.sampled_from([1, 2])),
    st.tuples(st.just("pay"), MONEY, PICK),
    st.tuples(st.just("from_credit"), MONEY, PICK),
    st.tuples(st.just("goodwill"), MONEY, PICK),
    st.tuples(st.just("edit_invoice"), MONEY, PICK),
    st.tuples(st.just("edit_payment"), MONEY, PICK),
    st.tuples(st.just("send"), MONEY, PICK),
    st.tuples(st.just("toggle_invoice"), st.sampled_from([Decimal(0), Decimal(1)]), PICK),
    st.tuples(st.just("toggle_payment"), st.sampled_from([Decimal(0), Decimal(1)]), PICK),
)


class Business:
    """One client of one account, and what can happen."""

    def __init__(self, account: FreshBooksAccount) -> None:
        self.id = account.account_id
        self.books: FreshBooks = build(
            FreshBooksSettings(accounts=[account]), Storage(None), Clock()
        )
        self.client = self.books.clients.create(self.id, {})["id"]
        self.invoices: list[str] = []
        self.payments: list[str] = []

    def do(self, step: tuple[str, Decimal, int]) -> None:
        """Carry out one step; what the stand-in refuses did not happen."""
        name, value, choice = step
        carry_out: Callable[[Decimal, int], None] = getattr(self, f"_{name}")
        with suppress(ApiError, IndexError):
            carry_out(value, choice)

    def rows(self, name: str) -> list[Row]:
        """The rows of a table that were not deleted."""
        table = self.books.books.table(name)
        return [row for row in table.values() if row["vis_state"] != REMOVED]

    def _invoice(self, value: Decimal, status: int) -> None:
        body = {"customerid": self.client, "create_date": "2026-01-05", "status": status}
        made = self.books.invoices.create(self.id, body | _lines(value))
        self.invoices.append(str(made["id"]))

    def _pay(self, value: Decimal, choice: int) -> None:
        self._receive({"amount": str(value)}, choice)

    def _from_credit(self, value: Decimal, choice: int) -> None:
        self._receive({"amount": str(value), "from_credit": True}, choice)

    def _receive(self, body: Row, choice: int) -> None:
        fields = {"invoiceid": self.invoices[choice], "date": "2026-01-06", "type": "Check"}
        made = self.books.payments.create(self.id, fields | body)
        self.payments.append(str(made["id"]))

    def _goodwill(self, value: Decimal, choice: int) -> None:
        body = {"clientid": self.client, "create_date": "2026-01-07", "amount": str(value)}
        self.books.credit_notes.create(self.id, body)

    def _edit_invoice(self, value: Decimal, choice: int) -> None:
        self.books.invoices.update(self.id, self.invoices[choice], _lines(value))

    def _edit_payment(self, value: Decimal, choice: int) -> None:
        self.books.payments.update(self.id, self.payments[choice], {"amount": str(value)})

    def _send(self, value: Decimal, choice: int) -> None:
        body = {"action_mark_as_sent": True}
        self.books.invoices.update(self.id, self.invoices[choice], body)

    def _toggle_invoice(self, value: Decimal, choice: int) -> None:
        self.books.invoices.update(self.id, self.invoices[choice], {"vis_state": int(value)})

    def _toggle_payment(self, value: Decimal, choice: int) -> None:
        self.books.payments.update(self.id, self.payments[choice], {"vis_state": int(value)})


def _lines(value: Decimal) -> Row:
    tax = {"taxName1": "A", "taxAmount1": "13", "taxName2": "B", "taxAmount2": "9.975"}
    return {"lines": [{"qty": 3, "unit_cost": str(value), "compounded_tax": True, **tax}]}


def _amount(row: Row) -> Decimal:
    return Decimal(row["amount"]["amount"])


@settings(max_examples=150, deadline=None)
@given(steps=st.lists(STEPS, max_size=25))
def test_the_books_balance_and_agree_with_the_documents(
    account_of_books: FreshBooksAccount, steps: list[tuple[str, Decimal, int]]
) -> None:
    business = Business(account_of_books)
    for step in steps:
        business.do(step)
    ledger = business.books.books.ledger
    ledger.check()
    sent = [row for row in business.rows("invoices") if row["status"] != 1]
    settled = sum((Decimal(row["_applied"]) for row in business.rows("payments")), Decimal(0))
    receivable = sum((_amount(row) for row in sent), Decimal(0)) - settled
    assert ledger.balance(business.id, "receivable", "USD") == receivable
    notes = business.rows("credit_notes")
    left = sum((_amount(row) - Decimal(row["_used"]) for row in notes), Decimal(0))
    assert -ledger.balance(business.id, "credit", "USD") == left
    cash = [row for row in business.rows("payments") if not row["creditid"]]
    assert ledger.balance(business.id, "cash", "USD") == sum(map(_amount, cash))
    for row in business.rows("invoices"):
        open_amount = _amount(row) - Decimal(row["paid"]["amount"])
        assert Decimal(row["outstanding"]["amount"]) == open_amount


@pytest.fixture(scope="module")
def account_of_books() -> FreshBooksAccount:
    return FreshBooksAccount(
        connection="books",
        account_id="Books01",
        business_id=1_234_567,
        business_uuid="u",
        identity_id=7_654_321,
        email="owner@example.com",
        client_id="c",
        client_secret="s",
        redirect_uri="https://localhost/",
        refresh_token="r",
        access_token="a",
    )


def test_a_posting_that_does_not_balance_is_a_bug() -> None:
    ledger = Ledger(Storage(None))
    lines = [Line("cash", "USD", Decimal(5)), Line("receivable", "EUR", Decimal(-5))]
    with pytest.raises(UnbalancedError, match="invoice/1"):
        ledger.book("Books01", "invoice/1", lines)
    assert ledger.balance("Books01", "cash", "USD") == 0
