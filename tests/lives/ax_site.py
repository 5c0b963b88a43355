"""The same over AX: its stand-in on a port, since Windows signs in connections and not calls."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from connectors.ax.aif import Criterion, DocumentPort
from connectors.ax.client import AxClient
from connectors.ax.content import children, text_of
from connectors.ax.lanes import Lanes
from documents.key import Kind
from policies.settings import OrderToCashPolicy
from sandbox.clock import Clock
from tests.connectors.ax_books import Books, ax_books
from tests.lives.desk import ADVICE, TODAY
from tests.lives.driver import Driver, Status
from tests.lives.site import Business, open_business
from tests.mapping.specs import CONFIG
from workers.demo.people import Line
from workers.wiring import SomeTarget

AX_SPEC = CONFIG / "mappings" / "freshbooks-ax.yaml"


@dataclass
class AxDesk(Business):
    """A business with one client that posts in AX, and both as people see them."""

    books: Books = field(kw_only=True)
    client: int = field(init=False)
    driver: Driver = field(init=False)

    async def begin(
        self, target: SomeTarget, spec: Path = AX_SPEC, clerk: float = 3600.0, **policy: Any
    ) -> None:
        """Empty books, and a connection to them; a clerk of AX posts what is there after so many
        seconds."""
        await self.books.reset()
        await self.books.operator("auto", after=clerk)
        self.connect(target, OrderToCashPolicy(**{"second_person": "off", **policy}), spec)
        self.client = await self.clerk.add_client("Northwind Traders", "ap@northwind.example")
        self.driver = Driver(self)

    async def sent(self, *lines: Line, currency: str = "USD") -> int:
        """An invoice that was sent and not looked at yet."""
        goods = list(lines) or [ADVICE]
        invoice = await self.clerk.write_invoice(self.client, currency, TODAY, goods)
        await self.clerk.send_invoice(invoice)
        return invoice

    async def posted(self, *lines: Line, currency: str = "USD") -> int:
        """An invoice that is in AX's books."""
        invoice = await self.sent(*lines, currency=currency)
        status = await self.driver.invoice(invoice)
        assert status.stage == "posted", status
        return invoice

    async def paid(self, invoice: int, amount: str, currency: str = "USD") -> Status:
        """What the process shows after a payment."""
        await self.clerk.enter_payment(invoice, Decimal(amount), currency, TODAY)
        return await self.driver.invoice(invoice)

    async def row(self, kind: Kind, source_id: int, generation: int = 1) -> dict[str, Any]:
        """The only document of AX with our key."""
        (found,) = await self.books.journal(key=self.key(kind, source_id, generation))
        return found

    async def dimensions(self, kind: Kind, source_id: int) -> list[dict[str, str]]:
        """The financial dimensions of each line of a posted document."""
        lanes = Lanes(settings := self.books.settings())
        port = DocumentPort(AxClient(settings, lanes), settings.ports.posted_invoice)
        key = self.key(kind, source_id)
        (found,) = await port.find(Criterion("CustInvoiceJour", "PurchaseOrder", key))
        await lanes.aclose()
        return [
            {
                text_of(value, "Name"): text_of(value, "Value")
                for account in children(line, "LedgerDimension")
                for values in children(account, "Values")
                for value in children(values, "Value")
            }
            for line in children(found, "CustInvoiceTrans")
        ]

    def key(self, kind: Kind, source_id: int, generation: int = 1) -> str:
        return self.connection.key(kind, str(source_id), generation).text()


@asynccontextmanager
async def open_ax(folder: Path) -> AsyncIterator[AxDesk]:
    """A business whose AX is not connected yet: `begin` says how."""
    async with AsyncExitStack() as stack:
        business = await stack.enter_async_context(open_business(folder, Clock()))
        books = await stack.enter_async_context(ax_books())
        yield AxDesk(**vars(business), books=books)
