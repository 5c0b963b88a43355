"""Customers: found by our key, number, e-mail or exact name; created with our key."""

from __future__ import annotations

from collections.abc import Sequence

from connectors.errors import Conflict, after_write
from connectors.nav.company import Company
from connectors.nav.errors import SYSTEM
from connectors.nav.metadata import PageType
from connectors.nav.odata import Entity
from connectors.nav.record import Body, entity_of, ready, without_key
from connectors.nav.values import equals, option, to_text
from documents.customer import TargetCustomer
from documents.key import Key
from documents.record import MappedRecord

_ENTITY = "customer"
_FIELDS = ("No", "Name", "E_Mail", "Currency_Code", "Blocked")

_NAMED_AT_ONCE = 40
"""Customers that one filter names: an address must not grow beyond what servers take."""


class Customers:
    """Customer cards of one company.

    Unlike documents, NAV does not refuse a second customer with our key: callers must not
    create one key from two places at once, and after a lost reply the settle time must pass.
    """

    def __init__(self, company: Company) -> None:
        self._company = company
        self._odata = company.odata
        self._key_field = company.settings.customer_key_field

    async def find(
        self, *, key: str = "", number: str = "", email: str = "", name: str = ""
    ) -> list[TargetCustomer]:
        """Customers for which everything given is equal, without regard to case.

        Nothing given, or a value longer than its field, matches nobody: NAV answers an error
        to an over-long filter value.
        """
        service, page = await self._page()
        wanted = {self._key_field: key, "No": number, "E_Mail": email, "Name": name}
        given = {field: value.strip() for field, value in wanted.items() if value.strip()}
        if not given or any(_too_long(page, field, text) for field, text in given.items()):
            return []
        found = await self._odata.find_equal(service, operation="find customers", **given)
        return [await self._customer(entity) for entity in found]

    async def of_numbers(self, numbers: Sequence[str]) -> list[TargetCustomer]:
        """The customers of these numbers, each with the currency that it trades in."""
        service, _ = await self._page()
        found: list[Entity] = []
        for start in range(0, len(numbers), _NAMED_AT_ONCE):
            chunk = numbers[start : start + _NAMED_AT_ONCE]
            clause = " or ".join(equals("No", number) for number in chunk)
            found += await self._odata.find(
                service, operation="read customers", filters=[f"({clause})"]
            )
        cards = [await self._customer(entity) for entity in found]
        local = await self._company.local_currency()
        return [card.model_copy(update={"currency": card.currency or local}) for card in cards]

    async def create(self, key: Key, record: MappedRecord) -> TargetCustomer:
        """The customer with our key, made if there is none; NAV draws the number."""
        known = await self.find(key=key.text())
        if known:
            return known[0]
        service, _ = await self._page()
        body = await self._body(record, key.text(), "create customer", whole=True)
        created = await self._odata.create(
            service, {**body, self._key_field: key.text()}, operation="create customer"
        )
        with after_write(SYSTEM, "create customer", self._company.settings.settle_seconds):
            return await self._customer(created)

    async def update(self, number: str, record: MappedRecord) -> TargetCustomer:
        """Change only the record's fields of a customer. Conflict if it is gone."""
        operation = "update customer"
        service, page = await self._page()
        found = await self._odata.find_equal(service, operation=operation, No=number)
        if not found:
            raise Conflict(SYSTEM, operation, "the customer does not exist any more")
        key = found[0].text(self._key_field)
        body = await self._body(record, key, operation, whole=False)
        if not body:
            return await self._customer(found[0])
        address = page.address(service, found[0].values)
        updated = await self._odata.update(address, found[0].etag, body, operation=operation)
        return await self._customer(updated)

    async def _body(self, record: MappedRecord, key: str, operation: str, *, whole: bool) -> Body:
        schema = (await self._company.schema()).entities
        fields = entity_of(schema, record.entity, _ENTITY, operation)
        _, page = await self._page()
        values = await self._company.in_nav_currency(
            without_key(record.header, self._key_field, key, operation)
        )
        settings = self._company.settings
        return ready(fields, page, values, settings, operation=operation, whole=whole)

    async def _page(self) -> tuple[str, PageType]:
        _, page, service = await self._company.entity(_ENTITY)
        page.require(service, *_FIELDS, self._key_field)
        return service, page

    async def _customer(self, entity: Entity) -> TargetCustomer:
        currency = entity.text("Currency_Code").strip()
        return TargetCustomer(
            number=entity.text("No"),
            name=entity.text("Name"),
            email=entity.text("E_Mail"),
            key=entity.text(self._key_field),
            currency=await self._company.iso_currency(currency) if currency else None,
            blocked=option(entity["Blocked"]),
            fields={
                name: to_text(value)
                for name, value in entity.values.items()
                if not name.startswith("@")
            },
        )


def _too_long(page: PageType, field: str, text: str) -> bool:
    limit = page.properties[field].max_length
    return limit is not None and len(text) > limit
