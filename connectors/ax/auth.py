"""How requests to AX are signed: the Windows user, by Kerberos or NTLM.

IIS asks with `WWW-Authenticate: Negotiate` and `NTLM`. NTLM signs in the connection, not the
request: the legs of one sign-in must travel over one connection, and later requests over it
need none. Callers therefore let one request at a time use a connection.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import dataclass
from importlib import import_module

import httpx
import spnego
from spnego.exceptions import SpnegoError

from connectors.ax.errors import SYSTEM, failure
from connectors.ax.faults import other_answer
from connectors.ax.settings import AxSettings, SignIn
from connectors.errors import ConnectorError, Misconfigured, Unauthorized, Unavailable

_OPERATION = "sign in"
_MAX_LEGS = 4
_SCHEMES = {
    SignIn.NEGOTIATE: ("negotiate", "ntlm"),
    SignIn.KERBEROS: ("negotiate", "kerberos"),
    SignIn.NTLM: ("ntlm", "negotiate"),
}
"""Schemes of the challenge that a way of signing in can answer, the preferred one first."""

_CENTRE_SAYS = {
    -1765328378: "the account is not known to the Kerberos server (KDC)",
    -1765328366: "the account is disabled or locked",
    -1765328361: "the password has expired",
    -1765328360: "the password is wrong",
    -1765328353: "the password is wrong",
    -1765328230: "krb5.conf names no Kerberos server (KDC) of the realm",
}
_NO_CENTRE = (-1765328228,)
"""Codes of Kerberos (RFC 4120, as MIT's library numbers them)."""

Secret = Callable[[], Awaitable[str]]
"""Where the password stands now; people may have changed it since the start."""


@dataclass(frozen=True)
class _Refusal:
    since: float
    secret: str | None
    message: str


class WindowsAuth(httpx.Auth):
    """Negotiates with IIS when it asks, at most once per request and one request at a time.

    A password that was refused is not tried again for a while, unless it is another one now:
    Active Directory counts the failures and locks the account. Whoever asks meanwhile is told so
    (Unauthorized), also who asked before the refusal was known.

    With a ticket and no username, the ticket is used. The answer that refuses a sign-in is
    returned as it came; Misconfigured when Kerberos is wanted and its library is not there,
    Unauthorized when no ticket or password can answer the challenge, Unavailable when nobody gives
    tickets.
    """

    def __init__(self, settings: AxSettings, secret: Secret | None = None) -> None:
        self._asks = secret
        self._pause = settings.sign_in_pause
        self._refusal: _Refusal | None = None
        self._signing_in = asyncio.Lock()
        self._way = settings.sign_in
        self._user = settings.account or None
        self._secret = settings.secret.get_secret_value() or None

    async def async_auth_flow(
        self, request: httpx.Request
    ) -> AsyncGenerator[httpx.Request, httpx.Response]:
        """Send the request; answer a challenge leg by leg on the same connection."""
        response = yield request
        scheme = self._scheme(response)
        if scheme is None:
            return
        async with self._signing_in:
            await self._refresh()
            try:
                # Kerberos asks its server over the network, and the library waits for the answer.
                context = await asyncio.to_thread(self._context, request.url.host, scheme)
                token = await asyncio.to_thread(_step, context, None)
                for _ in range(_MAX_LEGS):
                    if not token:
                        break
                    encoded = base64.b64encode(token).decode()
                    request.headers["Authorization"] = f"{scheme.title()} {encoded}"
                    response = yield request
                    asked = _token(response, scheme)
                    if response.status_code != httpx.codes.UNAUTHORIZED or asked is None:
                        break
                    token = await asyncio.to_thread(_step, context, asked)
            except Unauthorized as error:
                self._remember(error.message)
                raise
            await self._learn(response)

    async def _refresh(self) -> None:
        """The password as it is now; Unauthorized while one that was refused is not to be tried
        again."""
        if self._asks is not None:
            self._secret = await self._asks() or None
        known = self._refusal
        if known is None or known.secret != self._secret:
            return
        if time.monotonic() - known.since < self._pause:
            message = f"{known.message} (not tried again yet)"
            raise Unauthorized(SYSTEM, _OPERATION, message, status=httpx.codes.UNAUTHORIZED)

    async def _learn(self, response: httpx.Response) -> None:
        if response.status_code != httpx.codes.UNAUTHORIZED:
            self._refusal = None
            return
        await response.aread()
        error = failure(_OPERATION, other_answer(response), writes=False, settle=0)
        self._remember(error.message)

    def _remember(self, message: str) -> None:
        self._refusal = _Refusal(time.monotonic(), self._secret, message)

    def _scheme(self, response: httpx.Response) -> str | None:
        if response.status_code != httpx.codes.UNAUTHORIZED:
            return None
        offered = {name for name, _ in _challenges(response)}
        return next((name for name in _SCHEMES[self._way] if name in offered), None)

    def _context(self, host: str, scheme: str) -> spnego.ContextProxy:
        protocol = "ntlm" if scheme == "ntlm" else self._way.value
        try:
            return spnego.client(
                self._user, self._secret, hostname=host, service="HTTP", protocol=protocol
            )
        except ImportError as error:
            # gssapi is not a dependency: most sites sign in by password.
            raise Misconfigured(
                SYSTEM, _OPERATION, "Kerberos needs the Python package gssapi on this machine"
            ) from error
        except (SpnegoError, ValueError) as error:
            raise Unauthorized(
                SYSTEM, _OPERATION, "there is neither a ticket nor a password to sign in with"
            ) from error
        except _refusals_of_kerberos() as error:
            raise _refused(getattr(error, "err_code", 0)) from error


def _refusals_of_kerberos() -> tuple[type[Exception], ...]:
    """What asking for a ticket with a password raises, where the library is there at all."""
    try:
        return (import_module("krb5").Krb5Error,)
    except ImportError:
        return ()


def _refused(code: int) -> ConnectorError:
    if code in _NO_CENTRE:
        return Unavailable(SYSTEM, _OPERATION, "no Kerberos server (KDC) of the realm answers")
    why = _CENTRE_SAYS.get(code, "the Kerberos server (KDC) gives no ticket")
    return Unauthorized(SYSTEM, _OPERATION, f"{why} (Kerberos error {code})")


def _step(context: spnego.ContextProxy, token: bytes | None) -> bytes | None:
    try:
        return context.step(token)
    except SpnegoError as error:
        # The library's text may name the account.
        raise Unauthorized(
            SYSTEM, _OPERATION, f"the sign-in failed: {type(error).__name__}"
        ) from error


def _challenges(response: httpx.Response) -> list[tuple[str, str]]:
    """Scheme and parameter of every challenge; each scheme comes in a header of its own, or
    several in one, separated by commas."""
    found = []
    for header in response.headers.get_list("WWW-Authenticate", split_commas=True):
        name, _, parameter = header.strip().partition(" ")
        found.append((name.lower(), parameter.strip()))
    return found


def _token(response: httpx.Response, scheme: str) -> bytes | None:
    for name, parameter in _challenges(response):
        if name == scheme and parameter:
            try:
                return base64.b64decode(parameter, validate=True)
            except binascii.Error:
                return None
    return None
