"""Reversing a posted journal document by its mirror image, entry by entry."""

from __future__ import annotations

from sandbox.nav.checks import check_posting_date
from sandbox.nav.company import Company
from sandbox.nav.errors import dialog
from sandbox.nav.posting.application import applications, mark_reversed, settle
from sandbox.nav.posting.payables import ENTRIES, unsettle_payables
from sandbox.nav.posting.register import CREDITORS, Document, Money, Register
from sandbox.nav.schema import BLANK_DATE, Row
from sandbox.nav.values import amount

_SALES, _PURCHASES = "SALES", "PURCHASES"
_REVERSAL = "REVERSAL"
_CLOSED = {"Open": False, "Remaining_Amount": "0"}


def reconciled(company: Company, entry: Row) -> bool:
    """True if the bank entry of the same transaction has been matched with a statement."""
    banked = company["Bank Account Ledger Entry"].find(Transaction_No=entry["Transaction_No"])
    return any(row["Statement_Status"] != "Open" for row in banked)


def reverse(company: Company, entry: Row, key: str, posting_date: str) -> str:
    """Post the opposite of the customer entry's whole document under `key`; return its number.

    The opposite entries carry the original local amounts, so nothing is gained or lost. A blank
    day is the day of the original. Raises NavError with nothing posted.
    """
    with company.transaction():
        day = entry["Posting_Date"] if posting_date == BLANK_DATE else posting_date
        _check(company, entry, day)
        register = Register(company)
        document = _document(entry, key, day)
        _mirror_ledger(register, document, entry)
        _mirror_others(register, document, entry)
        opposite = _mirror_customer(register, document, entry)
        register.finish()
        _close_both(company, document, entry, opposite)
        return key


def reverse_transaction(company: Company, entry: Row, key: str, posting_date: str) -> str:
    """Post the opposite of the whole transaction of a G/L entry under `key`; its number.

    For what was posted by a journal without a customer; what it settles of a vendor is open
    again. Raises NavError with nothing posted.
    """
    with company.transaction():
        day = entry["Posting_Date"] if posting_date == BLANK_DATE else posting_date
        where = company["G/L Entry"].describe(entry)
        if entry["Source_Code"] in (_SALES, _PURCHASES):
            raise dialog(f"You cannot reverse {where}, because it was posted from a document.")
        if reconciled(company, entry):
            raise dialog(
                f"You cannot reverse {where} because its bank account ledger entry is closed by "
                "a bank reconciliation."
            )
        check_posting_date(company, day, where)
        register = Register(company)
        document = _document(entry, key, day)
        for row in company[ENTRIES].find(Transaction_No=entry["Transaction_No"]):
            unsettle_payables(register, document, row)
        _mirror_ledger(register, document, entry)
        _mirror_others(register, document, entry)
        register.finish()
        _tie_rest(company, entry["Transaction_No"], register.transaction)
        return key


def _tie_rest(company: Company, transaction: int, opposite: int) -> None:
    """Tie the G/L entries of subledgers to their opposites too."""
    entries = company["G/L Entry"]
    for row in entries.find(Transaction_No=transaction):
        if row["Reversed"]:
            continue
        for other in entries.find(Transaction_No=opposite):
            same = other["G_L_Account_No"] == row["G_L_Account_No"]
            if same and not other["Reversed"] and amount(other, "Amount") == -amount(row, "Amount"):
                mark_reversed(company, "G/L Entry", row, other)
                break


def _check(company: Company, entry: Row, day: str) -> None:
    where = company["Cust. Ledger Entry"].describe(entry)
    if entry["Source_Code"] == _SALES:
        raise dialog(f"You cannot reverse {where}, because it was posted from a sales document.")
    if applications(company, entry) or entry["Remaining_Amount"] != entry["Amount"]:
        raise dialog(
            f"You cannot reverse {where} because the entry is either applied to an entry or has "
            "been changed by a batch job."
        )
    if reconciled(company, entry):
        raise dialog(
            f"You cannot reverse {where} because its bank account ledger entry is closed by a "
            "bank reconciliation."
        )
    if day < entry["Posting_Date"]:
        raise dialog(
            "The Posting Date entered must not be before the Posting Date on the "
            "Cust. Ledger Entry."
        )
    check_posting_date(company, day, where)


def _document(entry: Row, key: str, day: str) -> Document:
    return Document(
        posting_date=day,
        document_date=day,
        type=entry["Document_Type"],
        number=key,
        external=key,
        description=f"Reversal of {entry['Document_No']}"[:50],
        source_code=_REVERSAL,
        dimensions=(entry["Global_Dimension_1_Code"], entry["Global_Dimension_2_Code"]),
        batch=entry["Journal_Batch_Name"],
    )


def _mirror_ledger(register: Register, document: Document, entry: Row) -> None:
    """Mirror what no subledger entry posts again by itself, and no settlement has created."""
    company = register.company
    for row in company["G/L Entry"].find(Transaction_No=entry["Transaction_No"]):
        if row["Source_Type"] == " " and not row["System_Created_Entry"]:
            local = -amount(row, "Amount")
            opposite = register.ledger(document, row["G_L_Account_No"], local)
            mark_reversed(company, "G/L Entry", row, opposite)


def _mirror_others(register: Register, document: Document, entry: Row) -> None:
    company = register.company
    number = entry["Transaction_No"]
    for row in company["Bank Account Ledger Entry"].find(Transaction_No=number):
        bank = company["Bank Account"].require(row["Bank_Account_No"])
        opposite = register.bank(document, bank, _opposite_money(row))
        mark_reversed(company, "Bank Account Ledger Entry", row, opposite, **_CLOSED)
    for kind, (table, party, _) in CREDITORS.items():
        for row in company[table.name].find(Transaction_No=number):
            creditor = company[kind].require(row[party])
            opposite = register.creditor(kind, document, creditor, _opposite_money(row))
            mark_reversed(company, table.name, row, opposite, **_CLOSED)


def _opposite_money(row: Row) -> Money:
    factor = row.get("Original_Currency_Factor", "1")
    return Money(row["Currency_Code"], -amount(row, "Amount"), -amount(row, "Amount_LCY"), factor)


def _mirror_customer(register: Register, document: Document, entry: Row) -> Row:
    customer = register.company["Customer"].require(entry["Customer_No"])
    return register.customer(
        document,
        customer,
        _opposite_money(entry),
        Comment=entry["Comment"],
        Message_to_Recipient=entry["Message_to_Recipient"],
        Customer_Posting_Group=entry["Customer_Posting_Group"],
        Payment_Method_Code=entry["Payment_Method_Code"],
    )


def _close_both(company: Company, document: Document, entry: Row, opposite: Row) -> None:
    register = Register(company)
    settle(register, document, opposite, entry)
    register.finish()
    mark_reversed(company, "Cust. Ledger Entry", entry, opposite)
