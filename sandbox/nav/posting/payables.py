"""Settlement of vendor entries: payments and credit memos applied to what is owed.

The same arithmetic as for customers: the applied entry is relieved at the rate of the applying
one, and the difference to its own rate is a realised gain or loss through the payables account.
"""

from __future__ import annotations

from decimal import Decimal

from sandbox.nav.company import Company
from sandbox.nav.errors import dialog, nothing_within
from sandbox.nav.money import precision_of, rounded
from sandbox.nav.posting.application import check_applicable
from sandbox.nav.posting.register import Document, Register
from sandbox.nav.schema import BLANK_DATE, Row
from sandbox.nav.values import amount, plain

ENTRIES = "Vendor Ledger Entry"
_SETTLES = "$settles"
"""Where an entry keeps what it was applied to: entry, amount, and both shares in local currency."""
_OPEN = {"Closed_by_Entry_No": 0, "Closed_at_Date": BLANK_DATE, "Closed_by_Amount": "0"}


def open_payable(company: Company, vendor: str, document: str, number: str) -> Row:
    """The open vendor entry of a document; raises NavError if there is none."""
    for entry in company[ENTRIES].find(Document_No=number):
        same = entry["Document_Type"] == document and entry["Vendor_No"] == vendor
        if same and entry["Open"] and not entry["Reversed"]:
            return entry
    filters = [("Document Type", document), ("Document No.", number), ("Vendor No.", vendor)]
    raise nothing_within(ENTRIES, [*filters, ("Open", "Yes")])


def check_unused(company: Company, vendor: str, document: str, external: str) -> None:
    """Raise NavError when a live entry of this vendor has the external number already."""
    for entry in company[ENTRIES].find(External_Document_No=external):
        same = entry["Vendor_No"] == vendor and entry["Document_Type"] == document
        if external and same and not entry["Reversed"]:
            raise dialog(f"Purchase {document} {external} already exists for this vendor.")


def settle_payable(register: Register, document: Document, applying: Row, target: Row) -> None:
    """Apply one open vendor entry to another, as far as both reach."""
    check_applicable(applying, target)
    value = min(abs(amount(row, "Remaining_Amount")) for row in (applying, target))
    own, theirs = (_share(register.company, row, value) for row in (applying, target))
    sign = 1 if amount(applying, "Amount") > 0 else -1
    _carry(register.company, applying, -sign * value, -own, document.posting_date, target)
    _carry(register.company, target, sign * value, -theirs, document.posting_date, applying)
    _realise(register, document, target, -theirs - own)
    entries = register.company[ENTRIES]
    present = entries.require(applying["Entry_No"])
    note = [target["Entry_No"], plain(value), plain(own), plain(theirs)]
    entries.change(present, **{_SETTLES: [*present.get(_SETTLES, []), note]})


def unsettle_payables(register: Register, document: Document, applying: Row) -> None:
    """Take back what an entry was applied to, the latest first, with what was gained or lost."""
    entries = register.company[ENTRIES]
    sign = 1 if amount(applying, "Amount") > 0 else -1
    for number, *figures in reversed(applying.get(_SETTLES, [])):
        value, own, theirs = (Decimal(figure) for figure in figures)
        target = entries.require(number)
        _carry(register.company, applying, sign * value, own, document.posting_date, target)
        _carry(register.company, target, -sign * value, theirs, document.posting_date, applying)
        _realise(register, document, target, theirs + own, back=True)
    entries.change(entries.require(applying["Entry_No"]), **{_SETTLES: []})


def _share(company: Company, entry: Row, value: Decimal) -> Decimal:
    rest, local = amount(entry, "Remaining_Amount"), amount(entry, "Remaining_Amt_LCY")
    if value == abs(rest):
        return local
    return rounded(local * value / abs(rest), precision_of(company, ""))


def _carry(
    company: Company, entry: Row, value: Decimal, local: Decimal, day: str, other: Row
) -> None:
    present = company[ENTRIES].require(entry["Entry_No"])
    rest = amount(present, "Remaining_Amount") + value
    closing = {
        "Closed_by_Entry_No": other["Entry_No"],
        "Closed_at_Date": day,
        "Closed_by_Amount": plain(abs(value)),
    }
    company[ENTRIES].change(
        present,
        Remaining_Amount=plain(rest),
        Remaining_Amt_LCY=plain(amount(present, "Remaining_Amt_LCY") + local),
        Open=bool(rest),
        **(_OPEN if rest else closing),
    )


def _realise(
    register: Register, document: Document, entry: Row, local: Decimal, *, back: bool = False
) -> None:
    """Book what was gained or lost; taken back it goes to the account where it was booked."""
    if not local:
        return
    company = register.company
    vendor = company["Vendor"].require(entry["Vendor_No"])
    group = company["Vendor Posting Group"].require(vendor["Vendor_Posting_Group"])
    currency = company["Currency"].require(entry["Currency_Code"])
    gain = currency["Realized_Gains_Acc" if (local > 0) != back else "Realized_Losses_Acc"]
    marks = {"System_Created_Entry": True}
    register.ledger(document, group["Payables_Account"], local, **marks)
    register.ledger(document, gain, -local, **marks)
