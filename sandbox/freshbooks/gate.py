"""Who may do what: the check before every call, and reading bodies."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from decimal import Decimal
from functools import wraps
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from sandbox.freshbooks.errors import (
    PARSE_ERROR,
    ApiError,
    denied,
    not_found,
    required,
    respond,
)
from sandbox.freshbooks.tokens import Tokens
from sandbox.settings import FreshBooksAccount
from sandbox.storage import Row

Handler = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True)
class Gate:
    """Finds the account of a call and checks token, role and scope."""

    accounts: list[FreshBooksAccount]
    tokens: Tokens

    def grant(self, request: Request) -> Row:
        """The grant of the caller; raises ApiError 401."""
        return self.tokens.identify(request.headers.get("authorization", ""))

    def account(self, request: Request, scope: str = "") -> FreshBooksAccount:
        """The account in the URL, whichever id the family uses; raises ApiError 401, 403, 404.

        An id of the wrong family is simply not found.
        """
        grant = self.grant(request)
        account = self._named(request.path_params)
        if account is None or account.identity_id != grant["identity_id"]:
            raise not_found("account", "accountid", "")
        writes = request.method not in ("GET", "HEAD")
        right = f"user:{scope}:{'write' if writes else 'read'}"
        if (scope and right not in grant["scope"].split()) or (writes and account.role != "owner"):
            raise denied()
        return account

    def _named(self, ids: dict[str, Any]) -> FreshBooksAccount | None:
        for account in self.accounts:
            if "account" in ids and account.accounting and ids["account"] == account.account_id:
                return account
            if "business" in ids and ids["business"] == str(account.business_id):
                return account
            if "uuid" in ids and ids["uuid"] == account.business_uuid:
                return account
        return None


def guarded(handler: Handler) -> Handler:
    """Turn an ApiError into the error body of the family."""

    @wraps(handler)
    async def call(request: Request) -> Response:
        try:
            return await handler(request)
        except ApiError as error:
            return respond(error, request)

    return call


async def json_body(request: Request) -> Row:
    """The JSON object in the body, with decimal numbers; raises ApiError 1005. Empty means {}."""
    raw = await request.body()
    if not raw:
        return {}
    try:
        body = json.loads(raw, parse_float=Decimal)
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise ApiError(PARSE_ERROR, "The request body is not a JSON object.", status=400)
    return body


def wrapped(body: Row, *names: str) -> Row:
    """What is under the singular key of a body; raises ApiError 1001 without it."""
    for name in names:
        if isinstance(body.get(name), dict):
            return dict(body[name])
    raise required(names[0], names[0])
