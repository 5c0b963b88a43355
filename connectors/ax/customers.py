"""Customers: found by our key, number, e-mail or exact name; created with our key."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from connectors.ax.aif import Criterion, DocumentPort, EntityKey, hash_of
from connectors.ax.causes import CREATED_NOT_SHOWN
from connectors.ax.client import AxClient
from connectors.ax.content import Content, flatten, text_of, values_at
from connectors.ax.errors import SYSTEM, DuplicateMessage, rejected
from connectors.ax.ids import MessageIds, seed
from connectors.ax.partial import partial
from connectors.ax.paths import source_of
from connectors.ax.postings import duplicate
from connectors.ax.records import Records
from connectors.ax.settings import CUSTOMER
from connectors.errors import Conflict, OutcomeUnknown, after_write
from documents.customer import TargetCustomer
from documents.key import Key
from documents.record import MappedRecord

if TYPE_CHECKING:
    from lxml.etree import _Element

_CREATE = "create customer"
_NOT_BLOCKED = ("", "No", "Never")
"""Never means that AX never puts the customer on hold by itself."""


class Customers:
    """Customer accounts of one company, with their party, addresses and electronic addresses."""

    def __init__(self, client: AxClient, records: Records, ids: MessageIds) -> None:
        self._settings = client.settings
        self._fields = client.settings.fields
        self._records = records
        self._ids = ids
        self._port = DocumentPort(client, client.settings.ports.customer)

    async def find(
        self, *, key: str = "", number: str = "", email: str = "", name: str = ""
    ) -> list[TargetCustomer]:
        """Customers for which everything given is equal, without regard to case.

        AX joins conditions by *or*, so it is asked for the most telling one and its answer is
        searched for the others. Nothing given, or a value longer than its field, matches nobody.
        """
        fields = self._fields
        wanted = {
            fields.customer_key: key,
            fields.customer_number: number,
            fields.customer_email: email,
            fields.customer_name: name,
        }
        given = {path: text.strip() for path, text in wanted.items() if text.strip()}
        if not given or await self._too_long(given):
            return []
        roots = await self._find(*next(iter(given.items())))
        return [await self._customer(root) for root in roots if _fits(root, given)]

    async def of_numbers(self, numbers: Sequence[str]) -> list[TargetCustomer]:
        """The customers of these numbers."""
        roots = await self._port.find_any(self._fields.customer_number, numbers)
        return [await self._customer(root) for root in roots]

    async def create(self, key: Key, record: MappedRecord) -> TargetCustomer:
        """The customer with our key, made if there is none; AX draws the number.

        OutcomeUnknown when AX says it has seen the message before and the customer is not there.
        """
        known = await self.find(key=key.text())
        if len(known) > 1:
            raise duplicate(_CREATE, key, (one.number for one in known))
        if known:
            return known[0]
        field = self._fields.customer_key
        content = await self._records.content(record, CUSTOMER, field, key.text(), _CREATE)
        message = seed(self._settings.company, self._port.port, key, record)
        while True:
            if found := await self._send(key, content, message):
                return found

    async def _send(self, key: Key, content: Content, message: str) -> TargetCustomer | None:
        """The customer that a message made, now or before; None when its id is given up."""
        created: EntityKey | None = None
        with suppress(DuplicateMessage), self._ids.sending(message):
            created = await self._port.create(content, self._ids.of(message))
        with after_write(SYSTEM, _CREATE, self._settings.settle_seconds):
            if created is not None:
                return await self._created(created, key)
            known = await self.find(key=key.text())
        if not known and not self._ids.give_up(message):
            raise self._possibly_created()
        return known[0] if known else None

    async def update(self, number: str, record: MappedRecord) -> TargetCustomer:
        """Change only the record's fields of a customer, as it was when we read it.

        Conflict if it is gone, or was changed meanwhile.
        """
        operation = "update customer"
        root = await self._one(number, operation)
        _, entity = await self._port.root()
        content: Content = {
            "_DocumentHash": hash_of(root),
            **partial(entity, root, record.header, self._settings.address_update, operation),
        }
        account = text_of(root, self._fields.customer_number)
        await self._port.update(((self._fields.customer_number, account),), content, "")
        return await self._customer(await self._one(number, operation))

    async def _find(self, path: str, value: str) -> list[_Element]:
        _, root = await self._port.root()
        source, field = source_of(path, root.name)
        return await self._port.find(Criterion(source, field, value))

    async def _one(self, number: str, operation: str) -> _Element:
        found = await self._find(self._fields.customer_number, number)
        if not found:
            raise Conflict(SYSTEM, operation, "the customer does not exist any more")
        return found[0]

    async def _created(self, created: EntityKey, key: Key) -> TargetCustomer:
        roots = await self._port.read([created]) if created else []
        if roots:
            return await self._customer(roots[0])
        known = await self.find(key=key.text())
        if not known:
            number = created[0][1] if created else ""
            raise rejected(_CREATE, CREATED_NOT_SHOWN, key=key.text(), document=number)
        return known[0]

    async def _too_long(self, given: dict[str, str]) -> bool:
        schema = (await self._records.entity(CUSTOMER)).fields
        limits = {path: schema[path].max_length for path in given if path in schema}
        return any(limit is not None and len(given[path]) > limit for path, limit in limits.items())

    async def _customer(self, root: _Element) -> TargetCustomer:
        _, entity = await self._port.root()
        fields, names = flatten(root, entity), self._fields
        blocked = fields.get("Blocked", "")
        return TargetCustomer(
            number=fields.get(names.customer_number, ""),
            name=fields.get(names.customer_name, ""),
            email=fields.get(names.customer_email, ""),
            key=fields.get(names.customer_key, ""),
            currency=fields.get("Currency") or None,
            blocked="" if blocked in _NOT_BLOCKED else blocked,
            fields=fields,
        )

    def _possibly_created(self) -> OutcomeUnknown:
        return OutcomeUnknown(
            SYSTEM,
            _CREATE,
            "AX has seen this message before, and the customer is not to be found",
            self._settings.settle_seconds,
        )


def _fits(root: _Element, given: dict[str, str]) -> bool:
    """By any of its addresses: a customer may have several."""
    return all(
        any(text.casefold() == value.strip().casefold() for value in values_at(root, path))
        for path, text in given.items()
    )
