"""How requests to NAV are signed."""

from __future__ import annotations

from collections.abc import Generator

import httpx
from httpx_ntlm import HttpNtlmAuth

from connectors.nav.settings import NavSettings, SignIn


def sign_in(settings: NavSettings) -> httpx.Auth:
    """Basic with the web service access key, or NTLM with Windows credentials."""
    secret = settings.secret.get_secret_value()
    if settings.sign_in is SignIn.NTLM:
        return NtlmAuth(settings.username, secret)
    return httpx.BasicAuth(settings.username, secret)


class NtlmAuth(httpx.Auth):
    """NTLM in three messages over one connection; `username` is `DOMAIN\\user`.

    The library breaks on an answer without the header it looks for (a server that does not
    offer NTLM, a 503 between two messages); such an answer is returned as it came.
    """

    def __init__(self, username: str, password: str) -> None:
        self._ntlm = HttpNtlmAuth(username, password)

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Sign in when the server asks for it, at most once."""
        flow = self._ntlm.auth_flow(request)
        try:
            response = yield next(flow)
            while _continues(response):
                response = yield flow.send(response)
        except StopIteration:
            return


def _continues(response: httpx.Response) -> bool:
    offered = response.headers.get("WWW-Authenticate", "").lower()
    return response.status_code == httpx.codes.UNAUTHORIZED and (
        "ntlm" in offered or "negotiate" in offered
    )
