"""AxdSalesOrder."""

from __future__ import annotations

from sandbox.ax import edt
from sandbox.ax.edt import AMOUNT_CUR, NO_YES, REC_ID, REC_VERSION, TRANS_DATE, text
from sandbox.ax.schema import DIMENSIONS, HASH, LEDGER_ACCOUNT, Document, Entity, Field

SALES_LINE = Entity(
    "SalesLine",
    (
        Field("DefaultDimension", DIMENSIONS),
        Field("ItemId", text("ItemId", 20)),
        Field("LedgerDimension", LEDGER_ACCOUNT),
        Field("LineAmount", AMOUNT_CUR),
        Field("LineDisc", AMOUNT_CUR),
        Field("LineNum", edt.LINE_NUM),
        Field("LinePercent", edt.real("SalesLinePercent")),
        Field("Name", text("ItemFreeTxt", 1000)),
        Field("RecId", REC_ID),
        Field("RecVersion", REC_VERSION),
        Field("SalesPrice", edt.PRICE),
        Field("SalesQty", edt.QTY, required=True),
        Field("SalesUnit", text("SalesUnit", 10), required=True),
        Field("TaxGroup", edt.TAX_GROUP),
        Field("TaxItemGroup", edt.TAX_ITEM_GROUP),
    ),
)

SALES_TABLE = Entity(
    "SalesTable",
    (
        Field(HASH, text("DocumentHash", None)),
        Field("CurrencyCode", edt.CURRENCY),
        Field("CustAccount", edt.ACCOUNT_NUM),
        Field("CustomerRef", edt.CUSTOMER_REF),
        Field("DefaultDimension", DIMENSIONS),
        Field("DeliveryDate", TRANS_DATE),
        Field("InclTax", NO_YES),
        Field("InvoiceAccount", edt.ACCOUNT_NUM),
        Field("PaymMode", edt.PAYM_MODE),
        Field("Payment", edt.PAYM_TERM),
        Field("PostingProfile", edt.POSTING_PROFILE),
        Field("PurchOrderFormNum", edt.PURCH_ORDER, required=True),
        Field("RecId", REC_ID),
        Field("RecVersion", REC_VERSION),
        Field("ReceiptDateRequested", TRANS_DATE, required=True),
        Field("SalesId", text("SalesId", 20)),
        Field("SalesName", text("SalesName", 60)),
        Field("SalesOriginId", text("SalesOriginId", 10)),
        Field("SalesStatus", edt.SALES_STATUS, output=True),
        Field("SalesType", edt.SALES_TYPE),
        Field("TaxGroup", edt.TAX_GROUP),
        SALES_LINE,
    ),
    root=True,
)

SALES_ORDER = Document("SalesOrder", SALES_TABLE, "SalesId")
