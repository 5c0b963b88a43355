"""AxdFreeTextInvoice and AxdSalesInvoice.

No public schema of AxdFreeTextInvoice was found: its fields are those of the tables
CustInvoiceTable and CustInvoiceLine. In the stand-in AxdSalesInvoice shows posted free text
invoices, too.
"""

from __future__ import annotations

from sandbox.ax import edt
from sandbox.ax.edt import AMOUNT_CUR, NO_YES, REC_ID, REC_VERSION, TRANS_DATE, text
from sandbox.ax.schema import DIMENSIONS, HASH, LEDGER_ACCOUNT, Document, Entity, Field

_LINE = Entity(
    "CustInvoiceLine",
    (
        Field("AmountCur", AMOUNT_CUR),
        Field("DefaultDimension", DIMENSIONS),
        Field("Description", text("ItemFreeTxt", 1000)),
        Field("LedgerDimension", LEDGER_ACCOUNT),
        Field("LineNum", edt.LINE_NUM),
        Field("Quantity", edt.QTY),
        Field("RecId", REC_ID),
        Field("RecVersion", REC_VERSION),
        Field("TaxGroup", edt.TAX_GROUP),
        Field("TaxItemGroup", edt.TAX_ITEM_GROUP),
        Field("UnitPrice", edt.PRICE),
    ),
)

CUST_INVOICE_TABLE = Entity(
    "CustInvoiceTable",
    (
        Field(HASH, text("DocumentHash", None)),
        Field("CorrectedInvoiceId", edt.INVOICE_ID),
        Field("CurrencyCode", edt.CURRENCY),
        Field("CustGroup", edt.CUST_GROUP, output=True),
        Field("CustomerRef", edt.CUSTOMER_REF),
        Field("DefaultDimension", DIMENSIONS),
        Field("DocumentDate", TRANS_DATE),
        Field("DueDate", TRANS_DATE),
        Field("InclTax", NO_YES),
        Field("InvoiceAccount", edt.ACCOUNT_NUM),
        Field("InvoiceDate", TRANS_DATE),
        Field("InvoiceId", edt.INVOICE_ID, output=True),
        Field("Name", text("CustInvoiceName", 100)),
        Field("OrderAccount", edt.ACCOUNT_NUM, required=True),
        Field("PaymMode", edt.PAYM_MODE),
        Field("Payment", edt.PAYM_TERM),
        Field("Posted", NO_YES, output=True),
        Field("PostingProfile", edt.POSTING_PROFILE),
        Field("PurchOrderFormNum", edt.PURCH_ORDER),
        Field("RecId", REC_ID),
        Field("RecVersion", REC_VERSION),
        Field("TaxGroup", edt.TAX_GROUP),
        _LINE,
    ),
    root=True,
)

FREE_TEXT_INVOICE = Document("FreeTextInvoice", CUST_INVOICE_TABLE, "RecId")

_POSTED_LINE = Entity(
    "CustInvoiceTrans",
    (
        Field("DefaultDimension", DIMENSIONS),
        Field("InvoiceId", edt.INVOICE_ID),
        Field("LedgerDimension", LEDGER_ACCOUNT),
        Field("LineAmount", AMOUNT_CUR),
        Field("LineAmountTax", AMOUNT_CUR),
        Field("LineNum", edt.LINE_NUM),
        Field("Name", text("ItemFreeTxt", 1000)),
        Field("Qty", edt.QTY),
        Field("RecId", REC_ID),
        Field("RecVersion", REC_VERSION),
        Field("SalesPrice", edt.PRICE),
        Field("TaxGroup", edt.TAX_GROUP),
        Field("TaxItemGroup", edt.TAX_ITEM_GROUP),
    ),
)
_TAX_TRANS = Entity(
    "TaxTrans",
    (
        Field("RecId", REC_ID),
        Field("RecVersion", REC_VERSION),
        Field("SourceBaseAmountCur", AMOUNT_CUR),
        Field("SourceTaxAmountCur", AMOUNT_CUR),
        Field("TaxCode", text("TaxCode", 10)),
        Field("TaxGroup", edt.TAX_GROUP),
        Field("TaxItemGroup", edt.TAX_ITEM_GROUP),
        Field("TaxValue", edt.real("TaxValue")),
    ),
)

CUST_INVOICE_JOUR = Entity(
    "CustInvoiceJour",
    (
        Field(HASH, text("DocumentHash", None)),
        Field("CurrencyCode", edt.CURRENCY),
        Field("CustomerRef", edt.CUSTOMER_REF),
        Field("DocumentDate", TRANS_DATE),
        Field("DueDate", TRANS_DATE),
        Field("InvoiceAccount", edt.ACCOUNT_NUM),
        Field("InvoiceAmount", AMOUNT_CUR),
        Field("InvoiceAmountMST", edt.AMOUNT_MST),
        Field("InvoiceDate", TRANS_DATE),
        Field("InvoiceId", edt.INVOICE_ID),
        Field("LedgerVoucher", edt.VOUCHER),
        Field("OrderAccount", edt.ACCOUNT_NUM),
        Field("Payment", edt.PAYM_TERM),
        Field("PostingProfile", edt.POSTING_PROFILE),
        Field("PurchaseOrder", edt.PURCH_ORDER),
        Field("RecId", REC_ID),
        Field("RecVersion", REC_VERSION),
        Field("RefNum", edt.REF_NUM),
        Field("SalesBalance", AMOUNT_CUR),
        Field("SalesId", text("SalesId", 20)),
        Field("SumTax", AMOUNT_CUR),
        Field("TaxGroup", edt.TAX_GROUP),
        _POSTED_LINE,
        _TAX_TRANS,
    ),
    root=True,
)

SALES_INVOICE = Document("SalesInvoice", CUST_INVOICE_JOUR, "RecId")
