"""OData V4 as NAV speaks it: etags byte for byte, server paging, errors by table."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import cast

import httpx

from connectors.errors import ConnectorError, OutcomeUnknown, Unavailable
from connectors.nav.errors import SYSTEM, Answer, failure
from connectors.nav.settings import NavSettings
from connectors.nav.values import (
    Json,
    decode_json,
    encode_json,
    equals,
    query,
    segment,
    to_date,
    to_decimal,
    to_text,
)
from connectors.nav.wire import error_of, exchange, retry_after
from connectors.transport import Transport

_ETAG = "@odata.etag"
_NEXT = "@odata.nextLink"
_MAX_PAGES = 1000


@dataclass(frozen=True)
class Entity:
    """A record of a page: its fields and the tag that a change of it must present."""

    values: Mapping[str, object]
    etag: str

    def __getitem__(self, field: str) -> object:
        return self.values.get(field)

    def text(self, field: str) -> str:
        """A field as text; empty when it is null or not on the page."""
        return to_text(self.values.get(field))

    def number(self, field: str) -> Decimal:
        """A field as an exact number; zero when it is null. Raises Unavailable for a text."""
        try:
            return to_decimal(self.values.get(field))
        except ValueError as error:
            raise Unavailable(SYSTEM, "read a record", f"{field} is not a number") from error

    def day(self, field: str) -> date | None:
        """A field as a civil date; None when blank. Raises Unavailable for anything else."""
        try:
            return to_date(self.values.get(field))
        except ValueError as error:
            raise Unavailable(SYSTEM, "read a record", f"{field} is not a date") from error


class ODataClient:
    """Records of one company's published pages.

    Paths are relative to the company: a service name, an entity, a contained collection. Every
    call is sent once. Raises ConnectorError as `connectors.nav.errors` classifies the answer.
    """

    def __init__(self, transport: Transport, settings: NavSettings, auth: httpx.Auth) -> None:
        self._transport = transport
        self._settings = settings
        self._auth = auth
        self._root = f"/{segment(settings.instance)}/ODataV4"
        name = segment(settings.company.replace("'", "''"))
        self._company = f"{self._root}/Company('{name}')/"

    async def metadata(self) -> bytes:
        """The CSDL document of the server instance."""
        path = f"{self._root}/$metadata" + self._query({})
        response = await self._send("GET", path, "read metadata", accept="application/xml")
        return response.content

    async def pages(
        self,
        path: str,
        *,
        operation: str,
        filters: Sequence[str] = (),
        orderby: str = "",
        fields: Sequence[str] = (),
    ) -> AsyncIterator[list[Entity]]:
        """The records of a collection, one server page at a time; with these fields only, if any
        are named.

        `filters` are clauses that all must hold. NAV refuses OR over two fields and ignores
        lambdas without a word, so neither can be asked for. The next link is followed as it
        was given, on the same host only.
        """
        options = {
            "$filter": " and ".join(filters),
            "$orderby": orderby,
            "$select": ",".join(fields),
        }
        address: str | None = self._company + path + self._query(options)
        for _ in range(_MAX_PAGES):
            if address is None:
                return
            page = await self._read(address, operation)
            yield [_entity(row) for row in _rows(page, operation)]
            address = cast("str | None", page.get(_NEXT))
        raise Unavailable(SYSTEM, operation, f"more than {_MAX_PAGES} pages")

    async def find(
        self, path: str, *, operation: str, filters: Sequence[str] = (), orderby: str = ""
    ) -> list[Entity]:
        """All records of a narrow search. Not for listings: it holds the whole answer."""
        found: list[Entity] = []
        async for page in self.pages(path, operation=operation, filters=filters, orderby=orderby):
            found.extend(page)
        return found

    async def find_equal(self, path: str, *, operation: str, **values: object) -> list[Entity]:
        """All records with exactly these field values.

        Compared again here, so that no filter syntax inside a value can widen the search; case
        is ignored as NAV's code fields ignore it.
        """
        filters = [equals(field, value) for field, value in values.items()]
        found = await self.find(path, operation=operation, filters=filters)
        return [entity for entity in found if _holds(entity, values)]

    async def read(self, path: str, *, operation: str) -> Entity:
        """One record by its key."""
        address = self._company + path + self._query({})
        return _entity(await self._read(address, operation))

    async def create(self, path: str, body: Mapping[str, Json], *, operation: str) -> Entity:
        """Insert a record and return it as NAV completed it."""
        created = await self._write("POST", path, operation, body)
        if created is None:
            # Without the record we do not know its number: it must be looked up by our key.
            settle = self._settings.settle_seconds
            raise OutcomeUnknown(SYSTEM, operation, "HTTP 204 without the record", settle)
        return created

    async def update(
        self, path: str, etag: str, body: Mapping[str, Json], *, operation: str
    ) -> Entity:
        """Change fields of a record whose tag is still this one; Conflict otherwise."""
        changed = await self._write("PATCH", path, operation, body, etag)
        return changed or await self.read(path, operation=operation)

    async def delete(self, path: str, etag: str, *, operation: str) -> None:
        """Remove a record whose tag is still this one; Conflict otherwise."""
        address = self._company + path + self._query({})
        await self._send("DELETE", address, operation, writes=True, etag=etag)

    async def _read(self, address: str, operation: str) -> Mapping[str, object]:
        response = await self._send("GET", address, operation, paged=True)
        return self._object(response, operation, writes=False)

    async def _write(
        self, method: str, path: str, operation: str, body: Mapping[str, Json], etag: str = ""
    ) -> Entity | None:
        response = await self._send(
            method,
            self._company + path + self._query({}),
            operation,
            writes=True,
            etag=etag,
            content=encode_json(body).encode(),
        )
        if response.status_code == httpx.codes.NO_CONTENT:
            return None
        return _entity(self._object(response, operation, writes=True))

    async def _send(
        self,
        method: str,
        address: str,
        operation: str,
        *,
        writes: bool = False,
        etag: str = "",
        content: bytes | None = None,
        accept: str = "application/json",
        paged: bool = False,
    ) -> httpx.Response:
        headers = {"Accept": accept}
        if content is not None:
            headers["Content-Type"] = "application/json; charset=utf-8"
        if etag:
            headers["If-Match"] = etag
        if paged and self._settings.page_size:
            headers["Prefer"] = f"odata.maxpagesize={self._settings.page_size}"
        response = await exchange(
            self._transport,
            self._settings,
            method,
            address,
            operation=operation,
            writes=writes,
            content=content,
            headers=headers,
            auth=self._auth,
        )
        if response.is_success:
            return response
        raise self._failure(response, operation, writes)

    def _failure(self, response: httpx.Response, operation: str, writes: bool) -> ConnectorError:
        code, text = error_of(response.content)
        answer = Answer(
            response.status_code,
            code,
            text,
            retry_after(response),
            address=response.request.url.path,
        )
        settle = self._settings.settle_seconds
        return failure(operation, answer, writes=writes, settle=settle)

    def _object(
        self, response: httpx.Response, operation: str, *, writes: bool
    ) -> Mapping[str, object]:
        """The JSON object of a reply. A write whose reply is garbled may have been done."""
        try:
            decoded = decode_json(response.content)
        except ValueError:
            decoded = None
        if isinstance(decoded, dict):
            return decoded
        message = f"HTTP {response.status_code} with a body that is no JSON object"
        if writes:
            raise OutcomeUnknown(SYSTEM, operation, message, self._settings.settle_seconds)
        raise Unavailable(SYSTEM, operation, message)

    def _query(self, options: Mapping[str, str]) -> str:
        text = query({**options, "tenant": self._settings.tenant})
        return f"?{text}" if text else ""


def _entity(values: Mapping[str, object]) -> Entity:
    return Entity(values, to_text(values.get(_ETAG)))


def _rows(page: Mapping[str, object], operation: str) -> list[Mapping[str, object]]:
    rows = page.get("value")
    if isinstance(rows, list) and all(isinstance(row, dict) for row in rows):
        return rows
    raise Unavailable(SYSTEM, operation, "the reply has no list of records")


def _holds(entity: Entity, values: Mapping[str, object]) -> bool:
    return all(
        entity.text(field).strip().casefold() == to_text(value).strip().casefold()
        for field, value in values.items()
        if field in entity.values
    )
