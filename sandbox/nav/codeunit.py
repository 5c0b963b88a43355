"""The codeunit TieoutPosting: what a customer installs so that documents can be posted by key.

Every function is idempotent by its external key, which stands in External Document No. In the
stand-in a call runs without interruption, which has the effect of NAV's LOCKTABLE.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import NamedTuple

from sandbox.nav.company import Company
from sandbox.nav.errors import cannot_evaluate, dialog, must_have_value
from sandbox.nav.posting.application import (
    applications,
    apply_posted,
    open_target,
    require_open,
    unapply_all,
)
from sandbox.nav.posting.journal import post_journal
from sandbox.nav.posting.purchases import post_purchase
from sandbox.nav.posting.reversal import reconciled, reverse, reverse_transaction
from sandbox.nav.posting.sales import post_sales
from sandbox.nav.records import create
from sandbox.nav.schema import Row
from sandbox.nav.tables.journals import GEN_JOURNAL_LINE
from sandbox.nav.tables.ledgers import CUSTOMER_ENTRY
from sandbox.nav.tables.purchases import PURCHASE_HEADER
from sandbox.nav.tables.sales import SALES_HEADER
from sandbox.nav.values import admit, amount, match_option

DRAFT = "Draft"
POSTED = "Posted"

_POSTED_TABLES = {
    "Invoice": "Sales Invoice Header",
    "Order": "Sales Invoice Header",
    "Credit Memo": "Sales Cr.Memo Header",
}


_VENDORS_NUMBER = {
    "Invoice": "Vendor_Invoice_No",
    "Order": "Vendor_Invoice_No",
    "Credit Memo": "Vendor_Cr_Memo_No",
}


class Reserved(NamedTuple):
    """A document or line by its number, and whether it is posted."""

    number: str | int
    state: str


class TieoutPosting:
    """The functions of the codeunit in one company; all raise NavError with nothing changed.

    `gate` is called before anything is posted that was not posted before; it may raise NavError.
    """

    def __init__(self, company: Company, gate: Callable[[], None] = lambda: None) -> None:
        self._company = company
        self._gate = gate

    def create_sales_document(self, document_type: str, key: str, customer: str) -> Reserved:
        """The draft or posted document with the key, or a new draft for the customer."""
        kind, key = _document_type(document_type), _key(key)
        posted = self._posted(kind, key)
        if posted is not None:
            return Reserved(posted["No"], POSTED)
        drafts = self._drafts(kind, key)
        if drafts:
            return Reserved(drafts[0]["No"], DRAFT)
        values = {"Sell_to_Customer_No": customer, "External_Document_No": key}
        if not customer.strip():
            raise must_have_value("Sell-to Customer No.", f"Sales Header: Document Type={kind}")
        row = create(self._company, SALES_HEADER, {"Document_Type": kind}, values)
        return Reserved(row["No"], DRAFT)

    def post_sales_document(self, document_type: str, key: str) -> str:
        """Post the one draft with the key; the number of what is posted already comes back."""
        kind, key = _document_type(document_type), _key(key)
        posted = self._posted(kind, key)
        if posted is not None:
            return str(posted["No"])
        drafts = self._drafts(kind, key)
        if len(drafts) != 1:
            found = "more than one" if drafts else "no"
            raise dialog(f"There is {found} {kind} with External Document No. {key}.")
        self._gate()
        return post_sales(self._company, drafts[0])

    def create_purchase_document(self, document_type: str, key: str, vendor: str) -> Reserved:
        """The draft or posted purchase document with the key, or a new draft for the vendor."""
        kind, key = _document_type(document_type), _key(key)
        posted = self._posted_purchase(kind, key) or self._journal_posted(key)
        if posted is not None:
            return Reserved(posted.get("No") or posted["Document_No"], POSTED)
        drafts = self._purchase_drafts(kind, key)
        if drafts:
            return Reserved(drafts[0]["No"], DRAFT)
        if not vendor.strip():
            raise must_have_value("Buy-from Vendor No.", f"Purchase Header: Document Type={kind}")
        values = {"Buy_from_Vendor_No": vendor, _VENDORS_NUMBER[kind]: key}
        row = create(self._company, PURCHASE_HEADER, {"Document_Type": kind}, values)
        return Reserved(row["No"], DRAFT)

    def post_purchase_document(self, document_type: str, key: str) -> str:
        """Post the one purchase draft with the key; the number of what is posted comes back."""
        kind, key = _document_type(document_type), _key(key)
        posted = self._posted_purchase(kind, key)
        if posted is not None:
            return str(posted["No"])
        drafts = self._purchase_drafts(kind, key)
        if len(drafts) != 1:
            found = "more than one" if drafts else "no"
            raise dialog(f"There is {found} purchase {kind} with External Document No. {key}.")
        self._gate()
        return post_purchase(self._company, drafts[0])

    def reverse_journal(self, key: str, reversal_key: str, posting_date: str) -> str:
        """Post the opposite of a posted journal document without a customer, as NAV's Reverse
        Transaction does; an earlier reversal comes back by number."""
        key, reversal_key = _key(key), _key(reversal_key)
        entries = self._company["G/L Entry"]
        done = entries.first(External_Document_No=reversal_key)
        if done is not None:
            return str(done["Document_No"])
        entry = entries.first(External_Document_No=key)
        if entry is None:
            raise dialog(f"There is no G/L Entry with External Document No. {key}.")
        if entry["Reversed"]:
            raise dialog(f"The entry with External Document No. {key} has already been reversed.")
        self._gate()
        return reverse_transaction(self._company, entry, reversal_key, posting_date)

    def _posted_purchase(self, kind: str, key: str) -> Row | None:
        table = "Purch. Cr. Memo Hdr." if kind == "Credit Memo" else "Purch. Inv. Header"
        return self._company[table].first(**{_VENDORS_NUMBER[kind]: key})

    def _purchase_drafts(self, kind: str, key: str) -> list[Row]:
        headers = self._company["Purchase Header"].find(**{_VENDORS_NUMBER[kind]: key})
        return [row for row in headers if row["Document_Type"] == kind]

    def reserve_journal_line(self, template: str, batch: str, key: str) -> Reserved:
        """The line with the key, or a new empty one; a posted key has line number 0."""
        key = _key(key)
        if self._journal_posted(key) is not None:
            return Reserved(0, POSTED)
        lines = self._lines(template, batch, key)
        if lines:
            return Reserved(lines[0]["Line_No"], DRAFT)
        values = {
            "Journal_Template_Name": template,
            "Journal_Batch_Name": batch,
            "Document_No": key,
            "External_Document_No": key,
        }
        row = create(self._company, GEN_JOURNAL_LINE, {}, values)
        return Reserved(row["Line_No"], DRAFT)

    def post_journal_line(self, template: str, batch: str, key: str) -> str:
        """Post the line with the key, or the lines without balancing account that share it."""
        key = _key(key)
        posted = self._journal_posted(key)
        if posted is not None:
            return str(posted["Document_No"])
        lines = self._lines(template, batch, key)
        if not lines:
            raise dialog(f"There is no journal line with External Document No. {key}.")
        if len(lines) > 1 and any(line["Bal_Account_No"] for line in lines):
            raise dialog(f"There is more than one journal line with External Document No. {key}.")
        self._gate()
        return post_journal(self._company, lines)

    def apply_entry(self, key: str, document_type: str, document_no: str) -> bool:
        """Apply the posted entry with the key to an open one, as far as both reach."""
        return self._apply(key, document_type, document_no, None)

    def apply_amount(self, key: str, document_type: str, document_no: str, value: Decimal) -> bool:
        """Bring what is applied between the two entries up to an amount of their currency.

        Refused, with nothing applied, when less than that remains of one of them.
        """
        if value <= 0:
            raise must_have_value("Amount to Apply", f"Cust. Ledger Entry: {_key(key)}")
        return self._apply(key, document_type, document_no, value)

    def unapply_entry(self, key: str) -> bool:
        """Take back all applications of the entry with the key."""
        entry = self._entry(_key(key))
        if entry["Reversed"] or not applications(self._company, entry):
            return True
        with self._company.transaction():
            self._check_unreconciled(entry)
            unapply_all(self._company, entry)
        return True

    def reverse_payment(self, key: str, reversal_key: str, posting_date: str) -> str:
        """Post the opposite of the entry with the key; an earlier reversal comes back by number."""
        key, reversal_key = _key(key), _key(reversal_key)
        done = self._company["Cust. Ledger Entry"].first(External_Document_No=reversal_key)
        if done is not None:
            return str(done["Document_No"])
        entry = self._entry(key)
        if entry["Reversed"]:
            raise dialog(f"The entry with External Document No. {key} has already been reversed.")
        self._gate()
        return reverse(self._company, entry, reversal_key, posting_date)

    def _posted(self, kind: str, key: str) -> Row | None:
        return self._company[_POSTED_TABLES[kind]].first(External_Document_No=key)

    def _drafts(self, kind: str, key: str) -> list[Row]:
        headers = self._company["Sales Header"]
        return headers.find(Document_Type=kind, External_Document_No=key)

    def _lines(self, template: str, batch: str, key: str) -> list[Row]:
        return self._company["Gen. Journal Line"].find(
            Journal_Template_Name=template.strip().upper(),
            Journal_Batch_Name=batch.strip().upper(),
            External_Document_No=key,
        )

    def _journal_posted(self, key: str) -> Row | None:
        entry = self._company["Cust. Ledger Entry"].first(External_Document_No=key)
        return entry or self._company["G/L Entry"].first(External_Document_No=key)

    def _entry(self, key: str) -> Row:
        found = self._company["Cust. Ledger Entry"].find(External_Document_No=key)
        if len(found) != 1:
            count = "more than one" if found else "no"
            raise dialog(f"There is {count} Cust. Ledger Entry with External Document No. {key}.")
        return found[0]

    def _apply(self, key: str, document_type: str, document_no: str, total: Decimal | None) -> bool:
        company, entry = self._company, self._entry(_key(key))
        kind = match_option(CUSTOMER_ENTRY.fields["Document_Type"], document_type)
        number = document_no.strip().upper()
        applied = self._applied(entry, kind, number)
        if applied and (total is None or applied >= total):
            return True
        with company.transaction():
            require_open(company, entry)
            target = open_target(company, entry["Customer_No"], kind, number)
            limit = None if total is None else total - applied
            apply_posted(company, entry, target, limit)
        return True

    def _applied(self, entry: Row, kind: str, number: str) -> Decimal:
        """How much of the entry is applied to that document; in the entry's currency."""
        records = self._company["Cust. Ledger Entry"]
        total = Decimal(0)
        for row in applications(self._company, entry):
            other = records.require(row["Applied_Cust_Ledger_Entry_No"])
            if other["Document_Type"] == kind and other["Document_No"] == number:
                total += abs(amount(row, "Amount"))
        return total

    def _check_unreconciled(self, entry: Row) -> None:
        records = self._company["Cust. Ledger Entry"]
        rows = applications(self._company, entry)
        others = [records.require(row["Applied_Cust_Ledger_Entry_No"]) for row in rows]
        for one in (entry, *others):
            if reconciled(self._company, one):
                raise dialog(
                    f"You cannot unapply Cust. Ledger Entry No. {one['Entry_No']} because its "
                    "bank account ledger entry is closed by a bank reconciliation."
                )


def _key(value: str) -> str:
    """The key as External Document No. holds it; raises NavError if blank or too long."""
    key = str(admit(SALES_HEADER.fields["External_Document_No"], value))
    if not key:
        raise must_have_value("External Document No.", "the parameters")
    return key


def _document_type(value: str) -> str:
    kind = match_option(SALES_HEADER.fields["Document_Type"], value)
    if kind not in _POSTED_TABLES:
        raise cannot_evaluate(value, "Option")
    return kind
