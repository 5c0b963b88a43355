"""The operator interface as an ASGI application."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import ValidationError
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from temporalio.client import Client

from store.seal import Seal
from store.store import Store
from workers.access.callers import Concierge, Role
from workers.access.problems import refused
from workers.access.refusals import HANDLERS, LastResort
from workers.connections import ConnectionSettings
from workers.doors import OperatorSettings
from workers.gateway.health import health
from workers.gateway.limits import Doorman
from workers.operator.api import OperatorApi, invalid, not_decided, temporal_away
from workers.operator.approvals import ApprovalApi
from workers.operator.decisions import NotDecided, Processes, TemporalAway
from workers.operator.openapi import description
from workers.operator.tie_outs import TieOutApi
from workers.refusal import Refusal


def build_operator(
    client: Client,
    store: Store,
    connections: Mapping[str, ConnectionSettings],
    concierge: Concierge,
    seal: Seal,
    settings: OperatorSettings,
) -> Starlette:
    """The application. It opens and closes nothing of what it is given.

    Everything below `/operator` needs a bearer token: viewers read, operators also decide,
    approvers also approve what somebody else decided. `GET /operator/openapi.json` and
    `GET /health` are for anybody who reaches the port.
    """
    processes = Processes(client, seal, settings.temporal_seconds)
    api = OperatorApi(store.documents, processes, connections, concierge, settings)
    approvals = ApprovalApi(api, client, seal, connections, settings.temporal_seconds)
    tie_outs = TieOutApi(api, client, store, seal, connections, settings.temporal_seconds)
    described = description()

    async def openapi(_: Request) -> Response:
        return JSONResponse(described)

    return Starlette(
        routes=[
            Route("/health", health),
            Route("/operator/openapi.json", openapi),
            Route("/operator/holds", api.endpoint("holds", Role.VIEWER, api.holds)),
            Route(
                "/operator/documents/{number}",
                api.endpoint("document", Role.VIEWER, api.document),
            ),
            Route(
                "/operator/documents/{kind}/{id}/resolve",
                api.endpoint("resolve", Role.OPERATOR, api.resolve),
                methods=["POST"],
            ),
            Route("/operator/expenses/{id}", api.endpoint("approval", Role.VIEWER, approvals.show)),
            Route(
                "/operator/expenses/{id}/approve",
                api.endpoint("approve expense", Role.APPROVER, approvals.approve),
                methods=["POST"],
            ),
            Route(
                "/operator/expenses/{id}/reject",
                api.endpoint("reject expense", Role.APPROVER, approvals.reject),
                methods=["POST"],
            ),
            *_tie_outs(api, tie_outs),
        ],
        middleware=[
            Middleware(Doorman, settings=settings, refuse=refused),
            Middleware(LastResort),
        ],
        exception_handlers={
            **HANDLERS,
            ValidationError: invalid,
            NotDecided: not_decided,
            Refusal: not_decided,
            TemporalAway: temporal_away,
        },
    )


def _tie_outs(api: OperatorApi, tie_outs: TieOutApi) -> list[Route]:
    place = "/operator/tie-outs/{period}"
    return [
        Route(place, api.endpoint("tie-out", Role.VIEWER, tie_outs.show)),
        Route(f"{place}/breaks", api.endpoint("breaks", Role.VIEWER, tie_outs.breaks)),
        Route(
            f"{place}/decide",
            api.endpoint("decide about a break", Role.OPERATOR, tie_outs.decide),
            methods=["POST"],
        ),
        Route(
            f"{place}/sign-off",
            api.endpoint("sign off", Role.OPERATOR, tie_outs.sign_off),
            methods=["POST"],
        ),
    ]
