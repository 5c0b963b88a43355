"""The small documents: customer groups, payment terms and exchange rates."""

from __future__ import annotations

from sandbox.ax import edt
from sandbox.ax.edt import REC_ID, REC_VERSION, text
from sandbox.ax.schema import HASH, Document, Entity, Field

_HASH = Field(HASH, text("DocumentHash", None))
_RECORD = (Field("RecId", REC_ID), Field("RecVersion", REC_VERSION))

CUST_GROUP = Entity(
    "CustGroup",
    (
        _HASH,
        Field("CustGroup", edt.CUST_GROUP),
        Field("Name", text("Description", 60)),
        Field("PaymTermId", edt.PAYM_TERM),
        *_RECORD,
        Field("TaxGroupId", edt.TAX_GROUP),
    ),
    root=True,
)
PAYM_TERM = Entity(
    "PaymTerm",
    (
        _HASH,
        Field("Description", text("Description", 60)),
        Field("NumOfDays", edt.INTEGER),
        Field("NumOfMonths", edt.INTEGER),
        Field("PaymTermId", edt.PAYM_TERM),
        *_RECORD,
    ),
    root=True,
)
EXCHANGE_RATE = Entity(
    "ExchangeRate",
    (
        _HASH,
        Field("ExchangeRate", edt.EXCH_RATE, required=True),
        Field("FromCurrencyCode", edt.CURRENCY, required=True),
        *_RECORD,
        Field("ToCurrencyCode", edt.CURRENCY, required=True),
        Field("ValidFrom", edt.TRANS_DATE, required=True),
    ),
    root=True,
)

CUSTOMER_GROUPS = Document("CustomerGroups", CUST_GROUP, "CustGroup")
PAYMENT_TERMS = Document("PaymentTerms", PAYM_TERM, "PaymTermId")
EXCHANGE_RATES = Document("ExchangeRates", EXCHANGE_RATE, "RecId")
