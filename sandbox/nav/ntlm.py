"""Who is calling, by NTLM: a handshake that signs in a connection, not a request."""

from __future__ import annotations

import base64
import binascii
import os
import struct
import tempfile
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import spnego
from spnego.exceptions import SpnegoError
from starlette.requests import Request

from sandbox.nav.calls import Companies

_ACCOUNTS = "NTLM_USER_FILE"
_MOST_CONNECTIONS = 1000

_Connection = tuple[str, int]


@dataclass
class _Handshake:
    """Where one connection stands; `reply` is what the next challenge must carry."""

    context: spnego.ContextProxy = field(default_factory=lambda: spnego.server(protocol="ntlm"))
    reply: str = ""
    user: str | None = None


class NtlmAuthenticator:
    """Three messages over one connection (credential type Windows).

    A user is named as in the settings, with or without a domain before a backslash. The NTLM
    library reads accounts from a file in which a colon separates fields; therefore a password with
    a colon raises ValueError.
    """

    def __init__(self, companies: Companies) -> None:
        self._lines = [_line(user, password) for user, password in companies.accounts().items()]
        self._users = {user.lower(): user for user in companies.accounts()}
        self._connections: OrderedDict[_Connection, _Handshake] = OrderedDict()

    def user(self, request: Request) -> str | None:
        """The user of the connection, once its handshake is complete."""
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme.upper() in ("NTLM", "NEGOTIATE"):
            self._step(_connection(request), token)
        known = self._connections.get(_connection(request))
        return None if known is None else known.user

    def challenge(self, request: Request) -> str:
        """The offer of NTLM, or the answer to the first message."""
        known = self._connections.get(_connection(request))
        return f"NTLM {known.reply}" if known is not None and known.reply else "NTLM"

    def _step(self, connection: _Connection, token: str) -> None:
        try:
            message = base64.b64decode(token, validate=True)
        except binascii.Error:
            self._connections.pop(connection, None)
            return
        try:
            with self._accounts():
                self._advance(self._present(connection), message)
        except (SpnegoError, ValueError, LookupError, ArithmeticError, struct.error):
            self._connections.pop(connection, None)

    def _present(self, connection: _Connection) -> _Handshake:
        """The handshake under way, or a new one."""
        known = self._connections.get(connection)
        if known is None or not known.reply:
            known = self._begin(connection)
        return known

    def _begin(self, connection: _Connection) -> _Handshake:
        self._connections[connection] = _Handshake()
        while len(self._connections) > _MOST_CONNECTIONS:
            self._connections.popitem(last=False)
        return self._connections[connection]

    def _advance(self, handshake: _Handshake, message: bytes) -> None:
        answer = handshake.context.step(message)
        handshake.reply = base64.b64encode(answer or b"").decode()
        if handshake.context.complete:
            principal = str(handshake.context.client_principal).lower()
            handshake.user = self._users.get(principal.removeprefix("\\"))

    @contextmanager
    def _accounts(self) -> Iterator[None]:
        """Let the library read our accounts, and nobody else's, for the time of one step."""
        before = os.environ.get(_ACCOUNTS)
        with tempfile.TemporaryDirectory() as folder:
            accounts = Path(folder, "accounts")
            accounts.touch(mode=0o600)
            accounts.write_text("\n".join(self._lines))
            os.environ[_ACCOUNTS] = str(accounts)
            try:
                yield
            finally:
                if before is None:
                    del os.environ[_ACCOUNTS]
                else:
                    os.environ[_ACCOUNTS] = before


def _line(user: str, password: str) -> str:
    domain, _, name = user.rpartition("\\")
    if ":" in password or ":" in user:
        raise ValueError(f"NTLM: the name or password of {user} has a colon")
    return f"{domain}:{name}:{password}"


def _connection(request: Request) -> _Connection:
    return (request.client.host, request.client.port) if request.client else ("", 0)
