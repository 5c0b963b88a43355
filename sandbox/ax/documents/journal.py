"""AxdCustPaymJournal and AxdLedgerGeneralJournal: two names for the same two tables."""

from __future__ import annotations

from sandbox.ax import edt
from sandbox.ax.edt import AMOUNT_CUR, DATA_AREA, NO_YES, REC_ID, REC_VERSION, TRANS_DATE, text
from sandbox.ax.schema import (
    DEFAULT_ACCOUNT,
    DIMENSIONS,
    HASH,
    MULTI_TYPE_ACCOUNT,
    Document,
    Entity,
    Field,
)

_TRANS = Entity(
    "LedgerJournalTrans",
    (
        Field("AccountType", edt.ACCOUNT_TYPE),
        Field("AmountCurCredit", AMOUNT_CUR),
        Field("AmountCurDebit", AMOUNT_CUR),
        Field("Company", DATA_AREA),
        Field("CurrencyCode", edt.CURRENCY),
        Field("DefaultDimension", DIMENSIONS),
        Field("DocumentDate", TRANS_DATE),
        Field("DocumentNum", text("DocumentNum", 20)),
        Field("Due", TRANS_DATE),
        Field("ExchRate", edt.EXCH_RATE),
        Field("ExchRateSecond", edt.EXCH_RATE),
        Field("Invoice", edt.INVOICE_ID),
        Field("JournalNum", text("LedgerJournalId", 10), output=True),
        Field("LedgerDimension", MULTI_TYPE_ACCOUNT),
        Field("LineNum", edt.LINE_NUM),
        Field("MarkedInvoice", edt.INVOICE_ID),
        Field("OffsetAccountType", edt.ACCOUNT_TYPE),
        Field("OffsetCompany", DATA_AREA),
        Field("OffsetDefaultDimension", DIMENSIONS),
        Field("OffsetLedgerDimension", MULTI_TYPE_ACCOUNT),
        Field("OffsetTxt", text("LedgerJournalTransTxt", 60)),
        Field("PaymId", text("PaymId", 200)),
        Field("PaymMode", edt.PAYM_MODE),
        Field("PaymReference", text("PaymReference", 20)),
        Field("Payment", edt.PAYM_TERM),
        Field("PostingProfile", edt.POSTING_PROFILE),
        Field("Prepayment", NO_YES),
        Field("RecId", REC_ID),
        Field("RecVersion", REC_VERSION),
        Field("SettleVoucher", edt.SETTLE_VOUCHER),
        Field("TaxGroup", edt.TAX_GROUP),
        Field("TaxItemGroup", edt.TAX_ITEM_GROUP),
        Field("TransDate", TRANS_DATE),
        Field("Txt", text("LedgerJournalTransTxt", 60)),
        Field("Voucher", edt.VOUCHER),
    ),
)

LEDGER_JOURNAL_TABLE = Entity(
    "LedgerJournalTable",
    (
        Field(HASH, text("DocumentHash", None)),
        Field("CurrencyCode", edt.CURRENCY),
        Field("DefaultDimension", DIMENSIONS),
        Field("JournalName", text("LedgerJournalNameId", 10)),
        Field("JournalNum", text("LedgerJournalId", 10)),
        Field("JournalTotalCredit", AMOUNT_CUR, output=True),
        Field("JournalTotalDebit", AMOUNT_CUR, output=True),
        Field("JournalType", edt.JOURNAL_TYPE, output=True),
        Field("LedgerJournalInclTax", NO_YES),
        Field("Name", text("LedgerJournalDescription", 60)),
        Field("OffsetAccountType", edt.ACCOUNT_TYPE),
        Field("OffsetLedgerDimension", DEFAULT_ACCOUNT),
        Field("Posted", NO_YES, output=True),
        Field("RecId", REC_ID),
        Field("RecVersion", REC_VERSION),
        Field("WorkflowApprovalStatus", edt.APPROVAL, output=True),
        _TRANS,
    ),
    root=True,
)

CUST_PAYM_JOURNAL = Document("CustPaymJournal", LEDGER_JOURNAL_TABLE, "JournalNum")
GENERAL_JOURNAL = Document("LedgerGeneralJournal", LEDGER_JOURNAL_TABLE, "JournalNum")
