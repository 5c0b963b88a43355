"""Refresh tokens are used once, by one worker, and stored before anybody uses what they gave."""

from __future__ import annotations

import asyncio
from contextlib import AbstractAsyncContextManager
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from connectors.errors import Misconfigured, Throttled, Unauthorized, Unavailable
from connectors.freshbooks.auth import FreshBooksAuth
from connectors.freshbooks.tokens import TokenSet
from connectors.transport import Transport
from tests.connectors.freshbooks_house import LIFE_OF_A_TOKEN as LIFE
from tests.connectors.freshbooks_house import NOW, MemoryVault, TokenServer


class CountingVault(MemoryVault):
    """Counts how often its lock was asked for."""

    locked = 0

    def lock(self) -> AbstractAsyncContextManager[None]:
        self.locked += 1
        return super().lock()


def tokens(created_at: int = NOW - LIFE, access: str = "a0", refresh: str = "r0") -> TokenSet:
    return TokenSet(access, refresh, created_at, LIFE)


def worker(vault: MemoryVault, server: TokenServer, now: float = NOW) -> FreshBooksAuth:
    transport = Transport("freshbooks", "https://api.example.test", transport=server)
    return FreshBooksAuth(
        "app", "s3cret", "https://tieout.example.test/callback", vault, transport, now=lambda: now
    )


async def test_a_token_with_more_than_a_minute_to_live_is_used_as_it_is() -> None:
    vault, server = MemoryVault(tokens(created_at=NOW - LIFE + 61)), TokenServer()
    assert await worker(vault, server).token() == "a0"
    assert server.forms == []


async def test_a_token_about_to_end_is_refreshed_with_the_redirect_uri() -> None:
    vault, server = MemoryVault(tokens(created_at=NOW - LIFE + 60)), TokenServer()
    assert await worker(vault, server).token() == "a1"
    assert server.forms == [
        {
            "client_id": "app",
            "client_secret": "s3cret",
            "redirect_uri": "https://tieout.example.test/callback",
            "grant_type": "refresh_token",
            "refresh_token": "r0",
        }
    ]
    assert vault.tokens == TokenSet("a1", "r1", NOW, LIFE)
    assert vault.mark == ""


async def test_the_expiry_counts_from_the_creation_that_the_answer_names() -> None:
    # Seen live: a refresh that returned the original created_at with nearly its full life.
    assert TokenSet("a", "r", created_at=NOW - 100, expires_in=43_199).expires_at == NOW + 43_099


async def test_two_workers_with_an_expired_token_make_exactly_one_refresh() -> None:
    vault, server = MemoryVault(tokens()), TokenServer()
    first, second = worker(vault, server), worker(vault, server)
    found = await asyncio.gather(*(w.token() for w in (first, second) for _ in range(5)))
    assert set(found) == {"a1"}
    assert len(server.forms) == 1
    assert vault.saves == 1


async def test_everybody_in_one_worker_waits_for_one_renewal() -> None:
    """Were it one each, as many would queue for the lock of all workers."""
    vault, server = CountingVault(tokens()), TokenServer()
    auth = worker(vault, server)
    assert set(await asyncio.gather(*(auth.token() for _ in range(5)))) == {"a1"}
    assert vault.locked == 1


async def test_a_refused_token_is_replaced_once_for_all_who_were_refused() -> None:
    vault, server = MemoryVault(tokens(created_at=NOW)), TokenServer()
    first, second = worker(vault, server), worker(vault, server)
    assert [await first.token(), await second.token()] == ["a0", "a0"]
    for auth in (first, second, first):
        auth.invalidate("a0")
    assert set(await asyncio.gather(first.token(), second.token(), first.token())) == {"a1"}
    assert len(server.forms) == 1


async def test_a_late_complaint_about_an_old_token_does_not_spend_the_new_one() -> None:
    vault, server = MemoryVault(tokens(created_at=NOW)), TokenServer()
    auth = worker(vault, server)
    await auth.token()
    auth.invalidate("a0")
    assert await auth.token() == "a1"
    auth.invalidate("a0")
    assert await auth.token() == "a1"
    assert len(server.forms) == 1


async def test_new_tokens_are_stored_before_anybody_gets_them() -> None:
    vault, server = MemoryVault(tokens(), fail_saves=1), TokenServer()
    auth = worker(vault, server)
    with pytest.raises(OSError, match="away"):
        await auth.token()
    assert vault.mark == "r0"
    assert await auth.token() == "a1"
    assert vault.tokens == TokenSet("a1", "r1", NOW, LIFE)
    assert len(server.forms) == 1


async def test_tokens_that_could_not_be_stored_never_replace_those_of_a_later_consent() -> None:
    vault, server = MemoryVault(tokens(), fail_saves=1), TokenServer()
    auth = worker(vault, server)
    with pytest.raises(OSError, match="away"):
        await auth.token()
    vault.tokens = TokenSet("consented", "rc", NOW, LIFE)
    assert await auth.token() == "consented"
    assert vault.tokens.refresh_token == "rc"


async def test_a_cancelled_caller_does_not_lose_the_tokens() -> None:
    vault, server = MemoryVault(tokens()), TokenServer()
    server.wait = asyncio.Event()
    auth = worker(vault, server)
    caller = asyncio.create_task(auth.token())
    await server.asked.wait()
    caller.cancel()
    with pytest.raises(asyncio.CancelledError):
        await caller
    server.wait.set()
    await auth.aclose()
    assert vault.tokens == TokenSet("a1", "r1", NOW, LIFE)
    assert await auth.token() == "a1"


async def test_a_refresh_that_certainly_did_not_happen_leaves_no_mark() -> None:
    vault, server = MemoryVault(tokens()), TokenServer()
    server.answers = [
        httpx.ConnectError("refused"),
        httpx.Response(429, headers={"Retry-After": "9"}),
    ]
    auth = worker(vault, server)
    with pytest.raises(Unavailable):
        await auth.token()
    assert vault.mark == ""
    with pytest.raises(Throttled) as throttled:
        await auth.token()
    assert (throttled.value.retry_after, vault.mark) == (9.0, "")
    assert await auth.token() == "a1"


@pytest.mark.parametrize(
    "lost",
    [httpx.ReadTimeout("lost"), httpx.Response(502), httpx.Response(200, json={"access_token": 1})],
)
async def test_a_lost_answer_before_the_rotation_is_healed_by_trying_again(
    lost: httpx.Response | Exception,
) -> None:
    vault, server = MemoryVault(tokens()), TokenServer()
    server.answers = [lost]
    with pytest.raises(Unavailable, match="answer was lost"):
        await worker(vault, server).token()
    assert vault.mark == "r0"
    assert await worker(vault, server).token() == "a1"
    assert vault.mark == ""


async def test_a_lost_answer_after_the_rotation_asks_for_consent() -> None:
    vault, server = MemoryVault(tokens()), TokenServer()
    server.answers, server.rotate_before_answer = [httpx.ReadError("lost")], True
    with pytest.raises(Unavailable, match="answer was lost"):
        await worker(vault, server).token()
    auth = worker(vault, server)
    with pytest.raises(Unauthorized, match=r"interrupted.*tieout connect freshbooks"):
        await auth.token()
    assert len(server.forms) == 2
    with pytest.raises(Unauthorized, match="tieout connect freshbooks"):
        await auth.token()
    assert len(server.forms) == 2, "a refused refresh token is not sent again and again"


async def test_a_failure_while_in_doubt_keeps_the_doubt() -> None:
    vault, server = MemoryVault(tokens(), mark="r0"), TokenServer()
    server.answers = [httpx.ConnectError("refused")]
    with pytest.raises(Unavailable):
        await worker(vault, server).token()
    assert vault.mark == "r0"


async def test_after_a_new_consent_the_same_worker_goes_on() -> None:
    vault, server = MemoryVault(tokens(refresh="dead")), TokenServer()
    auth = worker(vault, server)
    with pytest.raises(Unauthorized):
        await auth.token()
    vault.tokens = TokenSet("consented", "rc", NOW, LIFE)
    assert await auth.token() == "consented"


async def test_without_any_tokens_consent_is_asked_for() -> None:
    with pytest.raises(Unauthorized, match="tieout connect freshbooks"):
        await worker(MemoryVault(), TokenServer()).token()


async def test_a_wrong_application_secret_is_a_wrong_set_up() -> None:
    vault, server = MemoryVault(tokens()), TokenServer()
    server.answers = [httpx.Response(401, json={"error": "invalid_client"})]
    with pytest.raises(Misconfigured, match="client secret"):
        await worker(vault, server).token()
    assert vault.mark == ""


async def test_a_consent_becomes_stored_tokens() -> None:
    vault, server = MemoryVault(), TokenServer()
    auth = worker(vault, server)
    given = await auth.exchange_code("c0de")
    assert (given, await auth.token()) == (vault.tokens, "a1")
    assert server.forms[0]["grant_type"] == "authorization_code"
    assert server.forms[0]["code"] == "c0de"


async def test_a_stale_code_is_refused_with_what_to_do() -> None:
    server = TokenServer()
    server.answers = [httpx.Response(400, json={"error": "invalid_grant"})]
    with pytest.raises(Unauthorized, match="tieout connect freshbooks"):
        await worker(MemoryVault(), server).exchange_code("old")


async def test_revoking_sends_the_access_token_and_stops_using_it() -> None:
    vault, server = MemoryVault(tokens(created_at=NOW)), TokenServer()
    auth = worker(vault, server)
    await auth.token()
    server.answers = [httpx.Response(200, json={})]
    await auth.revoke()
    assert server.forms[0]["token"] == "a0"
    assert await auth.token() == "a1"


def test_the_consent_page_carries_application_state_and_scopes() -> None:
    url = urlsplit(
        worker(MemoryVault(), TokenServer()).authorize_url("s t", ["user:invoices:read", "x"])
    )
    assert f"{url.scheme}://{url.netloc}{url.path}" == (
        "https://auth.freshbooks.com/oauth/authorize"
    )
    assert parse_qs(url.query) == {
        "client_id": ["app"],
        "response_type": ["code"],
        "redirect_uri": ["https://tieout.example.test/callback"],
        "state": ["s t"],
        "scope": ["user:invoices:read x"],
    }


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(200, json={"access_token": "hush", "refresh_token": "hush"}),
        httpx.Response(400, json={"error": "hush", "error_description": "hush"}),
        httpx.Response(400, json={"error": "invalid_grant", "error_description": "hush"}),
        httpx.Response(500, text="hush"),
    ],
)
async def test_no_error_and_no_repr_tells_a_token(answer: httpx.Response) -> None:
    vault, server = MemoryVault(TokenSet("hush", "hush", NOW - LIFE, LIFE)), TokenServer()
    server.answers = [answer]
    auth = worker(vault, server)
    with pytest.raises((Unavailable, Misconfigured, Unauthorized)) as refused:
        await auth.token()
    error: BaseException | None = refused.value
    while error is not None:
        assert "hush" not in str(error)
        error = error.__cause__
    assert "hush" not in repr(vault.tokens)
    assert "s3cret" not in repr(auth)
