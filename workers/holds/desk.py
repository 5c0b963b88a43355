"""The operator interface, as the command line uses it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import httpx

from documents.row import Action
from workers.operator.models import DocumentFound, DocumentView, Found, Holds, Resolved
from workers.refusal import Refusal


class HoldsDesk:
    """Lists, shows and decides about held documents in the name of whose token it has."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self._http = http

    async def held(self, connection: str | None, cause: str | None) -> AsyncIterator[DocumentView]:
        """Every held document, longest held first, page by page."""
        after = ""
        while True:
            wanted = {"connection": connection, "cause": cause, "after": after, "limit": "100"}
            query = {name: value for name, value in wanted.items() if value}
            page = Holds.model_validate(await self._get("/operator/holds", query))
            for document in page.holds:
                yield document
            after = page.next
            if not after:
                return

    async def find(self, number: str, connection: str | None) -> list[DocumentFound]:
        """The documents with a number of either side."""
        query = {"connection": connection} if connection else {}
        return Found.model_validate(
            await self._get(f"/operator/documents/{number}", query)
        ).documents

    async def resolve(
        self,
        document: DocumentView,
        action: Action,
        why: str,
        *,
        number: str = "",
        values: dict[str, str] | None = None,
        version: int | None = None,
        key: str = "",
    ) -> Resolved:
        """Decide about a held document; Refusal with the process's own sentence when refused. The
        same `key` again is the same decision."""
        body = {
            "connection": document.connection,
            "action": action.value,
            "why": why,
            "number": number,
            "values": values or {},
            "version": version,
        }
        response = await self._send(
            "POST",
            f"/operator/documents/{document.kind}/{document.id}/resolve",
            json=body,
            headers={"Idempotency-Key": key or uuid4().hex},
        )
        return Resolved.model_validate(response)

    async def version(self, document: DocumentView) -> int | None:
        """The version of the hold at its process; Refusal when it is not held as it was seen."""
        for each in await self.find(document.number or document.id, document.connection):
            now = each.document
            if (now.kind, now.id) != (document.kind, document.id) or each.process is None:
                continue
            if (now.hold_cause, now.hold_values) != (document.hold_cause, document.hold_values):
                raise Refusal("what it is held for has changed meanwhile")
            return each.process.version
        raise Refusal("its process is not open: nothing waits for a decision")

    async def _get(self, path: str, query: dict[str, str]) -> Any:
        return await self._send("GET", path, params=query)

    async def _send(self, method: str, path: str, **given: Any) -> Any:
        try:
            response = await self._http.request(method, path, **given)
        except httpx.TransportError as error:
            raise Refusal(
                f"the operator interface at {self._http.base_url} does not answer: "
                "start `tieout gateway`, or give --operator its address"
            ) from error
        if response.is_success:
            return response.json()
        raise Refusal(_said(response))


def _said(response: httpx.Response) -> str:
    try:
        problem = response.json()
        return f"{problem['title']}: {problem['detail']}" if problem["detail"] else problem["title"]
    except (ValueError, KeyError, TypeError):
        return f"the operator interface answered {response.status_code}"
