"""A company that has used FreshBooks and NAV side by side, up to the cut-over."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from documents.key import Kind
from documents.row import DocumentRow
from tests.bookkeeper import Row
from tests.lives.driver import Driver
from tests.lives.site import Site
from workers.demo.people import Line


@dataclass
class History:
    """People in FreshBooks and NAV, and the steps of the product. `before` is a day of before the
    cut-over, `after` one of after it."""

    site: Site
    cut_over: date
    client: int = 0
    customer: str = ""
    driver: Driver = field(init=False)

    def __post_init__(self) -> None:
        self.driver = Driver(self.site)
        self.before = self.cut_over - timedelta(days=10)
        self.after = self.cut_over + timedelta(days=10)

    async def begin(self) -> None:
        self.client = await self.site.clerk.add_client("Northwind", "ap@northwind.example")
        first = await self.invoice("10.00", self.after)
        assert (await self.driver.invoice(first)).stage == "posted"
        (customer,) = await self.site.books.rows("Customer", Name="Northwind")
        self.customer = customer["No"]
        await self.pay(first, "10.00", self.after)
        assert (await self.driver.invoice(first)).stage == "closed"

    async def invoice(self, amount: str, day: date) -> int:
        clerk = self.site.clerk
        lines = [Line("Advice", "1", amount)]
        invoice = await clerk.write_invoice(self.client, "USD", day, lines)
        await clerk.send_invoice(invoice)
        return invoice

    async def pay(self, invoice: int, amount: str, day: date, kind: str = "Check") -> int:
        return await self.site.clerk.enter_payment(invoice, Decimal(amount), "USD", day, kind)

    async def number(self, invoice: int) -> str:
        found = await self.site.source.invoice(str(invoice))
        assert found is not None
        return found.number

    async def credit(self, amount: str, day: date, kind: str) -> int:
        """A credit note of FreshBooks; returns its id."""
        fields = {
            "clientid": self.client,
            "create_date": day.isoformat(),
            "currency_code": "USD",
            "credit_type": kind,
            "lines": [
                {
                    "type": 0,
                    "name": "Advice",
                    "qty": "1",
                    "unit_cost": {"amount": amount, "code": "USD"},
                }
            ],
        }
        made = await self.site.clerk._send(
            "POST", "credit_notes/credit_notes", "credit_note", fields
        )
        return int(made["id"])

    async def entries(self, **equal: Any) -> list[Row]:
        """Entries of the customer's ledger."""
        rows = await self.site.books.rows("CustomerLedgerEntries", **equal)
        return [row for row in rows if row["Customer_No"] == self.customer]

    async def row(self, source_id: int, kind: Kind = Kind.INVOICE) -> DocumentRow:
        name = self.site.connection.name
        found = await self.site.store.documents.get(name, kind, str(source_id))
        assert found is not None
        return found
