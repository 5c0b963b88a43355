"""TieoutService: the custom service a customer may install (docs/ax/TieoutService.txt).

Every operation is idempotent by our reference, which stands in PurchOrderFormNum of invoices and
orders and in PaymReference of journal lines.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from sandbox.ax.clerk import Clerk
from sandbox.ax.company import Company
from sandbox.ax.errors import DEADLOCK, AifError, Code
from sandbox.ax.posting.draft import Draft, free_text_draft, order_draft
from sandbox.ax.posting.payables import (
    alike,
    cost_line,
    of_vendor,
    of_voucher,
    reverse_cost,
    settle_payable,
)
from sandbox.ax.posting.reversal import reverse_free_text, reverse_transaction
from sandbox.ax.posting.settlement import (
    remaining,
    reverse_settlement,
    settle,
    settled_amount,
)
from sandbox.ax.schema import Row
from sandbox.ax.services.finding import Finder
from sandbox.ax.services.setuplists import setup_list
from sandbox.ax.view import DocumentView, Views
from sandbox.ax.wire.values import plain

Answer = DocumentView | bool | dict[str, Any] | list[DocumentView] | list[dict[str, Any]]
_ABSENT = "Absent"


class TieoutService:
    """The operations in one company; all raise AifError with nothing changed."""

    def __init__(self, company: Company, clerk: Clerk) -> None:
        self._company = company
        self._clerk = clerk
        self._views = Views(company)
        self._finder = Finder(company)

    def call(self, operation: str, values: dict[str, Any]) -> Answer:
        """Carry out an operation with its parameters in the order of the contract."""
        with self._company.database.transaction():
            return _OPERATIONS[operation](self, *values.values())

    def find_by_key(self, key: str) -> DocumentView:
        """The document with a reference: unposted ones first, then what was posted."""
        return self._found(key) or DocumentView("None", key=key, state=_ABSENT)

    def post_free_text_invoice(self, key: str) -> DocumentView:
        """Post the free text invoice with a reference; one that is posted comes back."""
        row = self._finder.only("CustInvoiceTable", key)
        return self._posted("CustInvoiceTable", row, row["Posted"] == "Yes", key)

    def post_sales_order(self, key: str) -> DocumentView:
        """Invoice all of the sales order with a reference; one that is invoiced comes back."""
        row = self._finder.only("SalesTable", key)
        return self._posted("SalesTable", row, row["SalesStatus"] == "Invoiced", key)

    def post_payment_journal(self, key: str) -> DocumentView:
        """Post the journal with the line of a reference; one that is posted comes back."""
        row = self._finder.only("LedgerJournalTable", key)
        return self._posted("LedgerJournalTable", row, row["Posted"] == "Yes", key)

    def discard(self, key: str) -> bool:
        """Remove what was not posted; false when there is nothing with the reference."""
        for table in ("CustInvoiceTable", "SalesTable", "LedgerJournalTable"):
            for row in self._finder.rows(table, key):
                self._drop(table, row, key)
                return True
        if self._finder.transaction(key) is not None:
            raise AifError("Posted", document="Voucher", number=key)
        return False

    def settle_transactions(
        self,
        key: str,
        against: str,
        amount: Decimal,
    ) -> DocumentView:
        """Settle two transactions until `amount` of each is settled by the other (0: all)."""
        one = self._finder.require_transaction(key)
        other = self._finder.require_transaction(against)
        already = settled_amount(one, other)
        wanted = amount - already if amount else None
        if amount < 0:
            raise AifError("NothingToSettle", one=key, other=against, reason="it is negative")
        done = wanted <= 0 if wanted is not None else not (remaining(one) and remaining(other))
        if not (already and done):
            settle(self._company, one, other, wanted)
        return self._transaction(one)

    def reverse_settlement(self, key: str, against: str) -> DocumentView:
        """Take back what two transactions settle of each other, or everything of the first."""
        one = self._finder.require_transaction(key)
        other = self._finder.require_transaction(against) if against else None
        reverse_settlement(self._company, one, other)
        return self._transaction(one)

    def reverse_transaction(
        self,
        key: str,
        reversal: str,
        day: str,
    ) -> DocumentView:
        """Reverse a payment or a cost journal under another reference; a known reversal comes
        back."""
        journal = self._finder.single("LedgerJournalTable", key)
        if journal is not None and cost_line(journal):
            return self._reverse_cost(journal, reversal, day)
        known = self._finder.transaction(reversal)
        if known is None:
            self._allow()
            trans = self._finder.require_transaction(key)
            day = day or self._company.today()
            known = reverse_transaction(self._company, trans, reversal, day)
        return self._views.transaction(known)

    def reverse_free_text_invoice(
        self,
        key: str,
        reversal: str,
        day: str,
    ) -> DocumentView:
        """Post a free text invoice that takes another back; a known one comes back."""
        known = self._finder.rows("CustInvoiceTable", reversal)
        if not known:
            self._allow()
            row = self._finder.only("CustInvoiceTable", key)
            if row["Posted"] == "No":
                raise AifError("NotFoundByKey", Code.KEY, kind="posted invoice", key=key)
            day = day or self._company.today()
            reverse_free_text(self._company, row, reversal, day)
            known = self._finder.rows("CustInvoiceTable", reversal)
        return self._views.free_text(known[0])

    def get_invoice_totals(self, key: str) -> dict[str, Any]:
        """Net, tax per code and gross of an invoice or order, posted or not."""
        draft = self._draft(key)
        figures = draft.figures
        taxes = [
            {
                "TaxAmount": plain(one.tax),
                "TaxBase": plain(one.base),
                "TaxCode": one.code,
                "TaxItemGroup": one.item_group,
                "TaxPercent": plain(one.percent),
            }
            for one in figures.taxes
        ]
        return {
            "CurrencyCode": draft.currency,
            "InvoiceAmount": plain(figures.gross),
            "NetAmount": plain(figures.net),
            "TaxAmount": plain(figures.tax),
            "TaxLines": taxes,
        }

    def find_transactions(
        self,
        account: str,
        currency: str,
        amount: Decimal,
        first: str,
        last: str,
    ) -> list[DocumentView]:
        """Posted transactions of a customer, currency and signed amount within some days."""
        return [
            self._views.transaction(row)
            for row in self._company["CustTrans"].find("AccountNum", account)
            if row["CurrencyCode"] == currency.upper()
            and Decimal(row["AmountCur"]) == amount
            and first <= row["TransDate"] <= last
        ]

    def settle_payable(self, key: str, against: str) -> DocumentView:
        """Settle a payment of a vendor with what it pays."""
        settle_payable(self._company, key, against)
        return self.find_by_key(key)

    def find_vendor_documents(self, account: str, number: str) -> list[DocumentView]:
        """What a vendor is owed for under a document number of theirs."""
        return [self._views.payable(row) for row in of_vendor(self._company, account, number)]

    def find_vendor_transactions(
        self,
        account: str,
        currency: str,
        amount: Decimal,
        first: str,
        last: str,
    ) -> list[DocumentView]:
        """Posted transactions of a vendor, currency and signed amount within some days."""
        found = alike(self._company, account, currency, amount, first, last)
        return [self._views.payable(row) for row in found]

    def find_vendor_voucher(self, voucher: str) -> list[DocumentView]:
        """What stands on vendors' accounts under a voucher."""
        return [self._views.payable(row) for row in of_voucher(self._company, voucher)]

    def get_setup(self, name: str) -> list[dict[str, Any]]:
        """One of the lists of set-up values."""
        return setup_list(self._company, name)

    def _posted(self, table: str, row: Row, posted: bool, key: str) -> DocumentView:
        if not posted and self._clerk.settings.posting != "wait":
            reason = self._clerk.post(self._company, table, row)
            if reason:
                raise AifError("Refused", reason=reason)
        return self.find_by_key(key)

    def _reverse_cost(self, journal: Row, reversal: str, day: str) -> DocumentView:
        if self._finder.single("LedgerJournalTable", reversal) is None:
            self._allow()
            reverse_cost(self._company, journal, reversal, day or self._company.today())
        return self.find_by_key(reversal)

    def _allow(self) -> None:
        settings = self._clerk.settings
        if settings.posting == "refuse":
            raise AifError("Refused", reason=settings.reason or "Posting was refused.")
        if settings.posting == "wait":
            raise AifError("Deadlock", Code.DEADLOCK, exception=DEADLOCK)

    def _found(self, key: str) -> DocumentView | None:
        views = self._views
        if row := self._finder.single("CustInvoiceTable", key):
            return views.free_text(row)
        if row := self._finder.single("SalesTable", key):
            return views.order(row)
        if trans := self._finder.transaction(key):
            return views.transaction(trans)
        if row := self._finder.single("LedgerJournalTable", key):
            if cost := cost_line(row):
                return views.cost(row, cost)
            lines = (one for one in row["LedgerJournalTrans"] if one["PaymReference"] == key)
            return views.line(row, next(lines))
        row = self._company["CustTable"].first("OurAccountNum", key) if key else None
        return views.customer(row) if row else None

    def _drop(self, table: str, row: Row, key: str) -> None:
        if row.get("Posted") == "Yes" or row.get("SalesStatus") == "Invoiced":
            raise AifError("Posted", document=table, number=key)
        lines = row.get("LedgerJournalTrans", [])
        kept = [line for line in lines if line["PaymReference"].lower() != key.lower()]
        if table == "LedgerJournalTable" and cost_line(row):
            kept = []
        if kept:
            self._company.change(table, row, LedgerJournalTrans=kept)
        else:
            self._company[table].delete(row)

    def _draft(self, key: str) -> Draft:
        row = self._finder.single("CustInvoiceTable", key)
        if row is not None:
            return free_text_draft(self._company, row)
        return order_draft(self._company, self._finder.only("SalesTable", key))

    def _transaction(self, trans: Row) -> DocumentView:
        present = self._company["CustTrans"].get(trans["RecId"])
        return self._views.transaction(present or trans)


_OPERATIONS: dict[str, Callable[..., Answer]] = {
    "findByKey": TieoutService.find_by_key,
    "postFreeTextInvoice": TieoutService.post_free_text_invoice,
    "postSalesOrder": TieoutService.post_sales_order,
    "postPaymentJournal": TieoutService.post_payment_journal,
    "discard": TieoutService.discard,
    "settleTransactions": TieoutService.settle_transactions,
    "reverseSettlement": TieoutService.reverse_settlement,
    "reverseTransaction": TieoutService.reverse_transaction,
    "reverseFreeTextInvoice": TieoutService.reverse_free_text_invoice,
    "getInvoiceTotals": TieoutService.get_invoice_totals,
    "findTransactions": TieoutService.find_transactions,
    "settlePayable": TieoutService.settle_payable,
    "findVendorDocuments": TieoutService.find_vendor_documents,
    "findVendorTransactions": TieoutService.find_vendor_transactions,
    "findVendorVoucher": TieoutService.find_vendor_voucher,
    "getSetup": TieoutService.get_setup,
}
