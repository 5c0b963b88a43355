"""Windows sign-in as IIS does it: Negotiate or NTLM in three messages, bound to the connection.

Once a connection is signed in, its later requests carry no Authorization header. Kerberos is there
where the library gssapi and a keytab (KRB5_KTNAME) are; elsewhere a Negotiate token that prefers it
is talked down to NTLM. Basic is refused.
"""

from __future__ import annotations

import base64
import os
import struct
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import spnego
from spnego.exceptions import SpnegoError
from starlette.requests import Request
from starlette.responses import Response

from sandbox.ax.pages import EXPIRED, NOT_SIGNED_IN, REFUSED, page
from sandbox.settings import AxCompany
from sandbox.wire import CONNECTION

_SCHEMES = {"ntlm": "ntlm", "negotiate": "negotiate"}
_STORE = "NTLM_USER_FILE"
_UNREADABLE = (SpnegoError, ValueError, LookupError, ArithmeticError, struct.error, TypeError)
_CONTEXT, _USER = "ax.context", "ax.user"


@dataclass(frozen=True)
class User:
    """Who calls: an Active Directory account that is a user of AX."""

    name: str
    company: AxCompany


class SignIn:
    """Finds the user of a request, or answers what a browser would see."""

    def __init__(self, companies: Sequence[AxCompany]) -> None:
        names = [(name, one) for one in companies for name in (_account(one), _principal(one))]
        self._users = {name.lower(): one for name, one in names}
        self._lines = [f"{one.domain}:{one.username}:{one.password}\n" for one in companies]

    def user(self, request: Request) -> User | Response:
        """The user of a request, or the answer that asks for the next message."""
        connection: dict[str, Any] = request.scope["extensions"][CONNECTION]
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if not scheme:
            known = connection.get(_USER)
            return known if isinstance(known, User) else _challenge(NOT_SIGNED_IN)
        if scheme.lower() not in _SCHEMES:
            return _challenge(NOT_SIGNED_IN)
        try:
            return self._step(connection, scheme, base64.b64decode(token, validate=True))
        except _UNREADABLE:
            connection.clear()
            return _challenge(REFUSED)

    def _step(self, connection: dict[str, Any], scheme: str, token: bytes) -> User | Response:
        connection.pop(_USER, None)
        with self._store():
            context = connection.get(_CONTEXT)
            if context is None or _is_first(token):
                context = spnego.server(protocol=_SCHEMES[scheme.lower()])
                connection[_CONTEXT] = context
            answer = context.step(token)
        if not context.complete:
            return _challenge(NOT_SIGNED_IN, scheme, answer or b"")
        connection.pop(_CONTEXT)
        name = str(context.client_principal or "")
        company = self._users.get(name.lower())
        if company is None:
            return _challenge(REFUSED)
        if company.password_expired:
            return _challenge(EXPIRED)
        user = User(name, company)
        connection[_USER] = user
        return user

    @contextmanager
    def _store(self) -> Iterator[None]:
        # The library finds accounts through a file named in the environment of the process.
        # Nothing awaits in between, so that nobody else sees it.
        before = os.environ.get(_STORE)
        descriptor, name = tempfile.mkstemp(prefix="ax-users-")
        with os.fdopen(descriptor, "w") as file:
            file.writelines(self._lines)
        os.environ[_STORE] = name
        try:
            yield
        finally:
            Path(name).unlink()
            if before is None:
                del os.environ[_STORE]
            else:
                os.environ[_STORE] = before


def _account(company: AxCompany) -> str:
    return f"{company.domain}\\{company.username}" if company.domain else company.username


def _principal(company: AxCompany) -> str:
    """The account as Kerberos names it: the realm is called as the domain."""
    return f"{company.username}@{company.domain}"


def _is_first(token: bytes) -> bool:
    """Whether a message begins an exchange: NTLM's first, or SPNEGO's initial token."""
    return token.startswith(b"NTLMSSP\x00\x01") or token[:1] == b"\x60"


def _challenge(reason: str, scheme: str = "", token: bytes = b"") -> Response:
    response = page(401, reason)
    if token:
        answer = base64.b64encode(token).decode("ascii")
        response.headers["WWW-Authenticate"] = f"{scheme} {answer}"
        return response
    response.headers.append("WWW-Authenticate", "Negotiate")
    response.headers.append("WWW-Authenticate", "NTLM")
    return response
