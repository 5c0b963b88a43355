"""The custom service: posts, settles and takes back by our key, and tells what it knows of one.

It is installed beside the standard services (docs/systems/dynamics-ax.md) and hosted on a port
of its own. Its operations are idempotent by our key, so that a second call does no harm.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from connectors.ax.client import AxClient
from connectors.ax.content import Content, children, text_of
from connectors.ax.errors import SYSTEM
from connectors.ax.models import names_in
from connectors.ax.postings import (
    CASH,
    CREDITS,
    LEDGERED,
    absent,
    day,
    duplicate,
    figures,
    is_our_key,
    magnitude,
    number,
    require_direction,
)
from connectors.ax.settings import FREE_TEXT_INVOICE, GENERAL_JOURNAL, PAYMENT, SALES_ORDER
from connectors.errors import Misconfigured, OutcomeUnknown, Unavailable, after_write
from documents.key import Key, Kind
from documents.money import Money
from documents.posting import Posting, PostingState

if TYPE_CHECKING:
    from lxml.etree import _Element

POSTS = {
    FREE_TEXT_INVOICE: "postFreeTextInvoice",
    SALES_ORDER: "postSalesOrder",
    PAYMENT: "postPaymentJournal",
    GENERAL_JOURNAL: "postPaymentJournal",
}
OPERATIONS = (
    "findByKey",
    "discard",
    "settleTransactions",
    "reverseSettlement",
    "reverseTransaction",
    "findTransactions",
    "settlePayable",
    "findVendorDocuments",
    "findVendorTransactions",
    "findVendorVoucher",
)
"""What the connection calls; `POSTS` only when the service posts."""

_STATES = {
    "Absent": PostingState.ABSENT,
    "Created": PostingState.CREATED,
    "Posted": PostingState.POSTED,
    "Reversed": PostingState.REVERSED,
    "Rejected": PostingState.REJECTED,
}
_COST = "Cost"
"""The kind of a cost that the company paid: it owes nobody anything, so nothing is open."""
_TOTALS = "getInvoiceTotals"
_TAX_GROUP = "TaxItemGroup"
_KINDS = {"Payment": Kind.PAYMENT}


class CustomService:
    """Calls of the custom service of one company; `exists` says whether the settings name it."""

    def __init__(self, client: AxClient) -> None:
        self._client = client
        self._port = client.settings.ports.custom_service

    @property
    def exists(self) -> bool:
        return bool(self._port)

    async def find(self, key: Key) -> Posting:
        """What AX has for our key, created or posted."""
        found = await self._call("findByKey", {"_key": key.text()}, writes=False)
        return await self._posting(key, found)

    async def post(self, key: Key, entity: str) -> Posting:
        """Post what was created; posted already gives the posting."""
        return await self._changed(key, POSTS[entity], {"_key": key.text()})

    async def discard(self, key: Key) -> bool:
        """Remove an unposted document; False when there is none."""
        done = await self._call("discard", {"_key": key.text()}, writes=True)
        return done.text == "true"

    async def settle(self, entry: Key, number: str, amount: Money | None) -> Posting:
        """Settle a transaction against the one with an invoice or voucher number: as much as
        both have open, or until an amount is settled. KeyNotFound when there is no such one."""
        limit = format(amount.amount, "f") if amount else "0"
        request: Content = {"_key": entry.text(), "_againstKey": number, "_amount": limit}
        return await self._changed(entry, "settleTransactions", request)

    async def settle_payable(self, entry: Key, number: str) -> Posting:
        """Settle a payment of a vendor with what it pays, as far as both reach. KeyNotFound when
        there is no such document."""
        request: Content = {"_key": entry.text(), "_againstKey": number}
        return await self._changed(entry, "settlePayable", request)

    async def of_vendor(self, vendor: str, number: str) -> list[str]:
        """Vouchers of what a vendor is owed for under a document number of theirs, without those
        that carry our key."""
        request: Content = {"_accountNum": vendor, "_documentNum": number}
        answer = await self._call("findVendorDocuments", request, writes=False)
        foreign = (one for one in answer if not is_our_key(text_of(one, "Key")))
        return sorted(text_of(one, "Voucher") for one in foreign)

    async def unsettle(self, entry: Key, number: str) -> Posting:
        """Reverse the settlements of a transaction: with one document, or all."""
        request: Content = {"_key": entry.text(), "_againstKey": number}
        return await self._changed(entry, "reverseSettlement", request)

    async def reverse(self, original: str, reversal: Key, on: date) -> Posting:
        """Book the contra of a posted payment (by its key or voucher), unsettled first, or of a
        cost journal that is not paid, under the reversal's key."""
        request: Content = {
            "_key": original,
            "_reversalKey": reversal.text(),
            "_transDate": on.isoformat(),
        }
        return await self._changed(reversal, "reverseTransaction", request)

    async def similar(self, party: str, amount: Money, first: date, last: date) -> list[Posting]:
        """Posted transactions of a customer of this amount, either sign, without our key."""
        signs = (abs(amount), -abs(amount))
        found = [await self._alike("findTransactions", party, each, first, last) for each in signs]
        return [_foreign(one) for answer in found for one in answer]

    async def similar_payables(
        self, vendor: str, amount: Money, first: date, last: date
    ) -> list[Posting]:
        """What a vendor is owed over this amount, without our key and not taken back."""
        owed = -abs(amount)
        found = await self._alike("findVendorTransactions", vendor, owed, first, last)
        return [_foreign(one, Kind.EXPENSE) for one in found]

    async def _alike(
        self, operation: str, party: str, amount: Money, first: date, last: date
    ) -> list[_Element]:
        request: Content = {
            "_accountNum": party,
            "_currencyCode": amount.currency,
            "_amount": format(amount.amount, "f"),
            "_fromDate": first.isoformat(),
            "_toDate": last.isoformat(),
        }
        answer = await self._call(operation, request, writes=False)
        live = (one for one in answer if text_of(one, "State") != "Reversed")
        return [one for one in live if not is_our_key(text_of(one, "Key"))]

    async def payable(self, key: Key, voucher: str) -> Posting:
        """What stands on a vendor's account under a voucher, whoever posted it: what is owed, or
        for a payment what was paid. Several are held."""
        answer = await self._call("findVendorVoucher", {"_voucher": voucher}, writes=False)
        is_payment = key.kind is Kind.BILL_PAYMENT
        found = [one for one in answer if (number(one, "Amount") > 0) == is_payment]
        if len(found) > 1:
            raise duplicate("look up voucher", key, (text_of(one, "Voucher") for one in found))
        return await self._posting(key, found[0]) if found else absent(key)

    async def tells_taxes(self) -> bool:
        """Whether the service tells the tax of each item sales tax group."""
        if not await self._client.offers(self._port, _TOTALS):
            return False
        return _TAX_GROUP in names_in((await self._client.operation(self._port, _TOTALS)).response)

    async def taxes(self, key: Key) -> dict[str, Decimal]:
        """AX's tax on an unposted document by item sales tax group, in the currency of the
        document, as AX signs it."""
        answer = await self._call(_TOTALS, {"_key": key.text()}, writes=False)
        found: dict[str, Decimal] = {}
        for line in (one for lines in children(answer, "TaxLines") for one in lines):
            group = text_of(line, _TAX_GROUP).casefold()
            found[group] = found.get(group, Decimal(0)) + number(line, "TaxAmount")
        return found

    async def setup(self, name: str) -> list[str]:
        """Codes that the company's set-up has under a name (Currency, Dimension, ...)."""
        answer = await self._call("getSetup", {"_name": name}, writes=False)
        return [text_of(value, "Code") for value in answer]

    async def _changed(self, key: Key, name: str, content: Content) -> Posting:
        """What a key stands for after an operation that writes."""
        found = await self._call(name, content, writes=True)
        with after_write(SYSTEM, name, self._client.settings.settle_seconds):
            return await self._posting(key, found)

    async def _call(self, name: str, content: Content, *, writes: bool) -> _Element:
        if not self._port:
            raise Misconfigured(SYSTEM, name, "the connection names no custom service")
        answer = await self._client.call(self._port, name, content, writes=writes)
        if not len(answer):
            operation, why = f"{self._port}.{name}", "the reply has no result"
            if writes:
                raise OutcomeUnknown(SYSTEM, operation, why, self._client.settings.settle_seconds)
            raise Unavailable(SYSTEM, operation, why)
        return answer[0]

    async def _posting(self, key: Key, found: _Element) -> Posting:
        state = _STATES.get(text_of(found, "State"))
        if state is None:
            raise Unavailable(SYSTEM, "read document", "the custom service gave no known state")
        if state is PostingState.ABSENT:
            return absent(key)
        if state is PostingState.REVERSED and key.kind.value.endswith("_reversal"):
            # AX marks both sides of a reversal; the one that takes back is posted all the same.
            state = PostingState.POSTED
        settles = await self._settled(key, found) if state in LEDGERED else ()
        return _read(key, found, state, settles)

    async def _settled(self, key: Key, found: _Element) -> tuple[str, ...]:
        """Numbers of what an entry settles; an invoice is what gets settled."""
        if key.kind not in (*CASH, *CREDITS):
            return ()
        keys = [k.text or "" for one in children(found, "SettledWith") for k in one]
        ours = [Key.parse(text) for text in keys if is_our_key(text)]
        answers = [
            await self._call("findByKey", {"_key": one.text()}, writes=False) for one in ours
        ]
        return tuple(_number(one, answer) for one, answer in zip(ours, answers, strict=True))


def _read(key: Key, found: _Element, state: PostingState, settles: tuple[str, ...]) -> Posting:
    ledgered = state in LEDGERED
    is_owed = ledgered and text_of(found, "Kind") != _COST
    if state is not PostingState.REVERSED:
        shown = text_of(found, "Number") or text_of(found, "Voucher")
        require_direction(key, number(found, "Amount"), shown)
    seen = _seen(key.text(), key.kind, found)
    return seen.model_copy(
        update={
            "state": state,
            "number": _number(key, found) if ledgered else text_of(found, "Number"),
            "remaining": seen.remaining if is_owed else None,
            "applied_to": settles,
            "reason": text_of(found, "Reason"),
        }
    )


def _number(key: Key, found: _Element) -> str:
    """A payment is named by its voucher, an invoice by its number."""
    if key.kind in CASH:
        return text_of(found, "Voucher")
    return text_of(found, "InvoiceId") or text_of(found, "Voucher")


def _foreign(found: _Element, kind: Kind | None = None) -> Posting:
    kind = kind or _KINDS.get(text_of(found, "Kind"), Kind.INVOICE)
    return _seen(text_of(found, "Key"), kind, found)


def _seen(key: str, kind: Kind, found: _Element) -> Posting:
    """A posted document as the service shows it, amounts without their sign."""
    currency = text_of(found, "CurrencyCode")
    return Posting(
        key=key,
        kind=kind,
        state=PostingState.POSTED,
        number=text_of(found, "InvoiceId") or text_of(found, "Voucher"),
        party=text_of(found, "AccountNum"),
        figures=figures(
            magnitude(found, "Amount", currency), magnitude(found, "TaxAmount", currency)
        ),
        remaining=magnitude(found, "Remaining", currency),
        posting_date=day(found, "TransDate"),
    )
