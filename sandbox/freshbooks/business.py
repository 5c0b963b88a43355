"""The business-scoped families: projects, time entries, services, ledger accounts, options.

Plain objects without books (freshbooks.md, sections 3, 5.11, 5.13); money here is a bare string.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.freshbooks import query, times
from sandbox.freshbooks.books import Books
from sandbox.freshbooks.errors import ApiError, not_found, required
from sandbox.freshbooks.gate import Gate, guarded, json_body, wrapped
from sandbox.settings import FreshBooksAccount
from sandbox.storage import Row

_PER_PAGE = 30


@dataclass(frozen=True)
class _Shape:
    """One business-scoped resource: its paths, keys, fields and clock."""

    family: str
    single_path: str
    singular: str
    plural: str
    scope: str
    first_id: int
    stamp: Callable[[datetime], str]
    fields: Mapping[str, Any]
    event: str
    needed: tuple[str, ...] = ()
    readonly: Mapping[str, Any] = field(default_factory=dict)


_PROJECTS = _Shape(
    family="projects",
    single_path="project",
    singular="project",
    plural="projects",
    scope="projects",
    first_id=9_000_001,
    stamp=times.bare,
    event="project",
    needed=("title",),
    fields={
        "title": "",
        "description": "",
        **dict.fromkeys(("due_date", "client_id", "budget", "rate", "fixed_price")),
        **dict.fromkeys(("project_manager_id", "retainer_id")),
        "internal": False,
        "billing_method": "business_rate",
        "project_type": "hourly_rate",
        "active": True,
        "complete": False,
        "expense_markup": "0",
    },
    readonly={
        "sample": False,
        "logged_duration": 0,
        "services": [],
        "billed_amount": "0.00",
        "billed_status": "unbilled",
    },
)
_TIME_ENTRIES = _Shape(
    family="timetracking",
    single_path="time_entries",
    singular="time_entry",
    plural="time_entries",
    scope="time_entries",
    first_id=9_100_001,
    stamp=times.zulu,
    event="time_entry",
    needed=("duration", "started_at"),
    fields={
        "duration": 0,
        "started_at": None,
        "is_logged": True,
        **dict.fromkeys(("client_id", "project_id", "service_id", "task_id", "retainer_id")),
        "note": None,
        "billable": True,
        "billed": False,
        "internal": False,
        "active": False,
        "timer": None,
    },
)
_SERVICES = _Shape(
    family="comments",
    single_path="service",
    singular="service",
    plural="services",
    scope="billable_items",
    first_id=9_200_001,
    stamp=times.zulu,
    event="service",
    needed=("name",),
    fields={"name": "", "billable": True, "vis_state": 0},
)


class Business:
    """Handlers of the business-scoped families."""

    def __init__(self, gate: Gate, books: Books) -> None:
        self._gate = gate
        self._books = books
        self._rates = books.table("service_rates")
        self._ledger = books.table("ledger_accounts")

    def routes(self) -> list[Route]:
        """All paths."""
        made = []
        for shape in (_PROJECTS, _TIME_ENTRIES, _SERVICES):
            root = f"/{shape.family}/business/{{business}}"
            single = guarded(self._single(shape))
            many = guarded(self._many(shape))
            made.append(Route(f"{root}/{shape.plural}", many, methods=["GET", "POST"]))
            if shape.single_path != shape.plural:
                made.append(Route(f"{root}/{shape.single_path}", many, methods=["POST"]))
            one = f"{root}/{shape.single_path}/{{id}}"
            made.append(Route(one, single, methods=["GET", "PUT", "DELETE"]))
        return [*made, *self._rate_routes(), *self._ledger_routes()]

    async def rate(self, request: Request) -> Response:
        """The rate of a service."""
        account = self._gate.account(request, _SERVICES.scope)
        service = self._row(_SERVICES, account, request.path_params["id"])
        key = str(service["id"])
        if request.method in ("POST", "PUT"):
            given = wrapped(await json_body(request), "service_rate")
            ids = {"business_id": account.business_id, "service_id": service["id"]}
            self._rates[key] = {**ids, "rate": str(given.get("rate", "0.00"))}
        if key not in self._rates:
            raise not_found("service_rate", "service_id", key)
        return JSONResponse({"service_rate": self._rates[key]})

    async def rates(self, request: Request) -> Response:
        """All rates; this list has no meta."""
        account = self._gate.account(request, _SERVICES.scope)
        mine = [r for r in self._rates.values() if r["business_id"] == account.business_id]
        return JSONResponse({"service_rates": mine})

    async def ledger_accounts(self, request: Request) -> Response:
        """List or create ledger accounts; they are sent and shown without a wrapper."""
        account = self._gate.account(request)
        if request.method != "POST":
            mine = [r for r in self._ledger.values() if r["_business"] == account.business_uuid]
            return JSONResponse({"data": [_shown(row) for row in mine]})
        body = await json_body(request)
        for name in ("name", "sub_type"):
            if not body.get(name):
                raise required("ledger_account", name)
        key = str(uuid.uuid4())
        blank = {"uuid": key, "_business": account.business_uuid, "state": "active"}
        self._ledger[key] = self._ledger_row(blank, body)
        return JSONResponse({"data": _shown(self._ledger[key])})

    async def ledger_account(self, request: Request) -> Response:
        """Read or change one ledger account."""
        account = self._gate.account(request)
        key = request.path_params["id"]
        row = self._ledger.get(key)
        if row is None or row["_business"] != account.business_uuid:
            raise not_found("ledger_account", "uuid", key)
        if request.method == "PUT":
            self._ledger[key] = self._ledger_row(row, await json_body(request))
        return JSONResponse({"data": _shown(self._ledger[key])})

    def _many(self, shape: _Shape) -> Callable[[Request], Any]:
        async def handler(request: Request) -> Response:
            account = self._gate.account(request, shape.scope)
            if request.method == "POST":
                body = wrapped(await json_body(request), shape.singular)
                return JSONResponse({shape.singular: _shown(self._create(shape, account, body))})
            asked = query.parse(request.url.query, _PER_PAGE)
            rows = query.ordered(self._found(shape, account, asked), asked)
            page, numbers = query.page_of(rows, asked)
            meta = {**numbers, "sort": asked.sort} if asked.sort else numbers
            return JSONResponse({"meta": meta, shape.plural: [_shown(row) for row in page]})

        return handler

    def _single(self, shape: _Shape) -> Callable[[Request], Any]:
        async def handler(request: Request) -> Response:
            account = self._gate.account(request, shape.scope)
            row = self._row(shape, account, request.path_params["id"])
            if request.method == "DELETE":
                self._delete(shape, account, row)
                return Response(status_code=204)
            if request.method == "PUT":
                body = wrapped(await json_body(request), shape.singular)
                row = self._save(shape, account, row | _known(shape, body), "update")
            return JSONResponse({shape.singular: _shown(row)})

        return handler

    def _create(self, shape: _Shape, account: FreshBooksAccount, body: Row) -> Row:
        for name in shape.needed:
            if body.get(name) in (None, ""):
                raise ApiError(2001, "This field is required.", field=name)
        made = shape.stamp(self._books.now())
        ids = {"id": self._books.next_id(shape.plural, shape.first_id), "created_at": made}
        owner = {"business_id": account.business_id, "identity_id": account.identity_id}
        fields = {**shape.readonly, **shape.fields, **_known(shape, body)}
        return self._save(shape, account, ids | owner | fields, "create")

    def _save(self, shape: _Shape, account: FreshBooksAccount, row: Row, verb: str) -> Row:
        table, key = self._books.table(shape.plural), str(row["id"])
        now = self._books.now()
        with self._books.change():
            table[key] = row | {"updated_at": shape.stamp(now), "_at": now.isoformat()}
            self._emit(shape, account, key, verb)
        return table[key]

    def _delete(self, shape: _Shape, account: FreshBooksAccount, row: Row) -> None:
        with self._books.change():
            del self._books.table(shape.plural)[str(row["id"])]
            self._emit(shape, account, row["id"], "delete")

    def _emit(self, shape: _Shape, account: FreshBooksAccount, key: object, verb: str) -> None:
        self._books.emit(account.account_id, f"{shape.event}.{verb}", key)

    def _row(self, shape: _Shape, account: FreshBooksAccount, key: str) -> Row:
        row = self._books.table(shape.plural).get(key)
        if row is None or row["business_id"] != account.business_id:
            raise not_found(shape.singular, "id", key)
        return row

    def _found(self, shape: _Shape, account: FreshBooksAccount, asked: query.Query) -> list[Row]:
        """Rows by bare keys; the bracket form is silently ignored here."""
        names = [name for name in asked.bare if name in shape.fields]
        search = {name: [asked.bare[name]] for name in names}
        filters = {name: query.Filter("equal") for name in names}
        rows = self._books.table(shape.plural).values()
        mine = [row for row in rows if row["business_id"] == account.business_id]
        since = _since(asked.bare.get("updated_since"))
        if since is not None:
            mine = [row for row in mine if datetime.fromisoformat(row["_at"]) >= since]
        return [row for row in mine if query.matches(row, search, filters)]

    def _ledger_row(self, row: Row, body: Row) -> Row:
        names = ("name", "number", "description", "type", "sub_type", "parent_account")
        changed = {name: body.get(name, row.get(name)) for name in names}
        fixed = {"sub_accounts": [], "auto_created": False, "system_account_name": None}
        return {**fixed, **row, **changed, "updated_at": self._books.now().isoformat()}

    def _rate_routes(self) -> list[Route]:
        root = "/comments/business/{business}"
        verbs = ["GET", "POST", "PUT"]
        return [
            Route(f"{root}/service/{{id}}/rate", guarded(self.rate), methods=verbs),
            Route(f"{root}/service_rates", guarded(self.rates)),
        ]

    def _ledger_routes(self) -> list[Route]:
        root = "/accounting/businesses/{uuid}/ledger_accounts/accounts"
        return [
            Route(root, guarded(self.ledger_accounts), methods=["GET", "POST"]),
            Route(f"{root}/{{id}}", guarded(self.ledger_account), methods=["GET", "PUT"]),
        ]


def _shown(row: Row) -> Row:
    return {name: value for name, value in row.items() if not name.startswith("_")}


def _known(shape: _Shape, body: Row) -> Row:
    known = {name: value for name, value in body.items() if name in shape.fields}
    return {n: str(v) if isinstance(v, Decimal) else v for n, v in known.items()}


def _since(value: str | None) -> datetime | None:
    if value is None:
        return None
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        raise ApiError(2001, "Not a valid datetime.", field="updated_since") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
