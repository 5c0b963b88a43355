"""AxdCustomerTransaction: what was posted for customers, and what settles what."""

from __future__ import annotations

from sandbox.ax import edt
from sandbox.ax.edt import AMOUNT_CUR, NO_YES, REC_ID, REC_VERSION, TRANS_DATE, text
from sandbox.ax.schema import HASH, Document, Entity, Field

SETTLEMENT = Entity(
    "CustSettlement",
    (
        Field("CanBeReversed", NO_YES),
        Field("OffsetRecId", REC_ID),
        Field("OffsetTransVoucher", edt.VOUCHER),
        Field("RecId", REC_ID),
        Field("RecVersion", REC_VERSION),
        Field("SettleAmountCur", AMOUNT_CUR),
        Field("SettleAmountMST", edt.AMOUNT_MST),
        Field("SettlementVoucher", edt.VOUCHER),
        Field("TransDate", TRANS_DATE),
        Field("TransRecId", REC_ID),
    ),
)

CUST_TRANS = Entity(
    "CustTrans",
    (
        Field(HASH, text("DocumentHash", None)),
        Field("AccountNum", edt.ACCOUNT_NUM),
        Field("AmountCur", AMOUNT_CUR),
        Field("AmountMST", edt.AMOUNT_MST),
        Field("Closed", TRANS_DATE),
        Field("CurrencyCode", edt.CURRENCY),
        Field("DocumentDate", TRANS_DATE),
        Field("DocumentNum", text("DocumentNum", 20)),
        Field("DueDate", TRANS_DATE),
        Field("ExchRate", edt.EXCH_RATE),
        Field("Invoice", edt.INVOICE_ID),
        Field("LastSettleDate", TRANS_DATE),
        Field("LastSettleVoucher", edt.VOUCHER),
        Field("OrderAccount", edt.ACCOUNT_NUM),
        Field("PaymMode", edt.PAYM_MODE),
        Field("PaymReference", text("PaymReference", 20)),
        Field("PostingProfile", edt.POSTING_PROFILE),
        Field("RecId", REC_ID),
        Field("RecVersion", REC_VERSION),
        Field("Reversed", NO_YES),
        Field("SettleAmountCur", AMOUNT_CUR),
        Field("SettleAmountMST", edt.AMOUNT_MST),
        Field("TransDate", TRANS_DATE),
        Field("TransType", edt.TRANS_TYPE),
        Field("Txt", text("LedgerJournalTransTxt", 60)),
        Field("Voucher", edt.VOUCHER),
        SETTLEMENT,
    ),
    root=True,
)

CUSTOMER_TRANSACTION = Document("CustomerTransaction", CUST_TRANS, "RecId")
