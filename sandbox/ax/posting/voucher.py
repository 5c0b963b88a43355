"""One voucher: lines in the general ledger that balance, and the subledger transactions of it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from sandbox.ax import chart
from sandbox.ax.company import Company
from sandbox.ax.documents.transaction import CUST_TRANS
from sandbox.ax.posting.money import ZERO
from sandbox.ax.schema import Row
from sandbox.ax.wire.values import plain

SUMMARY = "$summary"
"""Where a customer transaction keeps its summary account."""
TABLE = "$table"
"""Where a transaction says which table it is in, unless it is a customer's."""


class OutOfBalanceError(AssertionError):
    """A posting of the stand-in does not balance: a bug of the stand-in, never of the caller."""


class Voucher:
    """Collects the lines of a voucher; `finish` proves that they balance and stores them.

    `cur` is an amount in the voucher's currency, `mst` the same in the accounting currency; debit
    is positive.
    """

    def __init__(self, company: Company, number: str, day: str, currency: str, text: str) -> None:
        self.company = company
        self.number = number
        self.day = day
        self.currency = currency
        self.text = text
        self._lines: list[Row] = []

    def ledger(
        self,
        account: str,
        cur: Decimal,
        mst: Decimal,
        values: dict[str, str] | None = None,
        kind: str = "",
    ) -> None:
        """A line in the general ledger."""
        self._lines.append(
            {
                "MainAccount": account,
                "Values": values or {},
                "TransactionCurrencyCode": self.currency,
                "TransactionCurrencyAmount": plain(cur),
                "AccountingCurrencyAmount": plain(mst),
                "PostingType": kind,
                "Text": self.text,
            }
        )

    def customer(self, customer: Row, cur: Decimal, mst: Decimal, **values: Any) -> Row:
        """A customer transaction with its line on the summary account."""
        summary = chart.SUMMARY_ACCOUNTS[customer["CustGroup"]]
        self.ledger(summary, cur, mst, kind="CustBalance")
        row = {
            **CUST_TRANS.blank(),
            "AccountNum": customer["AccountNum"],
            "OrderAccount": customer["AccountNum"],
            "AmountCur": plain(cur),
            "AmountMST": plain(mst),
            "CurrencyCode": self.currency,
            "TransDate": self.day,
            "Txt": self.text[:60],
            "Voucher": self.number,
            SUMMARY: summary,
            **values,
        }
        return self.company.insert("CustTrans", row)

    def vendor(self, vendor: Row, cur: Decimal, mst: Decimal, **values: Any) -> Row:
        """A vendor transaction with its line on the summary account."""
        summary = chart.VENDOR_ACCOUNTS[vendor["VendGroup"]]
        self.ledger(summary, cur, mst, kind="VendBalance")
        row = {
            **CUST_TRANS.blank(),
            "AccountNum": vendor["AccountNum"],
            "AmountCur": plain(cur),
            "AmountMST": plain(mst),
            "CurrencyCode": self.currency,
            "TransDate": self.day,
            "Txt": self.text[:60],
            "Voucher": self.number,
            SUMMARY: summary,
            TABLE: "VendTrans",
            **values,
        }
        return self.company.insert("VendTrans", row)

    def bank(self, account: str, cur: Decimal, mst: Decimal, **values: Any) -> None:
        """A bank transaction with its line; a bank without a currency keeps the value."""
        bank = chart.BANKS[account]
        self.ledger(bank.account, cur, mst, kind="Bank")
        row = {
            "AccountId": account,
            "AmountCur": plain(cur if bank.currency else mst),
            "CurrencyCode": bank.currency or chart.BASE_CURRENCY,
            "AmountMST": plain(mst),
            "TransDate": self.day,
            "Voucher": self.number,
            "Reconciled": "No",
            **values,
        }
        self.company.insert("BankAccountTrans", row)

    def finish(self) -> Row:
        """Store the voucher; raises OutOfBalanceError unless debits equal credits."""
        total = sum((Decimal(line["AccountingCurrencyAmount"]) for line in self._lines), ZERO)
        if total:
            raise OutOfBalanceError(f"voucher {self.number} is out by {total}")
        row = {"SubledgerVoucher": self.number, "AccountingDate": self.day, "Lines": self._lines}
        return self.company.insert("GeneralJournalEntry", row)


def trial_balance(company: Company) -> dict[str, Decimal]:
    """What each main account comes to in the accounting currency."""
    totals: dict[str, Decimal] = {}
    for entry in company["GeneralJournalEntry"].all():
        for line in entry["Lines"]:
            amount = Decimal(line["AccountingCurrencyAmount"])
            totals[line["MainAccount"]] = totals.get(line["MainAccount"], ZERO) + amount
    return totals
