"""One posted transaction: general ledger entries that balance, with their subledger entries."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from sandbox.nav.company import Company
from sandbox.nav.dimensions import check_ledger
from sandbox.nav.schema import Row, Table
from sandbox.nav.tables.ledgers import (
    BANK_ENTRY,
    CUSTOMER_ENTRY,
    DETAILED_ENTRY,
    EMPLOYEE_ENTRY,
    GL_ENTRY,
    VENDOR_ENTRY,
)
from sandbox.nav.values import plain

_ZERO = Decimal(0)

CREDITORS: dict[str, tuple[Table, str, str]] = {
    "Vendor": (VENDOR_ENTRY, "Vendor_No", "Vendor Posting Group"),
    "Employee": (EMPLOYEE_ENTRY, "Employee_No", "Employee Posting Group"),
}


POSTED_AT = "_posted_at"
"""When an entry was made, for the control port only: no page of NAV shows it."""


class OutOfBalanceError(AssertionError):
    """A posting of the stand-in does not balance: a bug of the stand-in, never of the caller."""


@dataclass(frozen=True)
class Document:
    """What all entries of one posting say about their document. Days are ISO."""

    posting_date: str
    document_date: str
    type: str
    number: str
    external: str
    description: str
    source_code: str
    dimensions: tuple[str, str] = ("", "")
    batch: str = ""


@dataclass(frozen=True)
class Money:
    """An amount in its own currency (blank: local) and in local currency."""

    currency: str
    amount: Decimal
    local: Decimal
    factor: str = "1"


@dataclass
class Register:
    """Collects one transaction; `finish` proves that it balances on every day it touches.

    `purpose` separates, within a transaction, what the document itself posted from what its
    application to other entries posted (exchange gains and losses).
    """

    company: Company
    transaction: int = 0
    _totals: dict[str, Decimal] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.transaction = self.company.database.next_entry("Transaction")

    def ledger(self, document: Document, account: str, local: Decimal, **values: Any) -> Row:
        """One general ledger entry in local currency; debit is positive."""
        if local:
            check_ledger(self.company, account, document.dimensions)
        day = document.posting_date
        self._totals[day] = self._totals.get(day, _ZERO) + local
        row = {
            **self._start(GL_ENTRY, document),
            "G_L_Account_No": account,
            "Amount": plain(local),
            "Debit_Amount": plain(max(local, _ZERO)),
            "Credit_Amount": plain(max(-local, _ZERO)),
            **values,
        }
        return self.company["G/L Entry"].insert(row)

    def customer(self, document: Document, customer: Row, money: Money, **values: Any) -> Row:
        """A customer entry with its initial detailed entry and its side of the control account."""
        group = values.get("Customer_Posting_Group") or customer["Customer_Posting_Group"]
        shown, local = plain(money.amount), plain(money.local)
        row = {
            **self._start(CUSTOMER_ENTRY, document),
            "Customer_No": customer["No"],
            "Currency_Code": money.currency,
            "Original_Currency_Factor": money.factor,
            "Amount": shown,
            "Remaining_Amount": shown,
            "Amount_LCY": local,
            "Remaining_Amt_LCY": local,
            "Open": bool(money.amount),
            POSTED_AT: self.company.now(),
            **values,
            "Customer_Posting_Group": group,
        }
        entry = self.company["Cust. Ledger Entry"].insert(row)
        self.detail(document, entry, "Initial Entry", money.amount, money.local)
        source = {"Source_Type": "Customer", "Source_No": customer["No"]}
        self.ledger(document, self.receivables(group), money.local, **source)
        return entry

    def detail(
        self,
        document: Document,
        entry: Row,
        kind: str,
        value: Decimal,
        local: Decimal,
        **values: Any,
    ) -> Row:
        """A detailed customer entry; the caller keeps the remaining amounts in step."""
        start = self._start(DETAILED_ENTRY, document)
        row = {
            **start,
            "Cust_Ledger_Entry_No": entry["Entry_No"],
            "Entry_Type": kind,
            "Customer_No": entry["Customer_No"],
            "Currency_Code": entry["Currency_Code"],
            "Amount": plain(value),
            "Amount_LCY": plain(local),
            **values,
        }
        return self.company["Detailed Cust. Ledg. Entry"].insert(row)

    def bank(self, document: Document, bank: Row, money: Money, **values: Any) -> Row:
        """A bank account entry with its side of the bank's G/L account.

        A bank account in local currency takes other currencies at their local value.
        """
        own = money.amount if bank["Currency_Code"] else money.local
        group = bank["Bank_Acc_Posting_Group"]
        row = {
            **self._start(BANK_ENTRY, document),
            "Bank_Account_No": bank["No"],
            "Bank_Acc_Posting_Group": group,
            "Currency_Code": bank["Currency_Code"],
            "Amount": plain(own),
            "Remaining_Amount": plain(own),
            "Amount_LCY": plain(money.local),
            "Open": True,
            **values,
        }
        entry = self.company["Bank Account Ledger Entry"].insert(row)
        account = self.company["Bank Account Posting Group"].require(group)
        source = {"Source_Type": "Bank Account", "Source_No": bank["No"]}
        self.ledger(document, account["G_L_Bank_Account_No"], money.local, **source)
        return entry

    def creditor(
        self, kind: str, document: Document, party: Row, money: Money, **values: Any
    ) -> Row:
        """A vendor or employee entry with its side of the payables account."""
        table, number, groups = CREDITORS[kind]
        group = self.company[groups].require(party[groups.replace(" ", "_")])
        shown, local = plain(money.amount), plain(money.local)
        row = {
            **self._start(table, document),
            number: party["No"],
            "Currency_Code": money.currency,
            "Original_Currency_Factor": money.factor,
            "Amount": shown,
            "Remaining_Amount": shown,
            "Amount_LCY": local,
            "Remaining_Amt_LCY": local,
            "Open": True,
            **values,
        }
        entry = self.company[table.name].insert(row)
        source = {"Source_Type": kind, "Source_No": party["No"]}
        self.ledger(document, group["Payables_Account"], money.local, **source)
        return entry

    def receivables(self, group: str) -> str:
        """The control account of a customer posting group."""
        setup = self.company["Customer Posting Group"].require(group)
        return str(setup["Receivables_Account"])

    def finish(self) -> None:
        """Raise OutOfBalanceError unless debits equal credits on every day."""
        wrong = {day: total for day, total in self._totals.items() if total}
        if wrong:
            raise OutOfBalanceError(f"transaction {self.transaction} is out by {wrong}")

    def _start(self, table: Table, document: Document) -> Row:
        row = table.blank()
        known = {
            "Entry_No": self.company.database.next_entry(table.name),
            "Posting_Date": document.posting_date,
            "Document_Date": document.document_date,
            "Document_Type": document.type,
            "Document_No": document.number,
            "External_Document_No": document.external,
            "Description": document.description,
            "Global_Dimension_1_Code": document.dimensions[0],
            "Global_Dimension_2_Code": document.dimensions[1],
            "Source_Code": document.source_code,
            "Journal_Batch_Name": document.batch,
            "Transaction_No": self.transaction,
            "User_ID": self.company.user,
        }
        row.update({name: value for name, value in known.items() if name in row})
        return row
