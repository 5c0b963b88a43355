"""What people of the accounts department do: vendor accounts, and paying what is owed."""

from __future__ import annotations

from typing import Any, Protocol
from xml.sax.saxutils import escape

import httpx

from workers.connections import AxTarget, NavTarget

_ENVELOPE = (
    '<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"><soap:Body>'
    '<{name} xmlns="urn:microsoft-dynamics-schemas/codeunit/{unit}">{arguments}</{name}>'
    "</soap:Body></soap:Envelope>"
)
_BATCH = {"templateName": "GENERAL", "batchName": "DEFAULT"}


class Accounts(Protocol):
    """The accounts department, in whatever system the books are kept."""

    async def add_vendor(self, number: str, name: str) -> None: ...

    async def reimburse(self, expense: int, bank: str = ...) -> None: ...

    async def pay(self, key: str, bank: str = ...) -> object: ...


class AxPayablesClerk:
    """Somebody at the AX client in one company."""

    def __init__(self, http: httpx.AsyncClient, settings: AxTarget) -> None:
        self._http = http
        self._desk = f"{settings.base_url}/person/{settings.company}"

    async def add_vendor(self, number: str, name: str) -> None:
        """A vendor account of an employee; one that is there stays."""
        await self._do("vendor", account=number, name=name)

    async def reimburse(self, expense: int, bank: str = "BANK-USD") -> None:
        """Pay what is owed for an expense of FreshBooks, which is the document number."""
        await self._do("pay", key=str(expense), bank=bank)

    async def pay(self, key: str, bank: str = "BANK-USD") -> None:
        """Pay what is owed for a posting with our key."""
        await self._do("pay", key=key, bank=bank)

    async def _do(self, action: str, **values: str) -> None:
        response = await self._http.post(f"{self._desk}/{action}", json=values)
        response.raise_for_status()


class PayablesClerk:
    """Somebody with a key to one company of NAV."""

    def __init__(self, http: httpx.AsyncClient, settings: NavTarget, secret: str) -> None:
        self._http = http
        self._auth = (settings.username, secret)
        company = settings.company.replace("'", "''")
        self._pages = f"{settings.base_url}/{settings.instance}/ODataV4/Company('{company}')"
        self._unit = settings.codeunit
        self._codeunit = (
            f"{settings.soap_url or settings.base_url}/{settings.instance}/WS/{settings.company}"
            f"/Codeunit/{settings.codeunit}"
        )

    async def add_vendor(self, number: str, name: str) -> None:
        """A vendor card with everything that posting needs; one that is there stays."""
        if await self.find("Vendors", f"No eq '{number}'"):
            return
        card = {
            "No": number,
            "Name": name,
            "Gen_Bus_Posting_Group": "DOMESTIC",
            "VAT_Bus_Posting_Group": "DOMESTIC",
            "Vendor_Posting_Group": "VENDORS",
        }
        response = await self._http.post(f"{self._pages}/Vendors", json=card, auth=self._auth)
        response.raise_for_status()

    async def reimburse(self, expense: int, bank: str = "BANK-USD") -> None:
        """Pay what is owed for an expense of FreshBooks."""
        (posted,) = await self.find("PostedPurchaseInvoice", f"Your_Reference eq '{expense}'")
        await self.pay(str(posted["Vendor_Invoice_No"]), bank)

    async def owed(self, key: str) -> dict[str, Any]:
        """The vendor entry of a posting with our key."""
        query = f"External_Document_No eq '{key}'"
        return (await self.find("VendorLedgerEntries", query))[0]

    async def pay(self, key: str, bank: str = "BANK-USD") -> str:
        """Pay what is owed for a posting by a journal line of the bank, and apply it."""
        entry = await self.owed(key)
        values = {
            "Document_Type": "Payment",
            "Account_Type": "Vendor",
            "Account_No": entry["Vendor_No"],
            "Bal_Account_Type": "Bank Account",
            "Bal_Account_No": bank,
            "Currency_Code": entry["Currency_Code"],
            "Amount": -float(entry["Remaining_Amount"]),
            "Applies_to_Doc_Type": "Invoice",
            "Applies_to_Doc_No": entry["Document_No"],
        }
        return await self._enter(f"PAY-{entry['Entry_No']}", values)

    async def owe(self, vendor: str, amount: str, reference: str) -> str:
        """Enter by hand what a vendor is owed for a cost; returns NAV's number."""
        values = {
            "Document_Type": "Invoice",
            "Account_Type": "Vendor",
            "Account_No": vendor,
            "Bal_Account_Type": "G/L Account",
            "Bal_Account_No": "6000",
            "Amount": -float(amount),
        }
        return await self._enter(reference, values)

    async def _enter(self, reference: str, values: dict[str, Any]) -> str:
        line = await self._call(
            "ReserveJournalLine", {**_BATCH, "externalKey": reference, "state": ""}
        )
        address = f"{self._pages}/GeneralJournal('GENERAL','DEFAULT',{line})"
        response = await self._http.patch(
            address, json=values, headers={"If-Match": "*"}, auth=self._auth
        )
        response.raise_for_status()
        return await self._call("PostJournalLine", {**_BATCH, "externalKey": reference})

    async def find(self, page: str, query: str) -> list[dict[str, Any]]:
        """Records of a page that fit a filter."""
        response = await self._http.get(
            f"{self._pages}/{page}", params={"$filter": query}, auth=self._auth
        )
        response.raise_for_status()
        found: list[dict[str, Any]] = response.json()["value"]
        return found

    async def _call(self, name: str, arguments: dict[str, str]) -> str:
        inner = "".join(f"<{k}>{escape(v)}</{k}>" for k, v in arguments.items())
        content = _ENVELOPE.format(name=name, unit=self._unit, arguments=inner)
        headers = {"Content-Type": "text/xml; charset=utf-8", "SOAPAction": f'"{name}"'}
        response = await self._http.post(
            self._codeunit, content=content.encode(), headers=headers, auth=self._auth
        )
        response.raise_for_status()
        return response.text.partition("<return_value>")[2].partition("</return_value>")[0]
