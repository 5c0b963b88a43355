"""Calls to FreshBooks: envelopes per API family, pages, filters, one repeat after a 401."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NoReturn, Protocol

import httpx

from connectors.errors import ConnectorError, OutcomeUnknown, Unavailable
from connectors.freshbooks.errors import SYSTEM, Call, Meaning, rule_for, to_error
from connectors.freshbooks.families import Account, Page, Resource
from connectors.freshbooks.models import Row
from connectors.freshbooks.shapes import Fault, faults
from connectors.transport import Transport

MAX_PER_PAGE = 100
"""FreshBooks cuts larger pages to this without saying so."""

Search = Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Place:
    """Where a walk through a list stands: the next page, and the total as it was last told."""

    number: int = 1
    total: int = 0


class TokenSource(Protocol):
    """Who gives access tokens: see `auth.FreshBooksAuth`."""

    async def token(self) -> str:
        """An access token that is believed to be valid."""
        ...

    def invalidate(self, access_token: str) -> None:
        """FreshBooks refused this token: the next one must be another."""
        ...


class FreshBooksClient:
    """One account of FreshBooks.

    Raises the errors of `connectors.errors`; a read of something that is not there returns
    None. A 401 makes it ask for another token and repeat once, the only repeat there is.
    `api_version` selects the newer error bodies; without it FreshBooks sends the older ones.
    """

    def __init__(
        self,
        transport: Transport,
        tokens: TokenSource,
        account: Account,
        *,
        per_page: int = MAX_PER_PAGE,
        api_version: str = "",
    ) -> None:
        self.account = account
        self.per_page = min(per_page, MAX_PER_PAGE)
        self._transport = transport
        self._tokens = tokens
        self._headers = {"Accept": "application/json"}
        if api_version:
            self._headers["X-API-VERSION"] = api_version

    async def read(
        self, resource: Resource, object_id: str, include: Sequence[str] = ()
    ) -> Row | None:
        """One object, deleted ones too; None when FreshBooks does not know it."""
        path = resource.single_path(self.account, object_id)
        call = Call(f"read {resource.singular}")
        body = await self._call("GET", path, call, params=resource.family.includes(include))
        return None if body is None else self._single(resource, body, call)

    async def create(self, resource: Resource, fields: Row) -> Row:
        """Make an object. There is no idempotency key: look before calling this again."""
        call = Call(f"create {resource.singular}", writes=True)
        path = resource.single_path(self.account, "")
        body = await self._call("POST", path, call, payload={resource.singular: fields})
        return self._single(resource, body, call)

    async def update(self, resource: Resource, object_id: str, fields: Row) -> Row:
        """Change the fields given and no others.

        One PUT carries out its first phase only (visibility, then actions, then data) and drops
        the rest in silence, so that fields of different phases are refused with ValueError.
        """
        _one_phase(fields)
        call = Call(f"update {resource.singular}", writes=True)
        path = resource.single_path(self.account, object_id)
        body = await self._call("PUT", path, call, payload={resource.singular: fields})
        return self._single(resource, body, call)

    async def delete(self, resource: Resource, object_id: str) -> None:
        """HTTP DELETE, for the resources that have it; again is harmless."""
        call = Call(f"delete {resource.singular}", writes=True)
        await self._call(
            "DELETE", resource.single_path(self.account, object_id), call, missing_is_fine=True
        )

    async def pages(
        self,
        resource: Resource,
        *,
        search: Search = (),
        include: Sequence[str] = (),
        sort: str = "",
    ) -> AsyncIterator[list[Row]]:
        """Pages of a list, one in memory at a time; a row may come twice, none is skipped.

        Ends by the number of pages: `total` may count rows that are never shown. Rows deleted
        meanwhile move later ones to a page that was read already; a falling total tells, and the
        pages concerned are read again.
        """
        walked = self.walk(resource, Place(), search=search, include=include, sort=sort)
        async for rows, _ in walked:
            yield rows

    async def walk(
        self,
        resource: Resource,
        place: Place,
        *,
        search: Search = (),
        include: Sequence[str] = (),
        sort: str = "",
    ) -> AsyncIterator[tuple[list[Row], Place | None]]:
        """The pages of a list from a place on, each with the place behind it; None at the end.

        A walk that was broken off goes on from the last place: what it knew of the total comes
        with it, so that rows deleted meanwhile make nobody skipped either.
        """
        filters = [*resource.family.filters(search, include), *([("sort", sort)] if sort else [])]
        following: Place | None = place
        while following is not None:
            page = await self._page(resource, following.number, filters)
            following = self._behind(following, page)
            yield page.rows, following

    def _behind(self, place: Place, page: Page) -> Place | None:
        gone = max(place.total - page.total, 0)
        if gone:
            return Place(max(1, place.number - -(-gone // self.per_page)), page.total)
        return Place(place.number + 1, page.total) if place.number < page.pages else None

    async def get(self, path: str, operation: str) -> Any:
        """The body of a path outside the resource families, such as `users/me`."""
        call = Call(operation)
        body = await self._call("GET", path, call)
        if body is None:
            raise to_error(call, 404, Fault())
        return body

    async def download(self, path: str, operation: str) -> bytes | None:
        """The content of a file; None when FreshBooks does not know it."""
        call = Call(operation)
        token = await self._tokens.token()
        response = await self._send("GET", path, call, (), None, token)
        if response.status_code == 401:
            self._tokens.invalidate(token)
            token = await self._tokens.token()
            response = await self._send("GET", path, call, (), None, token)
        if response.is_success:
            return response.content
        return None if response.status_code == 404 else self._understood(call, response, True)

    async def _page(self, resource: Resource, number: int, filters: list[tuple[str, str]]) -> Page:
        call = Call(f"list {resource.plural}")
        params = [*filters, ("page", str(number)), ("per_page", str(self.per_page))]
        path = resource.list_path(self.account)
        body = await self._call("GET", path, call, params=params)
        if body is None:
            # An empty list is a success, so a list that is not there is a wrong address.
            raise to_error(call, 404, Fault())
        page = resource.family.page(resource, body)
        return page if page is not None else self._not_understood(call)

    async def _call(
        self,
        method: str,
        path: str,
        call: Call,
        *,
        params: Search = (),
        payload: Row | None = None,
        missing_is_fine: bool = False,
    ) -> Any:
        token = await self._tokens.token()
        response = await self._send(method, path, call, params, payload, token)
        if response.status_code == 401:
            self._tokens.invalidate(token)
            token = await self._tokens.token()
            response = await self._send(method, path, call, params, payload, token)
        return self._understood(call, response, missing_is_fine or not call.writes)

    async def _send(
        self,
        method: str,
        path: str,
        call: Call,
        params: Search,
        payload: Row | None,
        token: str,
    ) -> httpx.Response:
        return await self._transport.send(
            method,
            path,
            operation=call.operation,
            writes=call.writes,
            params=params or None,
            json=payload,
            headers={**self._headers, "Authorization": f"Bearer {token}"},
        )

    def _understood(self, call: Call, response: httpx.Response, missing_is_none: bool) -> Any:
        """The body of a success, None for an object that is not there, else an exception."""
        body = _json(response)
        found = faults(body)
        if response.is_success and not found:
            return self._success(call, response, body)
        fault = found[0] if found else Fault()
        meaning = rule_for(response.status_code, fault).meaning
        if missing_is_none and meaning in (Meaning.MISSING, Meaning.DELETED):
            return None
        raise to_error(call, response.status_code, fault, response.headers)

    def _success(self, call: Call, response: httpx.Response, body: Any) -> Any:
        if response.status_code == 204:
            return {}
        return body if isinstance(body, dict) else self._not_understood(call)

    def _single(self, resource: Resource, body: Any, call: Call) -> Row:
        row = resource.family.single(resource, body)
        return row if row is not None else self._not_understood(call)

    def _not_understood(self, call: Call) -> NoReturn:
        raise not_understood(call)


def not_understood(call: Call) -> ConnectorError:
    """A success whose body is not what it should be: a write may have been carried out."""
    error = OutcomeUnknown if call.writes else Unavailable
    return error(SYSTEM, call.operation, "the reply is not what FreshBooks documents")


def _json(response: httpx.Response) -> Any:
    """The body with decimals read exactly; None when it is no JSON (an error page, say)."""
    try:
        return json.loads(response.content, parse_float=Decimal, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return None


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not a number in JSON")


def _one_phase(fields: Mapping[str, object]) -> None:
    phases = {_phase(name) for name in fields}
    if len(phases) > 1:
        raise ValueError(f"FreshBooks would carry out only one of these phases: {sorted(phases)}")


def _phase(name: str) -> str:
    if name in ("vis_state", "ext_vis_state"):
        return name
    return "action" if name.startswith("action_") else "data"
