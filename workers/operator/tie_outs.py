"""The endpoints of tie-outs: what a period came to, its breaks, and what people decide."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from starlette.exceptions import HTTPException
from starlette.requests import Request
from temporalio.client import Client
from temporalio.service import RPCError

from activities.telling import Messenger
from documents.tieout import BreakAction, BreakState
from store.seal import Seal
from store.store import Store
from workers.access.callers import Caller, Forbidden, Role
from workers.connections import ConnectionSettings
from workers.operator.api import OperatorApi
from workers.operator.decisions import TemporalAway
from workers.operator.tie_out_models import (
    PERIOD,
    BreakDecision,
    Breaks,
    BreaksQuery,
    BreakView,
    DecideBody,
    SignOffBody,
    SignOffView,
    TieOutQuery,
    TieOutView,
)
from workers.tieout.deciding import NoSuchBreak, PeriodDesk

_PERIOD = re.compile(PERIOD)
_SHOWN = tuple(state for state in BreakState if state is not BreakState.CLOSED)


class TieOutApi:
    """Periods of the connections. `seconds` bounds a call of Temporal."""

    def __init__(
        self,
        api: OperatorApi,
        client: Client,
        store: Store,
        seal: Seal,
        connections: Mapping[str, ConnectionSettings],
        seconds: float,
    ) -> None:
        self._api = api
        self._client = client
        self._store = store
        self._seal = seal
        self._connections = connections
        self._seconds = seconds

    async def show(self, request: Request, _: Caller) -> TieOutView:
        """`GET /operator/tie-outs/{period}`"""
        query = TieOutQuery.model_validate(dict(request.query_params))
        settings, period = self._place(request, query.connection)
        summary = await self._store.runs.latest(settings.name, period)
        if summary is None:
            raise HTTPException(404, f"{settings.name} was not tied out for {period} yet")
        # What people decided since the run counts too.
        summary = await self._store.breaks.counted(summary)
        return TieOutView.of(summary, await self._store.sign_offs.get(settings.name, period))

    async def breaks(self, request: Request, _: Caller) -> Breaks:
        """`GET /operator/tie-outs/{period}/breaks`"""
        query = BreaksQuery.model_validate(dict(request.query_params))
        settings, period = self._place(request, query.connection)
        states = (query.state,) if query.state else _SHOWN
        found = await self._store.breaks.page(
            settings.name, period, states=states, after=query.after, limit=query.limit
        )
        full = len(found) == query.limit
        return Breaks(
            breaks=[BreakView.of(each) for each in found], next=found[-1].break_id if full else ""
        )

    async def decide(self, request: Request, caller: Caller) -> BreakView:
        """`POST /operator/tie-outs/{period}/decide`"""
        body = await self._api.body(request, DecideBody)
        desk = self._desk(request, body.connection)
        if body.action is BreakDecision.APPROVE and not caller.role.includes(Role.APPROVER):
            raise Forbidden(caller, Role.APPROVER)
        try:
            if body.action is BreakDecision.APPROVE:
                approved = await desk.approve(body.break_id, caller)
                async with self._reached():
                    await desk.carry_out(approved)
                return BreakView.of(approved)
            action = BreakAction(body.action.value)
            return BreakView.of(await desk.propose(body.break_id, action, caller, body.why))
        except NoSuchBreak as error:
            raise HTTPException(404, f"break_id: {error}") from error

    async def sign_off(self, request: Request, caller: Caller) -> SignOffView:
        """`POST /operator/tie-outs/{period}/sign-off`"""
        body = await self._api.body(request, SignOffBody)
        desk = self._desk(request, body.connection)
        return SignOffView.of(await desk.sign_off(caller, body.run))

    def _place(self, request: Request, connection: str) -> tuple[ConnectionSettings, str]:
        period = request.path_params["period"]
        if not _PERIOD.fullmatch(period):
            raise HTTPException(422, f"period: {period[:20]!r} is no month: write it as 2026-11")
        if connection not in self._connections:
            raise HTTPException(404, f"connection: there is no {connection!r}")
        return self._connections[connection], period

    def _desk(self, request: Request, connection: str) -> PeriodDesk:
        settings, period = self._place(request, connection)

        async def messenger() -> Messenger:
            return Messenger(self._client, settings.name, settings.source.system)

        return PeriodDesk(self._store, self._seal, settings, period, messenger)

    @asynccontextmanager
    async def _reached(self) -> AsyncIterator[None]:
        """TemporalAway when there is no answer in time; the store's own trouble is none of it."""
        try:
            async with asyncio.timeout(self._seconds):
                yield
        except (TimeoutError, RPCError, RuntimeError) as error:
            raise TemporalAway from error
