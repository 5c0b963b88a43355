"""Settlement of customer entries: applying one to another, and taking that back.

The arithmetic follows NAV: the applied entry is relieved at the rate of the applying one, and the
difference to its own rate is a realised gain or loss that goes through the control account.
Unapplying goes backwards in time only, as in codeunit 226.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from sandbox.nav.checks import keyed, posting_date_allowed
from sandbox.nav.company import Company
from sandbox.nav.errors import dialog, field_error, must_equal, nothing_within
from sandbox.nav.money import precision_of, rounded
from sandbox.nav.posting.register import Document, Register
from sandbox.nav.schema import BLANK_DATE, Row
from sandbox.nav.values import amount, plain

_ZERO = Decimal(0)
_APPLICATION = "SALESAPPL"
_UNAPPLICATION = "UNAPPSALES"


def open_target(company: Company, customer: str, document: str, number: str) -> Row:
    """The open entry that a document applies to; raises NavError if there is none."""
    for entry in company["Cust. Ledger Entry"].find(Document_No=number):
        same = entry["Document_Type"] == document and entry["Customer_No"] == customer
        if same and entry["Open"] and not entry["Reversed"]:
            return entry
    raise nothing_within(
        "Cust. Ledger Entry",
        [
            ("Document Type", document),
            ("Document No.", number),
            ("Customer No.", customer),
            ("Open", "Yes"),
        ],
    )


def check_applicable(applying: Row, target: Row) -> None:
    """Raise NavError unless the two entries can settle each other."""
    if applying["Currency_Code"] != target["Currency_Code"]:
        raise dialog("All entries in one application must be in the same currency.")
    if amount(applying, "Remaining_Amount") * amount(target, "Remaining_Amount") >= 0:
        raise dialog(
            f"You cannot apply {target['Document_Type']} {target['Document_No']} to "
            f"{applying['Document_Type']} {applying['Document_No']}, because both entries have "
            "the same sign or nothing remains of one of them."
        )


def check_order(applying_date: str, target: Row) -> None:
    """Raise NavError if a document being posted is dated before the entry it applies to."""
    if applying_date < target["Posting_Date"]:
        raise dialog(
            "You are not allowed to apply and post an entry to an entry with an earlier "
            "posting date."
        )


def settle(
    register: Register,
    document: Document,
    applying: Row,
    target: Row,
    limit: Decimal | None = None,
) -> None:
    """Apply one open entry to another: as far as both reach, or by exactly `limit`."""
    company = register.company
    check_applicable(applying, target)
    value = min(abs(amount(row, "Remaining_Amount")) for row in (applying, target))
    if limit is not None:
        _check_limit(company, applying, limit, value)
        value = limit
    own = _share(company, applying, value)
    theirs = _share(company, target, value)
    sign = 1 if amount(applying, "Amount") > 0 else -1
    _relieve(register, document, applying, -sign * value, -own, target)
    _relieve(register, document, target, sign * value, own, applying)
    _realise(register, document, target, -theirs - own)


def _check_limit(company: Company, entry: Row, limit: Decimal, rest: Decimal) -> None:
    precision = precision_of(company, entry["Currency_Code"])
    complaint = ""
    if limit > rest:
        complaint = "must not be larger than Remaining Amount"
    elif rounded(limit, precision) != limit:
        complaint = f"must be a multiple of {precision}"
    if complaint:
        where = keyed(company, "Cust. Ledger Entry", entry)
        raise field_error("Amount to Apply", complaint, where)


def _share(company: Company, entry: Row, value: Decimal) -> Decimal:
    """What `value` of the entry's remaining amount is worth in local currency, with its sign."""
    rest, local = amount(entry, "Remaining_Amount"), amount(entry, "Remaining_Amt_LCY")
    if value == abs(rest):
        return local
    return rounded(local * value / abs(rest), precision_of(company, ""))


def _relieve(
    register: Register,
    document: Document,
    entry: Row,
    value: Decimal,
    local: Decimal,
    other: Row,
) -> None:
    counterpart = {"Applied_Cust_Ledger_Entry_No": other["Entry_No"]}
    register.detail(document, entry, "Application", value, local, **counterpart)
    _carry(register.company, entry, value, local, document.posting_date, other["Entry_No"])


def _realise(register: Register, document: Document, target: Row, local: Decimal) -> None:
    """Book what the target gained or lost against its own rate; `local` is its share of it."""
    if not local:
        return
    company = register.company
    kind = "Realized Gain" if local > 0 else "Realized Loss"
    register.detail(document, target, kind, _ZERO, local)
    _carry(company, target, _ZERO, local, document.posting_date, 0)
    _book_gain(register, document, target, local)


def _book_gain(register: Register, document: Document, entry: Row, local: Decimal) -> None:
    currency = register.company["Currency"].require(entry["Currency_Code"])
    gain = currency["Realized_Gains_Acc" if local > 0 else "Realized_Losses_Acc"]
    marks = {"System_Created_Entry": True}
    register.ledger(document, register.receivables(entry["Customer_Posting_Group"]), local, **marks)
    register.ledger(document, gain, -local, **marks)


def _carry(
    company: Company, entry: Row, value: Decimal, local: Decimal, day: str, closer: int
) -> None:
    """Keep the entry's remaining amounts in step with a new detailed entry."""
    present = company["Cust. Ledger Entry"].require(entry["Entry_No"])
    rest = amount(present, "Remaining_Amount") + value
    changed: dict[str, Any] = {
        "Remaining_Amount": plain(rest),
        "Remaining_Amt_LCY": plain(amount(present, "Remaining_Amt_LCY") + local),
        "Open": bool(rest),
    }
    if not rest and closer:
        changed |= {
            "Closed_by_Entry_No": closer,
            "Closed_at_Date": day,
            "Closed_by_Amount": plain(abs(value)),
        }
    elif rest:
        changed |= {
            "Closed_by_Entry_No": 0,
            "Closed_at_Date": BLANK_DATE,
            "Closed_by_Amount": "0",
        }
    company["Cust. Ledger Entry"].change(present, **changed)


def apply_posted(company: Company, applying: Row, target: Row, limit: Decimal | None) -> None:
    """Apply two posted entries in a transaction of their own."""
    day = max(applying["Posting_Date"], target["Posting_Date"])
    register = Register(company)
    document = _document_of(applying, _allowed_day(company, day), _APPLICATION)
    settle(register, document, applying, target, limit)
    register.finish()


def applications(company: Company, entry: Row) -> list[Row]:
    """The applications of an entry that are in force, oldest first."""
    details = company["Detailed Cust. Ledg. Entry"].find(Cust_Ledger_Entry_No=entry["Entry_No"])
    return [row for row in details if row["Entry_Type"] == "Application" and not row["Unapplied"]]


def unapply_all(company: Company, entry: Row) -> None:
    """Take back every application of an entry, the latest first; raises NavError."""
    while found := applications(company, entry):
        _unapply(company, entry, found[-1])


def _unapply(company: Company, entry: Row, application: Row) -> None:
    details = [
        row
        for row in company["Detailed Cust. Ledg. Entry"].find(
            Transaction_No=application["Transaction_No"]
        )
        if row["Entry_Type"] != "Initial Entry" and not row["Unapplied"]
    ]
    _check_latest(company, details)
    day = _allowed_day(company, application["Posting_Date"])
    register = Register(company)
    document = _document_of(entry, day, _UNAPPLICATION)
    for row in details:
        _take_back(register, document, row)
    register.finish()


def _check_latest(company: Company, details: list[Row]) -> None:
    for row in details:
        entry = company["Cust. Ledger Entry"].require(row["Cust_Ledger_Entry_No"])
        latest = applications(company, entry)[-1]
        if latest["Transaction_No"] != row["Transaction_No"]:
            raise dialog(
                "Before you can unapply this entry, you must first unapply all application "
                f"entries in Cust. Ledger Entry No. {entry['Entry_No']} that were posted after "
                "this entry."
            )


def _take_back(register: Register, document: Document, row: Row) -> None:
    company = register.company
    entry = company["Cust. Ledger Entry"].require(row["Cust_Ledger_Entry_No"])
    value, local = -amount(row, "Amount"), -amount(row, "Amount_LCY")
    back = register.detail(
        document,
        entry,
        row["Entry_Type"],
        value,
        local,
        Unapplied=True,
        Applied_Cust_Ledger_Entry_No=row["Applied_Cust_Ledger_Entry_No"],
    )
    company["Detailed Cust. Ledg. Entry"].change(
        row, Unapplied=True, Unapplied_by_Entry_No=back["Entry_No"]
    )
    _carry(company, entry, value, local, document.posting_date, 0)
    if row["Entry_Type"] != "Application":
        _unbook_gain(register, document, entry, row)


def _unbook_gain(register: Register, document: Document, entry: Row, row: Row) -> None:
    """Reverse the gain or loss on the account where it was booked, not on the opposite one."""
    local = amount(row, "Amount_LCY")
    currency = register.company["Currency"].require(entry["Currency_Code"])
    account = currency["Realized_Gains_Acc" if local > 0 else "Realized_Losses_Acc"]
    marks = {"System_Created_Entry": True}
    control = register.receivables(entry["Customer_Posting_Group"])
    register.ledger(document, control, -local, **marks)
    register.ledger(document, account, local, **marks)


def _allowed_day(company: Company, day: str) -> str:
    """The day itself or, when its period is closed, today; raises NavError if both are closed."""
    for candidate in (day, company.today()):
        if posting_date_allowed(company, candidate) and candidate >= day:
            return candidate
    raise dialog("Posting date is not within the range of allowed posting dates.")


def _document_of(entry: Row, day: str, source_code: str) -> Document:
    return Document(
        posting_date=day,
        document_date=day,
        type=entry["Document_Type"],
        number=entry["Document_No"],
        external=entry["External_Document_No"],
        description=entry["Description"],
        source_code=source_code,
    )


def mark_reversed(company: Company, table: str, one: Row, other: Row, **values: Any) -> None:
    """Tie an entry and its opposite to each other; `values` are set on both."""
    records = company[table]
    first, second = records.require(one["Entry_No"]), records.require(other["Entry_No"])
    tied = {"Reversed": True, **values}
    records.change(first, **tied, Reversed_by_Entry_No=second["Entry_No"])
    records.change(second, **tied, Reversed_Entry_No=first["Entry_No"])


def require_open(company: Company, entry: Row) -> None:
    """Raise NavError if nothing remains of an entry."""
    if not entry["Open"]:
        record = company["Cust. Ledger Entry"].describe(entry)
        raise must_equal("Open", "Yes", record, "No")
