"""A started FreshBooks stand-in with the connector of one of its accounts, for the tests."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

import httpx

from connectors.freshbooks.adapter import FreshBooksSource
from connectors.freshbooks.auth import FreshBooksAuth
from connectors.freshbooks.client import FreshBooksClient
from connectors.freshbooks.families import CLIENTS, INVOICES, PAYMENTS, Account
from connectors.freshbooks.tokens import RefreshInDoubt, TokenSet
from connectors.network import Network
from connectors.ports import SourcePort
from connectors.transport import Transport
from documents.invoice import Invoice
from sandbox.server import SandboxServer
from sandbox.settings import FreshBooksAccount, FreshBooksSettings, SandboxSettings

HERE = Network(allow_private=True)

LIFE = 3600
NOW = 1_770_000_000
LIFE_OF_A_TOKEN = 43_200
OWNER = FreshBooksAccount(
    connection="demo",
    account_id="6BApk",
    business_id=1_234_567,
    business_uuid="7d0f2c5e-0000-4000-8000-000000000001",
    identity_id=5_000_001,
    email="owner@example.test",
    client_id="app",
    client_secret="s3cret",
    redirect_uri="https://tieout.example.test/callback",
    refresh_token="first-refresh-token",
    access_token="public-access-token",
)
EMPTY = OWNER.model_copy(
    update={"connection": "empty", "account_id": "9Zzzz", "business_id": 1_234_568}
    | {"business_uuid": "7d0f2c5e-0000-4000-8000-000000000002", "accounting": False}
    | {"client_id": "app2", "refresh_token": "other-refresh", "access_token": "other-access"}
)
GUEST = OWNER.model_copy(
    update={"connection": "guest", "account_id": "8Gggg", "business_id": 1_234_569}
    | {"business_uuid": "7d0f2c5e-0000-4000-8000-000000000003", "role": "client"}
    | {"identity_id": 5_000_002, "client_id": "app3"}
    | {"refresh_token": "guest-refresh", "access_token": "guest-access"}
)
Row = dict[str, Any]


@dataclass
class MemoryVault:
    """A vault in memory; `fail_saves` makes that many saves fail as a lost database would."""

    tokens: TokenSet | None = None
    mark: str = ""
    fail_saves: int = 0
    saves: int = 0
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def load(self) -> TokenSet | None:
        return self.tokens

    def lock(self) -> AbstractAsyncContextManager[None]:
        return self._locked()

    @asynccontextmanager
    async def _locked(self) -> AsyncIterator[None]:
        async with self._lock:
            yield

    async def begin_refresh(self, refresh_token: str) -> None:
        if self.mark == refresh_token:
            raise RefreshInDoubt
        self.mark = refresh_token

    async def save(self, tokens: TokenSet) -> None:
        await asyncio.sleep(0)
        if self.fail_saves:
            self.fail_saves -= 1
            raise OSError("the store is away")
        self.tokens, self.mark, self.saves = tokens, "", self.saves + 1

    async def abort_refresh(self) -> None:
        self.mark = ""


class TokenServer(httpx.AsyncBaseTransport):
    """The token endpoint: each refresh token works once. `answers` come first, when given."""

    def __init__(self) -> None:
        self.alive = "r0"
        self.issued = 0
        self.forms: list[dict[str, str]] = []
        self.answers: list[httpx.Response | Exception] = []
        self.rotate_before_answer = False
        self.asked = asyncio.Event()
        self.wait: asyncio.Event | None = None

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        form = dict(parse_qsl((await request.aread()).decode()))
        self.forms.append(form)
        self.asked.set()
        if self.wait is not None:
            await self.wait.wait()
        if self.answers:
            if self.rotate_before_answer:
                self._grant()
            answer = self.answers.pop(0)
            if isinstance(answer, Exception):
                raise answer
            return answer
        if form["grant_type"] == "refresh_token" and form["refresh_token"] != self.alive:
            return httpx.Response(400, json={"error": "invalid_grant", "error_description": "x"})
        return httpx.Response(200, json=self._grant())

    def _grant(self) -> dict[str, object]:
        self.issued += 1
        self.alive = f"r{self.issued}"
        return {
            "access_token": f"a{self.issued}",
            "refresh_token": self.alive,
            "created_at": NOW,
            "expires_in": LIFE_OF_A_TOKEN,
            "token_type": "Bearer",
            "scope": "user:profile:read",
        }


def stale(account: FreshBooksAccount) -> TokenSet:
    return TokenSet("nothing", account.refresh_token, 0, 1)


class House:
    """A started sandbox with a connector for one of its accounts, and its control port."""

    def __init__(self, server: SandboxServer) -> None:
        self.url = f"http://127.0.0.1:{server.ports['freshbooks']}"
        self.control = httpx.AsyncClient(base_url=f"http://127.0.0.1:{server.ports['control']}")
        self.vault = MemoryVault(stale(OWNER))
        self.transports: list[Transport] = []
        self.client, self.auth = self.connect(OWNER, self.vault)
        self.source: SourcePort = FreshBooksSource(self.client)

    def connect(
        self, account: FreshBooksAccount, vault: MemoryVault, **options: Any
    ) -> tuple[FreshBooksClient, FreshBooksAuth]:
        transport = Transport("freshbooks", self.url, timeout=2.0, network=HERE)
        self.transports.append(transport)
        auth = FreshBooksAuth(
            account.client_id,
            account.client_secret,
            account.redirect_uri,
            vault,
            transport,
            authorize_url=f"{self.url}/oauth/authorize",
        )
        ids = Account(account.account_id, str(account.business_id), account.business_uuid)
        return FreshBooksClient(transport, auth, ids, **options), auth

    async def aclose(self) -> None:
        for transport in self.transports:
            await transport.aclose()
        await self.control.aclose()

    async def fault(self, fault: str, path: str, method: str = ".*", **more: Any) -> None:
        plan = {"system": "freshbooks", "fault": fault, "path": path, "method": method, **more}
        (await self.control.post("/faults", json=plan)).raise_for_status()

    async def requests(self, path: str) -> list[Row]:
        """Requests to the token endpoint and the like, as the stand-in saw them."""
        seen: list[Row] = (await self.control.get("/requests/freshbooks")).json()
        return [row for row in seen if row["path"] == path]

    async def advance(self, duration: str) -> None:
        (await self.control.post("/clock", json={"advance": duration})).raise_for_status()

    async def new_client(self, **fields: Any) -> str:
        row = await self.client.create(CLIENTS, {"organization": "Zoë & Sons", **fields})
        return str(row["id"])

    async def new_invoice(self, client_id: str, *lines: Row, sent: bool = True, **more: Any) -> str:
        fields = {
            "customerid": int(client_id),
            "create_date": "2026-02-01",
            "lines": list(lines) or [line("100.00")],
            **more,
        }
        row = await self.client.create(INVOICES, fields)
        if sent:
            await self.client.update(INVOICES, str(row["id"]), {"action_mark_as_sent": True})
        return str(row["id"])

    async def pay(self, invoice_id: str, amount: str, day: str = "2026-02-10") -> str:
        fields = {
            "invoiceid": int(invoice_id),
            "amount": {"amount": amount, "code": "USD"},
            "date": day,
            "type": "Check",
        }
        return str((await self.client.create(PAYMENTS, fields))["id"])


def line(price: str, quantity: str = "1", code: str = "USD", **taxes: Any) -> Row:
    return {
        "name": "Work",
        "qty": quantity,
        "unit_cost": {"amount": price, "code": code},
        **taxes,
    }


@asynccontextmanager
async def open_house(**settings: Any) -> AsyncIterator[House]:
    """A stand-in in memory whose tokens live an hour, with more settings when given."""
    freshbooks = FreshBooksSettings(accounts=[OWNER, EMPTY, GUEST], token_seconds=LIFE, **settings)
    server = SandboxServer(SandboxSettings(freshbooks=freshbooks))
    await server.start()
    house = House(server)
    try:
        yield house
    finally:
        await house.aclose()
        await server.stop()


async def the_invoice(house: House, invoice_id: str) -> Invoice:
    found = await house.source.invoice(invoice_id)
    assert isinstance(found, Invoice), found
    return found
