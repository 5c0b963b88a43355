"""The endpoints of approvals: what waits for whom, and the answer of whoever is signed in."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from starlette.exceptions import HTTPException
from starlette.requests import Request
from temporalio.client import (
    Client,
    WorkflowQueryFailedError,
    WorkflowUpdateRPCTimeoutOrCancelledError,
)
from temporalio.service import RPCError

from documents.review import Answer
from store.seal import Seal
from workers.access.callers import Caller
from workers.answers import Answers, ExpenseView, NotTaken
from workers.operator.api import OperatorApi
from workers.operator.decisions import NotDecided, TemporalAway
from workers.operator.models import AnswerBody, ApprovalQuery, ApprovalTaken, ApprovalView

_ID = re.compile(r"[0-9A-Z-]{1,30}")


class ApprovalApi:
    """Expenses and claims of the connections, by the id of either. `seconds` bounds a call."""

    def __init__(
        self,
        api: OperatorApi,
        client: Client,
        seal: Seal,
        connections: Mapping[str, object],
        seconds: float,
    ) -> None:
        self._api = api
        self._client = client
        self._seal = seal
        self._connections = connections
        self._seconds = seconds

    async def show(self, request: Request, _: Caller) -> ApprovalView:
        """`GET /operator/expenses/{id}`"""
        query = ApprovalQuery.model_validate(dict(request.query_params))
        view = await self._view(request, query.connection)
        return ApprovalView.of(view)

    async def approve(self, request: Request, caller: Caller) -> ApprovalTaken:
        """`POST /operator/expenses/{id}/approve`"""
        return await self._answer(request, caller, Answer.APPROVE)

    async def reject(self, request: Request, caller: Caller) -> ApprovalTaken:
        """`POST /operator/expenses/{id}/reject`"""
        return await self._answer(request, caller, Answer.REJECT)

    async def _answer(self, request: Request, caller: Caller, answer: Answer) -> ApprovalTaken:
        body = await self._api.body(request, AnswerBody)
        view = await self._view(request, body.connection)
        if view.approval.need is None:
            raise NotDecided("nothing waits for an approval")
        async with self._reached():
            try:
                taken = await self._answers(body.connection).give(
                    view.source_id, answer, caller.name, body.version, body.comment, body.but
                )
            except NotTaken as error:
                raise NotDecided(str(error)) from error
        return ApprovalTaken(
            answer=taken.answer.value, who=taken.who, level=taken.level, levels=taken.levels
        )

    async def _view(self, request: Request, connection: str) -> ExpenseView:
        source_id = request.path_params["id"]
        view = None
        if connection in self._connections and _ID.fullmatch(source_id):
            async with self._reached():
                view = await self._answers(connection).view(source_id)
        if view is None:
            raise HTTPException(404, "no process follows such an expense or claim")
        return view

    def _answers(self, connection: str) -> Answers:
        return Answers(self._client, self._seal, connection)

    @asynccontextmanager
    async def _reached(self) -> AsyncIterator[None]:
        """TemporalAway when there is no answer in time."""
        try:
            async with asyncio.timeout(self._seconds):
                yield
        except (
            TimeoutError,
            RPCError,
            RuntimeError,
            WorkflowQueryFailedError,
            WorkflowUpdateRPCTimeoutOrCancelledError,
        ) as error:
            raise TemporalAway from error
