"""Signing in to NAV with Windows credentials or an access key."""

from __future__ import annotations

import base64
from pathlib import Path

import httpx
import pytest
import spnego
from pydantic import SecretStr

from connectors.errors import Unauthorized, Unavailable
from connectors.nav.adapter import NavTarget
from connectors.nav.settings import NavSettings, SignIn


class _WindowsServer:
    """A server that signs in by NTLM as a Windows host does, then answers 503."""

    def __init__(self, *, offers: str = "NTLM") -> None:
        self._context = spnego.server(protocol="ntlm")
        self._offers = offers
        self.signed_in = ""
        self.messages = 0

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.messages += 1
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme != "NTLM":
            return self._refuse(self._offers)
        try:
            answer = self._context.step(base64.b64decode(token))
        except spnego.exceptions.SpnegoError:
            return self._refuse("NTLM")
        if not self._context.complete:
            return self._refuse(f"NTLM {base64.b64encode(answer or b'').decode()}")
        self.signed_in = str(self._context.client_principal)
        return httpx.Response(503)

    def _refuse(self, offer: str) -> httpx.Response:
        headers = {"WWW-Authenticate": offer} if offer else {}
        return httpx.Response(401, headers=headers)


@pytest.fixture
def domain(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Windows accounts, as the server side of the NTLM library reads them."""
    accounts = tmp_path / "accounts"
    accounts.write_text("CRONUS:tieout:s3cret\n")
    monkeypatch.setenv("NTLM_USER_FILE", str(accounts))


def _settings(password: str = "s3cret", sign_in: SignIn = SignIn.NTLM) -> NavSettings:
    return NavSettings(
        base_url="http://nav.test",
        instance="NAV",
        company="CRONUS",
        username="CRONUS\\tieout",
        secret=SecretStr(password),
        sign_in=sign_in,
    )


async def _read(server: _WindowsServer, settings: NavSettings) -> None:
    async with NavTarget(settings, transport=httpx.MockTransport(server)) as target:
        await target.schema()


@pytest.mark.usefixtures("domain")
async def test_windows_credentials_sign_in_by_three_messages() -> None:
    server = _WindowsServer()
    with pytest.raises(Unavailable, match="503"):
        await _read(server, _settings())
    assert server.signed_in == "CRONUS\\tieout"
    assert server.messages == 3


@pytest.mark.usefixtures("domain")
async def test_a_wrong_password_is_unauthorized() -> None:
    server = _WindowsServer()
    with pytest.raises(Unauthorized):
        await _read(server, _settings(password="wrong"))
    assert server.signed_in == ""


@pytest.mark.usefixtures("domain")
@pytest.mark.parametrize("offers", ["", "Basic realm=nav"])
async def test_a_server_that_does_not_offer_ntlm_is_unauthorized(offers: str) -> None:
    with pytest.raises(Unauthorized):
        await _read(_WindowsServer(offers=offers), _settings())


@pytest.mark.usefixtures("domain")
async def test_an_access_key_is_sent_by_basic_only() -> None:
    server = _WindowsServer()
    with pytest.raises(Unauthorized):
        await _read(server, _settings(sign_in=SignIn.BASIC))
    assert server.messages == 1
