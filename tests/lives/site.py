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
from tests.mapping.specs import NAV_SPEC
from workers.demo.people import Clerk
from workers.dev.announcement import SourceEnd
from workers.wiring import load_mapper

COMPANY, SECRET = "CRONUS International Ltd.", "a web service access key"
_YEARS = 10 * 365 * 86_400


@dataclass
class Site:
    """Two systems that speak only over their interfaces, and one connection between them."""

    freshbooks: FreshBooks
    nav: System
    store: Store
    seal: Seal
    source: FreshBooksSource
    target: NavTarget
    clerk: Clerk
    books: Bookkeeper
    account: FreshBooksAccount
    http: httpx.AsyncClient
    faults: FaultBook
    connection: Connection = field(init=False)

    @property
    def place(self) -> Workplace:
        return Workplace({self.connection.name: self.connection}, self.store, self.seal)

    def begin(self, policy: OrderToCashPolicy, spec: Path = NAV_SPEC) -> None:
        """A new life: empty books, and a connection whose name and tag nobody has used."""
        self.freshbooks.reset()
        self.nav.reset()
        self.faults.clear()
        number = next(_numbers)

        self.connection = Connection(
            name=f"life-{number}",
            tag=_tag(number),
            source=self.source,
            target=self.target,
            target_queue="nav.life",
            policy=policy,
            load_mapper=partial(load_mapper, spec, self.target),
        )


_numbers = count(1)


def _tag(number: int) -> str:
    digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    return f"L{digits[number // 1296 % 36]}{digits[number // 36 % 36]}{digits[number % 36]}"


@asynccontextmanager
async def open_site(folder: Path, **nav: Any) -> AsyncIterator[Site]:
    """A site with empty books; `nav` changes the settings of NAV's connector."""
    clock, account = Clock(), OWNER.model_copy(update={"email": "owner@example.com"})
    freshbooks = sandbox.freshbooks.build(
        FreshBooksSettings(accounts=[account]), Storage(None), clock
    )
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
    ways = {
        "http://freshbooks.test": httpx.ASGITransport(freshbooks.app),
        "http://nav.test": httpx.ASGITransport(Misfortune(erp, faults, clock)),
    }
    ring = KeyRing.generate("k1")
    url = f"sqlite:///{folder / 'lives.db'}?synchronous=NORMAL"
    async with AsyncExitStack() as stack:
        enter = stack.enter_async_context
        store = await enter(await Store.open(url, Cipher(ring), migrate=True))
        http = await enter(httpx.AsyncClient(mounts=ways))
        target = await enter(NavTarget(settings, transport=ways["http://nav.test"]))
        books = await enter(bookkeeper(http, settings, SECRET, ways["http://nav.test"]))
        source = await enter(_source(account, ways["http://freshbooks.test"]))
        end = SourceEnd(
            system="freshbooks",
            account_id=account.account_id,
            business_id=account.business_id,
            access_token=account.access_token,
        )
        clerk = Clerk(http, "http://freshbooks.test", end)
        seal = Seal(ring)
        yield Site(
            freshbooks, erp, store, seal, source, target, clerk, books, account, http, faults
        )


@asynccontextmanager
async def _source(
    account: FreshBooksAccount, way: httpx.AsyncBaseTransport
) -> AsyncIterator[FreshBooksSource]:
    async with Transport("freshbooks", "http://freshbooks.test", transport=way) as transport:
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
