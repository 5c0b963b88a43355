"""AX's customer ledger as a tie-out reads it: transactions with tax and settlements, by pages.

AX names everything that a question finds at once (`findKeys`) and hands it over in pages
(`read`). The cursor behind a page is its last key: what was there when the listing began is not
skipped when it goes on later. A server of AX takes its record ids in blocks, so that what is
posted meanwhile may come with a smaller one: the next tie-out has it.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from connectors.ax.aif import Criterion, DocumentPort, EntityKey
from connectors.ax.claims import Claims
from connectors.ax.client import AxClient
from connectors.ax.content import text_of
from connectors.ax.custom import CustomService
from connectors.ax.customers import Customers
from connectors.ax.errors import SYSTEM
from connectors.ax.naming import Invoices, Names, invoice_of, invoices_of, key_of
from connectors.ax.postings import CASH, day, is_sale, number, open_of
from connectors.ax.settings import Fields
from connectors.errors import Misconfigured
from connectors.listings import BY_KEY, CreditPage, LedgerPage, OpenCredit, Scope, SumPage
from documents.key import Key
from documents.ledger import BOUGHT, BookKind, LedgerLine, Mark, book_of, document_of, match_of_key
from documents.ledger_keys import generation_of, keys_of, marks_of_key

if TYPE_CHECKING:
    from lxml.etree import _Element

_DEBITS = (BookKind.INVOICE, BookKind.OTHER)
_TRANSACTION_FIELDS = (
    "AccountNum", "AmountCur", "AmountMST", "CurrencyCode", "CustSettlement.OffsetRecId",
    "DocumentDate", "Invoice", "PostingProfile", "RecId", "Reversed", "SettleAmountCur",
    "TransDate", "TransType", "Voucher",
)  # fmt: skip

Needs = tuple[tuple[str, ...], tuple[str, ...]]
"""Operations of a port and fields of its document."""


def needs_of(fields: Fields) -> dict[str, Needs]:
    """What the ports of a site must have for the listing, by the names of their settings."""
    return {
        "customer_transaction": (
            ("find", "findKeys", "read"),
            (*_TRANSACTION_FIELDS, fields.posted_payment_key),
        ),
        "posted_invoice": (("find",), ("InvoiceId", "SumTax", fields.posted_invoice_key)),
    }


class Listing:
    """The customer ledger of one company, as a `TargetLedger`. The general ledger is not listed:
    AX ships no service that reads it."""

    listings: tuple[str, ...] = ("customer transactions",)
    expense_listings: tuple[str, ...] = (BY_KEY,)
    cost_listings: tuple[str, ...] = ()

    def __init__(self, client: AxClient, customers: Customers) -> None:
        settings = client.settings
        self.customers = customers.of_numbers
        self._fields, self._size = settings.fields, settings.page_size
        self._transactions = DocumentPort(client, settings.ports.customer_transaction)
        self._invoices = DocumentPort(client, settings.ports.posted_invoice)
        self._names = Names(self._transactions, self._invoices, settings.fields)
        self._claims = Claims(CustomService(client))

    async def entries(
        self, listing: str, scope: Scope, first: date | None, last: date, after: str = ""
    ) -> AsyncIterator[LedgerPage]:
        """Pages of customer transactions. The scope's groups are posting profiles: they decide
        the receivables account in AX. ValueError for an unknown listing."""
        if listing not in self.listings:
            raise ValueError(f"no listing {listing!r}; there is {', '.join(self.listings)}")
        async for page, cursor in self._walk(first, last, after):
            yield LedgerPage(tuple(await self._lines(page, scope)), cursor)
        yield LedgerPage(())

    async def entries_of(self, scope: Scope, match: str, generations: int) -> list[LedgerLine]:
        """Everything posted for one document, its reversals included."""
        if document_of(match)[0] in BOUGHT:
            return await self._claims.entries_of(scope, match, generations)
        posted = await self._posted(keys_of(scope.tag, match, generations))
        lines = await self._lines(posted, scope)
        return [line for line in lines if line.match == match]

    async def adopted(self, scope: Scope, match: str, number: str) -> list[LedgerLine]:
        """No service lists what is bought: asked for by the voucher."""
        return await self._claims.adopted(scope, match, number)

    async def unapplied(
        self, scope: Scope, last: date, after: str = ""
    ) -> AsyncIterator[CreditPage]:
        """What is open of payments and credit notes."""
        async for page, cursor in self._walk(None, last, after):
            still_open = [one for one in page if open_of(one) < 0]
            invoices = await invoices_of(self._invoices, still_open)
            ours = [one for one in still_open if self._belongs(one, invoices, scope)]
            yield CreditPage(tuple(self._open_credit(o, invoices, scope) for o in ours), cursor)
        yield CreditPage(())

    def _open_credit(self, transaction: _Element, invoices: Invoices, scope: Scope) -> OpenCredit:
        invoice = invoice_of(transaction, invoices)
        return OpenCredit(
            party=text_of(transaction, "AccountNum"),
            number=text_of(transaction, "Voucher" if invoice is None else "Invoice"),
            currency=text_of(transaction, "CurrencyCode"),
            amount=-open_of(transaction),
            ours=key_of(transaction, invoices, self._fields, scope.tag) is not None,
        )

    def control_account(
        self, account: str, first: date | None, last: date, after: str = ""
    ) -> AsyncIterator[SumPage]:
        """Misconfigured: no service tells it."""
        raise _no_general_ledger()

    def subledger(self, first: date | None, last: date, after: str = "") -> AsyncIterator[SumPage]:
        """Misconfigured: there is no control account to compare it with."""
        raise _no_general_ledger()

    async def _posted(self, keys: Sequence[Key]) -> list[_Element]:
        """Transactions with any of these keys, their own or that of their invoice."""
        own = [key.text() for key in keys if key.kind in CASH]
        found = await self._transactions.find_any(self._fields.posted_payment_key, own)
        others = [key.text() for key in keys if key.kind not in CASH]
        invoices = await self._invoices.find_any(self._fields.posted_invoice_key, others)
        numbers = (text_of(invoice, "InvoiceId") for invoice in invoices)
        return [*found, *await self._transactions.find_any("Invoice", numbers)]

    async def _walk(
        self, first: date | None, last: date, after: str
    ) -> AsyncIterator[tuple[list[_Element], str]]:
        """Pages of transactions by their date, with the cursor behind each."""
        _, root = await self._transactions.root()
        keys = await self._transactions.find_keys(_between(root.name, first, last))
        left = sorted((k for k in keys if _order(_text(k)) > _order(after)), key=_by_order)
        for start in range(0, len(left), self._size):
            page = left[start : start + self._size]
            yield await self._transactions.read(page), _text(page[-1])

    async def _lines(self, transactions: Sequence[_Element], scope: Scope) -> list[LedgerLine]:
        invoices = await invoices_of(self._invoices, transactions)
        ours = [one for one in transactions if self._belongs(one, invoices, scope)]
        settled = await self._names.of_settled(ours, scope.tag)
        return [
            self._line(one, invoices, scope)._replace(
                applied_to=settled.get(text_of(one, "RecId"), "")
            )
            for one in ours
        ]

    def _belongs(self, transaction: _Element, invoices: Invoices, scope: Scope) -> bool:
        ours = key_of(transaction, invoices, self._fields, scope.tag) is not None
        group = text_of(transaction, "PostingProfile")
        return ours or not scope.groups or group in scope.groups

    def _line(self, transaction: _Element, invoices: Invoices, scope: Scope) -> LedgerLine:
        key = key_of(transaction, invoices, self._fields, scope.tag)
        invoice = invoice_of(transaction, invoices)
        book = book_of(key) if key else _book(transaction)
        sign = 1 if book in _DEBITS else -1
        tax = number(invoice, "SumTax") if invoice is not None else Decimal(0)
        posted = day(transaction, "TransDate") or date.min
        return LedgerLine(
            kind=book,
            match=match_of_key(key) if key else "",
            entry=text_of(transaction, "RecId").zfill(19),
            number=text_of(transaction, "Voucher" if invoice is None else "Invoice"),
            reference="" if key else self._reference(transaction, invoice),
            party=text_of(transaction, "AccountNum"),
            currency=text_of(transaction, "CurrencyCode"),
            amount=number(transaction, "AmountCur") * sign,
            # Without tax of AX there may be some on lines of its own: then nothing is said.
            tax=tax * sign if tax else None,
            open_amount=open_of(transaction) * sign,
            day=day(transaction, "DocumentDate") or posted,
            posted=posted,
            base_amount=number(transaction, "AmountMST"),
            generation=generation_of(key),
            marks=_marks(transaction, key),
            account=text_of(transaction, "PostingProfile"),
        )

    def _reference(self, transaction: _Element, invoice: _Element | None) -> str:
        if invoice is None:
            return text_of(transaction, self._fields.posted_payment_key)
        return text_of(invoice, self._fields.posted_invoice_key)


def _no_general_ledger() -> Misconfigured:
    return Misconfigured(
        SYSTEM,
        "list general ledger",
        "AX has no service that reads the general ledger: take control_accounts out of the "
        "connection's tie_out settings, and compare the control account in AX",
    )


def _between(source: str, first: date | None, last: date) -> Criterion:
    if first is None:
        return Criterion(source, "TransDate", last.isoformat(), "LessOrEqual")
    return Criterion(source, "TransDate", first.isoformat(), "Range", last.isoformat())


def _text(key: EntityKey) -> str:
    return "/".join(value for _, value in key)


def _order(text: str) -> tuple[int, str]:
    """Longer numbers are greater."""
    return len(text), text


def _by_order(key: EntityKey) -> tuple[int, str]:
    return _order(_text(key))


def _book(transaction: _Element) -> BookKind:
    """What somebody else's transaction is counted as."""
    if is_sale(transaction):
        debit = number(transaction, "AmountCur") >= 0
        return BookKind.INVOICE if debit else BookKind.CREDIT_MEMO
    is_payment = text_of(transaction, "TransType") == "Payment"
    return BookKind.PAYMENT if is_payment else BookKind.OTHER


def _marks(transaction: _Element, key: Key | None) -> Mark:
    told = marks_of_key(key)
    if told & Mark.REVERSAL or text_of(transaction, "Reversed") != "Yes":
        return told
    return told | Mark.REVERSED
