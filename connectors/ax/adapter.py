"""Dynamics AX 2012 as a target of postings."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import date, datetime
from types import TracebackType
from typing import Self

import httpx

from connectors.ax.auth import Secret
from connectors.ax.changes import Changes
from connectors.ax.check import Checker
from connectors.ax.client import AxClient
from connectors.ax.custom import CustomService
from connectors.ax.customers import Customers
from connectors.ax.documents import Documents
from connectors.ax.drafts import Drafts
from connectors.ax.errors import SYSTEM
from connectors.ax.ids import MessageIds
from connectors.ax.lanes import Lanes
from connectors.ax.ledger import Ledger
from connectors.ax.listing import Listing
from connectors.ax.postings import CASH
from connectors.ax.records import Records
from connectors.ax.settings import GENERAL_JOURNAL, JOURNALS_NEED_THE_SERVICE, AxSettings
from connectors.ax.settlement import Settlement
from connectors.errors import Misconfigured
from connectors.limits import RateLimiter
from connectors.ports import LedgerChange, Memo, Safety
from connectors.spans import shifted
from documents.customer import TargetCustomer
from documents.key import Key, Kind
from documents.money import Money
from documents.posting import Posting
from documents.record import MappedRecord
from documents.schema import TargetSchema


class AxTarget:
    """One company of AX as a `TargetPort`.

    Documents are created by the standard document services under a message id made from our key
    and the record. Whoever posts them is somebody else unless the settings say that the custom
    service does: then `post` posts, otherwise it only looks, and a posting stays created for as
    long as people take.

    `secret` tells the password as it is now, for every sign-in; otherwise it is that of the
    settings. Raises the taxonomy of `connectors.errors`. Use it as a context manager, or call
    `aclose`.
    """

    system = SYSTEM

    def __init__(
        self,
        settings: AxSettings,
        *,
        limiter: RateLimiter | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
        secret: Secret | None = None,
    ) -> None:
        self._settings = settings
        self._lanes = Lanes(settings, limiter=limiter, transport=transport, secret=secret)
        self._client = AxClient(settings, self._lanes)
        self._records = Records(self._client)
        ids = MessageIds(settings.settle_seconds + settings.timeout)
        custom = CustomService(self._client)
        ledger = Ledger(self._client)
        drafts = Drafts(self._client, self._records, ids)
        self._custom, self._ledger = custom, ledger
        self._documents = Documents(settings, drafts, ledger, custom, ids)
        self._customers = Customers(self._client, self._records, ids)
        self.ledger = Listing(self._client, self._customers)
        self._settlement = Settlement(custom, self.lookup)
        self.safety = _safety(settings, custom)

    @property
    def invoice_entity(self) -> str:
        """What an invoice becomes by the connection's settings; its mapping must agree."""
        return self._settings.entity(Kind.INVOICE) or ""

    async def aclose(self) -> None:
        """Close the connections."""
        await self._lanes.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.aclose()

    async def schema(self) -> TargetSchema:
        """What a mapping may write, read from the ports' descriptions once per process."""
        return await self._records.schema()

    async def check(self) -> list[str]:
        """What the connection lacks in AX, one sentence each; none when everything is there."""
        return await Checker(self._client, self._custom).problems()

    async def refresh(self) -> None:
        """Read AX's descriptions again at the next use."""
        self._client.forget()
        self._records.forget()

    async def find_customers(
        self, *, key: str = "", number: str = "", email: str = "", name: str = ""
    ) -> list[TargetCustomer]:
        """Customers for which everything given is equal, without regard to case."""
        return await self._customers.find(key=key, number=number, email=email, name=name)

    async def create_customer(self, key: Key, record: MappedRecord) -> TargetCustomer:
        """The customer with this key, made if there is none."""
        return await self._customers.create(key, record)

    async def update_customer(self, number: str, record: MappedRecord) -> TargetCustomer:
        """Change only the record's fields of a customer."""
        return await self._customers.update(number, record)

    async def lookup(self, key: Key) -> Posting:
        """What AX has for our key. A created document whose port can only create is reported
        absent until it is posted, unless there is the custom service."""
        return await self._documents.lookup(key, self._entity(key))

    async def shows_drafts(self, key: Key) -> bool:
        """Whether AX lets us see documents of this kind before they are posted: through the
        custom service, or a port that offers `find`."""
        entity = self._settings.entity(key.kind)
        return entity is None or await self._documents.shows_drafts(entity)

    async def create(self, key: Key, record: MappedRecord) -> Posting:
        """Make the unposted document; one that is there with the same amounts is returned.

        OutcomeUnknown when AX says that it has seen the message before and the document is not
        to be found: it was possibly created.
        """
        return await self._documents.create(key, self._entity(key), record)

    async def post(self, key: Key) -> Posting:
        """Post what was created where the custom service posts, otherwise look: the result may
        still be created. Raises Rejected when whoever posts has refused the document."""
        return await self._documents.post(key, self._entity(key))

    async def discard(self, key: Key) -> None:
        """Remove an unposted document; Rejected when only people can."""
        await self._documents.discard(key, self._entity(key))

    async def reverse(
        self, original: Key, reversal: Key, posting_date: date, memo: Memo | None = None
    ) -> Posting:
        """Take back a posted payment, unsettling it first, or a cost journal that is not paid."""
        return await self._settlement.reverse(original, reversal, posting_date)

    async def reverse_entry(
        self, original: Key, number: str, reversal: Key, posting_date: date
    ) -> Posting:
        """Take back a receipt that is named by its voucher, unsettling it first."""
        return await self._settlement.reverse_entry(original, number, reversal, posting_date)

    async def apply(
        self,
        entry: Key,
        invoice_number: str,
        amount: Money | None = None,
        kind: Kind = Kind.INVOICE,
    ) -> Posting:
        """Settle an open posted transaction of ours against a posted document of AX; a refund is
        named by its voucher."""
        return await self._settlement.apply(entry, invoice_number, amount)

    async def unapply(
        self, entry: Key, invoice_number: str = "", memo: Memo | None = None
    ) -> Posting:
        """Take back what a transaction of ours settles: with one document, or all."""
        return await self._settlement.unapply(entry, invoice_number)

    async def lookup_number(self, key: Key, number: str) -> Posting:
        """What stands under AX's own number for a document of the key's kind: of a cost, the
        voucher on a vendor's account. What the company paid by itself stands on none."""
        if self._custom.exists and (found := await self._custom.find(key)).number == number:
            return found
        if self._entity(key) == GENERAL_JOURNAL and key.kind not in CASH:
            return await self._custom.payable(key, number)
        return await self._ledger.by_number(key, number)

    async def open_day(self, on: date) -> date | None:
        """The day itself: no service of AX tells its periods, so AX decides when it posts, and a
        closed period becomes a hold then."""
        return on

    async def find_vendor_document(self, vendor: str, number: str) -> list[str]:
        """Vouchers of what a vendor is owed for under the vendor's own document number."""
        return await self._custom.of_vendor(vendor, number)

    async def find_similar(self, party: str, amount: Money, on: date, days: int) -> list[Posting]:
        """Transactions without our key of the same customer, amount and currency near a date."""
        if self._custom.exists:
            first, last = shifted(on, -days), shifted(on, days)
            return await self._custom.similar(party, amount, first, last)
        return await self._ledger.similar(party, amount, on, days)

    async def find_similar_payables(
        self, vendor: str, amount: Money, on: date, days: int
    ) -> list[Posting]:
        """What a vendor is owed without our key over this amount near a date; only the custom
        service tells, and without it there are no costs."""
        first, last = shifted(on, -days), shifted(on, days)
        return await self._custom.similar_payables(vendor, amount, first, last)

    def ledger_changes(self, since: datetime) -> AsyncIterator[Sequence[LedgerChange]]:
        """Pages of our postings that were posted, settled or reversed after a moment (aware).
        Needs change tracking and a document filter in AX."""
        return Changes(self._client).since(since)

    async def untracked(self) -> str:
        """Why AX does not tell what changes; that a port has no document filter shows nowhere."""
        return await Changes(self._client).missing()

    def _entity(self, key: Key) -> str:
        entity = self._settings.entity(key.kind)
        if entity == GENERAL_JOURNAL and not self._custom.exists:
            raise Misconfigured(SYSTEM, "choose a document", JOURNALS_NEED_THE_SERVICE)
        if entity is None:
            raise Misconfigured(
                SYSTEM,
                "choose a document",
                f"the connection's entities setting names no AX document for {key.kind}",
            )
        return entity


def _safety(settings: AxSettings, custom: CustomService) -> Safety:
    return Safety(
        refuses_duplicates=False,
        settle_seconds=settings.settle_seconds,
        explanation=(
            "AX refuses a repeated message id, but says neither what came of the first nor "
            "when it noted it: a lost call is given time to end before it is sent again"
        ),
        # Only with the custom service does AX tell what a draft amounts to.
        resumes_creation=custom.exists,
        refuses_repeats=True,
    )
