"""Vendors: what is owed to them, who pays it, and cost journals that are taken back.

A cost journal is a general journal whose referenced line owes a vendor or takes money from a bank
or a clearing account: what an expense becomes.
"""

from __future__ import annotations

from decimal import Decimal

from sandbox.ax.company import CREATED, OPEN, REJECTED, Company
from sandbox.ax.errors import AifError, Code
from sandbox.ax.posting.journal import post_journal
from sandbox.ax.posting.money import to_base
from sandbox.ax.posting.settlement import (
    remaining,
    reverse_settlement,
    settle,
    settled_amount,
)
from sandbox.ax.posting.voucher import Voucher
from sandbox.ax.rows import CHANGED
from sandbox.ax.schema import Row

REVERSED = "$reversed"
"""Where a cost journal keeps that another one took it back."""

_PAYS = ("Vend", "Bank", "Ledger")
_OWN = (CREATED, CHANGED, OPEN, REJECTED, REVERSED)


def cost_line(journal: Row) -> Row | None:
    """The line of a cost journal that carries a reference; None for any other journal."""
    if journal["JournalType"] != "Daily":
        return None
    lines = (line for line in journal["LedgerJournalTrans"] if line["PaymReference"])
    return next((line for line in lines if line["AccountType"] in _PAYS), None)


def add_vendor(company: Company, account: str, name: str, group: str = "EMP") -> None:
    """A vendor with a posting group; one that is there stays."""
    if company["VendTable"].first("AccountNum", account) is None:
        row = {"AccountNum": account, "Name": name, "VendGroup": group, "RecId": 0}
        company.insert("VendTable", row)


def owed(company: Company, key: str) -> Row | None:
    """The vendor transaction of a reference."""
    found: Row | None = company["VendTrans"].first("PaymReference", key)
    return found


def pay_vendor(company: Company, key: str, bank: str) -> None:
    """Pay what is open of a reference or a document number from a bank account, and settle it."""
    trans = owed(company, key) or company["VendTrans"].first("DocumentNum", key)
    if trans is None:
        raise AifError("NotFoundByKey", Code.KEY, kind="vendor transaction", key=key)
    vendor = company["VendTable"].first("AccountNum", trans["AccountNum"])
    if vendor is None:
        raise LookupError(f"no vendor {trans['AccountNum']}")
    day, currency = company.today(), trans["CurrencyCode"]
    amount = -remaining(trans)
    base = to_base(amount, company.setup.rate(currency, day))
    voucher = Voucher(company, company.number("VPV", "VPV"), day, currency, f"Payment of {key}")
    payment = voucher.vendor(vendor, amount, base)
    voucher.bank(bank, -amount, -base)
    voucher.finish()
    settle(company, payment, trans)


def reverse_cost(company: Company, journal: Row, reversal: str, day: str) -> Row:
    """Post the contra of a posted cost journal under a reference of its own; returns it. Raises
    AifError, with nothing changed, for what is paid or was taken back before."""
    line = cost_line(journal)
    if line is None or journal["Posted"] != "Yes":
        raise AifError("NotFoundByKey", Code.KEY, kind="posted cost journal", key=reversal)
    if journal.get(REVERSED):
        raise AifError("AlreadyReversed", voucher=line["Voucher"])
    debt = owed(company, line["PaymReference"])
    if debt is not None and _is_owed(debt) and remaining(debt) != Decimal(debt["AmountCur"]):
        reason = "it is paid"
        raise AifError("NothingToSettle", one=line["Voucher"], other=reversal, reason=reason)
    company.setup.check_period(day)
    with company.database.transaction():
        if debt is not None and not _is_owed(debt):
            reverse_settlement(company, debt)
        row = company.insert("LedgerJournalTable", _contra(company, journal, reversal, day))
        posted = post_journal(company, row)
        contra = owed(company, reversal)
        if debt is not None and contra is not None:
            settle(company, contra, owed(company, line["PaymReference"]) or debt)
        company.mark("LedgerJournalTable", journal, **{REVERSED: "Yes"})
        return posted


def settle_payable(company: Company, key: str, against: str) -> None:
    """Settle a payment of ours with what it pays, named by its reference or voucher, as far as
    both reach; nothing is left to do when they are settled. Raises AifError."""
    one, other = (_required(company, name) for name in (key, against))
    if not (settled_amount(one, other) and not (remaining(one) and remaining(other))):
        settle(company, one, other)


def of_vendor(company: Company, account: str, number: str) -> list[Row]:
    """What a vendor is owed for under a document number of theirs."""
    found = company["VendTrans"].find("DocumentNum", number) if number else []
    return [row for row in found if row["AccountNum"] == account and _is_owed(row)]


def alike(
    company: Company, account: str, currency: str, amount: Decimal, first: str, last: str
) -> list[Row]:
    """Transactions of a vendor over a signed amount within some days (ISO)."""
    return [
        row
        for row in company["VendTrans"].find("AccountNum", account)
        if row["CurrencyCode"] == currency.upper()
        and Decimal(row["AmountCur"]) == amount
        and first <= row["TransDate"] <= last
    ]


def of_voucher(company: Company, voucher: str) -> list[Row]:
    """What stands on vendors' accounts under a voucher."""
    return list(company["VendTrans"].find("Voucher", voucher)) if voucher else []


def _required(company: Company, key: str) -> Row:
    found = owed(company, key) or company["VendTrans"].first("Voucher", key)
    if found is None:
        raise AifError("NotFoundByKey", Code.KEY, kind="vendor transaction", key=key)
    return found


def _is_owed(trans: Row) -> bool:
    """A debt is a credit on the vendor's account; what pays one is a debit."""
    return Decimal(trans["AmountCur"]) < 0


def _contra(company: Company, journal: Row, reversal: str, day: str) -> Row:
    lines = []
    for line in journal["LedgerJournalTrans"]:
        swapped = {
            "AmountCurDebit": line["AmountCurCredit"],
            "AmountCurCredit": line["AmountCurDebit"],
            "PaymReference": reversal if line["PaymReference"] else "",
            "Voucher": reversal,
            "TransDate": day,
        }
        lines.append({**line, **swapped, "RecId": 0})
    kept = {name: value for name, value in journal.items() if name not in _OWN}
    number = company.number("JNL", "J")
    return {**kept, "RecId": 0, "JournalNum": number, "Posted": "No", "LedgerJournalTrans": lines}
