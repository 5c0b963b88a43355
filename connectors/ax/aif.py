"""Document services: what every port of the framework offers, in terms of our records."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from connectors.ax.client import AxClient, part
from connectors.ax.content import ACTION, Content, children, text_of
from connectors.ax.errors import SYSTEM, KeyNotFound
from connectors.ax.models import Node, Operation
from connectors.errors import ChangesLost, Conflict, Misconfigured

if TYPE_CHECKING:
    from lxml.etree import _Element

EntityKey = tuple[tuple[str, str], ...]
"""Fields and values that name one document, as AX gave them."""

_NAMED_AT_ONCE = 40
"""Values that one query names: AX turns each into a condition of one statement."""


@dataclass(frozen=True)
class Criterion:
    """One condition of a query. AX joins several by *or*; there is no *and*."""

    source: str
    field: str
    value: str
    operator: str = "Equal"
    upper: str = ""

    def content(self) -> Content:
        found: Content = {
            "DataSourceName": self.source,
            "FieldName": self.field,
            "Operator": self.operator,
            "Value1": self.value,
        }
        return {**found, "Value2": self.upper} if self.upper else found


class DocumentPort:
    """The document service of one port.

    Every method raises Misconfigured when the port lacks the operation, and the taxonomy of
    `connectors.errors` for what AX answers.
    """

    def __init__(self, client: AxClient, port: str) -> None:
        self._client = client
        self.port = port

    async def root(self) -> tuple[Node, Node]:
        """The document element and its root entity."""
        if not self.port:
            raise Misconfigured(SYSTEM, "read WSDL", "the connection's ports name none for this")
        found = (await self._client.service(self.port)).root
        if found is None:
            raise Misconfigured(SYSTEM, "read WSDL", f"the port {self.port} exchanges no documents")
        return found

    async def offers(self, *operations: str) -> bool:
        """Whether the port is named in the settings and has these operations."""
        return await self._client.offers(self.port, *operations)

    async def create(self, content: Content, message_id: str) -> EntityKey:
        """Create one document and return its key. DuplicateMessage for a repeated id."""
        document, root = await self.root()
        request: Content = {document.name: {root.name: [content]}}
        answer = await self._call("create", request, writes=True, message_id=message_id)
        keys = _keys(answer)
        return keys[0] if keys else ()

    async def update(self, key: EntityKey, content: Content, message_id: str) -> None:
        """Change the named fields of one document. Conflict when its hash is not the present
        one. The action is always explicit: without it AX clears every field that is not sent."""
        document, root = await self.root()
        changed: Content = {**content, ACTION: "update"}
        request: Content = {
            "EntityKeyList": _key_list([key]),
            document.name: {root.name: [changed]},
        }
        await self._call("update", request, writes=True, message_id=message_id)

    async def delete(self, key: EntityKey, message_id: str) -> None:
        """Delete one document; nothing when it is gone."""
        request: Content = {"EntityKeyList": _key_list([key])}
        try:
            await self._call("delete", request, writes=True, message_id=message_id)
        except KeyNotFound:
            return

    async def find(self, *criteria: Criterion) -> list[_Element]:
        """Root entities of the documents that fulfil any of the criteria."""
        answer = await self._call("find", _query(criteria), writes=False)
        return await self._roots(answer)

    async def find_in_pages(self, *criteria: Criterion) -> AsyncIterator[list[_Element]]:
        """The same in pages: keys first, then their documents, as AX's vendor recommends for
        large answers. A port without findKeys gives everything in one page."""
        if not await self.offers("findKeys", "read"):
            yield await self.find(*criteria)
            return
        keys, size = await self.find_keys(*criteria), self._client.settings.page_size
        for start in range(0, len(keys), size):
            yield await self.read(keys[start : start + size])

    async def find_keys(self, *criteria: Criterion) -> list[EntityKey]:
        """Keys of the documents that fulfil any of the criteria."""
        return _keys(await self._call("findKeys", _query(criteria), writes=False))

    async def find_any(self, field: str, values: Iterable[str]) -> list[_Element]:
        """Root entities of the documents whose field is one of the values, each document once."""
        _, root = await self.root()
        wanted = [Criterion(root.name, field, value) for value in dict.fromkeys(values) if value]
        found: list[_Element] = []
        for start in range(0, len(wanted), _NAMED_AT_ONCE):
            found += await self.find(*wanted[start : start + _NAMED_AT_ONCE])
        named = {one.value.casefold() for one in wanted}
        return [one for one in found if text_of(one, field).casefold() in named]

    async def read(self, keys: Sequence[EntityKey]) -> list[_Element]:
        """Root entities of the documents with these keys; none for keys that are gone."""
        if not keys:
            return []
        request: Content = {"EntityKeyList": _key_list(keys)}
        try:
            return await self._roots(await self._call("read", request, writes=False))
        except KeyNotFound:
            if len(keys) == 1:
                return []
        return [root for key in keys for root in await self.read([key])]

    async def changed_keys(self, since: datetime) -> AsyncIterator[list[EntityKey]]:
        """Pages of keys of documents changed after a moment (aware), by AX's clock.

        Raises Misconfigured when change tracking is off, ChangesLost when the moment is older
        than AX remembers or the port's filter was changed since. A port without a document
        filter answers that nothing changed.
        """
        operation = await self._client.operation(self.port, "getChangedKeys")
        moment = since.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        bookmark: str | None = ""
        while bookmark is not None:
            page = self._page(bookmark)
            request: Content = {"DocumentPaging": page, _moment_name(operation): moment}
            answer = await self._call("getChangedKeys", request, writes=False)
            found = part(answer, "EntityKeyPage")
            if found is None:
                return
            _check_page(found, self.port)
            if keys := _keys(found):
                yield keys
            bookmark = _following(found, bookmark)

    def _page(self, bookmark: str) -> Content:
        page: Content = {"PageSize": str(self._client.settings.page_size)}
        return {**page, "Bookmark": bookmark} if bookmark else page

    async def _roots(self, answer: _Element) -> list[_Element]:
        document, root = await self.root()
        found = part(answer, document.name)
        return children(found, root.name) if found is not None else []

    async def _call(
        self, name: str, content: Content, *, writes: bool, message_id: str = ""
    ) -> _Element:
        return await self._client.call(
            self.port, name, content, writes=writes, message_id=message_id
        )


def _query(criteria: Sequence[Criterion]) -> Content:
    return {"QueryCriteria": {"CriteriaElement": [one.content() for one in criteria]}}


def _key_list(keys: Sequence[EntityKey]) -> Content:
    return {
        "EntityKey": [
            {"KeyData": {"KeyField": [{"Field": f, "Value": v} for f, v in key]}} for key in keys
        ]
    }


def _keys(answer: _Element) -> list[EntityKey]:
    return [
        tuple((text_of(f, "Field"), text_of(f, "Value")) for data in key for f in data)
        for found in children(answer, "EntityKeyList")
        for key in found
    ]


def _following(page: _Element, before: str) -> str | None:
    """The bookmark of the next page; None after the last one."""
    paging = part(page, "DocumentPaging")
    bookmark = text_of(paging, "Bookmark") if paging is not None else ""
    return bookmark if bookmark and bookmark != before else None


def _check_page(page: _Element, port: str) -> None:
    """A failed page is no SOAP fault, it only says so inside."""
    if text_of(page, "PageStatus") == "Success":
        return
    operation, details = f"{port}.getChangedKeys", text_of(page, "PageStatusDetails")
    if details == "ChangeTrackingDisabled":
        why = f"change tracking is off for the tables of the inbound port {port}"
        raise Misconfigured(SYSTEM, operation, why)
    raise ChangesLost(SYSTEM, operation, f"no changed keys: {details}")


def _moment_name(operation: Operation) -> str:
    """The one parameter that is a moment: its name is the service's own."""
    nodes = operation.request.shape.nodes.values() if operation.request.shape else ()
    return next((n.name for n in nodes if n.value and n.value.base == "dateTime"), "")


def hash_of(root: _Element) -> str:
    """The document hash of an entity as it was read."""
    found = text_of(root, "_DocumentHash")
    if not found:
        raise Conflict(SYSTEM, "read document", "AX gave no document hash to update with")
    return found
