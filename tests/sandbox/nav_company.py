"""A NAV stand-in with one company, spoken to over HTTP without a socket."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
from lxml import etree

from sandbox.clock import Clock
from sandbox.nav import NavProfile, build
from sandbox.settings import NavCompany, NavSettings
from sandbox.storage import Storage
from sandbox.system import JournalRow, OperatorSettings, System

COMPANY = "Mc'Duck & Söhne / Ltd."
USER, PASSWORD = "TIEOUT", "web service key: with colon"
SETTINGS = NavSettings(
    companies=[
        NavCompany(connection="a", name=COMPANY, username=USER, password=PASSWORD),
        NavCompany(connection="b", name="Other", username="OTHER", password="other key"),
    ]
)
INSTANCE = "/DynamicsNAV110"
ODATA = f"{INSTANCE}/ODataV4"
SOAP = f"{INSTANCE}/WS"
UNIT = "urn:microsoft-dynamics-schemas/codeunit/TieoutPosting"
ENCODED = "Mc%27%27Duck%20%26%20S%C3%B6hne%20%2F%20Ltd."
HOME = f"{ODATA}/Company('{ENCODED}')"
UNIT_URL = f"{SOAP}/Mc%27Duck%20%26%20S%C3%B6hne%20%2F%20Ltd./Codeunit/TieoutPosting"


class Fault(Exception):
    """A SOAP fault: the exception class without its namespace, and the text."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(text)
        self.code = code
        self.text = text


class House:
    """The stand-in and the things a test does with it."""

    def __init__(self, system: System, http: httpx.AsyncClient) -> None:
        self.system = system
        self.http = http

    async def add(self, service: str, **values: Any) -> dict[str, Any]:
        """Insert a record as a clerk would."""
        response = await self.http.post(f"{HOME}/{service}", json=values)
        assert response.status_code == 201, response.text
        return decoded(response)

    async def change(self, record: str, **values: Any) -> dict[str, Any]:
        """Change a record, whatever its version."""
        response = await self.http.patch(f"{HOME}/{record}", json=values, headers={"If-Match": "*"})
        assert response.status_code == 200, response.text
        return decoded(response)

    async def records(self, service: str, **options: str) -> list[dict[str, Any]]:
        """The records of a service; options without their dollar sign."""
        params = {f"${name}": value for name, value in options.items()}
        response = await self.http.get(f"{HOME}/{service}", params=params)
        assert response.status_code == 200, response.text
        found: list[dict[str, Any]] = decoded(response)["value"]
        return found

    async def one(self, record: str) -> dict[str, Any]:
        """One record by its key predicate."""
        response = await self.http.get(f"{HOME}/{record}")
        assert response.status_code == 200, response.text
        return decoded(response)

    async def refused(self, method: str, record: str, **values: Any) -> tuple[int, str, str]:
        """Status, code and message of a request that must fail."""
        response = await self.http.request(
            method, f"{HOME}/{record}", json=values, headers={"If-Match": "*"}
        )
        assert response.status_code >= 400, response.text
        error = response.json()["error"]
        return response.status_code, error["code"], error["message"]

    async def call(self, function: str, **parameters: str) -> dict[str, str]:
        """Call the codeunit; raises Fault."""
        inner = "".join(f"<{name}>{text}</{name}>" for name, text in parameters.items())
        envelope = (
            '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>'
            f'<{function} xmlns="{UNIT}">{inner}</{function}></s:Body></s:Envelope>'
        )
        headers = {"SOAPAction": f'"{UNIT}:{function}"', "Content-Type": "text/xml"}
        response = await self.http.post(UNIT_URL, content=envelope.encode(), headers=headers)
        answer = etree.fromstring(response.content)[0][0]
        found = {etree.QName(item).localname: item.text or "" for item in answer}
        if response.status_code != 200:
            raise Fault(found["faultcode"].rpartition(".")[2], found["faultstring"])
        return found

    async def customer(self, **values: Any) -> str:
        """A customer who can be invoiced; returns the number."""
        groups = {"Customer_Posting_Group": "DOMESTIC", "Gen_Bus_Posting_Group": "DOMESTIC"}
        return str((await self.add("Customer", **{"Name": "Acme", **groups, **values}))["No"])

    async def draft(self, key: str, customer: str, *lines: dict[str, Any], **header: Any) -> str:
        """A sales invoice (or what `kind` says) that is not posted; returns the number."""
        kind = header.pop("kind", "Invoice")
        service = "Sales" + kind.title().replace(" ", "")
        made = await self.call(
            "CreateSalesDocument",
            documentType=kind,
            externalKey=key,
            customerNo=customer,
            state="",
        )
        number = made["return_value"]
        record = f"{service}(Document_Type='{kind}',No='{number}')"
        if header:
            await self.change(record, **header)
        for line in lines:
            await self.add(f"{record}/{service}SalesLines", **line)
        return number

    async def post(self, key: str, kind: str = "Invoice") -> str:
        """Post the draft with the key; returns the posted number."""
        made = await self.call("PostSalesDocument", documentType=kind, externalKey=key)
        return made["return_value"]

    async def invoice(self, key: str, customer: str, *lines: dict[str, Any], **header: Any) -> str:
        """A posted sales invoice or credit memo; returns its number."""
        await self.draft(key, customer, *lines, **header)
        return await self.post(key, header.get("kind", "Invoice"))

    async def vendor(self, **values: Any) -> str:
        """A vendor who can send invoices; returns the number."""
        groups = {"Vendor_Posting_Group": "VENDORS", "Gen_Bus_Posting_Group": "DOMESTIC"}
        return str((await self.add("Vendors", **{"Name": "Shop", **groups, **values}))["No"])

    async def purchase_draft(
        self, key: str, vendor: str, *lines: dict[str, Any], **header: Any
    ) -> str:
        """A purchase invoice (or what `kind` says) that is not posted; returns the number."""
        kind = header.pop("kind", "Invoice")
        service = "Purchase" + kind.title().replace(" ", "")
        made = await self.call(
            "CreatePurchaseDocument",
            documentType=kind,
            externalKey=key,
            vendorNo=vendor,
            state="",
        )
        number = made["return_value"]
        record = f"{service}(Document_Type='{kind}',No='{number}')"
        if header:
            await self.change(record, **header)
        for line in lines:
            await self.add(f"{record}/{service}PurchLines", **line)
        return number

    async def purchase(self, key: str, vendor: str, *lines: dict[str, Any], **header: Any) -> str:
        """A posted purchase invoice or credit memo; returns its number."""
        kind = header.get("kind", "Invoice")
        await self.purchase_draft(key, vendor, *lines, **header)
        made = await self.call("PostPurchaseDocument", documentType=kind, externalKey=key)
        return made["return_value"]

    async def owed(self, key: str) -> dict[str, Any]:
        """The vendor ledger entry with a key."""
        query = f"External_Document_No eq '{key}'"
        (found,) = await self.records("VendorLedgerEntries", filter=query)
        return found

    async def line(self, key: str, customer: str, amount: Any, **values: Any) -> None:
        """A payment that waits in its batch; `amount` is negative for money received."""
        batch = {"templateName": "CASHRCPT", "batchName": "TIEOUT", "externalKey": key}
        made = await self.call("ReserveJournalLine", **batch, state="")
        record = (
            "CashReceiptJournal(Journal_Template_Name='CASHRCPT',Journal_Batch_Name='TIEOUT',"
            f"Line_No={made['return_value']})"
        )
        standard = {
            "Document_Type": "Payment",
            "Account_Type": "Customer",
            "Account_No": customer,
            "Bal_Account_Type": "Bank Account",
            "Bal_Account_No": "BANK-USD",
            "Amount": amount,
        }
        await self.change(record, **{**standard, **values})

    async def post_line(self, key: str) -> str:
        """Post the journal line with the key; returns the document number."""
        batch = {"templateName": "CASHRCPT", "batchName": "TIEOUT", "externalKey": key}
        return (await self.call("PostJournalLine", **batch))["return_value"]

    async def payment(self, key: str, customer: str, amount: Any, **values: Any) -> str:
        """A posted payment; returns its document number."""
        await self.line(key, customer, amount, **values)
        return await self.post_line(key)

    async def entry(self, key: str) -> dict[str, Any]:
        """The customer ledger entry with a key."""
        found = await self.records(
            "CustomerLedgerEntries", filter=f"External_Document_No eq '{key}'"
        )
        assert len(found) == 1, found
        return found[0]

    async def ledger(self) -> dict[str, Decimal]:
        """The balance of every account that has entries, in local currency."""
        totals: dict[str, Decimal] = {}
        for entry in await self.records("GLEntries"):
            account = entry["G_L_Account_No"]
            totals[account] = totals.get(account, Decimal(0)) + Decimal(entry["Amount"])
        return totals

    def rows(self, kind: str) -> list[JournalRow]:
        """What the control port shows of one kind."""
        return [row for row in self.system.journal() if row.kind == kind]

    def operator(self, **settings: Any) -> None:
        """What the clerk does."""
        self.system.operator(OperatorSettings.model_validate(settings))


def decoded(response: httpx.Response) -> dict[str, Any]:
    """JSON with exact decimals, without the context."""
    body: dict[str, Any] = response.json(parse_float=Decimal)
    body.pop("@odata.context", None)
    return body


def revenue(price: Any, quantity: Any = 1, **values: Any) -> dict[str, Any]:
    """A sales line on the revenue account, without VAT unless `values` say otherwise."""
    return {
        "Type": "G/L Account",
        "No": "4000",
        "Quantity": quantity,
        "Unit_Price": price,
        **values,
    }


def cost(amount: Any, quantity: Any = 1, **values: Any) -> dict[str, Any]:
    """A purchase line on the travel account, without VAT unless `values` say otherwise."""
    return {
        "Type": "G/L Account",
        "No": "6000",
        "Quantity": quantity,
        "Direct_Unit_Cost": amount,
        **values,
    }


@asynccontextmanager
async def open_house(
    profile: NavProfile | None = None, path: Path | None = None
) -> AsyncIterator[House]:
    """A stand-in and a client signed in to its first company."""
    storage = Storage(path)
    system = build(SETTINGS, storage, Clock(), profile)
    transport = httpx.ASGITransport(system.app)
    async with httpx.AsyncClient(
        transport=transport, base_url="http://nav", auth=(USER, PASSWORD), trust_env=False
    ) as http:
        yield House(system, http)
    storage.close()
