"""The accounts that NAV posts to by its own set-up: receivables and output tax."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from connectors.nav.company import Company


@dataclass(frozen=True)
class CustomerAccounts:
    """Those of one customer; `taxes` by the VAT product group of a line. Blank where unknown."""

    receivables: str = ""
    taxes: Mapping[str, str] = field(default_factory=dict)


class PostingAccounts:
    """What Customer Posting Groups and VAT Posting Setup name, read once until the company is
    refreshed. Nothing where their pages are not published."""

    def __init__(self, company: Company) -> None:
        self._company = company
        self._services = company.settings.services

    async def all(self) -> frozenset[str]:
        """Every such account, of whatever customer."""
        receivables, taxes = await self._receivables(), await self._taxes()
        return frozenset({*receivables.values(), *taxes.values()} - {""})

    async def of(self, customer: str) -> CustomerAccounts:
        """Those that documents of a customer are posted to."""
        found = await self._company.odata.find_equal(
            self._services.customer, operation="read posting groups", No=customer
        )
        if not found:
            return CustomerAccounts()
        receivables, taxes = await self._receivables(), await self._taxes()
        business = found[0].text("VAT_Bus_Posting_Group")
        return CustomerAccounts(
            receivables.get(found[0].text("Customer_Posting_Group"), ""),
            {product: account for (group, product), account in taxes.items() if group == business},
        )

    async def _receivables(self) -> dict[str, str]:
        rows = await self._company.set_up(self._services.customer_posting_groups)
        return {row.text("Code"): row.text("Receivables_Account") for row in rows}

    async def _taxes(self) -> dict[tuple[str, str], str]:
        """By the VAT groups of customer and line; without tax nothing is posted."""
        rows = await self._company.set_up(self._services.vat_posting_setup)
        return {
            (row.text("VAT_Bus_Posting_Group"), row.text("VAT_Prod_Posting_Group")): row.text(
                "Sales_VAT_Account"
            )
            for row in rows
            if row.number("VAT_Percent")
        }
