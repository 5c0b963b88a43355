"""Documents before they are posted: made once, found again, compared, deleted.

AX's services create and (where the port offers it) find; they change nothing. Whether a document
of ours exists unposted is known from the custom service, or from a port with `find`; a free text
invoice or payment journal whose port can only create is out of sight until it is posted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from connectors.ax.aif import Criterion, DocumentPort
from connectors.ax.client import AxClient
from connectors.ax.content import children, flatten, text_of, values_at
from connectors.ax.errors import SYSTEM, DuplicateMessage, rejected
from connectors.ax.ids import MessageIds, seed
from connectors.ax.models import Node
from connectors.ax.paths import source_of
from connectors.ax.postings import duplicate
from connectors.ax.records import Records, no_port, settings_key_field
from connectors.ax.same import same_amounts
from connectors.ax.settings import SALES_ORDER
from connectors.errors import Misconfigured
from documents.key import Key
from documents.posting import Posting, PostingState
from documents.record import MappedRecord

if TYPE_CHECKING:
    from lxml.etree import _Element

_JOURNAL, _CANCELED = "Journal", "Canceled"
_POSTED = {"Posted": "Yes", "SalesStatus": "Invoiced"}
"""How a document that stays where it was created says that it is posted."""

_DATES = ("InvoiceDate", "TransDate", "DocumentDate")
_PARTIES = ("OrderAccount", "CustAccount")


class Drafts:
    """Unposted documents of one company, of every kind the connection makes."""

    def __init__(self, client: AxClient, records: Records, ids: MessageIds) -> None:
        self._client = client
        self._settings = client.settings
        self._records = records
        self._ids = ids

    async def are_visible(self, entity: str) -> bool:
        """Whether the port of an entity can be searched for unposted documents."""
        return await self._port(entity).offers("find")

    async def find(self, key: Key, entity: str) -> Posting | None:
        """The unposted document with our key; None when there is none, or it is out of sight.

        Several are held. A sales order of type Journal is no order of ours: it is held.
        """
        if not await self.are_visible(entity):
            return None
        found = [root for root in await self._roots(key, entity) if not _is_posted(root)]
        if len(found) > 1:
            raise duplicate(f"look up {entity}", key, map(_number, found))
        if not found:
            return None
        _refuse_journal_order(found[0], entity, key)
        return await self._posting(key, entity, found[0])

    async def send(self, key: Key, entity: str, record: MappedRecord) -> tuple[str, str]:
        """Send the record as a new document; its number, and the message that was refused.

        The refused message is not empty when AX has seen it before: then the document was
        possibly created, and there is no number.
        """
        operation = f"create {entity}"
        port = self._port(entity)
        field = settings_key_field(self._settings, entity)
        content = await self._records.content(record, entity, field, key.text(), operation)
        message = seed(self._settings.company, port.port, key, record)
        try:
            with self._ids.sending(message):
                created = await port.create(content, self._ids.of(message))
        except DuplicateMessage:
            return "", message
        return created[0][1] if created else "", ""

    async def agrees(self, key: Key, entity: str, record: MappedRecord) -> bool | None:
        """Whether the unposted document has the record's lines and amounts; None when it is
        out of sight. Only these: AX fills and formats other fields as it likes."""
        if not await self.are_visible(entity):
            return None
        found = [root for root in await self._roots(key, entity) if not _is_posted(root)]
        return bool(found) and await self._same(found[0], entity, record)

    async def delete(self, key: Key, entity: str) -> bool:
        """Delete the unposted document through its port; False when the port cannot."""
        port = self._port(entity)
        if not await port.offers("find", "delete"):
            return False
        _, root = await port.root()
        for found in await self._roots(key, entity):
            if not _is_posted(found):
                await port.delete(_entity_key(found, root), "")
                self._ids.removed(key)
        return True

    def _port(self, entity: str) -> DocumentPort:
        name = self._settings.port(entity)
        if not name:
            raise Misconfigured(SYSTEM, f"use {entity}", no_port(entity))
        return DocumentPort(self._client, name)

    async def _roots(self, key: Key, entity: str) -> list[_Element]:
        port = self._port(entity)
        _, root = await port.root()
        path = settings_key_field(self._settings, entity)
        source, field = source_of(path, root.name)
        found = await port.find(Criterion(source, field, key.text()))
        return [one for one in found if _carries(one, path, key.text())]

    async def _same(self, root: _Element, entity: str, record: MappedRecord) -> bool:
        _, node = await self._port(entity).root()
        name = self._settings.lines.get(entity, "")
        if not same_amounts(record.header, flatten(root, node, name), node):
            return False
        line = node.shape.nodes.get(name) if node.shape else None
        if line is None:
            return not record.lines
        present = children(root, name)
        return len(present) == len(record.lines) and all(
            same_amounts(wanted, flatten(found, line), line)
            for wanted, found in zip(record.lines, present, strict=True)
        )

    async def _posting(self, key: Key, entity: str, root: _Element) -> Posting:
        """What a port says of an unposted document. AX has not computed its totals yet."""
        _, node = await self._port(entity).root()
        fields = flatten(root, node, self._settings.lines.get(entity, ""))
        last = {path.rpartition(".")[2]: text for path, text in reversed(fields.items())}
        on = next(filter(None, (last.get(name) for name in _DATES)), None)
        canceled = text_of(root, "SalesStatus") == _CANCELED
        return Posting.model_validate(
            {
                "key": key.text(),
                "kind": key.kind,
                "state": PostingState.REJECTED if canceled else PostingState.CREATED,
                "reason": "The order was canceled." if canceled else "",
                "number": _number(root),
                "party": next(filter(None, (last.get(name) for name in _PARTIES)), None),
                "posting_date": on,
            }
        )


def _carries(root: _Element, path: str, key: str) -> bool:
    return any(text.casefold() == key.casefold() for text in values_at(root, path))


def _is_posted(root: _Element) -> bool:
    return any(text_of(root, name) == value for name, value in _POSTED.items())


def _number(root: _Element) -> str:
    names = ("SalesId", "JournalNum", "RecId")
    return next(filter(None, (text_of(root, name) for name in names)), "")


def _entity_key(root: _Element, entity: Node) -> tuple[tuple[str, str], ...]:
    for name in ("SalesId", "JournalNum", "RecId"):
        if text_of(root, name):
            return ((name, text_of(root, name)),)
    raise Misconfigured(SYSTEM, "discard", f"{entity.name} has no field that names it")


def _refuse_journal_order(root: _Element, entity: str, key: Key) -> None:
    if entity == SALES_ORDER and text_of(root, "SalesType") == _JOURNAL:
        raise rejected("look up sales_order", "journal-order", key=key.text(), order=_number(root))
