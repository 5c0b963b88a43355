"""OAuth 2 with FreshBooks: consent, and one refresh at a time across all workers."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

import httpx

from connectors.errors import (
    ConnectorError,
    Misconfigured,
    OutcomeUnknown,
    Throttled,
    Unauthorized,
    Unavailable,
)
from connectors.freshbooks.errors import SYSTEM, retry_after
from connectors.freshbooks.tokens import RefreshInDoubt, TokenSet, TokenVault
from connectors.transport import Transport

AUTHORIZE_URL = "https://auth.freshbooks.com/oauth/authorize"
TOKEN_PATH = "/auth/oauth/token"
REVOKE_PATH = "/auth/oauth/revoke"
EXPIRY_MARGIN = 60
"""Seconds before its expiry at which a token is not used any more."""

_CONSENT = "run `tieout connect freshbooks` to give consent again"


class FreshBooksAuth:
    """Access tokens of one connection.

    `redirect_uri` must be the one of the consent: FreshBooks asks for it at each refresh too.
    `transport` reaches the API host, where the token endpoint is. The refresh runs in a task of
    its own, because cancelling it between the answer and the store would lose the connection.
    """

    def __init__(
        self,
        client_id: str,
        client_secret: str,
        redirect_uri: str,
        vault: TokenVault,
        transport: Transport,
        *,
        authorize_url: str = AUTHORIZE_URL,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._client_id = client_id
        self._client_secret = client_secret
        self._redirect_uri = redirect_uri
        self._vault = vault
        self._transport = transport
        self._authorize_url = authorize_url
        self._now = now
        self._tokens: TokenSet | None = None
        self._invalid = ""
        self._refused = ""
        self._unsaved: tuple[str, TokenSet] | None = None
        self._renewal: asyncio.Task[TokenSet] | None = None

    def __repr__(self) -> str:
        return "FreshBooksAuth()"

    async def token(self) -> str:
        """An access token with at least a minute to live, refreshed when there is none.

        Raises Unauthorized when a person must give consent again, Unavailable when FreshBooks
        was not reached or its answer was lost, Misconfigured for a wrong client id or secret.
        """
        if self._tokens is not None and self._usable(self._tokens):
            return self._tokens.access_token
        if self._renewal is None or self._renewal.done():
            self._renewal = asyncio.create_task(self._renew())
            self._renewal.add_done_callback(_retrieve)
        return (await asyncio.shield(self._renewal)).access_token

    def invalidate(self, access_token: str) -> None:
        """FreshBooks answered 401 to this token: it is not handed out again."""
        if self._tokens is None or self._tokens.access_token == access_token:
            self._invalid = access_token

    def authorize_url(self, state: str, scopes: Sequence[str] = ()) -> str:
        """The page where a person gives consent. `state` comes back with the code.

        Without scopes FreshBooks grants those of the application; one unknown scope makes the
        whole consent fail without saying which.
        """
        query = {
            "client_id": self._client_id,
            "response_type": "code",
            "redirect_uri": self._redirect_uri,
            "state": state,
        }
        if scopes:
            query["scope"] = " ".join(scopes)
        return f"{self._authorize_url}?{urlencode(query)}"

    async def exchange_code(self, code: str) -> TokenSet:
        """Turn the code of a consent, valid for five minutes, into tokens and store them."""
        async with self._vault.lock():
            response = await self._post(
                TOKEN_PATH, "exchange code", {"grant_type": "authorization_code", "code": code}
            )
            tokens = self._granted("exchange code", response)
            await self._vault.save(tokens)
        self._tokens, self._refused = tokens, ""
        return tokens

    async def revoke(self) -> None:
        """End the access token at FreshBooks at once; nothing when there is none."""
        tokens = await self._vault.load()
        if tokens is None:
            return
        response = await self._post(REVOKE_PATH, "revoke", {"token": tokens.access_token})
        if not response.is_success:
            raise self._refusal("revoke", response)
        self.invalidate(tokens.access_token)

    async def aclose(self) -> None:
        """Let a refresh that is under way end, so that its tokens are stored."""
        if self._renewal is not None:
            await asyncio.wait([self._renewal])

    def _usable(self, tokens: TokenSet) -> bool:
        alive = tokens.expires_at - EXPIRY_MARGIN > self._now()
        return alive and tokens.access_token != self._invalid

    async def _renew(self) -> TokenSet:
        async with self._vault.lock():
            await self._save_leftover()
            tokens = await self._stored()
            if not self._usable(tokens):
                tokens = await self._refresh(tokens.refresh_token)
        self._tokens = tokens
        return tokens

    async def _stored(self) -> TokenSet:
        tokens = await self._vault.load()
        if tokens is None:
            raise Unauthorized(SYSTEM, "refresh", f"there are no tokens yet: {_CONSENT}")
        if tokens.refresh_token == self._refused and not self._usable(tokens):
            raise self._consent_again(in_doubt=False)
        return tokens

    async def _save_leftover(self) -> None:
        """Store tokens whose first save failed, unless somebody stored newer ones since."""
        if self._unsaved is None:
            return
        spent, tokens = self._unsaved
        stored = await self._vault.load()
        if stored is not None and stored.refresh_token == spent:
            await self._vault.save(tokens)
        self._unsaved = None

    async def _refresh(self, refresh_token: str) -> TokenSet:
        in_doubt = await self._begin(refresh_token)
        tokens = await self._rotated(refresh_token, in_doubt)
        self._unsaved = (refresh_token, tokens)
        await self._vault.save(tokens)
        self._unsaved = None
        return tokens

    async def _begin(self, refresh_token: str) -> bool:
        try:
            await self._vault.begin_refresh(refresh_token)
        except RefreshInDoubt:
            # Trying it again is harmless: a used token is refused, an unused one still works.
            return True
        return False

    async def _rotated(self, refresh_token: str, in_doubt: bool) -> TokenSet:
        form = {"grant_type": "refresh_token", "refresh_token": refresh_token}
        try:
            response = await self._post(TOKEN_PATH, "refresh", form)
            return self._granted("refresh", response)
        except OutcomeUnknown as error:
            # The mark stays: the next attempt knows that this token may be used up.
            raise Unavailable(SYSTEM, "refresh", f"the answer was lost: {error.message}") from error
        except Unauthorized as error:
            await self._vault.abort_refresh()
            self._refused = refresh_token
            raise self._consent_again(in_doubt) from error
        except ConnectorError:
            if not in_doubt:
                await self._vault.abort_refresh()
            raise

    async def _post(self, path: str, operation: str, form: Mapping[str, str]) -> httpx.Response:
        return await self._transport.send(
            "POST",
            path,
            operation=operation,
            writes=True,
            data={
                "client_id": self._client_id,
                "client_secret": self._client_secret,
                "redirect_uri": self._redirect_uri,
                **form,
            },
            headers={"Accept": "application/json"},
        )

    def _granted(self, operation: str, response: httpx.Response) -> TokenSet:
        if not response.is_success:
            raise self._refusal(operation, response)
        body = _body(response)
        try:
            return TokenSet(
                access_token=_text(body["access_token"]),
                refresh_token=_text(body["refresh_token"]),
                created_at=int(body["created_at"]),
                expires_in=int(body["expires_in"]),
            )
        except (KeyError, TypeError, ValueError):
            # Not chained: the text of the cause could quote a token.
            raise OutcomeUnknown(SYSTEM, operation, "the reply is no token reply") from None

    def _refusal(self, operation: str, response: httpx.Response) -> ConnectorError:
        status, code = response.status_code, _code(response)
        if status >= 500:
            return OutcomeUnknown(SYSTEM, operation, f"FreshBooks failed (HTTP {status})")
        if status == 429:
            wait = retry_after(response.headers.get("retry-after", ""))
            return Throttled(SYSTEM, operation, "too many requests", wait, status=status)
        if code == "invalid_grant":
            return Unauthorized(
                SYSTEM, operation, f"the grant was refused: {_CONSENT}", status=status, code=code
            )
        return Misconfigured(
            SYSTEM,
            operation,
            f"FreshBooks refused the application (HTTP {status} {code}): check client id, client "
            "secret and redirect URI",
            status=status,
            code=code,
        )

    def _consent_again(self, in_doubt: bool) -> Unauthorized:
        why = (
            "an earlier refresh was interrupted after FreshBooks had used up the refresh token"
            if in_doubt
            else "FreshBooks refused the refresh token"
        )
        return Unauthorized(SYSTEM, "refresh", f"{why}: {_CONSENT}", code="invalid_grant")


def _retrieve(task: asyncio.Task[TokenSet]) -> None:
    # Whoever waited may have been cancelled; an error nobody read would be reported as lost.
    if not task.cancelled():
        task.exception()


def _body(response: httpx.Response) -> Any:
    try:
        return json.loads(response.content)
    except (ValueError, RecursionError):
        return {}


def _code(response: httpx.Response) -> str:
    """The error code of the answer, only when it is one of OAuth's: anything else is not told."""
    body = _body(response)
    code = body.get("error") if isinstance(body, dict) else None
    return code if code in _CODES else ""


_CODES = (
    "invalid_client",
    "invalid_grant",
    "invalid_request",
    "invalid_scope",
    "unauthorized_client",
    "unsupported_grant_type",
)


def _text(value: object) -> str:
    if not isinstance(value, str) or not value:
        raise ValueError
    return value
