"""Both systems, a store and the steps of the product in one process: a place for fast lives."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any, cast

import httpx
from pydantic import SecretStr

import sandbox.freshbooks
import sandbox.nav
from activities.context import Connection, Workplace
from connectors.freshbooks.adapter import FreshBooksSource
from connectors.freshbooks.auth import FreshBooksAuth
from connectors.freshbooks.client import FreshBooksClient
from connectors.freshbooks.families import Account
from connectors.freshbooks.tokens import TokenSet, TokenVault
from connectors.nav.adapter import NavTarget
from connectors.nav.settings import NavSettings
from connectors.transport import Transport
from policies.settings import OrderToCashPolicy
from sandbox.clock import Clock
from sandbox.faults import FaultBook
from sandbox.freshbooks import FreshBooks
from sandbox.misfortune import Misfortune
from sandbox.settings import FreshBooksAccount, FreshBooksSettings, NavCompany
from sandbox.settings import NavSettings as StandInSettings
from sandbox.storage import Storage
from sandbox.system import System
from store.cipher import Cipher
from store.keyring import KeyRing
from store.seal import Seal
from store.store import Store
from tests.bookkeeper import Bookkeeper, bookkeeper
from tests.connectors.freshbooks_house import OWNER, MemoryVault
from tests.fresh import fresh_database
from tests.mapping.specs import NAV_SPEC
from workers.demo.people import Clerk
from workers.dev.announcement import SourceEnd
from workers.wiring import SomeTarget, load_mapper

COMPANY, SECRET = "CRONUS International Ltd.", "a web service access key"
_YEARS = 10 * 365 * 86_400
_FRESHBOOKS = "http://freshbooks.test"


@dataclass
class Business:
    """A FreshBooks business with its clerk, our store, and the connection that is tried."""

    freshbooks: FreshBooks
    store: Store
    seal: Seal
    source: FreshBooksSource
    clerk: Clerk
    connection: Connection = field(init=False)

    @property
    def place(self) -> Workplace:
        return Workplace({self.connection.name: self.connection}, self.store, self.seal)

    def connect(self, target: SomeTarget, policy: OrderToCashPolicy, spec: Path) -> None:
        """A new life: an empty business, and a connection whose name and tag nobody has used."""
        self.freshbooks.reset()
        number = next(_numbers)
        self.connection = Connection(
            name=f"life-{number}",
            tag=_tag(number),
            source=self.source,
            target=target,
            target_queue="target.life",
            policy=policy,
            load_mapper=partial(load_mapper, spec, target),
        )


@dataclass
class Site(Business):
    """Two systems that speak only over their interfaces, and one connection between them."""

    nav: System = field(kw_only=True)
    target: NavTarget = field(kw_only=True)
    books: Bookkeeper = field(kw_only=True)
    faults: FaultBook = field(kw_only=True)

    def begin(self, policy: OrderToCashPolicy, spec: Path = NAV_SPEC) -> None:
        """A new life: empty books too."""
        self.nav.reset()
        self.faults.clear()
        self.connect(self.target, policy, spec)


_numbers = count(1)


def _tag(number: int) -> str:
    digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    return f"L{digits[number // 1296 % 36]}{digits[number // 36 % 36]}{digits[number % 36]}"


@asynccontextmanager
async def open_site(folder: Path, **nav: Any) -> AsyncIterator[Site]:
    """A site with empty books; `nav` changes the settings of NAV's connector."""
    clock = Clock()
    company = NavCompany(connection="life", name=COMPANY, username="TIEOUT", password=SECRET)
    erp = sandbox.nav.build(StandInSettings(companies=[company]), Storage(None), clock)
    faults = FaultBook(Storage(None), [erp.name])
    settings = NavSettings.model_validate(
        {
            "base_url": "http://nav.test",
            "instance": "DynamicsNAV110",
            "company": COMPANY,
            "username": "TIEOUT",
            "secret": SecretStr(SECRET),
            "settle_seconds": 0.1,
            **nav,
        }
    )
    way = httpx.ASGITransport(Misfortune(erp, faults, clock))
    async with AsyncExitStack() as stack:
        enter = stack.enter_async_context
        http = await enter(httpx.AsyncClient(mounts={settings.base_url: way}))
        target = await enter(NavTarget(settings, transport=way))
        books = await enter(bookkeeper(http, settings, SECRET, way))
        business = await enter(open_business(folder, clock))
        yield Site(**vars(business), nav=erp, target=target, books=books, faults=faults)


@asynccontextmanager
async def open_business(folder: Path, clock: Clock) -> AsyncIterator[Business]:
    """A FreshBooks business in this process, and a store in a folder."""
    account = OWNER.model_copy(update={"email": "owner@example.com"})
    settings = FreshBooksSettings(accounts=[account])
    freshbooks = sandbox.freshbooks.build(settings, Storage(None), clock)
    way = httpx.ASGITransport(freshbooks.app)
    ring = KeyRing.generate("k1")
    url = await fresh_database(folder / "lives.db")
    end = SourceEnd(
        system="freshbooks",
        account_id=account.account_id,
        business_id=account.business_id,
        access_token=account.access_token,
    )
    async with AsyncExitStack() as stack:
        enter = stack.enter_async_context
        store = await enter(await Store.open(url, Cipher(ring)))
        http = await enter(httpx.AsyncClient(mounts={_FRESHBOOKS: way}))
        source = await enter(_source(account, way))
        clerk = Clerk(http, _FRESHBOOKS, end)
        yield Business(freshbooks, store, Seal(ring), source, clerk)


@asynccontextmanager
async def _source(
    account: FreshBooksAccount, way: httpx.AsyncBaseTransport
) -> AsyncIterator[FreshBooksSource]:
    async with Transport("freshbooks", _FRESHBOOKS, transport=way) as transport:
        auth = FreshBooksAuth(
            account.client_id,
            account.client_secret,
            account.redirect_uri,
            cast(TokenVault, MemoryVault(TokenSet(account.access_token, "unused", _now(), _YEARS))),
            transport,
        )
        ids = Account(account.account_id, str(account.business_id))
        yield FreshBooksSource(FreshBooksClient(transport, auth, ids))
        await auth.aclose()


def _now() -> int:
    from time import time

    return int(time())
