"""Sign-in by an OpenID Connect provider: its access or ID tokens, verified with its own keys."""

from __future__ import annotations

import asyncio
import hashlib
import json
import math
import time
from collections.abc import Callable, Mapping
from typing import Any, Protocol
from urllib.parse import urlsplit

from connectors.errors import ConnectorError
from connectors.transport import Transport
from store.persons import Person
from workers.access.callers import Caller, Role, Unauthenticated
from workers.access.jwt import BadToken, PublicKey, SignedToken, public_keys
from workers.access.signin import SignInSettings

KEYS_SECONDS = 3600.0
"""Keys are read again after this time, so that a withdrawn one is not trusted for ever."""
RELOAD_SECONDS = 30.0
"""Tokens with unknown keys make us ask the provider at most this often."""
LEEWAY_SECONDS = 60.0
"""How far clocks may be apart."""
_MOST_BYTES = 1024 * 1024
_PATIENCE_SECONDS = 5.0

_NEVER = float("-inf")

UNBOUND = "sub:"
"""Begins the name of an account that is bound to nobody; no name that people are given does."""


class ProviderAway(Exception):
    """The provider's keys cannot be read now."""


class BoundAccounts(Protocol):
    """What is needed of our store."""

    async def of_subject(self, subject: str) -> Person | None:
        """Whom an account is bound to."""
        ...


def account_of(issuer: str, subject: str) -> str:
    """A provider's account as our store knows it: a digest that names nobody."""
    return hashlib.sha256(f"{issuer} {subject}".encode()).hexdigest()


class OpenIdProvider:
    """An authority for callers with a token of one issuer."""

    def __init__(
        self,
        settings: SignInSettings,
        persons: BoundAccounts,
        *,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._settings = settings
        self._persons = persons
        self._clock = clock
        self._now = now
        self._keys: Mapping[str, PublicKey] = {}
        self._read_at = _NEVER
        self._turn = asyncio.Lock()

    async def caller(self, token: str) -> Caller | None:
        """Who signed in; None for what is no token of this kind.

        Raises Unauthenticated for one that is not valid or gives no role here, ProviderAway.
        """
        if token.count(".") != 2:
            return None
        try:
            read = SignedToken.read(token)
            read.verify(await self._key(read.key_id))
            self._check(read.claims)
            return await self._caller(read.claims)
        except BadToken as error:
            raise Unauthenticated(f"this token is not valid: {error}") from error

    def _check(self, claims: Mapping[str, Any]) -> None:
        audience = claims.get("aud")
        audiences = audience if isinstance(audience, list) else [audience]
        now = self._now()
        if claims.get("iss") != self._settings.issuer:
            raise BadToken("another issuer made it")
        if self._settings.audience not in audiences:
            raise BadToken("it is not for us")
        if _moment(claims, "exp", _NEVER) <= now - LEEWAY_SECONDS:
            raise BadToken("it has expired")
        if _moment(claims, "nbf", now) > now + LEEWAY_SECONDS:
            raise BadToken("it is not valid yet")

    async def _caller(self, claims: Mapping[str, Any]) -> Caller:
        """Who the subject is to us. Other claims that name somebody are not unique, or can be
        changed (OpenID Connect Core 5.7), and who decides must not be who approves."""
        subject = claims.get("sub")
        if not isinstance(subject, str) or not subject.isprintable() or not subject:
            raise BadToken("it names nobody")
        role = self._role(claims.get(self._settings.role_claim))
        account = account_of(self._settings.issuer, subject)
        person = await self._persons.of_subject(account)
        if person is None:
            return Caller(account[:12], f"{UNBOUND}{subject}", role)
        if person.revoked_at is not None:
            raise BadToken("access was taken away")
        return Caller(person.person_id, person.name, role)

    def _role(self, claim: object) -> Role:
        """The highest of the roles it gives."""
        values = claim if isinstance(claim, list) else [claim]
        given = {
            role for value in values for role in Role if value in self._settings.names_of(role)
        }
        for role in reversed(Role):
            if role in given:
                return role
        raise BadToken("it gives no role here")

    async def _key(self, key_id: str) -> PublicKey:
        if key_id not in self._keys or self._age() >= KEYS_SECONDS:
            await self._reload(key_id)
        if key_id not in self._keys:
            raise BadToken("its key is not one of the provider's")
        return self._keys[key_id]

    async def _reload(self, key_id: str) -> None:
        async with self._turn:
            age = self._age()
            if age < RELOAD_SECONDS or (age < KEYS_SECONDS and key_id in self._keys):
                return
            try:
                self._keys = public_keys(await self._key_set())
            except (ConnectorError, BadToken, ValueError) as error:
                raise ProviderAway("the sign-in provider's keys cannot be read") from error
            self._read_at = self._clock()

    async def _key_set(self) -> Mapping[str, Any]:
        issuer = self._settings.issuer
        found = await self._get(f"{issuer.rstrip('/')}/.well-known/openid-configuration")
        where = found.get("jwks_uri")
        # OpenID Connect Discovery 4.3: otherwise another issuer's keys would be taken for its own.
        if found.get("issuer") != issuer or not isinstance(where, str):
            raise ValueError("the discovery document is another issuer's")
        if urlsplit(issuer).scheme != urlsplit(where).scheme:
            raise ValueError("the keys are not where they are safe")
        return await self._get(where)

    async def _get(self, url: str) -> Mapping[str, Any]:
        async with Transport(
            "sign-in",
            url,
            timeout=_PATIENCE_SECONDS,
            max_response_bytes=_MOST_BYTES,
            network=self._settings.network,
        ) as transport:
            response = await transport.send("GET", url, operation="read the provider's keys")
        if response.status_code != 200:
            raise ValueError(f"the provider answers {response.status_code}")
        try:
            content = json.loads(response.content)
        except RecursionError as error:
            raise ValueError("the provider answers nonsense") from error
        if not isinstance(content, dict):
            raise ValueError("the provider answers something else")
        return content

    def _age(self) -> float:
        return self._clock() - self._read_at


def _moment(claims: Mapping[str, Any], name: str, default: float) -> float:
    value = claims.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int | float) or math.isnan(value):
        raise BadToken(f"its {name} is not a time")
    return float(value)
