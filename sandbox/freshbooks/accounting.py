"""HTTP of the accounting and events families: one handler for every kind."""

from __future__ import annotations

from collections.abc import Iterable

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.freshbooks import query
from sandbox.freshbooks.errors import ApiError, not_found
from sandbox.freshbooks.gate import Gate, guarded, json_body, wrapped
from sandbox.freshbooks.invoices import Invoices
from sandbox.freshbooks.kind import Kind
from sandbox.settings import FreshBooksAccount
from sandbox.storage import Row

_PER_PAGE = 15


class Accounting:
    """Dispatches `/accounting/account/{account}/...` and `/events/account/{account}/...`."""

    def __init__(self, gate: Gate, kinds: Iterable[Kind], hidden_rows: int) -> None:
        self._gate = gate
        self._kinds = {kind.path: kind for kind in kinds}
        self._hidden = hidden_rows

    def routes(self) -> list[Route]:
        """Lists and singles of both families."""
        made = []
        for family in ("accounting", "events"):
            root = f"/{family}/account/{{account}}/{{group}}/{{name}}"
            everything = ["GET", "POST"]
            made.append(Route(root, guarded(self.many), methods=everything))
            single = ["GET", "PUT", "DELETE"]
            made.append(Route(f"{root}/{{id}}", guarded(self.one), methods=single))
        link = "/accounting/account/{account}/invoices/invoices/{id}/share_link"
        return [*made, Route(link, guarded(self.share_link))]

    async def many(self, request: Request) -> Response:
        """List or create."""
        kind, account = self._kind(request)
        if request.method == "POST":
            self._allow(kind, "create")
            body = await self._body(request, kind)
            row = kind.create(account.account_id, body)
            return self._single(request, kind, row)
        self._allow(kind, "list")
        asked = query.parse(request.url.query, _PER_PAGE)
        rows = kind.search(account.account_id, asked)
        page, numbers = query.page_of(rows, asked, self._hidden)
        shown = [kind.view(row, asked.includes) for row in page]
        return _result({kind.plural: shown, **numbers})

    async def one(self, request: Request) -> Response:
        """Read, change or delete. Without a body the SDK fails, except in the events family."""
        kind, account = self._kind(request)
        object_id = request.path_params["id"]
        if request.method in ("GET", "HEAD"):
            self._allow(kind, "get")
            return self._single(request, kind, kind.get(account.account_id, object_id))
        if request.method == "PUT":
            self._allow(kind, "update")
            body = await self._body(request, kind)
            return self._single(request, kind, kind.update(account.account_id, object_id, body))
        self._allow(kind, "delete", kind.http_delete)
        kind.delete(account.account_id, object_id)
        if request.url.path.startswith("/events/"):
            return Response(status_code=204)
        return JSONResponse({"response": {}})

    async def share_link(self, request: Request) -> Response:
        """The link for the client of an invoice."""
        kind = self._kinds[Invoices.path]
        assert isinstance(kind, Invoices)
        account = self._gate.account(request, kind.scope)
        row = kind.get(account.account_id, request.path_params["id"])
        method = request.query_params.get("share_method", "share_link")
        return _result({"share_link": kind.share_link(row, method)})

    def _kind(self, request: Request) -> tuple[Kind, FreshBooksAccount]:
        path = f"{request.path_params['group']}/{request.path_params['name']}"
        kind = self._kinds.get(path)
        in_events = request.url.path.startswith("/events/")
        account = self._gate.account(request, kind.scope if kind else "")
        if kind is None or in_events != path.startswith("events/"):
            raise not_found("resource", "path", path)
        return kind, account

    async def _body(self, request: Request, kind: Kind) -> Row:
        # The Node SDK wraps a credit note in the plural key, the Python SDK in the singular one.
        return wrapped(await json_body(request), kind.singular, f"{kind.singular}s")

    def _single(self, request: Request, kind: Kind, row: Row) -> Response:
        includes = query.parse(request.url.query, _PER_PAGE).includes
        return _result({kind.singular: kind.view(row, includes)})

    def _allow(self, kind: Kind, verb: str, offered: bool = True) -> None:
        if verb not in kind.verbs or not offered:
            raise ApiError(405, "Method not allowed.", status=405, entity=kind.singular)


def _result(body: Row) -> JSONResponse:
    return JSONResponse({"response": {"result": body}})
