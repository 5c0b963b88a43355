"""One small company with its people on both sides: how a scenario begins, and what it asks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from documents.key import Kind
from documents.row import Action, DocumentRow
from policies.settings import OrderToCashPolicy
from tests.bookkeeper import Bookkeeper, Row
from tests.lives.driver import Driver, Status
from tests.lives.site import Site
from tests.mapping.specs import NAV_SPEC
from workers.demo.people import Clerk, Line

TODAY = datetime.now(UTC).date()
HST = (("HST", "13"),)
ADVICE = Line("Advice", "1", "100.00", HST)
"""113.00 with its tax."""


@dataclass
class Desk:
    """A client, and both systems as people see them."""

    site: Site
    driver: Driver
    client: int

    @property
    def clerk(self) -> Clerk:
        return self.site.clerk

    @property
    def books(self) -> Bookkeeper:
        return self.site.books

    async def sent(
        self, *lines: Line, day: date = TODAY, currency: str = "USD", **more: Any
    ) -> int:
        """An invoice that was sent and not looked at yet."""
        invoice = await self.clerk.write_invoice(
            more.pop("client", self.client), currency, day, list(lines) or [ADVICE], **more
        )
        await self.clerk.send_invoice(invoice)
        return invoice

    async def posted(self, *lines: Line, **more: Any) -> int:
        """An invoice that is in NAV's books."""
        invoice = await self.sent(*lines, **more)
        status = await self.look(invoice)
        assert status.stage == "posted", status
        return invoice

    async def pay(
        self, invoice: int, amount: str, day: date = TODAY, currency: str = "USD", **more: Any
    ) -> int:
        return await self.clerk.enter_payment(invoice, Decimal(amount), currency, day, **more)

    async def use_credit(self, invoice: int, amount: str, credit: int) -> int:
        return await self.pay(invoice, amount, kind="Credit", creditid=credit)

    async def credit_of(self, client: int | None = None) -> int:
        """The only credit of the client."""
        (credit,) = await self.clerk.credits_of(client or self.client)
        return int(credit["id"])

    async def look(self, invoice: int, **options: Any) -> Status:
        return await self.driver.invoice(invoice, **options)

    async def look_at_credit(self, credit: int) -> Status:
        return await self.driver.credit(credit)

    async def decide(self, invoice: int, action: Action, number: str = "", **values: str) -> Status:
        return await self.driver.decide(Kind.INVOICE, invoice, action, number, values)

    async def row(self, kind: Kind, source_id: int) -> DocumentRow:
        """What our own store says of a document."""
        found = await self.site.store.documents.get(self.site.connection.name, kind, str(source_id))
        assert found, f"{kind} {source_id} was never seen"
        return found

    async def entry(self, kind: Kind, source_id: int, generation: int = 1) -> Row:
        """The only customer entry of a posting of ours."""
        (found,) = await self.entries(kind, source_id, generation)
        return found

    async def entries(self, kind: Kind, source_id: int, generation: int = 1) -> list[Row]:
        key = self.site.connection.key(kind, str(source_id), generation).text()
        return await self.books.rows("CustomerLedgerEntries", External_Document_No=key)

    async def open_amount(self, kind: Kind, source_id: int, generation: int = 1) -> str:
        """What is open on our only entry, without its sign."""
        entry = await self.entry(kind, source_id, generation)
        return str(abs(entry["Remaining_Amount"]).quantize(Decimal("0.01")))

    async def balance(self, *accounts: str) -> str:
        """The sum of general ledger accounts, by hand and ours."""
        found = await self.books.rows("GLEntries")
        total = sum((e["Amount"] for e in found if e["G_L_Account_No"] in accounts), Decimal(0))
        return str(total.quantize(Decimal("0.01")))

    async def customer(self) -> str:
        """The only customer in NAV."""
        (found,) = await self.books.rows("Customer")
        return str(found["No"])


async def begin(site: Site, spec: Path = NAV_SPEC, **policy: Any) -> Desk:
    """A new life with one client."""
    site.begin(OrderToCashPolicy(**{"second_person": "off", **policy}), spec)
    client = await site.clerk.add_client("Northwind Traders", "ap@northwind.example")
    return Desk(site, Driver(site), client)
