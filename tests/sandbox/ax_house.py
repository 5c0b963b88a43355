"""A stranger's view of the AX stand-in: zeep over httpx with NTLM, and values for documents."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal
from typing import Any

import httpx
import pytest
import zeep
from httpx_ntlm import HttpNtlmAuth
from lxml import etree
from zeep.exceptions import Fault
from zeep.transports import AsyncTransport

from sandbox.server import SandboxServer
from sandbox.settings import AxCompany, AxSettings, SandboxSettings
from tests.sandbox.ax_values import free_text, key_of, receipt

COMPANY = AxCompany(
    connection="demo-ax", company="usmf", username="svc-tieout", password="Corr3ct-Horse"
)
FAULT = "{http://schemas.microsoft.com/dynamics/2008/01/documents/Fault}"
INFOLOG = "{http://schemas.datacontract.org/2004/07/Microsoft.Dynamics.AX.Framework.Services}"


def ntlm(company: AxCompany = COMPANY) -> HttpNtlmAuth:
    """The sign-in of a stranger."""
    return HttpNtlmAuth(f"{company.domain}\\{company.username}", company.password)


class Service:
    """One port through zeep: its operations with a call context."""

    def __init__(self, client: zeep.AsyncClient, name: str) -> None:
        self.client = client
        self._proxy = client.bind("RoutingService", f"BasicHttpBinding_{name}")

    async def __call__(self, operation: str, *, context: Any = None, **values: Any) -> Any:
        header = {"Company": "usmf", "Language": "en-us", **(context or {})}
        call = getattr(self._proxy, operation)
        return await call(**values, _soapheaders={"context": header})

    def type(self, name: str) -> Any:
        """A type of the port's schema by local name, to be called with values."""
        for kind in self.client.wsdl.types.types:
            if kind.name == name:
                return kind
        raise LookupError(name)


class House:
    """The stand-in with the clients of one company."""

    def __init__(self, server: SandboxServer, company: AxCompany) -> None:
        self.server = server
        self.company = company
        self.base = f"http://127.0.0.1:{server.ports['ax']}/MicrosoftDynamicsAXAif60"
        self.http = httpx.AsyncClient(auth=ntlm(company), trust_env=False)
        self.control = httpx.AsyncClient(
            base_url=f"http://127.0.0.1:{server.ports['control']}", trust_env=False
        )
        self._services: dict[str, Service] = {}

    async def service(self, name: str) -> Service:
        """The port of that name."""
        if name not in self._services:
            self._services[name] = await asyncio.to_thread(self._load, name)
        return self._services[name]

    def _load(self, name: str) -> Service:
        with httpx.Client(auth=ntlm(self.company), trust_env=False) as wsdl_client:
            transport = AsyncTransport(  # type: ignore[no-untyped-call]
                client=self.http, wsdl_client=wsdl_client
            )
            address = f"{self.base}/{name}/xppservice.svc?wsdl"
            client = zeep.AsyncClient(  # type: ignore[no-untyped-call]
                address, transport=transport
            )
            return Service(client, name)

    async def call(self, service: str, operation: str, **values: Any) -> Any:
        """One operation of one port."""
        return await (await self.service(service))(operation, **values)

    async def tieout(self, operation: str, *values: Any) -> Any:
        """One operation of the custom service."""
        names = {
            "settleTransactions": ("_key", "_againstKey", "_amount"),
            "reverseSettlement": ("_key", "_againstKey"),
            "reverseTransaction": ("_key", "_reversalKey", "_transDate"),
            "reverseFreeTextInvoice": ("_key", "_reversalKey", "_transDate"),
            "getSetup": ("_name",),
            "findTransactions": (
                "_accountNum",
                "_currencyCode",
                "_amount",
                "_fromDate",
                "_toDate",
            ),
        }.get(operation, ("_key",))
        given = dict(zip(names, values, strict=True))
        return await self.call("TieoutService", operation, **given)

    async def journal(self, kind: str = "") -> list[dict[str, Any]]:
        """The rows of the control port."""
        rows = (await self.control.get("/journal/ax")).json()
        return [row for row in rows if not kind or row["kind"] == kind]

    async def operator(self, **orders: Any) -> None:
        """Tell the clerk."""
        reply = await self.control.post("/operator", json={"system": "ax", **orders})
        assert reply.status_code == 200, reply.text

    async def until(self, key: str, state: str) -> dict[str, Any]:
        """The row of the journal with that key, once it is in that state."""
        for _ in range(300):
            rows = await self.journal()
            for row in rows:
                if row["key"] == key and row["state"] == state:
                    return row
            await asyncio.sleep(0.02)
        raise AssertionError(f"{key} never became {state}: {rows}")

    async def person(self, action: str, **given: Any) -> httpx.Response:
        """Do something at the AX client."""
        root = self.base.rsplit("/", 1)[0]
        async with httpx.AsyncClient(trust_env=False) as client:
            return await client.post(f"{root}/person/usmf/{action}", json=given)

    async def customer(self, **fields: Any) -> str:
        """Make a customer; returns its account number."""
        keys = await self.call("CustomerService", "create", Customer=await self.card(**fields))
        return key_of(keys)

    async def card(self, **fields: Any) -> dict[str, Any]:
        """A customer document; `party` replaces parts of the party."""
        service = await self.service("CustomerService")
        party = {
            "class": "entity",
            "Name": "Acme Ltd.",
            "DirPartyPostalAddressView": [
                {
                    "class": "entity",
                    "City": "Boston",
                    "CountryRegionId": "US",
                    "Street": "1 Main Street",
                    "Roles": "Invoice",
                }
            ],
            "DirPartyContactInfoView": [
                {"class": "entity", "Locator": "pay@acme.example", "Type": "Email"}
            ],
            **fields.pop("party", {}),
        }
        organization = service.type("AxdEntity_DirParty_DirOrganization")(**party)
        values = {"class": "entity", "CustGroup": "DOM", **fields, "DirParty": [organization]}
        return {"CustTable": [values]}

    async def invoice(self, account: str, key: str, *lines: dict[str, Any], **fields: Any) -> str:
        """Make a free text invoice; returns its RecId."""
        document = free_text(account, key, *lines, **fields)
        context = fields.pop("context", None)
        keys = await self.call(
            "FreeTextInvoiceService", "create", FreeTextInvoice=document, context=context
        )
        return key_of(keys)

    async def posted(self, account: str, key: str, *lines: dict[str, Any], **fields: Any) -> Any:
        """A free text invoice that the custom service has posted."""
        await self.invoice(account, key, *lines, **fields)
        return await self.tieout("postFreeTextInvoice", key)

    async def payment(self, account: str, key: str, amount: str, **fields: Any) -> str:
        """Make a customer payment journal with one line; returns its number."""
        keys = await self.call(
            "CustomerPaymentJournalService",
            "create",
            CustPaymJournal=receipt(account, key, amount, **fields),
        )
        return key_of(keys)

    async def paid(self, account: str, key: str, amount: str, **fields: Any) -> Any:
        """A payment that the custom service has posted."""
        await self.payment(account, key, amount, **fields)
        return await self.tieout("postPaymentJournal", key)

    async def balances(self) -> dict[str, Decimal]:
        """The trial balance of the company."""
        from sandbox.ax.posting.voucher import trial_balance

        return trial_balance(self.books())

    def books(self) -> Any:
        """The company inside the stand-in."""
        return self.server._systems["ax"]._companies["usmf"]  # type: ignore[attr-defined]

    async def aclose(self) -> None:
        """Close the clients."""
        await self.http.aclose()
        await self.control.aclose()


class Refusal:
    """An AifFault taken apart."""

    def __init__(self, fault: Fault) -> None:
        detail = fault.detail.find(f"{FAULT}AifFault")
        self.text = str(fault.message)
        self.code = str(detail.findtext(f".//{FAULT}Code") or "")
        self.field = str(detail.findtext(f".//{FAULT}Field") or "")
        self.xpath = str(detail.findtext(f".//{FAULT}XPath") or "")
        self.line = str(detail.findtext(f".//{FAULT}XmlLine") or "")
        self.infolog = [str(one.text) for one in detail.iter(f"{INFOLOG}Message")]
        self.exception = str(detail.findtext(f"{FAULT}XppExceptionType"))
        self.xml = etree.tostring(fault.detail).decode()


async def refused(call: Any) -> Refusal:
    """The fault that a call ends in."""
    try:
        await call
    except Fault as fault:
        return Refusal(fault)
    raise AssertionError("the call was not refused")


@asynccontextmanager
async def opened(settings: AxSettings | None = None, **fields: Any) -> AsyncIterator[House]:
    """A running stand-in in memory whose clerk takes an hour, unless settings are given."""
    given = settings or AxSettings(companies=[COMPANY], **fields)
    server = SandboxServer(SandboxSettings(ax=given))
    await server.start()
    house = House(server, given.companies[0])
    try:
        if settings is None:
            await house.operator(posting="auto", after=3600)
        yield house
    finally:
        await house.aclose()
        await server.stop()


@pytest.fixture(scope="module")
async def running() -> AsyncIterator[House]:
    """One stand-in for the tests of a module."""
    async with opened() as house:
        yield house


@pytest.fixture
async def house(running: House) -> House:
    """The stand-in with empty books, set-up as at the beginning, and a clerk who takes an hour."""
    await running.control.post("/reset")
    await running.operator(posting="auto", after=3600)
    return running
