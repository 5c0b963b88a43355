"""What is posted, as AX's standard services show it: posted invoices, customer transactions."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from connectors.ax.aif import Criterion, DocumentPort
from connectors.ax.client import AxClient
from connectors.ax.content import children, text_of
from connectors.ax.errors import SYSTEM
from connectors.ax.postings import (
    CASH,
    CREDITS,
    absent,
    day,
    duplicate,
    figures,
    is_our_key,
    is_sale,
    magnitude,
    number,
    open_of,
    require_direction,
)
from connectors.errors import Unavailable
from documents.key import Key, Kind
from documents.money import Money
from documents.posting import Posting, PostingState

if TYPE_CHECKING:
    from lxml.etree import _Element

POSTED_FIELDS = (
    "InvoiceId",
    "LedgerVoucher",
    "InvoiceAmount",
    "SumTax",
    "CurrencyCode",
    "InvoiceDate",
    "InvoiceAccount",
)
TRANSACTION_FIELDS = (
    "AccountNum",
    "AmountCur",
    "SettleAmountCur",
    "CurrencyCode",
    "Invoice",
    "Voucher",
    "TransDate",
    "TransType",
    "RecId",
    "Reversed",
    "CustSettlement.OffsetRecId",
)
_TYPES = {"Payment": Kind.PAYMENT}


class Ledger:
    """Reads posted customer transactions of one company. Amounts leave here without signs."""

    def __init__(self, client: AxClient) -> None:
        ports, self._fields = client.settings.ports, client.settings.fields
        self._invoices = DocumentPort(client, ports.posted_invoice)
        self._transactions = DocumentPort(client, ports.customer_transaction)

    async def lookup(self, key: Key) -> Posting:
        """The posting with our key; absent when there is none. Several are held."""
        fields = self._fields
        if key.kind in CASH:
            return await self._payment(key, fields.posted_payment_key, key.text())
        return await self._invoice(key, fields.posted_invoice_key, key.text())

    async def by_number(self, key: Key, number: str) -> Posting:
        """What stands under AX's own number (invoice, or voucher of a payment), whoever made
        it; absent when there is nothing."""
        if key.kind in CASH:
            return await self._payment(key, "Voucher", number)
        return await self._invoice(key, "InvoiceId", number)

    async def similar(self, party: str, amount: Money, on: date, days: int) -> list[Posting]:
        """Transactions of a customer near a date with this amount and without our key.

        AX joins conditions by *or*: it is asked for the customer, in pages, and its answer is
        searched for the rest.
        """
        _, root = await self._transactions.root()
        found: list[Posting] = []
        wanted = Criterion(root.name, "AccountNum", party)
        async for page in self._transactions.find_in_pages(wanted):
            alike = [one for one in page if _resembles(one, amount, on, days)]
            found += [_foreign(one) for one in alike if not await self._is_ours(one)]
        return found

    async def _payment(self, key: Key, field: str, value: str) -> Posting:
        found = await self._find(self._transactions, field, value)
        live = [t for t in found if text_of(t, "Reversed") != "Yes"]
        if len(live) > 1:
            raise duplicate("look up payment", key, (text_of(t, "Voucher") for t in live))
        if not found:
            return absent(key)
        one = (live or found)[0]
        if live:
            require_direction(key, number(one, "AmountCur"), text_of(one, "Voucher"))
        return await self._posted_payment(key, one)

    async def _posted_payment(self, key: Key, one: _Element) -> Posting:
        currency = text_of(one, "CurrencyCode")
        total = magnitude(one, "AmountCur", currency)
        return Posting(
            key=key.text(),
            kind=key.kind,
            state=_state(key, one),
            number=text_of(one, "Voucher"),
            party=text_of(one, "AccountNum"),
            figures=figures(total, Money.zero(currency)),
            remaining=_remaining(one),
            posting_date=day(one, "TransDate"),
            applied_to=await self._settles(one),
        )

    async def _invoice(self, key: Key, field: str, value: str) -> Posting:
        found = await self._find(self._invoices, field, value)
        if len(found) > 1:
            raise duplicate("look up invoice", key, (text_of(i, "InvoiceId") for i in found))
        if not found:
            return absent(key)
        invoice = found[0]
        transaction = await self._transaction(key, invoice)
        if _state(key, transaction) is not PostingState.REVERSED:
            require_direction(key, number(invoice, "InvoiceAmount"), text_of(invoice, "InvoiceId"))
        return await self._posted_invoice(key, invoice, transaction)

    async def _posted_invoice(self, key: Key, invoice: _Element, transaction: _Element) -> Posting:
        currency = text_of(invoice, "CurrencyCode")
        return Posting(
            key=key.text(),
            kind=key.kind,
            state=_state(key, transaction),
            number=text_of(invoice, "InvoiceId"),
            party=text_of(invoice, "InvoiceAccount") or text_of(transaction, "AccountNum"),
            figures=figures(
                magnitude(invoice, "InvoiceAmount", currency),
                magnitude(invoice, "SumTax", currency),
            ),
            remaining=_remaining(transaction),
            posting_date=day(invoice, "InvoiceDate"),
            applied_to=await self._settles(transaction) if key.kind in CREDITS else (),
        )

    async def _settles(self, transaction: _Element) -> tuple[str, ...]:
        """Numbers of the documents that a transaction is settled with."""
        settlements = children(transaction, "CustSettlement")
        offsets = dict.fromkeys(text_of(one, "OffsetRecId") for one in settlements)
        found = await self._transactions.find_any("RecId", filter(None, offsets))
        by_id = {text_of(one, "RecId"): one for one in found}
        numbers = (
            text_of(by_id[rec_id], "Invoice") or text_of(by_id[rec_id], "Voucher")
            for rec_id in offsets
            if rec_id in by_id
        )
        return tuple(dict.fromkeys(numbers))

    async def _transaction(self, key: Key, invoice: _Element) -> _Element:
        """The customer transaction of a posted invoice. Vouchers repeat, by year and by customer:
        all of it must agree. Several are held."""
        found = await self._find(self._transactions, "Voucher", text_of(invoice, "LedgerVoucher"))
        own = [one for one in found if _belongs(one, invoice)]
        if len(own) > 1:
            raise duplicate("look up invoice", key, (text_of(one, "Voucher") for one in own))
        if not own:
            raise Unavailable(SYSTEM, "look up invoice", "its transaction is not to be seen yet")
        return own[0]

    async def _is_ours(self, transaction: _Element) -> bool:
        """A payment carries our key itself; of an invoice the posted document does."""
        if is_our_key(text_of(transaction, self._fields.posted_payment_key)):
            return True
        invoice = text_of(transaction, "Invoice")
        found = await self._find(self._invoices, "InvoiceId", invoice) if invoice else []
        return any(is_our_key(text_of(i, self._fields.posted_invoice_key)) for i in found)

    async def _find(self, port: DocumentPort, field: str, value: str) -> list[_Element]:
        _, root = await port.root()
        found = await port.find(Criterion(root.name, field, value))
        return [one for one in found if text_of(one, field).casefold() == value.casefold()]


def _belongs(transaction: _Element, invoice: _Element) -> bool:
    pairs = (
        ("Invoice", "InvoiceId"),
        ("AccountNum", "InvoiceAccount"),
        ("CurrencyCode", "CurrencyCode"),
    )
    same = all(text_of(transaction, own) == text_of(invoice, other) for own, other in pairs)
    same_day = day(transaction, "TransDate") == day(invoice, "InvoiceDate")
    return same and same_day and is_sale(transaction)


def _state(key: Key, transaction: _Element) -> PostingState:
    """A transaction that takes another back is marked as reversed itself, and is posted still."""
    reversing = key.kind.value.endswith("_reversal")
    reversed_now = text_of(transaction, "Reversed") == "Yes" and not reversing
    return PostingState.REVERSED if reversed_now else PostingState.POSTED


def _remaining(transaction: _Element) -> Money:
    return Money.of(abs(open_of(transaction)), text_of(transaction, "CurrencyCode"))


def _resembles(transaction: _Element, amount: Money, on: date, days: int) -> bool:
    posted = day(transaction, "TransDate")
    return (
        text_of(transaction, "Reversed") != "Yes"
        and text_of(transaction, "CurrencyCode") == amount.currency
        and abs(number(transaction, "AmountCur")) == abs(amount.amount)
        and posted is not None
        and abs(posted - on) <= timedelta(days)
    )


def _foreign(transaction: _Element) -> Posting:
    currency = text_of(transaction, "CurrencyCode")
    by_sign = Kind.INVOICE if number(transaction, "AmountCur") >= 0 else Kind.PAYMENT
    return Posting(
        key=text_of(transaction, "PaymReference"),
        kind=_TYPES.get(text_of(transaction, "TransType"), by_sign),
        state=PostingState.POSTED,
        number=text_of(transaction, "Invoice") or text_of(transaction, "Voucher"),
        party=text_of(transaction, "AccountNum"),
        figures=figures(magnitude(transaction, "AmountCur", currency), Money.zero(currency)),
        remaining=_remaining(transaction),
        posting_date=day(transaction, "TransDate"),
    )
