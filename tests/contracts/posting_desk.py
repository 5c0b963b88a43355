"""A poster of the product at work in the ledger that refuses nothing, with a real store."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date
from itertools import count
from pathlib import Path
from typing import TypeVar, cast

from activities.context import Connection
from activities.posting import Poster
from connectors.errors import ConnectorError
from connectors.ports import SourcePort
from documents.key import Key, Kind
from documents.money import Money
from documents.posting import Posting
from documents.record import Figures, MappedRecord
from mapping.mapper import Mapper
from policies.settings import OrderToCashPolicy
from store.cipher import Cipher
from store.errors import FenceHeld, FenceLost
from store.keyring import KeyRing
from store.store import Store
from tests.contracts.ledger import SETTLE, Clock, Ledger
from tests.fresh import fresh_database

Result = TypeVar("Result")

_PAUSE = 0.4
_TRIES = 60
SEND_TIMEOUT = 0.05
PATIENCE = 60.0


@dataclass
class Desk:
    """One worker's poster, the ledger it posts in, and the clock of both."""

    store: Store
    clock: Clock = field(default_factory=Clock)
    policy: OrderToCashPolicy = field(
        default_factory=lambda: OrderToCashPolicy(
            send_timeout_seconds=SEND_TIMEOUT, in_doubt_patience_seconds=PATIENCE
        )
    )
    ledger: Ledger = field(init=False)
    signed: set[date] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.ledger = Ledger(self.clock)

    @property
    def poster(self) -> Poster:
        """A worker that has just started: it knows nothing but the store."""
        connection = Connection(
            name="ledger-test",
            tag="L",
            source=cast(SourcePort, None),  # a poster never speaks to the source
            target=self.ledger,
            is_signed_off=self._is_signed_off,
            target_queue="ledger.test",
            policy=self.policy,
            load_mapper=_no_mapper,
        )
        return Poster(connection, self.store, self.clock)

    async def _is_signed_off(self, day: date) -> bool:
        return day in self.signed

    async def prepared(self, key: Key, record: MappedRecord | None = None) -> Key:
        await self.poster.prepare(key, record or invoice())
        return key

    async def attempt(self, key: Key) -> Posting:
        """One attempt of the posting step, as a fresh worker makes it. The fence must end it."""
        async with asyncio.timeout(100 * SEND_TIMEOUT):
            return (await self.poster.post(key))[0]

    async def persist(self, attempt: Callable[[], Awaitable[Result]]) -> Result:
        """What Temporal does: try again after a pause, as long as it takes."""
        for _ in range(_TRIES):
            try:
                return await attempt()
            except (ConnectorError, FenceHeld, FenceLost) as error:
                if isinstance(error, ConnectorError) and not error.retryable:
                    raise
                self.clock.advance(_PAUSE)
        raise AssertionError("it never went well")

    async def posted(self, key: Key) -> Posting:
        return await self.persist(lambda: self.attempt(key))

    def settle(self) -> None:
        """Let everything that is still under way arrive."""
        self.clock.advance(10 * SETTLE)


_numbers = count(1_000_001)


def new_key(kind: Kind = Kind.INVOICE) -> Key:
    """A document that nobody has posted yet."""
    return Key(tag="L", kind=kind, source_id=str(next(_numbers)))


def invoice(total: str = "119.00", text: str = "Advice") -> MappedRecord:
    amount = Money.of(total, "EUR")
    figures = Figures(net=amount, tax=Money.zero("EUR"), total=amount)
    return MappedRecord(
        kind=Kind.INVOICE, entity="invoice", header={"Text": text}, expected=figures
    )


async def _no_mapper() -> Mapper:
    raise AssertionError("a poster maps nothing")


@asynccontextmanager
async def open_store(folder: Path) -> AsyncIterator[Store]:
    """A real store on SQLite."""
    cipher = Cipher(KeyRing.generate("k1"))
    url = await fresh_database(folder / "tieout.db")
    async with await Store.open(url, cipher) as opened:
        yield opened
