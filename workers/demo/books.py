"""Both sides of the demo, counted from each system's own interface, per currency."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import httpx

from documents.money import Money
from workers.connections import NavTarget
from workers.demo.people import Clerk


@dataclass
class Totals:
    """Counts and sums of one side in one currency; amounts in that currency."""

    invoices: int = 0
    invoiced: Decimal = Decimal(0)
    payments: int = 0
    paid: Decimal = Decimal(0)
    outstanding: Decimal = Decimal(0)


@dataclass
class Side:
    """One system's totals by currency."""

    name: str
    totals: defaultdict[str, Totals] = field(default_factory=lambda: defaultdict(Totals))


def ties(source: Side, target: Side) -> bool:
    """Whether both sides agree to the cent in every currency, in amounts and in counts."""
    return dict(source.totals) == dict(target.totals)


async def source_side(clerk: Clerk) -> Side:
    """FreshBooks: what was sent and not voided, its payments, what is left open."""
    side = Side("FreshBooks")
    invoices = await clerk.list_all("invoices/invoices", "invoices")
    for invoice in (i for i in invoices if i["v3_status"] != "draft"):
        totals = side.totals[invoice["currency_code"]]
        totals.invoices += 1
        totals.invoiced += Decimal(invoice["amount"]["amount"])
        totals.outstanding += Decimal(invoice["outstanding"]["amount"])
    payments = await clerk.list_all("payments/payments", "payments")
    # A use of credit is no receipt: its money came in before.
    for payment in (p for p in payments if not p["from_credit"]):
        totals = side.totals[payment["amount"]["code"]]
        totals.payments += 1
        totals.paid += Decimal(payment["amount"]["amount"])
    return side


class NavBooks:
    """NAV's customer ledger, read by OData with the key of a person who may look."""

    def __init__(self, http: httpx.AsyncClient, settings: NavTarget, secret: str) -> None:
        self._http = http
        self._auth = (settings.username, secret)
        company = settings.company.replace("'", "''")
        root = f"{settings.base_url}/{settings.instance}/ODataV4/Company('{company}')"
        self._ledger = f"{root}/{settings.services.customer_ledger_entries}"
        self._local = settings.local_currency or "USD"

    async def side(self) -> Side:
        """Invoices that no credit memo took back, payments that were not reversed."""
        side = Side("Dynamics NAV")
        entries = await self._entries()
        for entry in entries:
            self._add(side.totals[entry["Currency_Code"] or self._local], entry)
        return side

    def _add(self, totals: Totals, entry: dict[str, Any]) -> None:
        amount = Decimal(str(entry["Amount"]))
        if entry["Document_Type"] in ("Invoice", "Credit Memo"):
            totals.invoices += 1 if entry["Document_Type"] == "Invoice" else -1
            totals.invoiced += amount
            totals.outstanding += Decimal(str(entry["Remaining_Amount"]))
        elif not entry["Reversed"]:
            totals.payments += 1
            totals.paid -= amount

    async def _entries(self) -> list[dict[str, Any]]:
        address: str | None = self._ledger
        found: list[dict[str, Any]] = []
        while address:
            response = await self._http.get(address, auth=self._auth)
            response.raise_for_status()
            page = response.json(parse_float=Decimal)
            found += page["value"]
            address = page.get("@odata.nextLink")
        return found


def lines(sides: Iterable[Side]) -> list[tuple[str, ...]]:
    """Rows of the table: currency, side, and the figures as text with the currency's decimals."""
    sides = list(sides)
    currencies = sorted({currency for side in sides for currency in side.totals})
    return [_line(currency, side) for currency in currencies for side in sides]


def _line(currency: str, side: Side) -> tuple[str, ...]:
    totals = side.totals[currency]

    def shown(amount: Decimal) -> str:
        return str(Money.of(amount, currency).rounded().amount)

    return (
        currency,
        side.name,
        str(totals.invoices),
        shown(totals.invoiced),
        str(totals.payments),
        shown(totals.paid),
        shown(totals.outstanding),
    )
