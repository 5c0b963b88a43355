"""One document between both systems, with a worker that can be stopped between any two lines."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

from activities.order_to_cash import OrderToCashActivities
from activities.signatures import (
    CustomerRequest,
    DocumentRef,
    Look,
    LookRequest,
    PrepareRequest,
)
from documents.key import Key, Kind
from documents.posting import Posting
from documents.record import MappedRecord
from documents.row import DocumentRow
from tests.lives.driver import Driver
from tests.lives.site import Site
from workers.demo.people import Line

TODAY = datetime.now(UTC).date()


def advice(amount: str) -> list[Line]:
    return [Line("Advice", "1", amount)]


@dataclass
class Desk:
    """People in FreshBooks, the steps of the product, and NAV."""

    site: Site

    def __post_init__(self) -> None:
        self.driver = Driver(self.site)
        self.steps = OrderToCashActivities(self.site.place)

    async def sent(self, amount: str = "100.00") -> int:
        """An invoice of a new client that was sent."""
        clerk = self.site.clerk
        client = await clerk.add_client("Northwind", "ap@northwind.example")
        invoice = await clerk.write_invoice(client, "USD", TODAY, advice(amount))
        await clerk.send_invoice(invoice)
        return invoice

    async def paid(self, invoice: int, amount: str) -> int:
        return await self.site.clerk.enter_payment(invoice, Decimal(amount), "USD", TODAY)

    def document(self, source_id: int, kind: Kind = Kind.INVOICE) -> DocumentRef:
        name = self.site.connection.name
        return DocumentRef(connection=name, kind=kind, source_id=str(source_id))

    def key(self, kind: Kind, source_id: int, generation: int = 1) -> Key:
        return self.site.connection.key(kind, str(source_id), generation)

    async def look(self, invoice: int) -> Look:
        return await self.steps.look(LookRequest(document=self.document(invoice)))

    async def prepared(self, invoice: int) -> MappedRecord:
        """As far as a worker comes that dies before it sends anything."""
        look, document = await self.look(invoice), self.document(invoice)
        assert look.invoice is not None
        customer = await self.steps.upsert_customer(
            CustomerRequest(document=document, party_id=look.invoice.party_id)
        )
        request = PrepareRequest(
            document=document,
            key=look.plan.steps[0].key,
            invoice=look.invoice,
            customer_number=customer.number,
        )
        return (await self.steps.prepare(request)).record

    async def drafted(self, invoice: int) -> Key:
        """As far as a worker comes whose posting NAV refused: the draft is there."""
        record, key = await self.prepared(invoice), self.key(Kind.INVOICE, invoice)
        await self.site.target.create(key, record)
        return key

    async def in_nav(self, key: Key) -> Posting:
        return await self.site.target.lookup(key)

    async def row(self, source_id: int, kind: Kind = Kind.INVOICE) -> DocumentRow:
        name = self.site.connection.name
        found = await self.site.store.documents.get(name, kind, str(source_id))
        assert found is not None
        return found
