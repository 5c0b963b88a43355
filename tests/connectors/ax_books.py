"""An AX stand-in with one company, our connector to it, and records as a mapping makes them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date
from decimal import Decimal
from typing import Any

import httpx
from pydantic import SecretStr

from connectors.ax.adapter import AxTarget
from connectors.ax.settings import AxSettings
from documents.key import Key, Kind
from documents.money import Money
from documents.record import FieldValue, Figures, MappedRecord
from sandbox.server import SandboxServer
from sandbox.settings import AxCompany, SandboxSettings
from sandbox.settings import AxSettings as StandInSettings

COMPANY = "USMF"
USER = "svc-tieout"
PASSWORD = "a long random password"
DAY = date(2026, 3, 2)
SERVICE = {"custom_service": "TieoutService", "general_journal": "GeneralJournalService"}
"""Settings of ports for a site with the custom service, which takes expenses too."""

_POSTAL = "DirParty.DirPartyPostalAddressView"
_EMAIL = "DirParty.DirPartyContactInfoView[Type=Email].Locator"


class Books:
    """The stand-in's books and what a test needs to work with them."""

    def __init__(self, server: SandboxServer, control: httpx.AsyncClient) -> None:
        self._control = control
        self.url = f"http://127.0.0.1:{server.ports['ax']}"

    def settings(self, **changes: Any) -> AxSettings:
        """Settings of the connection, some of them changed."""
        values = {
            "base_url": self.url,
            "company": COMPANY,
            "domain": "CONTOSO",
            "username": USER,
            "secret": SecretStr(PASSWORD),
            "settle_seconds": 0.2,
            "sign_in_pause": 0.0,
            "network": {"allow_private": True},
            "timeout": 5.0,
        }
        return AxSettings.model_validate({**values, **changes})

    def target(self, *, service: bool = True, **changes: Any) -> AxTarget:
        """Our connector, with or without the custom service."""
        ports = {**(SERVICE if service else {}), **changes.pop("ports", {})}
        return AxTarget(self.settings(ports=ports, **changes))

    async def operator(self, posting: str, after: float = 0.0, reason: str = "") -> None:
        """What the clerk does with created documents."""
        plan = {"system": "ax", "posting": posting, "after": after, "reason": reason}
        (await self._control.post("/operator", json=plan)).raise_for_status()

    async def person(self, action: str, **values: Any) -> None:
        """What somebody does at the AX client."""
        async with httpx.AsyncClient(base_url=self.url) as desk:
            response = await desk.post(f"/person/{COMPANY}/{action}", json=values)
            response.raise_for_status()

    async def journal(self, **wanted: str) -> list[dict[str, Any]]:
        """Everything committed that has these values."""
        response = await self._control.get("/journal/ax")
        response.raise_for_status()
        found: list[dict[str, Any]] = response.json()
        return [row for row in found if all(row[k] == v for k, v in wanted.items())]

    async def requests(self) -> list[dict[str, Any]]:
        """Every request seen."""
        found: list[dict[str, Any]] = (await self._control.get("/requests/ax")).json()
        return found

    async def fault(self, **plan: Any) -> None:
        """Plan a misfortune; what was planned before is forgotten."""
        await self.forget_faults()
        response = await self._control.post("/faults", json={"system": "ax", **plan})
        response.raise_for_status()

    async def fault_hits(self) -> int:
        """How many requests the planned misfortune met."""
        faults = (await self._control.get("/faults")).json()
        return sum(int(fault["hits"]) for fault in faults)

    async def reset(self) -> None:
        """Empty books."""
        (await self._control.post("/reset")).raise_for_status()

    async def forget_faults(self) -> None:
        """Let everything go well again."""
        (await self._control.delete("/faults")).raise_for_status()


@asynccontextmanager
async def ax_books(**site: Any) -> AsyncIterator[Books]:
    """A fresh stand-in on a free port; `site` are its own settings."""
    company = {"connection": "test", "company": COMPANY, "username": USER, "password": PASSWORD}
    company |= site.pop("user", {})
    values = {"companies": [AxCompany.model_validate(company)], "posting_after": 0.0, **site}
    server = SandboxServer(SandboxSettings(ax=StandInSettings.model_validate(values)))
    await server.start()
    try:
        address = f"http://127.0.0.1:{server.ports['control']}"
        async with httpx.AsyncClient(base_url=address) as control:
            yield Books(server, control)
    finally:
        await server.stop()


def key(kind: Kind, source_id: str = "1000001", generation: int = 1) -> Key:
    """A key of the connection under test."""
    return Key(tag="FB", kind=kind, source_id=source_id, generation=generation)


def customer_record(name: str = "Müller & Söhne", **fields: FieldValue) -> MappedRecord:
    """A customer as the mapping makes one."""
    header: dict[str, FieldValue] = {
        "CustGroup": "EU",
        "Currency": "EUR",
        "DirParty": "AxdEntity_DirParty_DirOrganization",
        "DirParty.Name": name,
        f"{_POSTAL}.Street": "Hauptstraße 1",
        f"{_POSTAL}.City": "Köln",
        f"{_POSTAL}.CountryRegionId": "DE",
        _EMAIL: "buch@example.com",
        **fields,
    }
    return MappedRecord(kind=Kind.CUSTOMER, entity="customer", header=header)


def line(
    amount: str, tax: str = "NONE", account: str = "4100", **more: str
) -> dict[str, FieldValue]:
    """A revenue line of a free text invoice."""
    return {
        "Description": "Beratung",
        "LedgerDimension": account,
        "Quantity": "1",
        "UnitPrice": amount,
        "TaxGroup": "TAX",
        "TaxItemGroup": tax,
        **more,
    }


def figures(net: str, tax: str = "0", currency: str = "EUR") -> Figures:
    """Figures of a document."""
    total = Decimal(net) + Decimal(tax)
    return Figures(
        net=Money.of(net, currency), tax=Money.of(tax, currency), total=Money.of(total, currency)
    )


def invoice_record(
    customer: str,
    lines: tuple[dict[str, FieldValue], ...],
    expected: Figures,
    *,
    kind: Kind = Kind.INVOICE,
    **header: FieldValue,
) -> MappedRecord:
    """A free text invoice as the mapping makes one, without our key."""
    fields: dict[str, FieldValue] = {
        "OrderAccount": customer,
        "InvoiceDate": DAY.isoformat(),
        "DocumentDate": DAY.isoformat(),
        "CurrencyCode": expected.total.currency,
        "CustomerRef": "2026-0001",
        "InclTax": "No",
        **header,
    }
    return MappedRecord(
        kind=kind, entity="free_text_invoice", header=fields, lines=lines, expected=expected
    )


def payment_record(customer: str, amount: Money, invoice: str = "", **more: str) -> MappedRecord:
    """A receipt as the mapping makes one; settled at posting if an invoice is marked."""
    trans = {
        "AccountType": "Cust",
        "LedgerDimension": customer,
        "AmountCurCredit": format(amount.amount, "f"),
        "CurrencyCode": amount.currency,
        "TransDate": DAY.isoformat(),
        "DocumentNum": "5000001",
        "OffsetAccountType": "Bank",
        "OffsetLedgerDimension": f"BANK-{amount.currency}",
        "MarkedInvoice": invoice,
        "Txt": "FreshBooks payment",
        **more,
    }
    given = {f"LedgerJournalTrans.{name}": value for name, value in trans.items() if value}
    header: dict[str, FieldValue] = {"JournalName": "CustPay", "Name": "FreshBooks", **given}
    return MappedRecord(kind=Kind.PAYMENT, entity="payment", header=header)
