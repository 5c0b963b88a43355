"""How one connection reaches one NAV company.

Whatever differs between two NAV sites, or could not be verified against a real one, is a field
here: published service names, field names, option spelling, and how long a lost call can live.
"""

from __future__ import annotations

from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator

from connectors.network import Network
from documents.key import Kind
from documents.money import CurrencyCode

SALES_ENTITIES = ("invoice", "order", "credit_memo")
JOURNAL_ENTITIES = ("payment", "journal")


class _Settings(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class SignIn(StrEnum):
    """Basic with a web service access key, or Windows credentials by NTLM.

    All users of a NAV server instance share one credential type.
    """

    BASIC = "basic"
    NTLM = "ntlm"


class Services(_Settings):
    """Names under which the pages are published; they are chosen on NAV's Web Services page."""

    customer: str = "Customer"
    sales_invoice: str = "SalesInvoice"
    sales_invoice_lines: str = "SalesInvoiceSalesLines"
    sales_order: str = "SalesOrder"
    sales_order_lines: str = "SalesOrderSalesLines"
    sales_credit_memo: str = "SalesCreditMemo"
    sales_credit_memo_lines: str = "SalesCreditMemoSalesLines"
    posted_sales_invoice: str = "PostedSalesInvoice"
    posted_sales_credit_memo: str = "PostedSalesCreditMemo"
    cash_receipt_journal: str = "CashReceiptJournal"
    general_journal: str = "GeneralJournal"
    customer_posting_groups: str = "CustomerPostingGroups"
    customer_ledger_entries: str = "CustomerLedgerEntries"
    detailed_customer_ledger_entries: str = "DetailedCustLedgEntries"
    purchase_invoice: str = "PurchaseInvoice"
    purchase_invoice_lines: str = "PurchaseInvoicePurchLines"
    purchase_credit_memo: str = "PurchaseCreditMemo"
    purchase_credit_memo_lines: str = "PurchaseCreditMemoPurchLines"
    posted_purchase_invoice: str = "PostedPurchaseInvoice"
    posted_purchase_credit_memo: str = "PostedPurchaseCreditMemo"
    vendor_ledger_entries: str = "VendorLedgerEntries"
    bank_account_ledger_entries: str = "BankAccountLedgerEntries"
    general_ledger_entries: str = "GLEntries"
    general_ledger_setup: str = "GeneralLedgerSetup"
    accounting_periods: str = "AccountingPeriods"
    default_dimensions: str = "DefaultDimensions"
    vat_posting_setup: str = "VATPostingSetup"


class JournalBatch(_Settings):
    """A journal batch that nobody else uses: posting one must never post another's lines."""

    template: str
    batch: str


_ENTITIES = {
    Kind.INVOICE: "invoice",
    Kind.INVOICE_REVERSAL: "credit_memo",
    Kind.DUPLICATE_REVERSAL: "credit_memo",
    Kind.CREDIT_NOTE: "credit_memo",
    Kind.CREDIT_NOTE_REVERSAL: "invoice",
    Kind.PAYMENT: "payment",
    Kind.PAYMENT_REVERSAL: "payment",
    Kind.PREPAYMENT: "payment",
    Kind.PREPAYMENT_REVERSAL: "payment",
    Kind.REFUND: "payment",
    Kind.REFUND_REVERSAL: "payment",
    Kind.ORDER: "order",
    Kind.WRITE_OFF: "journal",
    Kind.WRITE_OFF_REVERSAL: "journal",
    Kind.ENTRY_REVERSAL: "payment",
}
_AS_INVOICE = {
    Kind.LATE_FEE: Kind.INVOICE,
    Kind.LATE_FEE_REVERSAL: Kind.INVOICE_REVERSAL,
}
"""What becomes the same document as an invoice, whatever that is."""


class NavSettings(_Settings):
    """One NAV company.

    `base_url` serves OData (port 7048 by default), `soap_url` SOAP (7047); empty means the same.
    `secret` is the web service access key or the password. `entities` says which target document
    each kind becomes (invoice, order, credit_memo, payment, journal). `currencies` gives NAV's
    code of an ISO currency where the two differ. `local_currency` is read from General Ledger
    Setup when empty. Times are in seconds.

    Unverified on a real NAV, hence settings: `settle_seconds` (how long after its deadline a lost
    posting can still commit), `blank_option` (spelling of an option's blank value), `page_size`
    (empty leaves the server's default, of which 20,000 entries are more than a reply may hold),
    `tax_by_code` (the line pages of sales documents show NAV's amounts; false where they cannot:
    then only the totals are compared).
    """

    base_url: str
    soap_url: str = ""
    instance: str
    company: str
    tenant: str = ""
    username: str
    secret: SecretStr
    sign_in: SignIn = SignIn.BASIC
    services: Services = Services()
    codeunit: str = "TieoutPosting"
    entities: dict[Kind, str] = Field(default_factory=dict, validate_default=True)
    payment_journal: JournalBatch = JournalBatch(template="CASHRCPT", batch="TIEOUT")
    general_journal: JournalBatch = JournalBatch(template="GENERAL", batch="TIEOUT")
    sales_key_field: str = "External_Document_No"
    journal_key_field: str = "External_Document_No"
    ledger_key_field: str = "External_Document_No"
    customer_key_field: str = "Our_Account_No"
    local_currency: CurrencyCode | None = None
    currencies: dict[CurrencyCode, str] = Field(default_factory=dict)
    blank_option: str = " "
    english_options: bool = True
    page_size: int | None = Field(default=2_000, ge=1)
    tax_by_code: bool = True
    line_step: int = Field(default=10000, ge=1)
    settle_seconds: float = Field(default=180.0, ge=0)
    timeout: float = Field(default=60.0, gt=0)
    max_concurrency: int = Field(default=4, ge=1)
    requests_per_second: float | None = Field(default=None, gt=0)
    network: Network = Network()

    @field_validator("entities")
    @classmethod
    def _complete(cls, value: dict[Kind, str]) -> dict[Kind, str]:
        known = {*SALES_ENTITIES, *JOURNAL_ENTITIES}
        for kind, entity in value.items():
            if entity not in known:
                raise ValueError(f"{kind}: {entity!r} is not one of {', '.join(sorted(known))}")
        chosen = {**_ENTITIES, **value}
        fees = {fee: chosen[invoice] for fee, invoice in _AS_INVOICE.items()}
        return {**fees, **chosen}

    @model_validator(mode="after")
    def _named(self) -> NavSettings:
        for name in ("base_url", "instance", "company", "username"):
            if not getattr(self, name).strip():
                raise ValueError(f"{name} must not be empty")
        return self
