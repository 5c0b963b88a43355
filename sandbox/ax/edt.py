"""Extended data types and enumerations: the simple types of the shared types schema."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Base = Literal["string", "decimal", "int", "long", "date", "dateTime"]

CODE_LENGTH = 50
"""What a value mapping lets through: the greatest length of an external code."""


@dataclass(frozen=True)
class Simple:
    """A simple type; `symbols` makes it an enumeration, whose first symbol is the value zero.

    A `coded` type is a union with the external code value, which takes up to 50 characters, as the
    real descriptions have it for account numbers.
    """

    name: str
    base: Base = "string"
    length: int | None = None
    symbols: tuple[str, ...] = ()
    coded: bool = False

    @property
    def limit(self) -> int | None:
        """The greatest length that the schema lets through."""
        return CODE_LENGTH if self.coded else self.length

    @property
    def empty(self) -> str | int:
        """The value of a field that nobody filled."""
        if self.symbols:
            return self.symbols[0]
        if self.base in ("int", "long"):
            return 0
        return "0" if self.base == "decimal" else ""


def text(name: str, length: int | None, *, coded: bool = False) -> Simple:
    """A string of at most `length` characters."""
    return Simple(f"AxdExtType_{name}", "string", length, coded=coded)


def real(name: str) -> Simple:
    """A decimal number."""
    return Simple(f"AxdExtType_{name}", "decimal")


def enumeration(name: str, *symbols: str) -> Simple:
    """An enumeration, whose symbols are those of the language en-us."""
    return Simple(f"AxdEnum_{name}", "string", symbols=symbols)


REC_ID = Simple("AxdExtType_RecId", "long")
REC_VERSION = Simple("AxdExtType_RecVersion", "int")
INTEGER = Simple("AxdExtType_Integer", "int")
DATE_TIME = Simple("AxdType_DateTime", "dateTime")
TRANS_DATE = Simple("AxdExtType_TransDate", "date")
DATA_AREA = text("DataAreaId", 4)
MEMO = text("FreeTxt", None)

NO_YES = enumeration("NoYes", "No", "Yes")
BOOLEAN = enumeration("boolean", "false", "true")
DOC_PURPOSE = enumeration("XMLDocPurpose", "Original", "Duplicate", "Proforma")
VALID_TIME_STATE = enumeration("ValidTimeStateType", "AsOf", "Range")
ENTITY_ACTION = enumeration("AxdEntityAction", "create", "update", "replace", "delete")
UPDATE_MODE = enumeration(
    "ValidTimeStateUpdate", "CreateNewTimePeriod", "Correction", "EffectiveBased"
)
BLOCKED = enumeration(
    "CustVendorBlocked", "No", "Invoice", "All", "Payment", "Requisition", "Never"
)
CONTACT_TYPE = enumeration(
    "LogisticsElectronicAddressMethodType", "None", "Phone", "Email", "URL", "Telex", "Fax"
)
ACCOUNT_TYPE = enumeration(
    "LedgerJournalACType",
    "Ledger",
    "Cust",
    "Vend",
    "Project",
    "FixedAssets",
    "Bank",
    "FixedAssets_RU",
    "Employee_RU",
    "RDeferrals",
    "RCash",
)
JOURNAL_TYPE = enumeration(
    "LedgerJournalType",
    "Daily",
    "Periodic",
    "PurchaseLedger",
    "Approval",
    "Payment",
    "CustPayment",
    "VendInvoiceRegister",
)
SETTLE_VOUCHER = enumeration("SettlementType", "None", "OpenTransact", "SelectedTransact")
SALES_TYPE = enumeration(
    "SalesType",
    "Journal",
    "DEL_Quotation",
    "Subscription",
    "Sales",
    "ReturnItem",
    "DEL_Blanket",
    "ItemReq",
)
SALES_STATUS = enumeration("SalesStatus", "None", "Backorder", "Delivered", "Invoiced", "Canceled")
APPROVAL = enumeration(
    "LedgerJournalWFApprovalStatus", "None", "NotSubmitted", "Submitted", "Approved"
)
TRANS_TYPE = enumeration(
    "LedgerTransType", "None", "Transfer", "Sales", "Purch", "Payment", "ExchAdjustment", "Cust"
)
INVOICE_ADDRESS = enumeration("InvoiceOrderAccount", "InvoiceAccount", "OrderAccount")
REF_NUM = enumeration("RefNum", "Sales", "FreeTextInvoice")

ACCOUNT_NUM = text("CustAccount", 20, coded=True)
CUST_GROUP = text("CustGroupId", 10)
CURRENCY = text("CurrencyCode", 3)
TAX_GROUP = text("TaxGroup", 10)
TAX_ITEM_GROUP = text("TaxItemGroup", 10)
PAYM_MODE = text("PaymMode", 10)
PAYM_TERM = text("PaymTermId", 10)
POSTING_PROFILE = text("PostingProfile", 10)
INVOICE_ID = text("InvoiceId", 20)
VOUCHER = text("Voucher", 20)
CUSTOMER_REF = text("CustomerRef", 60)
PURCH_ORDER = text("PurchOrderFormNum", 20)
AMOUNT_CUR = real("AmountCur")
AMOUNT_MST = real("AmountMST")
LINE_NUM = real("LineNum")
EXCH_RATE = real("ExchRate")
QTY = real("Qty")
PRICE = real("PriceCur")
