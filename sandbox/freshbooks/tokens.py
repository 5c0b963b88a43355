"""OAuth tokens of the stand-in: rotating refresh tokens, expiring access tokens, codes."""

from __future__ import annotations

import base64
import hashlib
import secrets
from typing import Any

from sandbox.clock import Clock
from sandbox.freshbooks.errors import unauthenticated
from sandbox.settings import FreshBooksAccount, FreshBooksSettings
from sandbox.storage import Row, Storage

_CODE_SECONDS = 300
_OBJECTS = (
    *("bill_payments", "bill_vendors", "billable_items", "bills", "business", "clients"),
    *("credit_notes", "estimates", "expenses", "invoices", "journal_entries", "notifications"),
    *("online_payments", "other_income", "payments", "profile", "projects", "reports", "retainers"),
    *("taxes", "teams", "time_entries", "uploads"),
)
_READ_ONLY = frozenset({"profile", "notifications", "reports"})
ALL_SCOPES = tuple(
    f"user:{name}:{right}"
    for name in _OBJECTS
    for right in ("read", "write")
    if right == "read" or name not in _READ_ONLY
)


class GrantError(Exception):
    """A refusal of the token endpoint, with its OAuth error code and HTTP status."""

    def __init__(self, error: str, description: str, status: int = 400) -> None:
        super().__init__(description)
        self.error = error
        self.status = status


class Tokens:
    """Issues and checks tokens. Each account has an application (client id) of its own."""

    def __init__(self, settings: FreshBooksSettings, storage: Storage, clock: Clock) -> None:
        self._settings = settings
        self._storage = storage
        self._clock = clock
        self._access = storage.table("access_tokens")
        self._refresh = storage.table("refresh_tokens")
        self._codes = storage.table("codes")
        with storage.transaction():
            for account in settings.accounts:
                self._seed(account)

    def identify(self, authorization: str) -> Row:
        """The grant behind an Authorization header; raises ApiError 401."""
        scheme, _, token = authorization.partition(" ")
        row = self._access.get(token)
        if scheme != "Bearer" or row is None or row["revoked"] or self._expired(row):
            raise unauthenticated()
        return row

    def authorize(self, params: dict[str, str]) -> str:
        """A code for the person's consent, good for five minutes; raises GrantError."""
        account = self._application(params.get("client_id", ""))
        if params.get("response_type") != "code":
            raise GrantError("unsupported_response_type", "response_type must be code")
        if params.get("redirect_uri") != account.redirect_uri:
            raise GrantError("invalid_request", "The redirect uri included is not valid.")
        wanted = params.get("scope", "").split() or list(ALL_SCOPES)
        if not set(wanted) <= set(ALL_SCOPES):
            raise GrantError("invalid_scope", "The requested scope is invalid or unknown.")
        code = secrets.token_hex(32)
        self._codes[code] = {
            "client_id": account.client_id,
            "scope": " ".join(dict.fromkeys([*wanted, "user:profile:read"])),
            "challenge": params.get("code_challenge"),
            "at": self._clock.now().timestamp(),
        }
        return code

    def exchange(self, form: dict[str, Any]) -> Row:
        """The token endpoint; raises GrantError."""
        account = self._client(form)
        if not form.get("redirect_uri"):
            raise GrantError("invalid_request", "Missing required parameter: redirect_uri.")
        if form["redirect_uri"] != account.redirect_uri:
            raise GrantError("invalid_grant", "The redirect uri does not match.")
        if form.get("grant_type") == "authorization_code":
            return self._by_code(account, str(form.get("code")), form.get("code_verifier"))
        if form.get("grant_type") == "refresh_token":
            return self._by_refresh(account, str(form.get("refresh_token")))
        raise GrantError("unsupported_grant_type", "The grant type is not supported.")

    def revoke(self, form: dict[str, Any]) -> None:
        """Kill an access token (at once) or a refresh token; unknown ones are fine."""
        self._client(form)
        token = str(form.get("token"))
        if token in self._access:
            self._access[token] = self._access[token] | {"revoked": True}
        if token in self._refresh:
            self._refresh[token] = self._refresh[token] | {"used": True}

    def _by_code(self, account: FreshBooksAccount, code: str, verifier: Any) -> Row:
        row = self._codes.get(code)
        fresh = row and self._clock.now().timestamp() - row["at"] < _CODE_SECONDS
        if not row or not fresh or row["client_id"] != account.client_id:
            raise _invalid_grant()
        if row["challenge"] and _challenge(str(verifier)) != row["challenge"]:
            raise _invalid_grant()
        with self._storage.transaction():
            del self._codes[code]
            return self._issue(account, row["scope"])

    def _by_refresh(self, account: FreshBooksAccount, token: str) -> Row:
        row = self._refresh.get(token)
        if row is None or row["used"] or row["client_id"] != account.client_id:
            raise _invalid_grant()
        with self._storage.transaction():
            self._refresh[token] = row | {"used": True}
            return self._issue(account, row["scope"])

    def _issue(self, account: FreshBooksAccount, scope: str) -> Row:
        access, refresh = secrets.token_urlsafe(96), secrets.token_hex(32)
        created = int(self._clock.now().timestamp())
        seconds = self._settings.token_seconds
        self._access[access] = _grant(account, scope) | {"created": created, "seconds": seconds}
        self._refresh[refresh] = {**_grant(account, scope), "used": False}
        return {
            "access_token": access,
            "token_type": "Bearer",
            "expires_in": seconds,
            "refresh_token": refresh,
            "scope": scope,
            "created_at": created,
            "direct_buy_tokens": {},
        }

    def _seed(self, account: FreshBooksAccount) -> None:
        scope = " ".join(ALL_SCOPES)
        if account.access_token not in self._access:
            forever = {"created": 0, "seconds": None}
            self._access[account.access_token] = _grant(account, scope) | forever
        if account.refresh_token not in self._refresh:
            self._refresh[account.refresh_token] = {**_grant(account, scope), "used": False}

    def _client(self, form: dict[str, Any]) -> FreshBooksAccount:
        account = self._application(str(form.get("client_id")))
        if not secrets.compare_digest(
            str(form.get("client_secret")).encode(), account.client_secret.encode()
        ):
            raise GrantError("invalid_client", "Client authentication failed.", 401)
        return account

    def _application(self, client_id: str) -> FreshBooksAccount:
        for account in self._settings.accounts:
            if account.client_id == client_id:
                return account
        raise GrantError("invalid_client", "Client authentication failed.", 401)

    def _expired(self, row: Row) -> bool:
        if row["seconds"] is None:
            return False
        return bool(self._clock.now().timestamp() >= row["created"] + row["seconds"])


def _grant(account: FreshBooksAccount, scope: str) -> Row:
    return {
        "client_id": account.client_id,
        "identity_id": account.identity_id,
        "scope": scope,
        "revoked": False,
    }


def _challenge(verifier: str) -> str:
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def _invalid_grant() -> GrantError:
    description = (
        "The provided authorization grant is invalid, expired, revoked, does not match the "
        "redirection URI used in the authorization request, or was issued to another client."
    )
    return GrantError("invalid_grant", description)
