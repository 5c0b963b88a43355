"""Whatever happens in NAV, its books balance and its subledgers agree with their accounts."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import date
from decimal import Decimal
from typing import Any

from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from sandbox.clock import Clock
from sandbox.nav.codeunit import TieoutPosting
from sandbox.nav.company import Company
from sandbox.nav.errors import NavError
from sandbox.nav.records import create, modify
from sandbox.nav.schema import Row
from sandbox.nav.seed import ensure_set_up
from sandbox.nav.tables.finance import EXCHANGE_RATE
from sandbox.nav.tables.journals import GEN_JOURNAL_LINE
from sandbox.nav.tables.parties import CUSTOMER
from sandbox.nav.tables.sales import SALES_HEADER, SALES_LINE
from sandbox.storage import Storage

CONTROL = ("1300", "1310")
BANKS = {"": "BANK-USD", "CAD": "BANK-CAD", "JPY": "BANK-JPY", "KWD": "STRIPE"}
BATCH = ("CASHRCPT", "TIEOUT")

days = st.dates(date(2026, 1, 1), date(2026, 6, 30)).map(str)
currencies = st.sampled_from(["CAD", "", "CAD", "JPY", "KWD"])
picks = st.integers(0, 7)
_LINE: dict[str, st.SearchStrategy[Any]] = {
    "Type": st.just("G/L Account"),
    "No": st.sampled_from(["4000", "4000", "4100", "2200"]),
    "Quantity": st.sampled_from([1, 2, 3, "0.333", -1, 0]),
    "Unit_Price": st.decimals("0", "500", places=3).map(str),
    "VAT_Prod_Posting_Group": st.sampled_from(["NOVAT", "VAT5", "VAT13", "VAT20", "FULLVAT"]),
    "Line_Discount_Percent": st.sampled_from(["0", "12.5", "100"]),
    "Allow_Invoice_Disc": st.booleans(),
    "Deferral_Code": st.sampled_from(["", "", "3M"]),
}
# NAV validates in the order that was sent, which a drawn dictionary does not keep.
lines = st.fixed_dictionaries(_LINE).map(lambda drawn: {name: drawn[name] for name in _LINE})
headers = st.fixed_dictionaries(
    {
        "Posting_Date": days,
        "Currency_Code": currencies,
        "Prices_Including_VAT": st.booleans(),
        "Invoice_Discount_Amount": st.sampled_from(["0", "0", "1.07"]),
    }
)
kinds = st.sampled_from(["Invoice", "Invoice", "Order", "Credit Memo"])
limits = st.sampled_from([None, None, "1", "33.33"])
amounts = st.decimals("-500", "1", places=3).map(str)
rates = st.decimals("0.001", "5", places=3).map(str)
sell = st.tuples(st.just("sell"), kinds, headers, st.lists(lines, min_size=1, max_size=3), picks)
pay = st.tuples(st.just("pay"), currencies, days, amounts, picks)
apply = st.tuples(st.just("apply"), picks, picks, limits)
unapply = st.tuples(st.just("unapply"), picks)
reverse = st.tuples(st.just("reverse"), picks, st.just("0001-01-01") | days)
rate = st.tuples(st.just("rate"), st.sampled_from(["CAD", "JPY", "KWD"]), days, rates)
close = st.tuples(st.just("close"), st.integers(1, 2), st.booleans())
steps: st.SearchStrategy[tuple[Any, ...]] = st.one_of(
    sell, sell, sell, pay, pay, apply, apply, apply, unapply, reverse, rate, close
)


class Life:
    """A company and what happens to it. NAV may refuse, if it leaves everything as it was."""

    def __init__(self) -> None:
        self.company = Company("Random", Storage(None), Clock())
        ensure_set_up(self.company)
        self.unit = TieoutPosting(self.company)
        self.serial = 0
        groups = {"Customer_Posting_Group": "DOMESTIC", "Gen_Bus_Posting_Group": "DOMESTIC"}
        self.customer = create(self.company, CUSTOMER, {}, {"Name": "Acme", **groups})["No"]

    def step(self, name: str, *arguments: Any) -> None:
        """Live one step, whether NAV lets it happen or not."""
        getattr(self, name)(*arguments)

    def sell(
        self, kind: str, header: dict[str, Any], lines: list[dict[str, Any]], pick: int
    ) -> None:
        key = self._key("K")

        def draft() -> None:
            made = self.unit.create_sales_document(kind, key, self.customer)
            row = self.company["Sales Header"].require(kind, made.number)
            modify(self.company, SALES_HEADER, row, {**header, **self._target(kind, pick)})
            for line in lines:
                start = {"Document_Type": kind, "Document_No": made.number}
                create(self.company, SALES_LINE, start, line)

        if self._attempt("draft", draft):
            self._twice(kind, lambda: self.unit.post_sales_document(kind, key))

    def pay(self, currency: str, day: str, amount: str, pick: int) -> None:
        key = self._key("P")
        values = {"Document_Type": "Payment", "Account_Type": "Customer"}
        values |= {"Account_No": self.customer, "Posting_Date": day}
        values |= {"Bal_Account_Type": "Bank Account", "Bal_Account_No": BANKS[currency]}
        values |= {"Currency_Code": currency, "Amount": amount, **self._target("Payment", pick)}

        def line() -> None:
            made = self.unit.reserve_journal_line(*BATCH, key)
            row = self.company["Gen. Journal Line"].require(*BATCH, made.number)
            modify(self.company, GEN_JOURNAL_LINE, row, values)

        if self._attempt("line", line):
            self._twice("pay", lambda: self.unit.post_journal_line(*BATCH, key))

    def apply(self, pick: int, other: int, limit: str | None) -> None:
        open_entries = [row for row in self._entries() if row["Open"]]
        if not open_entries:
            return
        entry = open_entries[pick % len(open_entries)]
        fitting = [row for row in open_entries if _fits(entry, row)] or open_entries
        target = fitting[other % len(fitting)]
        key, kind, number = _key(entry), target["Document_Type"], target["Document_No"]
        if limit is None:
            self._twice("apply", lambda: self.unit.apply_entry(key, kind, number))
        else:
            value = Decimal(limit)
            self._twice("limit", lambda: self.unit.apply_amount(key, kind, number, value))

    def unapply(self, pick: int) -> None:
        entries = self._entries()
        if not entries:
            return
        entry = entries[pick % len(entries)]
        done = self._twice("unapply", lambda: self.unit.unapply_entry(_key(entry)))
        if done and not entry["Reversed"]:
            present = self.company["Cust. Ledger Entry"].require(entry["Entry_No"])
            assert present["Remaining_Amount"] == present["Amount"]
            assert present["Remaining_Amt_LCY"] == present["Amount_LCY"]

    def reverse(self, pick: int, day: str) -> None:
        entries = [row for row in self._entries() if row["Document_Type"] == "Payment"]
        if entries:
            key = _key(entries[pick % len(entries)])
            self._twice("reverse", lambda: self.unit.reverse_payment(key, f"{key}R", day))

    def rate(self, currency: str, day: str, worth: str) -> None:
        values: dict[str, Any] = {"Currency_Code": currency, "Starting_Date": day}
        values |= {"Exchange_Rate_Amount": 1, "Relational_Exch_Rate_Amount": worth}
        self._attempt("rate", lambda: create(self.company, EXCHANGE_RATE, {}, values))

    def close(self, month: int, closed: bool) -> None:
        periods = self.company["Accounting Period"]
        periods.change(periods.require(f"2026-{month:02d}-01"), Closed=closed)

    def check(self) -> None:
        """Every identity that double entry and settlement promise."""
        self._debits_equal_credits()
        self._control_accounts_agree()
        self._details_explain_what_remains()
        keys = [_key(row) for row in self._entries()]
        assert len(keys) == len(set(keys))

    def _key(self, letter: str) -> str:
        self.serial += 1
        return f"{letter}{self.serial}"

    def _target(self, kind: str, pick: int) -> dict[str, str]:
        invoices = [row for row in self._entries() if row["Document_Type"] == "Invoice"]
        if kind in ("Invoice", "Order") or pick >= len(invoices):
            return {}
        return {
            "Applies_to_Doc_Type": "Invoice",
            "Applies_to_Doc_No": invoices[pick]["Document_No"],
        }

    def _entries(self) -> list[Row]:
        return list(self.company["Cust. Ledger Entry"].all())

    def _twice(self, name: str, call: Callable[[], Any]) -> Any:
        """Do it and do it again, as after a lost answer: nothing more happens."""
        first = self._attempt(name, call)
        if first is not None:
            before = self._everything()
            assert self._attempt("again", call) == first
            assert self._everything() == before
        return first

    def _attempt(self, name: str, call: Callable[[], Any]) -> Any:
        before = self._everything()
        with suppress(NavError), self.company.transaction():
            result = call()
            event(f"{name}: done")
            return True if result is None else result
        event(f"{name}: refused")
        assert self._everything() == before
        return None

    def _everything(self) -> list[list[Row]]:
        books = self.company.database
        return [list(records.all()) for records in books if records.table.number != 50]

    def _debits_equal_credits(self) -> None:
        totals: dict[tuple[int, str], Decimal] = {}
        for row in self.company["G/L Entry"].all():
            place = row["Transaction_No"], row["Posting_Date"]
            totals[place] = totals.get(place, Decimal(0)) + Decimal(row["Amount"])
        assert not any(totals.values())

    def _control_accounts_agree(self) -> None:
        rest = self._sum("Cust. Ledger Entry", "Remaining_Amt_LCY")
        assert self._booked(CONTROL) == rest
        assert rest == self._sum("Detailed Cust. Ledg. Entry", "Amount_LCY")
        groups = self.company["Bank Account Posting Group"].all()
        banks = tuple(row["G_L_Bank_Account_No"] for row in groups)
        assert self._booked(banks) == self._sum("Bank Account Ledger Entry", "Amount_LCY")

    def _details_explain_what_remains(self) -> None:
        rests: dict[int, list[Decimal]] = {}
        for row in self.company["Detailed Cust. Ledg. Entry"].all():
            rest = rests.setdefault(row["Cust_Ledger_Entry_No"], [Decimal(0), Decimal(0)])
            rest[0] += Decimal(row["Amount"])
            rest[1] += Decimal(row["Amount_LCY"])
        for entry in self._entries():
            value, local = rests[entry["Entry_No"]]
            assert Decimal(entry["Remaining_Amount"]) == value
            assert Decimal(entry["Remaining_Amt_LCY"]) == local
            assert entry["Open"] is bool(value)
            assert value or not local

    def _booked(self, accounts: tuple[str, ...]) -> Decimal:
        entries = self.company["G/L Entry"].all()
        booked = [Decimal(row["Amount"]) for row in entries if row["G_L_Account_No"] in accounts]
        return sum(booked, Decimal(0))

    def _sum(self, table: str, name: str) -> Decimal:
        return sum((Decimal(row[name]) for row in self.company[table].all()), Decimal(0))


def _key(entry: Row) -> str:
    return str(entry["External_Document_No"])


def _fits(entry: Row, other: Row) -> bool:
    opposite = Decimal(entry["Amount"]) * Decimal(other["Amount"]) < 0
    return opposite and bool(entry["Currency_Code"] == other["Currency_Code"])


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.tuples(sell, sell, pay, pay), st.lists(steps, min_size=4, max_size=25))
def test_the_books_agree_after_every_step_of_any_life(
    first: tuple[tuple[Any, ...], ...], then: list[tuple[Any, ...]]
) -> None:
    company = Life()
    for step in (*first, *then):
        company.step(*step)
        company.check()
