"""The double-entry books behind the stand-in."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal
from typing import Literal, NamedTuple

from sandbox.storage import Storage

Account = Literal["receivable", "revenue", "tax", "cash", "credit", "expense", "payable", "income"]


class Line(NamedTuple):
    """One side of a posting; a debit is positive, a credit negative."""

    account: Account
    currency: str
    amount: Decimal


class UnbalancedError(AssertionError):
    """A posting whose debits and credits differ: a bug of this stand-in."""


class Ledger:
    """What every document has posted, and the balance of every account."""

    def __init__(self, storage: Storage) -> None:
        self._effects = storage.table("ledger")
        self._balances = storage.table("balances")

    def book(self, business: str, document: str, lines: Iterable[Line]) -> None:
        """Make `lines` the present effect of a document; the former one is reversed.

        Raises UnbalancedError if they do not balance in each currency.
        """
        posted = [line for line in lines if line.amount != 0]
        _check(document, posted)
        former = self._lines(document)
        if former == posted:
            return
        for line in former:
            self._add(business, line.account, line.currency, -line.amount)
        for line in posted:
            self._add(business, line.account, line.currency, line.amount)
        rows = [[line.account, line.currency, str(line.amount)] for line in posted]
        self._effects[document] = {"lines": rows}

    def balance(self, business: str, account: Account, currency: str) -> Decimal:
        """The debit balance of an account of one business."""
        row = self._balances.get(f"{business}/{account}/{currency}")
        return Decimal(row["amount"]) if row else Decimal(0)

    def check(self) -> None:
        """Prove that all balances of each currency add up to zero; raises UnbalancedError."""
        sums: dict[str, Decimal] = defaultdict(Decimal)
        for key, row in self._balances.items():
            sums[key.rsplit("/", 1)[1]] += Decimal(row["amount"])
        wrong = {code: total for code, total in sums.items() if total != 0}
        if wrong:
            raise UnbalancedError(f"the trial balance is out by {wrong}")

    def _lines(self, document: str) -> list[Line]:
        row = self._effects.get(document, {"lines": []})
        return [Line(account, code, Decimal(value)) for account, code, value in row["lines"]]

    def _add(self, business: str, account: Account, code: str, value: Decimal) -> None:
        total = self.balance(business, account, code) + value
        self._balances[f"{business}/{account}/{code}"] = {"amount": str(total)}


def _check(document: str, lines: list[Line]) -> None:
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for line in lines:
        sums[line.currency] += line.amount
    wrong = {code: total for code, total in sums.items() if total != 0}
    if wrong:
        raise UnbalancedError(f"{document} does not balance: {wrong}")
