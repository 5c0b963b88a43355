"""A NAV stand-in with one company, our connector to it, and records as a mapping makes them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date
from decimal import Decimal
from typing import Any

import httpx
from pydantic import SecretStr

import sandbox.nav
from connectors.nav.adapter import NavTarget
from connectors.nav.settings import NavSettings
from documents.key import Key, Kind
from documents.money import Money
from documents.record import FieldValue, Figures, MappedRecord
from sandbox.clock import Clock
from sandbox.nav import NavProfile
from sandbox.server import SandboxServer
from sandbox.settings import NavCompany, SandboxSettings
from sandbox.settings import NavSettings as StandInSettings
from sandbox.storage import Storage

COMPANY = "O'Neill & Söhne"
PASSWORD = "a web service access key"
DAY = date(2026, 3, 2)


class Books:
    """The stand-in's books and what a test needs to work with them."""

    def __init__(self, server: SandboxServer, control: httpx.AsyncClient) -> None:
        self._server = server
        self._control = control
        self.url = f"http://127.0.0.1:{server.ports['nav']}"
        self.instance = "DynamicsNAV110"

    def settings(self, **changes: Any) -> NavSettings:
        """Settings of the connection, some of them changed."""
        values = {
            "base_url": self.url,
            "network": {"allow_private": True},
            "instance": self.instance,
            "company": COMPANY,
            "username": "TIEOUT",
            "secret": SecretStr(PASSWORD),
            "settle_seconds": 2.0,
            "timeout": 5.0,
        }
        return NavSettings.model_validate({**values, **changes})

    async def clerk(self, service: str, body: dict[str, Any], record: str = "") -> None:
        """Add a record as a clerk would, or change the one with this key predicate."""
        company = COMPANY.replace("'", "''")
        path = f"/{self.instance}/ODataV4/Company('{company}')/{service}{record}"
        async with httpx.AsyncClient(base_url=self.url, auth=("TIEOUT", PASSWORD)) as client:
            response = await client.request(
                "PATCH" if record else "POST", path, json=body, headers={"If-Match": "*"}
            )
            response.raise_for_status()

    async def journal(self, **wanted: str) -> list[dict[str, Any]]:
        """Everything committed that has these values."""
        response = await self._control.get("/journal/nav")
        response.raise_for_status()
        found: list[dict[str, Any]] = response.json()
        return [row for row in found if all(row[k] == v for k, v in wanted.items())]

    async def operator(self, posting: str, reason: str = "") -> None:
        """Let NAV post, refuse with a reason, or find the tables locked."""
        body = {"system": "nav", "posting": posting, "reason": reason}
        (await self._control.post("/operator", json=body)).raise_for_status()

    async def fault(self, **plan: Any) -> None:
        """Plan a misfortune; what was planned before is forgotten."""
        await self.forget_faults()
        response = await self._control.post("/faults", json={"system": "nav", **plan})
        response.raise_for_status()

    async def fault_hits(self) -> int:
        """How many requests the planned misfortune met."""
        faults = (await self._control.get("/faults")).json()
        return sum(int(fault["hits"]) for fault in faults)

    async def forget_faults(self) -> None:
        """Let everything go well again."""
        (await self._control.delete("/faults")).raise_for_status()


@asynccontextmanager
async def nav_books() -> AsyncIterator[Books]:
    """A fresh stand-in on a free port."""
    company = NavCompany(connection="test", name=COMPANY, username="TIEOUT", password=PASSWORD)
    server = SandboxServer(SandboxSettings(nav=StandInSettings(companies=[company])))
    await server.start()
    try:
        address = f"http://127.0.0.1:{server.ports['control']}"
        async with httpx.AsyncClient(base_url=address) as control:
            yield Books(server, control)
    finally:
        await server.stop()


@asynccontextmanager
async def nav_site(profile: NavProfile, **changes: Any) -> AsyncIterator[NavTarget]:
    """Our connector to a stand-in of another set-up, called without a network."""
    company = NavCompany(connection="test", name=COMPANY, username="TIEOUT", password=PASSWORD)
    site = sandbox.nav.build(StandInSettings(companies=[company]), Storage(None), Clock(), profile)
    values = {
        "base_url": "http://nav.test",
        "instance": "DynamicsNAV110",
        "company": COMPANY,
        "username": "TIEOUT",
        "secret": SecretStr(PASSWORD),
    }
    settings = NavSettings.model_validate({**values, **changes})
    async with NavTarget(settings, transport=httpx.ASGITransport(site.app)) as target:
        yield target


def key(kind: Kind, source_id: str = "1000001", generation: int = 1) -> Key:
    """A key of the connection under test."""
    return Key(tag="FB", kind=kind, source_id=source_id, generation=generation)


def customer_record(name: str = "Müller & Söhne", **fields: FieldValue) -> MappedRecord:
    """A customer as the mapping makes one."""
    header: dict[str, FieldValue] = {
        "Name": name,
        "E_Mail": "buch@example.com",
        "City": "Köln",
        "Country_Region_Code": "DE",
        "Customer_Posting_Group": "FOREIGN",
        "Gen_Bus_Posting_Group": "FOREIGN",
        **fields,
    }
    return MappedRecord(kind=Kind.CUSTOMER, entity="customer", header=header)


def line(
    amount: str, vat: str = "VAT19", number: str = "4100", **more: str
) -> dict[str, FieldValue]:
    """A revenue line of a sales document."""
    return {
        "Type": "G/L Account",
        "No": number,
        "Description": "Beratung",
        "Quantity": "1",
        "Unit_Price": amount,
        "VAT_Prod_Posting_Group": vat,
        **more,
    }


def tax_line(amount: str) -> dict[str, FieldValue]:
    """The source's own tax as a line: all of it is VAT, none of it is net."""
    return line(amount, "FULLVAT", "2200", Description="HST 13%")


def figures(net: str, tax: str, currency: str = "EUR") -> Figures:
    """Figures of a document."""
    total = Decimal(net) + Decimal(tax)
    return Figures(
        net=Money.of(net, currency), tax=Money.of(tax, currency), total=Money.of(total, currency)
    )


def sales_record(
    customer: str,
    lines: tuple[dict[str, FieldValue], ...],
    expected: Figures,
    *,
    kind: Kind = Kind.INVOICE,
    entity: str = "invoice",
    **header: FieldValue,
) -> MappedRecord:
    """A sales document as the mapping makes one."""
    fields: dict[str, FieldValue] = {
        "Sell_to_Customer_No": customer,
        "Posting_Date": DAY.isoformat(),
        "Document_Date": DAY.isoformat(),
        "Currency_Code": expected.total.currency,
        "Prices_Including_VAT": False,
        "Your_Reference": "2026-0001",
        **header,
    }
    return MappedRecord(kind=kind, entity=entity, header=fields, lines=lines, expected=expected)


def payment_record(customer: str, amount: Money, invoice: str = "", **header: str) -> MappedRecord:
    """A payment as the mapping makes one; applied to a posted invoice if one is given."""
    applies = {"Applies_to_Doc_Type": "Invoice", "Applies_to_Doc_No": invoice} if invoice else {}
    fields: dict[str, FieldValue] = {
        "Posting_Date": DAY.isoformat(),
        "Document_Date": DAY.isoformat(),
        "Document_Type": "Payment",
        "Account_Type": "Customer",
        "Account_No": customer,
        "Bal_Account_Type": "Bank Account",
        "Bal_Account_No": "STRIPE",
        "Currency_Code": amount.currency,
        "Amount": str(-amount.amount),
        "Description": "Payment 77",
        "Comment": "77",
        **applies,
        **header,
    }
    zero = Money.zero(amount.currency)
    expected = Figures(net=amount, tax=zero, total=amount)
    return MappedRecord(kind=Kind.PAYMENT, entity="payment", header=fields, expected=expected)


@asynccontextmanager
async def connected(books: Books, **changes: Any) -> AsyncIterator[NavTarget]:
    """Our connector to the stand-in."""
    async with NavTarget(books.settings(**changes)) as target:
        yield target
