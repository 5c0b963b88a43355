"""What people of the accounts department do in NAV: vendor cards, and paying what is owed."""

from __future__ import annotations

from typing import Any
from xml.sax.saxutils import escape

import httpx

from workers.connections import NavTarget

_ENVELOPE = (
    '<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"><soap:Body>'
    '<{name} xmlns="urn:microsoft-dynamics-schemas/codeunit/{unit}">{arguments}</{name}>'
    "</soap:Body></soap:Envelope>"
)
_BATCH = {"templateName": "GENERAL", "batchName": "DEFAULT"}


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

    async def owed(self, key: str) -> dict[str, Any]:
        """The vendor entry of a posting with our key."""
        query = f"External_Document_No eq '{key}'"
        return (await self.find("VendorLedgerEntries", query))[0]

    async def pay(self, key: str, bank: str = "BANK-USD") -> str:
        """Pay what is owed for a posting by a journal line of the bank, and apply it."""
        entry = await self.owed(key)
        reference = f"PAY-{entry['Entry_No']}"
        line = await self._call(
            "ReserveJournalLine", {**_BATCH, "externalKey": reference, "state": ""}
        )
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
