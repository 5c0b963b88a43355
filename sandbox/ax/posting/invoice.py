"""Posting invoices: free text invoices (CustPostInvoice) and sales orders (their form letter)."""

from __future__ import annotations

from decimal import Decimal

from sandbox.ax import chart
from sandbox.ax.company import Company
from sandbox.ax.documents.invoice import CUST_INVOICE_JOUR
from sandbox.ax.errors import AifError
from sandbox.ax.posting.draft import Draft, DraftLine, free_text_draft, order_draft
from sandbox.ax.posting.money import BaseAmounts
from sandbox.ax.posting.settlement import open_invoice, settle
from sandbox.ax.posting.tax import Figures, LineFigures
from sandbox.ax.posting.voucher import Voucher
from sandbox.ax.schema import Row
from sandbox.ax.wire.values import plain

_STOPPED = ("Invoice", "All")
_DOCUMENTS = {"CustInvoiceTable": "Free text invoice", "SalesTable": "Sales order"}


def post_free_text(company: Company, row: Row) -> Row:
    """Post a free text invoice; returns its CustInvoiceJour. Raises AifError, nothing posted."""
    with company.database.transaction():
        posted = _post(company, free_text_draft(company, row))
        company.change(
            "CustInvoiceTable",
            row,
            Posted="Yes",
            InvoiceId=posted["InvoiceId"],
            InvoiceDate=posted["InvoiceDate"],
            **{"$rejected": ""},
        )
        return posted


def post_order(company: Company, row: Row) -> Row:
    """Invoice all of a sales order; returns its CustInvoiceJour. Raises AifError."""
    if row["SalesStatus"] == "Canceled":
        raise AifError("Canceled", number=row["SalesId"])
    with company.database.transaction():
        posted = _post(company, order_draft(company, row))
        company.change("SalesTable", row, SalesStatus="Invoiced", **{"$rejected": ""})
        return posted


def _post(company: Company, draft: Draft) -> Row:
    customer = _check(company, draft)
    figures = draft.figures
    corrected = draft.row.get("CorrectedInvoiceId", "")
    target = open_invoice(company, corrected, draft.account, draft.currency) if corrected else None
    invoice_id = company.number("INV", "INV")
    voucher = Voucher(
        company,
        company.number("ARIV", "ARIV"),
        draft.day,
        draft.currency,
        f"{_DOCUMENTS[draft.table]} {invoice_id}",
    )
    value = _book(company, draft, figures, voucher)
    trans = voucher.customer(
        customer,
        figures.gross,
        value,
        Invoice=invoice_id,
        TransType="Sales",
        DocumentDate=draft.document_day,
        DueDate=draft.due,
        ExchRate=plain(company.setup.rate(draft.currency, draft.day)),
        PaymMode=draft.row["PaymMode"],
        PostingProfile=draft.row["PostingProfile"],
    )
    voucher.finish()
    posted = _store(company, draft, figures, voucher, invoice_id, value)
    if target is not None and figures.gross:
        settle(company, trans, target)
    return posted


def _check(company: Company, draft: Draft) -> Row:
    if not draft.lines:
        document = _DOCUMENTS[draft.table]
        raise AifError("NoLines", document=document, number=draft.number)
    company.setup.check_period(draft.day)
    customer = company["CustTable"].first("AccountNum", draft.account)
    if customer is None:
        raise AifError(
            "NotInTable",
            at="InvoiceAccount",
            value=draft.account,
            field="InvoiceAccount",
            table="CustTable",
        )
    if customer["Blocked"] in _STOPPED:
        raise AifError(
            "CustomerBlocked", account=customer["AccountNum"], blocked=customer["Blocked"]
        )
    for line in draft.lines:
        company.setup.check_postable(line.account, line.values, manual=True)
        company.setup.check_values(line.values, "DefaultDimension")
    return customer


def _book(company: Company, draft: Draft, figures: Figures, voucher: Voucher) -> Decimal:
    """The lines opposite the customer; returns their sum, to be debited."""
    base = BaseAmounts(company.setup.rate(draft.currency, draft.day))
    value = Decimal(0)
    for line, share in zip(draft.lines, figures.lines, strict=True):
        part = base.next(share.net)
        value += part
        voucher.ledger(line.account, -share.net, -part, line.values, "CustRevenue")
    for tax in figures.taxes:
        part = base.next(tax.tax)
        value += part
        voucher.ledger(chart.TAX_ACCOUNT, -tax.tax, -part, kind="Tax")
    return value


def _store(
    company: Company,
    draft: Draft,
    figures: Figures,
    voucher: Voucher,
    invoice_id: str,
    value: Decimal,
) -> Row:
    row = draft.row
    jour = {
        **CUST_INVOICE_JOUR.blank(),
        "CurrencyCode": draft.currency,
        "CustomerRef": row["CustomerRef"],
        "DocumentDate": draft.document_day,
        "DueDate": draft.due,
        "InvoiceAccount": draft.account,
        "InvoiceAmount": plain(figures.gross),
        "InvoiceAmountMST": plain(value),
        "InvoiceDate": draft.day,
        "InvoiceId": invoice_id,
        "LedgerVoucher": voucher.number,
        "OrderAccount": row.get("OrderAccount") or row.get("CustAccount", ""),
        "Payment": draft.payment,
        "PostingProfile": row["PostingProfile"],
        "PurchaseOrder": row["PurchOrderFormNum"],
        "RefNum": draft.ref_num,
        "SalesBalance": plain(figures.net),
        "SalesId": draft.sales_id,
        "SumTax": plain(figures.tax),
        "TaxGroup": row["TaxGroup"],
        "CustInvoiceTrans": [
            _posted_line(line, share, invoice_id)
            for line, share in zip(draft.lines, figures.lines, strict=True)
        ],
        "TaxTrans": [
            {
                "SourceBaseAmountCur": plain(tax.base),
                "SourceTaxAmountCur": plain(tax.tax),
                "TaxCode": tax.code,
                "TaxGroup": tax.tax_group,
                "TaxItemGroup": tax.item_group,
                "TaxValue": plain(tax.percent),
            }
            for tax in figures.taxes
        ],
    }
    return company.insert("CustInvoiceJour", jour)


def _posted_line(line: DraftLine, share: LineFigures, invoice_id: str) -> Row:
    return {
        "DefaultDimension": line.values,
        "InvoiceId": invoice_id,
        "LedgerDimension": {"Account": line.account, "Values": line.values},
        "LineAmount": plain(share.net),
        "LineAmountTax": plain(share.tax),
        "LineNum": line.number,
        "Name": line.text,
        "Qty": plain(line.quantity),
        "SalesPrice": plain(line.price),
        "TaxGroup": line.taxable.tax_group,
        "TaxItemGroup": line.taxable.item_group,
    }
