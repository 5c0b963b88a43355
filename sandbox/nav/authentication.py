"""Who is calling, by HTTP Basic with a password or web service key."""

from __future__ import annotations

import base64
import binascii
from typing import Protocol

from starlette.requests import Request

from sandbox.nav.calls import Companies


class Authenticator(Protocol):
    """Finds the user of a request."""

    def user(self, request: Request) -> str | None:
        """The user, or None while the caller has not proved who it is."""
        ...

    def challenge(self, request: Request) -> str:
        """The WWW-Authenticate header for a caller that must prove who it is."""
        ...


class BasicAuthenticator:
    """User name and password in every request (credential type NavUserPassword)."""

    def __init__(self, companies: Companies) -> None:
        self._companies = companies

    def user(self, request: Request) -> str | None:
        """The user, if the credentials are right."""
        scheme, _, encoded = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "basic":
            return None
        try:
            name, _, password = base64.b64decode(encoded, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            return None
        return name if self._companies.verify(name, password) else None

    def challenge(self, request: Request) -> str:
        """A plain challenge for Basic."""
        return 'Basic realm=""'
