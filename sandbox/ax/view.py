"""One document as people outside ask for it: whose, how much, in which state, settled with what."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from decimal import Decimal

from sandbox.ax.company import CREATED, REJECTED, Company
from sandbox.ax.posting.draft import Draft, free_text_draft, order_draft
from sandbox.ax.posting.money import ZERO
from sandbox.ax.posting.payables import REVERSED as TAKEN_BACK
from sandbox.ax.posting.payables import cost_line
from sandbox.ax.posting.reversal import is_reversed
from sandbox.ax.posting.settlement import remaining
from sandbox.ax.schema import Row

CREATED_STATE, POSTED, REVERSED, REJECTED_STATE = "Created", "Posted", "Reversed", "Rejected"


@dataclass(frozen=True)
class DocumentView:
    """A document in its present state. Amounts are signed, debit positive; `day` is ISO."""

    kind: str
    key: str = ""
    number: str = ""
    state: str = CREATED_STATE
    account: str = ""
    currency: str = ""
    amount: Decimal = ZERO
    tax: Decimal = ZERO
    remaining: Decimal = ZERO
    reference: str = ""
    invoice_id: str = ""
    voucher: str = ""
    day: str = ""
    reason: str = ""
    trans: int = 0
    company: str = ""
    sales_type: str = ""
    settled_with: tuple[str, ...] = field(default=())
    applies_to: tuple[str, ...] = field(default=())


class Views:
    """Reads the documents of one company."""

    def __init__(self, company: Company) -> None:
        self._company = company

    def customer(self, row: Row) -> DocumentView:
        """A customer."""
        key = row["OurAccountNum"]
        return DocumentView(
            "Customer",
            key=key,
            number=row["AccountNum"],
            account=row["AccountNum"],
            currency=row["Currency"],
            reference=key,
            day=row[CREATED][:10],
        )

    def free_text(self, row: Row) -> DocumentView:
        """A free text invoice, posted or not."""
        if row["Posted"] == "Yes":
            found = self._company["CustTrans"].find("Invoice", row["InvoiceId"])
            view = self.transaction(next(one for one in found if one["TransType"] == "Sales"))
            return replace(view, kind="FreeTextInvoice", number=str(row["RecId"]))
        view = self._draft(free_text_draft(self._company, row))
        return replace(view, kind="FreeTextInvoice", number=str(row["RecId"]))

    def order(self, row: Row) -> DocumentView:
        """A sales order; once it was invoiced, its invoice."""
        jour = self._company["CustInvoiceJour"].first("SalesId", row["SalesId"])
        if jour is not None:
            found = self._company["CustTrans"].find("Invoice", jour["InvoiceId"])
            view = self.transaction(next(one for one in found if one["TransType"] == "Sales"))
        else:
            view = self._draft(order_draft(self._company, row))
            if row["SalesStatus"] == "Canceled":
                view = replace(view, state=REJECTED_STATE, reason="The order was canceled.")
        return replace(view, kind="SalesOrder", number=row["SalesId"], sales_type=row["SalesType"])

    def line(self, journal: Row, line: Row) -> DocumentView:
        """A line of a journal that is not posted yet."""
        amount = Decimal(line["AmountCurDebit"]) - Decimal(line["AmountCurCredit"])
        customer = line["AccountType"] == "Cust"
        return DocumentView(
            "Payment",
            key=line["PaymReference"],
            number=journal["JournalNum"],
            state=REJECTED_STATE if journal.get(REJECTED) else CREATED_STATE,
            account=line["LedgerDimension"]["Account"] if customer else "",
            currency=line["CurrencyCode"],
            amount=amount,
            remaining=amount,
            reference=line["DocumentNum"],
            day=line["TransDate"],
            reason=journal.get(REJECTED, ""),
            applies_to=(line["MarkedInvoice"],) if line["MarkedInvoice"] else (),
        )

    def cost(self, journal: Row, line: Row) -> DocumentView:
        """A cost journal, posted or not: what its referenced line owes or takes."""
        draft = replace(self.line(journal, line), kind="Expense")
        account = line["LedgerDimension"]["Account"]
        if journal["Posted"] == "No":
            return replace(draft, account=account)
        debt = self._company["VendTrans"].first("PaymReference", line["PaymReference"])
        return replace(
            draft,
            kind="Expense" if debt else "Cost",
            account=account,
            state=REVERSED if journal.get(TAKEN_BACK) else POSTED,
            remaining=remaining(debt) if debt else ZERO,
            voucher=line["Voucher"],
            reason="",
        )

    def transaction(self, trans: Row) -> DocumentView:
        """A posted customer transaction."""
        jour = self._jour(trans)
        reversed_ = trans["Reversed"] == "Yes" or is_reversed(self._company, trans)
        others = self._settled(trans)
        return DocumentView(
            "FreeTextInvoice" if trans["TransType"] == "Sales" else "Payment",
            key=self.key_of(trans),
            number=trans["Voucher"],
            state=REVERSED if reversed_ else POSTED,
            account=trans["AccountNum"],
            currency=trans["CurrencyCode"],
            amount=Decimal(trans["AmountCur"]),
            tax=Decimal(jour["SumTax"]) if jour else ZERO,
            remaining=remaining(trans),
            reference=jour["CustomerRef"] if jour else trans["DocumentNum"],
            invoice_id=trans["Invoice"],
            voucher=trans["Voucher"],
            day=trans["TransDate"],
            trans=trans["RecId"],
            settled_with=tuple(self.key_of(one) for one in others),
            applies_to=tuple(one["Invoice"] or one["Voucher"] for one in others),
        )

    def payable(self, trans: Row) -> DocumentView:
        """A posted vendor transaction, by itself."""
        return DocumentView(
            "Expense",
            key=trans["PaymReference"],
            number=trans["Voucher"],
            state=POSTED,
            account=trans["AccountNum"],
            currency=trans["CurrencyCode"],
            amount=Decimal(trans["AmountCur"]),
            remaining=remaining(trans),
            reference=trans["DocumentNum"],
            voucher=trans["Voucher"],
            day=trans["TransDate"],
            trans=trans["RecId"],
        )

    def key_of(self, trans: Row) -> str:
        """Our reference of a posted transaction."""
        jour = self._jour(trans)
        return str(jour["PurchaseOrder"] if jour else trans["PaymReference"])

    def everything(self) -> Iterator[DocumentView]:
        """Customers, what waits to be posted, and every posted transaction."""
        company = self._company
        yield from (self.customer(row) for row in company["CustTable"].all())
        for row in company["CustInvoiceTable"].all():
            if row["Posted"] == "No":
                yield self.free_text(row)
        for row in company["SalesTable"].all():
            if row["SalesStatus"] != "Invoiced":
                yield self.order(row)
        for row in company["LedgerJournalTable"].all():
            line = cost_line(row)
            if line is not None:
                yield self.cost(row, line)
            elif row["Posted"] == "No":
                yield from (self.line(row, line) for line in row["LedgerJournalTrans"])
        yield from (self.transaction(row) for row in company["CustTrans"].all())

    def _jour(self, trans: Row) -> Row | None:
        if not trans["Invoice"] or trans["TransType"] != "Sales":
            return None
        return self._company["CustInvoiceJour"].first("InvoiceId", trans["Invoice"])

    def _settled(self, trans: Row) -> list[Row]:
        ids = dict.fromkeys(line["OffsetRecId"] for line in trans["CustSettlement"])
        found = (self._company["CustTrans"].get(rec_id) for rec_id in ids)
        return [row for row in found if row is not None]

    def _draft(self, draft: Draft) -> DocumentView:
        figures, row = draft.figures, draft.row
        return DocumentView(
            "",
            key=row["PurchOrderFormNum"],
            state=REJECTED_STATE if row.get(REJECTED) else CREATED_STATE,
            account=draft.account,
            currency=draft.currency,
            amount=figures.gross,
            tax=figures.tax,
            remaining=figures.gross,
            reference=row["CustomerRef"],
            day=draft.day,
            reason=row.get(REJECTED, ""),
        )
