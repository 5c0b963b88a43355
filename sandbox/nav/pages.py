"""The published web services. The names are defaults: a site may publish under others."""

from __future__ import annotations

from collections.abc import Mapping

from sandbox.nav.schema import Page, Part, Table
from sandbox.nav.tables import (
    banks,
    finance,
    groups,
    journals,
    ledgers,
    parties,
    posted,
    purchases,
    sales,
)

_DRAFT_LINK = {"Document_Type": "Document_Type", "Document_No": "No"}
_POSTED_LINK = {"Document_No": "No"}


def _draft(name: str, number: int, document: str, lines_number: int) -> Page:
    fixed = {"Document_Type": document}
    lines = Page(f"{name}SalesLines", lines_number, sales.SALES_LINE, "imd", fixed)
    part = Part(lines.name, lines, _DRAFT_LINK)
    return Page(name, number, sales.SALES_HEADER, "imd", fixed, (part,))


def _posted(name: str, number: int, header: Table, lines_number: int, line: Table) -> Page:
    lines = Page(f"{name}SalesLines", lines_number, line)
    return Page(name, number, header, parts=(Part(lines.name, lines, _POSTED_LINK),))


_DOCUMENTS = (
    _draft("SalesOrder", 42, "Order", 46),
    _draft("SalesInvoice", 43, "Invoice", 47),
    _draft("SalesCreditMemo", 44, "Credit Memo", 96),
    _posted("PostedSalesInvoice", 132, posted.POSTED_INVOICE, 133, posted.POSTED_INVOICE_LINE),
    _posted(
        "PostedSalesCreditMemo",
        134,
        posted.POSTED_CREDIT_MEMO,
        135,
        posted.POSTED_CREDIT_MEMO_LINE,
    ),
)


def _purchase(name: str, number: int, document: str, lines_number: int) -> Page:
    fixed = {"Document_Type": document}
    lines = Page(f"{name}PurchLines", lines_number, purchases.PURCHASE_LINE, "imd", fixed)
    part = Part(lines.name, lines, _DRAFT_LINK)
    return Page(name, number, purchases.PURCHASE_HEADER, "imd", fixed, (part,))


def _posted_purchase(name: str, number: int, header: Table, lines_number: int, line: Table) -> Page:
    lines = Page(f"{name}PurchLines", lines_number, line)
    return Page(name, number, header, parts=(Part(lines.name, lines, _POSTED_LINK),))


_PURCHASES = (
    _purchase("PurchaseInvoice", 51, "Invoice", 55),
    _purchase("PurchaseCreditMemo", 52, "Credit Memo", 98),
    _posted_purchase(
        "PostedPurchaseInvoice",
        138,
        purchases.POSTED_PURCHASE,
        139,
        purchases.POSTED_PURCHASE_LINE,
    ),
    _posted_purchase(
        "PostedPurchaseCreditMemo",
        140,
        purchases.POSTED_PURCHASE_CREDIT,
        141,
        purchases.POSTED_PURCHASE_CREDIT_LINE,
    ),
)

_PARTIES = (
    Page("Customer", 21, parties.CUSTOMER, "imd"),
    Page("Vendors", 26, parties.VENDOR, "imd"),
    Page("Employees", 5200, parties.EMPLOYEE, "imd"),
    Page("Items", 30, parties.ITEM, "imd"),
)

_JOURNALS = (
    Page("CashReceiptJournal", 255, journals.GEN_JOURNAL_LINE, "imd", scope="Cash Receipts"),
    Page("GeneralJournal", 39, journals.GEN_JOURNAL_LINE, "imd", scope="General"),
)

_LEDGERS = (
    Page("CustomerLedgerEntries", 25, ledgers.CUSTOMER_ENTRY),
    Page("DetailedCustLedgEntries", 573, ledgers.DETAILED_ENTRY),
    Page("GLEntries", 20, ledgers.GL_ENTRY),
    # In NAV a bank reconciliation marks the entries; here a test marks them directly.
    Page(
        "BankAccountLedgerEntries",
        372,
        ledgers.BANK_ENTRY,
        "m",
        editable=("Statement_Status", "Statement_No", "Statement_Line_No"),
    ),
    Page("VendorLedgerEntries", 29, ledgers.VENDOR_ENTRY),
    Page("EmployeeLedgerEntries", 5237, ledgers.EMPLOYEE_ENTRY),
)

_SETUP = (
    Page("GLAccounts", 16, finance.GL_ACCOUNT, "imd"),
    Page("BankAccounts", 371, banks.BANK_ACCOUNT, "imd"),
    Page("BankAccountPostingGroups", 373, banks.BANK_GROUP, "imd"),
    Page("GenJournalTemplates", 101, banks.JOURNAL_TEMPLATE, "imd"),
    Page("GenJournalBatches", 251, banks.JOURNAL_BATCH, "imd"),
    Page("Currencies", 5, finance.CURRENCY, "imd"),
    Page("CurrencyExchangeRates", 483, finance.EXCHANGE_RATE, "imd"),
    Page("PaymentTerms", 4, finance.PAYMENT_TERMS, "imd"),
    Page("PaymentMethods", 427, finance.PAYMENT_METHOD, "imd"),
    Page("CountriesRegions", 10, finance.COUNTRY, "imd"),
    Page("CustomerPostingGroups", 110, groups.CUSTOMER_GROUP, "imd"),
    Page("VendorPostingGroups", 111, groups.VENDOR_GROUP, "imd"),
    Page("EmployeePostingGroups", 5221, groups.EMPLOYEE_GROUP, "imd"),
    Page("GenBusinessPostingGroups", 312, groups.GEN_BUSINESS_GROUP, "imd"),
    Page("GenProductPostingGroups", 313, groups.GEN_PRODUCT_GROUP, "imd"),
    Page("VATBusinessPostingGroups", 470, groups.VAT_BUSINESS_GROUP, "imd"),
    Page("VATProductPostingGroups", 471, groups.VAT_PRODUCT_GROUP, "imd"),
    Page("VATPostingSetup", 472, groups.VAT_POSTING_SETUP, "imd"),
    Page("GeneralPostingSetup", 314, groups.GENERAL_POSTING_SETUP, "imd"),
    Page("GeneralLedgerSetup", 118, finance.GL_SETUP, "m"),
    Page("SalesReceivablesSetup", 459, finance.SALES_SETUP, "m"),
    Page("PurchasesPayablesSetup", 460, finance.PURCHASE_SETUP, "m"),
    Page("AccountingPeriods", 100, finance.ACCOUNTING_PERIOD, "imd"),
    Page("Dimensions", 536, finance.DIMENSION, "imd"),
    Page("DimensionValues", 537, finance.DIMENSION_VALUE, "imd"),
    Page("DefaultDimensions", 540, finance.DEFAULT_DIMENSION, "imd"),
    Page("NoSeries", 456, finance.NO_SERIES, "imd"),
    Page("DeferralTemplates", 1700, finance.DEFERRAL_TEMPLATE, "imd"),
)

PAGES: tuple[Page, ...] = (*_PARTIES, *_DOCUMENTS, *_PURCHASES, *_JOURNALS, *_LEDGERS, *_SETUP)
"""Every published page, under its default name."""


def published(names: Mapping[str, str]) -> dict[str, Page]:
    """The pages and their sub-pages by the names a site gave them.

    `names` maps default names to published ones; an empty published name takes the page off.
    """
    found: dict[str, Page] = {}
    for page in PAGES:
        shown = names.get(page.name, page.name)
        if shown:
            found[shown] = page
            found.update({part.name: part.page for part in page.parts})
    return found
