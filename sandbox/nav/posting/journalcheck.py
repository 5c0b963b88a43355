"""What Gen. Jnl.-Check Line (codeunit 11) demands of the lines of one document."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import NamedTuple

from sandbox.nav.checks import (
    check_account,
    check_bank,
    check_customer_entry,
    check_posting_date,
    keyed,
    require_filled,
)
from sandbox.nav.company import Company
from sandbox.nav.dimensions import Bearer, check_posting
from sandbox.nav.errors import dialog, field_error, must_equal, must_have_value
from sandbox.nav.posting.application import check_order, open_target
from sandbox.nav.schema import Row
from sandbox.nav.triggers.journals import MASTER_TABLES, PARTY_TYPES, check_account_types
from sandbox.nav.values import amount

TABLE = "Gen. Journal Line"


class Side(NamedTuple):
    """One side of a line: an account and the amount it takes, debit positive."""

    line: Row
    prefix: str
    value: Decimal

    @property
    def kind(self) -> str:
        """The account type."""
        return str(self.line[f"{self.prefix}Account_Type"])

    @property
    def number(self) -> str:
        """The account's number."""
        return str(self.line[f"{self.prefix}Account_No"])

    def field(self, name: str) -> str:
        """A posting group of this side."""
        return str(self.line[f"{self.prefix}{name}"])


def sides_of(line: Row) -> Iterator[Side]:
    """The account of a line and, if it has one, its balancing account."""
    value = amount(line, "Amount")
    if line["Account_No"]:
        yield Side(line, "", value)
    if line["Bal_Account_No"]:
        yield Side(line, "Bal_", -value)


def check_document(company: Company, lines: list[Row]) -> None:
    """Raise NavError unless the lines make one document that may be posted."""
    for line in lines:
        _check_line(company, line)
    parties = [side for line in lines for side in sides_of(line) if side.kind in PARTY_TYPES]
    if len(parties) > 1:
        first = lines[0]
        raise dialog(
            f"{first['Document_Type']} {first['Document_No']} posted on {first['Posting_Date']} "
            "includes more than one customer or vendor."
        )
    total = sum((side.value for line in lines for side in sides_of(line)), Decimal(0))
    if total:
        raise dialog(
            f"Document No. {lines[0]['Document_No']} is out of balance by {total}. Please check "
            "that Posting Date, Document Type, Document No. and Amount are correct for each line."
        )


def _check_line(company: Company, line: Row) -> None:
    records = company[TABLE]
    check_posting_date(company, line["Posting_Date"], keyed(company, TABLE, line))
    require_filled(company, TABLE, line, "Document_No")
    if not line["Account_No"] and not line["Bal_Account_No"]:
        raise must_have_value("Account No.", records.describe(line))
    require_filled(company, TABLE, line, "Amount")
    check_account_types(line)
    sides = list(sides_of(line))
    for side in sides:
        _check_side(company, side)
    where = ", ".join(str(line[name]) for name in records.table.key)
    values = (line["Shortcut_Dimension_1_Code"], line["Shortcut_Dimension_2_Code"])
    check_posting(
        company, f"{TABLE} {where}", values, [Bearer(side.kind, side.number) for side in sides]
    )


def _check_side(company: Company, side: Side) -> None:
    line = side.line
    match side.kind:
        case "G/L Account":
            check_account(company, side.number, direct=True)
        case "Bank Account":
            record = company[TABLE].describe(line)
            check_bank(company, side.number, line["Currency_Code"], record)
        case "Customer":
            _check_customer(company, side)
        case "Vendor" | "Employee":
            _check_creditor(company, side)
        case other:
            raise must_equal("Account Type", "Customer", company[TABLE].describe(line), other)


def _check_customer(company: Company, side: Side) -> None:
    line, document = side.line, side.line["Document_Type"]
    customer = company["Customer"].require(side.number)
    check_customer_entry(customer, document, "post")
    require_filled(company, "Customer", customer, "Customer_Posting_Group")
    _check_sign(company, side, {"Invoice": 1, "Credit Memo": -1}.get(document, 0))
    _check_unused(company, line, "Cust. Ledger Entry", "Sales")


def _check_creditor(company: Company, side: Side) -> None:
    line = side.line
    party = company[MASTER_TABLES[side.kind]].require(side.number)
    require_filled(company, side.kind, party, f"{side.kind}_Posting_Group")
    if side.kind == "Employee":
        if line["Currency_Code"]:
            record = company[TABLE].describe(line)
            raise must_equal("Currency Code", "", record, line["Currency_Code"])
        return
    if party["Blocked"] == "All":
        raise dialog(
            f"You cannot post this type of document when Vendor {party['No']} "
            f"is blocked with type {party['Blocked']}"
        )
    _check_sign(company, side, {"Invoice": -1, "Credit Memo": 1}.get(line["Document_Type"], 0))
    _check_unused(company, line, "Vendor Ledger Entry", "Purchase")


def _check_sign(company: Company, side: Side, sign: int) -> None:
    if sign and side.value * sign < 0:
        word = "positive" if (sign > 0) == (side.prefix == "") else "negative"
        record = keyed(company, TABLE, side.line)
        raise field_error("Amount", f"must be {word}", record)


def _check_unused(company: Company, line: Row, ledger: str, word: str) -> None:
    """The number of an invoice or credit memo is unique over all customers, or all vendors."""
    if line["Document_Type"] not in ("Invoice", "Credit Memo"):
        return
    for entry in company[ledger].find(Document_No=line["Document_No"]):
        if entry["Document_Type"] == line["Document_Type"]:
            raise dialog(f"{word} {line['Document_Type']} {line['Document_No']} already exists.")


def find_target(company: Company, side: Side) -> Row | None:
    """The open entry that the customer side of a line applies to."""
    line = side.line
    if not line["Applies_to_Doc_No"]:
        return None
    target = open_target(
        company, side.number, line["Applies_to_Doc_Type"], line["Applies_to_Doc_No"]
    )
    check_order(line["Posting_Date"], target)
    return target
