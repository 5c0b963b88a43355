"""The NAV stand-in of a site that signs in with Windows accounts."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest
from httpx_ntlm import HttpNtlmAuth

from sandbox.clock import Clock
from sandbox.nav import NavProfile, build
from sandbox.settings import NavCompany, NavSettings
from sandbox.storage import Storage
from sandbox.wire import Listener

NTLM = NavProfile(authentication="ntlm")
USER = "CRONUS\\Tieout"


def settings(password: str) -> NavSettings:
    company = NavCompany(connection="a", name="CRONUS", username=USER, password=password)
    return NavSettings(companies=[company])


@pytest.fixture
async def base() -> AsyncIterator[str]:
    system = build(settings("s3cret"), Storage(None), Clock(), NTLM)
    listener = Listener(system.app)
    port = await listener.start(0)
    yield f"http://127.0.0.1:{port}/DynamicsNAV110/ODataV4"
    await listener.stop()


async def test_windows_credentials_sign_in_a_connection(base: str) -> None:
    async with httpx.AsyncClient(auth=HttpNtlmAuth(USER, "s3cret"), trust_env=False) as http:
        made = await http.post(f"{base}/Customer", json={"Name": "Acme"})
        assert made.status_code == 201
        read = await http.get(f"{base}/Company('CRONUS')/Customer")
        assert [row["Name"] for row in read.json()["value"]] == ["Acme"]


@pytest.mark.parametrize(
    "auth",
    [HttpNtlmAuth(USER, "wrong"), HttpNtlmAuth("CRONUS\\Nobody", "s3cret"), (USER, "s3cret")],
)
async def test_others_are_refused_with_an_offer_of_ntlm(
    base: str, auth: httpx.Auth | tuple[str, str]
) -> None:
    async with httpx.AsyncClient(auth=auth, trust_env=False) as http:
        response = await http.get(f"{base}/Customer")
        assert response.status_code == 401
        assert response.headers["WWW-Authenticate"].startswith("NTLM")


@pytest.mark.parametrize(
    "token", ["AA==", "!", "AAAA", "TlRMTVNTUAABAAAA", "TlRMTVNTUAADAAAAAQABAAEAAQABAAEA"]
)
async def test_a_broken_message_is_refused(base: str, token: str) -> None:
    async with httpx.AsyncClient(trust_env=False) as http:
        headers = {"Authorization": f"NTLM {token}"}
        assert (await http.get(f"{base}/Customer", headers=headers)).status_code == 401


def test_a_password_with_a_colon_cannot_be_used() -> None:
    with pytest.raises(ValueError, match="has a colon"):
        build(settings("a:b"), Storage(None), Clock(), NTLM)
