"""The authorization page, the token endpoint and the identity (freshbooks.md, section 2)."""

from __future__ import annotations

import uuid
from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from sandbox.freshbooks.books import business_of
from sandbox.freshbooks.gate import Gate, guarded, json_body
from sandbox.freshbooks.tokens import GrantError, Tokens
from sandbox.settings import FreshBooksAccount
from sandbox.storage import Row

_BORN = "2020-01-01T00:00:00Z"


class OAuth:
    """The endpoints that need no account: consent, tokens, who am I."""

    def __init__(self, gate: Gate, tokens: Tokens) -> None:
        self._gate = gate
        self._tokens = tokens

    def routes(self) -> list[Route]:
        """The official paths and their RFC 8414 twins."""
        made = [
            Route("/auth/api/v1/users/me", guarded(self.me)),
            Route("/auth/api/v1/users/business/{business}", guarded(self.business)),
        ]
        for prefix in ("/auth", "/service/auth"):
            made.append(Route(f"{prefix}/oauth/token", self.token, methods=["POST"]))
            made.append(Route(f"{prefix}/oauth/revoke", self.revoke, methods=["POST"]))
        prefixes = ("", "/auth", "/service/auth")
        pages = [Route(f"{prefix}/oauth/authorize", self.authorize) for prefix in prefixes]
        return [*made, *pages]

    async def authorize(self, request: Request) -> Response:
        """The consent page; this stand-in's person agrees at once."""
        params = dict(request.query_params)
        try:
            answer = {"code": self._tokens.authorize(params)}
        except GrantError as error:
            return _refusal(error)
        if "state" in params:
            answer["state"] = params["state"]
        return RedirectResponse(f"{params['redirect_uri']}?{urlencode(answer)}", 302)

    async def token(self, request: Request) -> Response:
        """Both grants, form-encoded or JSON."""
        try:
            return JSONResponse(self._tokens.exchange(await _fields(request)))
        except GrantError as error:
            return _refusal(error)

    async def revoke(self, request: Request) -> Response:
        """Kill a token."""
        try:
            self._tokens.revoke(await _fields(request))
        except GrantError as error:
            return _refusal(error)
        return JSONResponse({})

    async def me(self, request: Request) -> Response:
        """The identity of the token, with every business it belongs to."""
        grant = self._gate.grant(request)
        mine = [a for a in self._gate.accounts if a.identity_id == grant["identity_id"]]
        return JSONResponse({"response": _identity(mine)})

    async def business(self, request: Request) -> Response:
        """One business with its people."""
        account = self._gate.account(request)
        member = {
            "identity_id": account.identity_id,
            "identity_uuid": _identity_uuid(account),
            "role": account.role,
            "email": account.email,
            "language": "en",
            "active": True,
        }
        group = {"id": account.business_id, "members": [member]}
        more = {"timezone": "America/New_York", "business_group": group}
        return JSONResponse({"response": _business(account) | more})


def _identity(accounts: list[FreshBooksAccount]) -> Row:
    first = accounts[0]
    with_books = [account for account in accounts if account.accounting]
    return {
        "id": first.identity_id,
        "identity_id": first.identity_id,
        "identity_uuid": _identity_uuid(first),
        "first_name": "Sandbox",
        "last_name": "Owner",
        "email": first.email,
        "language": "en",
        "confirmed_at": _BORN,
        "created_at": _BORN,
        "setup_complete": True,
        "business_memberships": [_membership(account) for account in accounts],
        "roles": [_role(account) for account in with_books],
        "groups": [],
        "subscription_statuses": {account.account_id: "active" for account in with_books},
        "permissions": {account.account_id: {} for account in with_books},
        "business_statuses": {},
    }


def _membership(account: FreshBooksAccount) -> Row:
    # A person may own the business and yet be only a client of its accounting account.
    return {"id": account.business_id, "role": "owner", "business": _business(account)}


def _role(account: FreshBooksAccount) -> Row:
    return {
        "id": account.business_id,
        "role": "admin" if account.role == "owner" else "client",
        "systemid": account.business_id,
        "userid": 1,
        "created_at": _BORN,
        "accountid": account.account_id,
    }


def _business(account: FreshBooksAccount) -> Row:
    known = {} if account.accounting else {"account_id": None}
    return business_of(account) | known


def _identity_uuid(account: FreshBooksAccount) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_OID, str(account.identity_id)))


async def _fields(request: Request) -> dict[str, Any]:
    if request.headers.get("content-type", "").startswith("application/json"):
        return await json_body(request)
    return dict(await request.form())


def _refusal(error: GrantError) -> JSONResponse:
    body = {"error": error.error, "error_description": str(error)}
    return JSONResponse(body, error.status)
