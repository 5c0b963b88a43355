"""The OData V4 service: from a request to a page's records and back."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlencode

from starlette.requests import Request
from starlette.responses import Response

from sandbox.nav.calls import Companies
from sandbox.nav.company import Company
from sandbox.nav.errors import NavError
from sandbox.nav.odata import entities
from sandbox.nav.odata.metadata import metadata, service_document
from sandbox.nav.odata.options import Options, read_options
from sandbox.nav.odata.paths import Segment, not_found, segments, text_key
from sandbox.nav.odata.places import Place, Places, require
from sandbox.nav.odata.queries import Search
from sandbox.nav.odata.writing import read_body, writable
from sandbox.nav.profile import NavProfile
from sandbox.nav.records import create, delete, modify
from sandbox.nav.schema import Page, Row

_PREFERRED = re.compile(r"(?:odata\.)?maxpagesize=(\d+)")
_JSON = "application/json; odata.metadata=minimal"
_VERSION = {"OData-Version": "4.0"}


class ODataService:
    """Answers requests below `/<Instance>/ODataV4`; raises NavError for refusals."""

    def __init__(
        self, root: str, pages: Mapping[str, Page], companies: Companies, profile: NavProfile
    ) -> None:
        self._root = root
        self._pages = pages
        self._companies = companies
        self._places = Places(pages, companies)
        self._profile = profile

    def answer(self, request: Request, path: str, body: bytes, user: str) -> Response:
        """The answer to one request; `path` is raw and relative to the root."""
        root = f"{request.url.scheme}://{request.url.netloc}{self._root}"
        if path in ("", "/"):
            return _json(service_document(root, self._pages))
        if path.strip("/") == "$metadata":
            return Response(metadata(self._pages), media_type="application/xml", headers=_VERSION)
        steps = segments(path)
        if steps[0].name == "Company" and len(steps) == 1:
            return self._list_companies(root, steps[0], user)
        place = self._places.locate(steps, request.query_params.get("company"), user)
        return self._dispatch(request, root, place, body)

    def _dispatch(self, request: Request, root: str, place: Place, body: bytes) -> Response:
        match request.method, place.key:
            case "GET", None:
                return self._list(request, root, place)
            case "GET", _:
                return self._read(request, root, place)
            case "POST", None:
                return self._insert(root, place, body)
            case "PATCH", tuple():
                return self._modify(request, root, place, body)
            case "DELETE", tuple():
                return self._delete(request, place)
        raise _not_allowed(request.method, place.name)

    def _list_companies(self, root: str, step: Segment, user: str) -> Response:
        names = self._companies.names(user)
        context = f"{root}/$metadata#Company"
        if step.key is not None:
            name = self._companies.enter(text_key(step, "Name"), user).name
            return _json(
                entities.document(context + "/$entity", [entities.member("Name", name)]).encode()
            )
        listed = [json.dumps({"Name": name}) for name in names]
        return _json(entities.document(context, [entities.collection("value", listed)]).encode())

    def _list(self, request: Request, root: str, place: Place) -> Response:
        limit, preferred = self._page_size(request)
        options = read_options(request.query_params, place.page, limit)
        search = Search(place.company, place.page, self._fixed(place))
        if place.count:
            return Response(str(search.count(options)), media_type="text/plain", headers=_VERSION)
        found = search.find(options)
        writer = entities.Writer(search.flows, self._profile.flow_tags)
        members = []
        if found.total is not None:
            members.append(entities.member("@odata.count", found.total))
        written = (self._written(writer, place, row, options) for row in found.rows)
        members.append(entities.collection("value", written))
        if found.token:
            link = _next_link(request, found.token, len(found.rows))
            members.append(entities.member("@odata.nextLink", link))
        body = entities.document(f"{root}/$metadata#{place.path}", members)
        applied = {"Preference-Applied": f"odata.maxpagesize={limit}"} if preferred else {}
        return _json(body.encode(), headers=applied)

    def _fixed(self, place: Place) -> dict[str, Any]:
        """Old versions opened a journal page on its first template and batch only."""
        if not (self._profile.journal_filter and place.page.scope):
            return dict(place.fixed)
        return {**place.fixed, **_first_batch(place.company, place.page)}

    def _written(self, writer: entities.Writer, place: Place, row: Row, options: Options) -> str:
        inner = []
        for name, select in options.expand.items():
            part = place.page.part(name)
            if part is not None:
                fixed = {field: row[outer] for field, outer in part.link.items()}
                search = Search(place.company, part.page, fixed)
                rows = search.find(read_options({}, part.page, self._profile.page_size)).rows
                lines = (writer.entity(part.page, line, select) for line in rows)
                inner.append(entities.collection(name, lines))
        return writer.entity(place.page, row, options.select, inner)

    def _read(self, request: Request, root: str, place: Place) -> Response:
        search = Search(place.company, place.page, place.fixed)
        row = require(search, place)
        options = read_options(request.query_params, place.page, 1)
        writer = entities.Writer(search.flows, self._profile.flow_tags)
        return self._one(root, place, writer, row, self._written(writer, place, row, options))

    def _one(
        self,
        root: str,
        place: Place,
        writer: entities.Writer,
        row: Row,
        entity: str,
        status: int = 200,
    ) -> Response:
        body = entities.with_context(f"{root}/$metadata#{place.path}/$entity", entity)
        tag = {"ETag": writer.tag(place.page, row)}
        return _json(body.encode(), status, tag)

    def _changed(self, root: str, place: Place, row: Row, status: int) -> Response:
        search = Search(place.company, place.page, {})
        writer = entities.Writer(search.flows, self._profile.flow_tags)
        response = self._one(root, place, writer, row, writer.entity(place.page, row), status)
        if status == 201:
            response.headers["Location"] = f"{root}/{quote(_address(place, row))}"
        return response

    def _insert(self, root: str, place: Place, body: bytes) -> Response:
        if "i" not in place.page.verbs:
            raise _not_allowed("POST", place.name)
        start = {**place.page.fixed, **place.fixed}
        if self._profile.journal_filter and place.page.scope:
            start |= _first_batch(place.company, place.page)
        values = writable(place.page, read_body(body), start)
        row = create(place.company, place.page.table, start, values)
        return self._changed(root, place, row, 201)

    def _modify(self, request: Request, root: str, place: Place, body: bytes) -> Response:
        if "m" not in place.page.verbs:
            raise _not_allowed("PATCH", place.name)
        search = Search(place.company, place.page, place.fixed)
        row = require(search, place)
        self._check_tag(request, search, place, row)
        key = {name: row[name] for name in place.page.table.key}
        values = writable(place.page, read_body(body), {**key, **place.page.fixed})
        changed = modify(place.company, place.page.table, row, values)
        return self._changed(root, place, changed, 200)

    def _delete(self, request: Request, place: Place) -> Response:
        if "d" not in place.page.verbs:
            raise _not_allowed("DELETE", place.name)
        search = Search(place.company, place.page, place.fixed)
        row = require(search, place)
        self._check_tag(request, search, place, row)
        delete(place.company, place.page.table, row)
        return Response(status_code=204, headers=_VERSION)

    def _check_tag(self, request: Request, search: Search, place: Place, row: Row) -> None:
        given = request.headers.get("if-match")
        if given is None:
            raise NavError(
                "BadRequest_InvalidToken",
                "Could not validate the client concurrency token required by the service. "
                "Please provide a valid token in the client request.",
            )
        writer = entities.Writer(search.flows, self._profile.flow_tags)
        if given != "*" and given != writer.tag(place.page, row):
            raise NavError(
                "Request_EntityChanged",
                "Another user has already changed the record.",
                self._profile.stale_status,
            )

    def _page_size(self, request: Request) -> tuple[int, bool]:
        match = _PREFERRED.search(request.headers.get("prefer", ""))
        if match is None or int(match.group(1)) < 1:
            return self._profile.page_size, False
        return min(int(match.group(1)), self._profile.page_size), True


def _first_batch(company: Company, page: Page) -> dict[str, str]:
    for template in company["Gen. Journal Template"].all():
        if template["Type"] == page.scope:
            for key in company["Gen. Journal Batch"].keys_within((template["Name"],)):
                return {"Journal_Template_Name": key[0], "Journal_Batch_Name": key[1]}
    raise not_found(page.name)


def _address(place: Place, row: Row) -> str:
    parts = [
        f"{name}={row[name]}" if isinstance(row[name], int) else f"{name}='{row[name]}'"
        for name in place.page.table.key
    ]
    return f"{place.path}({','.join(parts)})"


def _next_link(request: Request, token: str, given: int) -> str:
    query = {**request.query_params, "$skiptoken": token}
    if "$top" in query:
        query["$top"] = str(int(query["$top"]) - given)
    query.pop("$skip", None)
    # Not from `request.url`, whose path is decoded: a slash in a company's name would be lost.
    raw = request.scope["raw_path"].decode("ascii").split("?")[0]
    return f"{request.url.scheme}://{request.url.netloc}{raw}?{urlencode(query)}"


def _not_allowed(method: str, name: str) -> NavError:
    return NavError(
        "BadRequest_MethodNotAllowed",
        f"'{method}' requests for '{name}' are not allowed within Microsoft Dynamics NAV OData "
        "web services.",
        405,
    )


def _json(body: bytes, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    return Response(body, status, {**_VERSION, **(headers or {})}, media_type=_JSON)


def error_response(error: NavError) -> Response:
    """The OData shape of a refusal."""
    body = {"error": {"code": error.code, "message": error.message}}
    return _json(json.dumps(body, ensure_ascii=False).encode(), error.status)
