"""Windows sign-in: negotiated, bound to the connection, and never over two calls at once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from pydantic import SecretStr, ValidationError

from connectors.ax.adapter import AxTarget
from connectors.ax.settings import AxSettings
from connectors.errors import Misconfigured, Unauthorized
from documents.key import Kind
from sandbox.ax.signin import SignIn
from tests.connectors.ax_books import PASSWORD, USER, Books, ax_books, key
from tests.connectors.ax_wire import client, created, iis_page


@pytest.fixture
async def books() -> AsyncIterator[Books]:
    async with ax_books() as found:
        yield found


@pytest.mark.parametrize("way", ["negotiate", "ntlm"])
async def test_a_windows_user_signs_in_by_negotiate_or_ntlm(books: Books, way: str) -> None:
    async with books.target(sign_in=way) as ax:
        assert await ax.find_customers(key="FB-C1-1") == []


@pytest.mark.parametrize("account", [("CONTOSO", USER), ("", f"CONTOSO\\{USER}")])
async def test_the_domain_stands_with_the_user_or_by_itself(
    books: Books, account: tuple[str, str]
) -> None:
    domain, user = account
    async with books.target(domain=domain, username=user) as ax:
        assert await ax.find_customers(key="FB-C1-1") == []


async def test_a_connection_signs_in_once_and_serves_later_calls_without_asking(
    books: Books,
) -> None:
    async with books.target(max_concurrency=1) as ax:
        await ax.lookup(key(Kind.INVOICE))
        before = len(await books.requests())
        for _ in range(5):
            await ax.lookup(key(Kind.INVOICE))
        seen = (await books.requests())[before:]
        assert [one["status"] for one in seen] == [200] * 5


async def test_many_calls_at_once_do_not_mix_their_sign_ins(books: Books) -> None:
    async with books.target(max_concurrency=3) as ax:
        await ax.schema()
        found = await asyncio.gather(*(ax.find_customers(key=f"FB-C{n}-1") for n in range(12)))
        assert found == [[]] * 12


async def test_without_a_ticket_kerberos_says_what_is_missing() -> None:
    def challenge(request: httpx.Request) -> httpx.Response:
        response = iis_page(401)
        response.headers["WWW-Authenticate"] = "Negotiate"
        return response

    ax = client(challenge, challenge, sign_in="kerberos", username="", domain="")
    with pytest.raises((Misconfigured, Unauthorized), match=r"Kerberos|ticket|sign-in"):
        await ax.service("Things")


async def test_a_server_that_offers_another_way_only_is_a_refused_user() -> None:
    def challenge(request: httpx.Request) -> httpx.Response:
        response = iis_page(401)
        response.headers["WWW-Authenticate"] = 'Basic realm="x"'
        return response

    asked = client(challenge)
    with pytest.raises(Unauthorized):
        await asked.call("Things", "create", {}, writes=True)


async def test_a_server_that_asks_for_nothing_gets_no_credentials() -> None:
    seen: list[str] = []

    def respond(request: httpx.Request) -> httpx.Response:
        seen.append(request.headers.get("Authorization", ""))
        return created()

    await client(respond).call("Things", "create", {}, writes=True)
    assert seen == [""]


def test_settings_refuse_what_cannot_work() -> None:
    values = {"base_url": "http://ax", "company": "USMF", "secret": SecretStr(PASSWORD)}
    assert AxSettings.model_validate(values).account == ""
    assert AxSettings.model_validate({**values, "username": "a@b.c", "domain": "D"}).account == (
        "a@b.c"
    )
    for wrong in (
        {"sign_in": "ntlm"},
        {"posting": "service"},
        {"company": "TOOLONG"},
        {"base_url": " "},
        {"entities": {"invoice": "purchase"}},
        {"entities": {"invoice": "general_journal"}},
        {"no_such_setting": 1},
    ):
        with pytest.raises(ValidationError):
            AxSettings.model_validate({**values, **wrong})


@pytest.fixture
def refused(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every sign-in that the stand-in refuses, as Active Directory would count it."""
    seen: list[str] = []
    whole = SignIn._step

    def step(self: SignIn, connection: dict[str, Any], scheme: str, token: bytes) -> Any:
        try:
            return whole(self, connection, scheme, token)
        except Exception as error:
            seen.append(type(error).__name__)
            raise

    monkeypatch.setattr(SignIn, "_step", step)
    return seen


async def test_many_calls_at_once_try_a_wrong_password_once(
    books: Books, refused: list[str]
) -> None:
    async with books.target(secret="wrong", max_concurrency=4, sign_in_pause=300.0) as ax:
        looks = (ax.find_customers(key=f"FB-C{n}-1") for n in range(20))
        found = await asyncio.gather(*looks, return_exceptions=True)
        assert {type(one) for one in found} == {Unauthorized}
        with pytest.raises(Unauthorized, match="not tried again yet"):
            await ax.check()
    assert len(refused) == 1


async def test_a_new_password_is_used_at_once_and_without_a_restart(
    books: Books, refused: list[str]
) -> None:
    vault = ["wrong"]

    async def secret() -> str:
        return vault[0]

    settings = books.settings(sign_in_pause=300.0)
    async with AxTarget(settings, secret=secret) as ax:
        with pytest.raises(Unauthorized):
            await ax.find_customers(key="FB-C1-1")
        vault[0] = PASSWORD
        assert await ax.find_customers(key="FB-C1-1") == []
    assert len(refused) == 1


async def test_the_check_refuses_a_wrong_password_instead_of_listing_it(books: Books) -> None:
    async with books.target(secret="wrong") as ax:
        with pytest.raises(Unauthorized):
            await ax.check()
