"""Tax of posted sales documents, for many at once."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from decimal import Decimal

from connectors.nav.company import Company
from connectors.nav.odata import Entity
from connectors.nav.spans import chunks, spans
from connectors.nav.values import equals, literal, option

_FIELDS = ("No", "Amount", "Amount_Including_VAT")


class PostedTaxes:
    """Asks for the documents behind customer entries."""

    def __init__(self, company: Company) -> None:
        self._company = company
        names = company.settings.services
        self._services = {
            "Invoice": names.posted_sales_invoice,
            "Credit Memo": names.posted_sales_credit_memo,
        }

    async def of(self, entries: Iterable[Entity]) -> dict[str, Decimal]:
        """Tax by type and number (`Invoice/103001`). Where NAV computed none, tax may still have
        been posted on lines of its own: then nothing is said."""
        found: dict[str, Decimal] = {}
        entries = list(entries)
        for kind, service in self._services.items():
            numbers = {e.text("Document_No") for e in entries if option(e["Document_Type"]) == kind}
            async for document in self._documents(service, numbers):
                net, total = document.number("Amount"), document.number("Amount_Including_VAT")
                if total != net:
                    found[f"{kind}/{document.text('No')}"] = total - net
        return found

    async def _documents(self, service: str, numbers: set[str]) -> AsyncIterator[Entity]:
        if not numbers or not (await self._company.model()).publishes(service):
            return
        left = set(numbers)
        for first, last in spans(numbers):
            bounds = [f"No ge {literal(first)}", f"No le {literal(last)}"]
            async for document in self._found(service, bounds):
                left.discard(document.text("No"))
                yield document
        for chunk in chunks(left):
            named = " or ".join(equals("No", number) for number in chunk)
            async for document in self._found(service, [f"({named})"]):
                yield document

    async def _found(self, service: str, filters: list[str]) -> AsyncIterator[Entity]:
        page_type = (await self._company.model()).page(service)
        shown = [field for field in _FIELDS if field in page_type.properties]
        pages = self._company.odata.pages(
            service, operation="list tax", filters=filters, fields=shown
        )
        async for page in pages:
            for document in page:
                yield document
