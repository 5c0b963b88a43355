"""What people do in NAV by hand, and how they read its books: through NAV's own interfaces."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date
from decimal import Decimal
from typing import Any

import httpx

from connectors.nav.adapter import NavTarget
from connectors.nav.settings import NavSettings

Row = dict[str, Any]
RECEIVABLES, BANKS, TAX = ("1300", "1310"), ("1100", "1110", "1120", "1130", "1140"), ("2200",)


class Bookkeeper:
    """Somebody at work in one NAV company, in journal batches of their own."""

    def __init__(
        self, http: httpx.AsyncClient, settings: NavSettings, target: NavTarget, secret: str
    ) -> None:
        company = settings.company.replace("'", "''")
        self._http = http
        self._root = f"{settings.base_url}/{settings.instance}/ODataV4/Company('{company}')"
        self._auth = (settings.username, secret)
        self._codeunit = target._company.codeunit
        self._lines = 0

    async def rows(self, service: str, **equal: object) -> list[Row]:
        """Rows of a page with these values; amounts are decimals."""
        terms = (f"{name} eq {_literal(value)}" for name, value in equal.items())
        params = {"$filter": " and ".join(terms)} if equal else {}
        address: str | None = f"{self._root}/{service}"
        found: list[Row] = []
        while address:
            response = await self._http.get(address, params=params, auth=self._auth)
            response.raise_for_status()
            page = response.json(parse_float=Decimal)
            found += [_decimals(row) for row in page["value"]]
            address, params = page.get("@odata.nextLink"), {}
        return found

    async def change(self, service: str, key: str, **fields: object) -> None:
        """Change a card or a row of set-up; `key` as OData writes it (`'10000'`, `1,'X'`)."""
        response = await self._http.patch(
            f"{self._root}/{service}({key})",
            json=fields,
            headers={"If-Match": "*"},
            auth=self._auth,
        )
        assert response.status_code < 300, response.text

    async def add(self, service: str, **fields: object) -> None:
        response = await self._http.post(f"{self._root}/{service}", json=fields, auth=self._auth)
        assert response.status_code < 300, response.text

    async def remove(self, service: str, key: str) -> None:
        response = await self._http.delete(
            f"{self._root}/{service}({key})", headers={"If-Match": "*"}, auth=self._auth
        )
        assert response.status_code < 300, response.text

    async def allow_posting(self, first: date | None, last: date | None = None) -> None:
        """Close everything before the first day and after the last; None opens."""
        (setup,) = await self.rows("GeneralLedgerSetup")
        blank = "0001-01-01"
        await self.change(
            "GeneralLedgerSetup",
            _literal(setup.get("Primary_Key", "")),
            Allow_Posting_From=first.isoformat() if first else blank,
            Allow_Posting_To=last.isoformat() if last else blank,
        )

    async def receipt(
        self,
        customer: str,
        amount: str,
        day: date,
        *,
        bank: str = "BANK-USD",
        settles: str = "",
        number: str = "",
    ) -> str:
        """Money that came in, posted by hand; returns its document number."""
        return await self._journal("Payment", customer, f"-{amount}", day, bank, settles, number)

    async def credit(self, customer: str, amount: str, day: date, number: str = "") -> str:
        """A credit memo posted by hand against revenue."""
        return await self._journal("Credit Memo", customer, f"-{amount}", day, "4000", "", number)

    async def refund(self, customer: str, amount: str, day: date) -> str:
        """Money given back, posted by hand."""
        return await self._journal("Refund", customer, amount, day, "BANK-USD", "")

    async def write_off(self, customer: str, amount: str, day: date, settles: str) -> str:
        """A credit by hand against bad debts, applied to an invoice."""
        return await self._journal("Credit Memo", customer, f"-{amount}", day, "6500", settles)

    async def invoice(self, customer: str, amount: str, day: date, number: str = "") -> str:
        """An invoice posted by hand in a journal, as opening entries are."""
        return await self._journal("Invoice", customer, amount, day, "4000", "", number)

    async def owe(self, vendor: str, amount: str, day: date) -> str:
        """What a vendor is owed for a cost, posted by hand."""
        return await self._journal("Invoice", vendor, f"-{amount}", day, "6000", account="Vendor")

    async def apply(self, document: str, settles: str) -> None:
        """Apply an entry that was posted by hand to an invoice."""
        (entry,) = await self.rows("CustomerLedgerEntries", Document_No=document)
        await self._codeunit.call(
            "ApplyEntry",
            "apply by hand",
            externalKey=entry["External_Document_No"],
            appliesToDocType="Invoice",
            appliesToDocNo=settles,
        )

    async def unapply(self, document: str) -> None:
        """Take back whatever an entry settles."""
        (entry,) = await self.rows("CustomerLedgerEntries", Document_No=document)
        await self.unapply_reference(entry["External_Document_No"])

    async def reverse_payment(self, reference: str, day: date, key: str = "") -> None:
        """Take a payment back that carries this reference, and what it settled; `key` is the
        reference of the reversal."""
        await self.unapply_reference(reference)
        await self._codeunit.call(
            "ReversePayment",
            "reverse by hand",
            externalKey=reference,
            reversalKey=key or f"BY HAND {reference}"[:35],
            postingDate=day,
        )

    async def unapply_reference(self, reference: str) -> None:
        """The same of the entry that carries a reference."""
        await self._codeunit.call("UnapplyEntry", "unapply by hand", externalKey=reference)

    async def reconcile(self, document: str) -> None:
        """Match a bank entry with the statement of the bank."""
        for entry in await self.rows("BankAccountLedgerEntries", Document_No=document):
            await self.change(
                "BankAccountLedgerEntries",
                str(entry["Entry_No"]),
                Statement_Status="Closed",
                Statement_No="7",
            )

    async def _journal(
        self,
        kind: str,
        customer: str,
        amount: str,
        day: date,
        against: str,
        settles: str = "",
        number: str = "",
        account: str = "Customer",
    ) -> str:
        self._lines += 1
        entries = await self.rows("CustomerLedgerEntries")
        number = number or f"HAND-{len(entries) + 1}-{self._lines}"
        await self.add(
            "CashReceiptJournal",
            Journal_Template_Name="CASHRCPT",
            Journal_Batch_Name="DEFAULT",
            Line_No=self._lines,
            Posting_Date=day.isoformat(),
            Document_Date=day.isoformat(),
            Document_Type=kind,
            Document_No=number,
            External_Document_No=f"BY HAND {number}",
            Account_Type=account,
            Account_No=customer,
            Bal_Account_Type="Bank Account" if against.startswith("BANK") else "G/L Account",
            Bal_Account_No=against,
            Amount=float(amount),
            **({"Applies_to_Doc_Type": "Invoice", "Applies_to_Doc_No": settles} if settles else {}),
        )
        await self._codeunit.call(
            "PostJournalLine",
            "post by hand",
            templateName="CASHRCPT",
            batchName="DEFAULT",
            externalKey=f"BY HAND {number}",
        )
        return number


@asynccontextmanager
async def bookkeeper(
    http: httpx.AsyncClient,
    settings: NavSettings,
    secret: str,
    transport: httpx.AsyncBaseTransport | None = None,
) -> AsyncIterator[Bookkeeper]:
    """Somebody in the company of a connection; `http` must reach its address."""
    async with NavTarget(settings, transport=transport) as target:
        yield Bookkeeper(http, settings, target, secret)


def _decimals(row: Row) -> Row:
    """Amounts are decimals, also those without a fraction."""
    exact = {n: Decimal(v) for n, v in row.items() if "Amount" in n and isinstance(v, int)}
    return {**row, **exact}


def _literal(value: object) -> str:
    return "'" + value.replace("'", "''") + "'" if isinstance(value, str) else str(value).lower()
