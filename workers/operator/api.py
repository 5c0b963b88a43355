"""The endpoints. Each says which role it needs, and leaves one line in the audit log."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from typing import TypeVar

from pydantic import BaseModel, ValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from documents.key import Kind
from documents.row import Action
from store.documents import Documents
from workers.access.audit import audit
from workers.access.callers import Caller, Concierge, Forbidden, Role, Unauthenticated
from workers.access.problems import problem
from workers.doors import OperatorSettings
from workers.gateway.limits import read_body
from workers.gateway.outcomes import Outcome, Refused
from workers.operator.decisions import NotDecided, Processes, Wish
from workers.operator.models import (
    DocumentFound,
    DocumentQuery,
    DocumentView,
    Found,
    Holds,
    HoldsQuery,
    ResolveBody,
    Resolved,
    page_after,
    place_of,
)
from workers.refusal import Refusal

M = TypeVar("M", bound=BaseModel)
Endpoint = Callable[[Request], Awaitable[Response]]
Act = Callable[[Request, Caller], Awaitable[BaseModel]]

_REFUSALS = (Unauthenticated, Refused, HTTPException, NotDecided, Refusal, ValidationError)

_ID = re.compile(r"[A-Za-z0-9._-]{1,60}")
_NUMBER = re.compile(r"[^\x00-\x1f\x7f]{1,60}")
_UPDATE_ID = re.compile(r"[A-Za-z0-9-]{0,64}")


class OperatorApi:
    """What people may ask and decide, before one store and one Temporal."""

    def __init__(
        self,
        documents: Documents,
        processes: Processes,
        connections: Mapping[str, object],
        concierge: Concierge,
        settings: OperatorSettings,
    ) -> None:
        self._documents = documents
        self._processes = processes
        self._connections = connections
        self._concierge = concierge
        self._settings = settings

    def endpoint(self, action: str, needed: Role, act: Act) -> Endpoint:
        """An endpoint for callers whose role includes the needed one."""

        async def serve(request: Request) -> Response:
            who, outcome = "", "failed"
            try:
                header = request.headers.get("authorization", "")
                caller = await self._concierge.admit(header, needed)
                who = caller.caller_id
                answer = await act(request, caller)
                outcome = "done"
            except Forbidden as error:
                who, outcome = error.caller.caller_id, "forbidden"
                raise
            except _REFUSALS:
                outcome = "refused"
                raise
            finally:
                audit(f"operator {action}", who, outcome, path=request.url.path)
            return Response(answer.model_dump_json(), media_type="application/json")

        return serve

    async def holds(self, request: Request, _: Caller) -> BaseModel:
        """`GET /operator/holds`"""
        query = HoldsQuery.model_validate(dict(request.query_params))
        try:
            after = place_of(query.after)
        except ValueError as error:
            raise HTTPException(400, "after: must be `next` of the page before") from error
        rows = await self._documents.held(query.connection, query.cause, after, query.limit)
        full = len(rows) == query.limit
        return Holds(
            holds=[DocumentView.of(row) for row in rows], next=page_after(rows[-1]) if full else ""
        )

    async def document(self, request: Request, _: Caller) -> BaseModel:
        """`GET /operator/documents/{number}`"""
        number = _checked(_NUMBER, request.path_params["number"])
        query = DocumentQuery.model_validate(dict(request.query_params))
        names = [query.connection] if query.connection else list(self._connections)
        rows = [r for name in names for r in await self._documents.find_by_number(name, number)]
        if not rows:
            raise HTTPException(404, "no document has this number")
        return Found(
            documents=[
                DocumentFound(
                    document=DocumentView.of(row),
                    process=await self._processes.status(row.connection, row.kind, row.source_id),
                )
                for row in rows
            ]
        )

    async def resolve(self, request: Request, caller: Caller) -> BaseModel:
        """`POST /operator/documents/{kind}/{id}/resolve`"""
        kind, source_id = _kind(request), _checked(_ID, request.path_params["id"])
        update_id = request.headers.get("idempotency-key", "")
        if not _UPDATE_ID.fullmatch(update_id):
            raise HTTPException(400, "Idempotency-Key: at most 64 letters, digits and dashes")
        body = await self.body(request, ResolveBody)
        if body.action is Action.APPROVE and not caller.role.includes(Role.APPROVER):
            raise Forbidden(caller, Role.APPROVER)
        if await self._documents.get(body.connection, kind, source_id) is None:
            raise HTTPException(404, "there is no such document")
        wish = Wish(
            kind=kind,
            source_id=source_id,
            who=caller.name,
            update_id=update_id,
            **body.model_dump(),
        )
        taken = await self._processes.resolve(wish)
        return Resolved(
            accepted=taken.accepted,
            was=taken.was,
            who=caller.name,
            needs_approval=taken.needs_approval,
        )

    async def body(self, request: Request, model: type[M]) -> M:
        """What was sent, as this model. Refused for anything but JSON, ValidationError."""
        kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind != "application/json":
            raise Refused(Outcome.WRONG_TYPE)
        settings = self._settings
        return model.model_validate_json(
            await read_body(request, settings.max_body, settings.body_seconds)
        )


def invalid(_: Request, error: Exception) -> Response:
    """Which fields are wrong and why, without what was sent: it may be personal."""
    assert isinstance(error, ValidationError)
    fields = [
        f"{'.'.join(str(part) for part in each['loc'])[:100] or 'body'}: {each['msg']}"
        for each in error.errors(include_url=False, include_context=False, include_input=False)
    ]
    return problem(422, "what was sent is not what this takes", fields=fields[:20])


def not_decided(_: Request, error: Exception) -> Response:
    """The document's process, or the rules of the tie-out, have the last word."""
    return problem(409, str(error))


def temporal_away(_: Request, __: Exception) -> Response:
    """A decision that was on its way may still arrive."""
    detail = "Temporal or the worker does not answer: look at the document before trying again"
    return problem(503, detail, headers={"Retry-After": "5"})


def _kind(request: Request) -> Kind:
    try:
        kind = Kind(request.path_params["kind"])
    except ValueError:
        raise HTTPException(404, "there is no such kind of document") from None
    if not Processes.has_own(kind):
        raise HTTPException(404, "such a document is decided about with the one it belongs to")
    return kind


def _checked(shape: re.Pattern[str], text: str) -> str:
    if not shape.fullmatch(text):
        raise HTTPException(404, "there is no such document")
    return text
