"""What all resources of the stand-in share: storage, clock, ledger, ids, events, indexes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime

from sandbox.clock import Clock
from sandbox.freshbooks.ledger import Ledger
from sandbox.freshbooks.outbox import Outbox
from sandbox.settings import FreshBooksAccount, FreshBooksSettings
from sandbox.storage import Row, Storage, Table

# Users, registrations and set-up, which `reset` leaves alone.
KEPT = frozenset(
    {"access_tokens", "refresh_tokens", "codes", "callbacks", "staffs", "categories", "accounts"}
)


class Index:
    """Ids by the value of a field: fast candidates, to be checked against the row.

    It only grows. An entry that was overtaken (a changed value, a rolled-back write) yields a
    candidate that no longer matches, never a missing one.
    """

    def __init__(self) -> None:
        self._ids: dict[str, dict[str, None]] = {}

    def add(self, value: object, key: str) -> None:
        """Note that the row `key` has this value."""
        self._ids.setdefault(_normal(value), {})[key] = None

    def find(self, value: object) -> list[str]:
        """The keys of rows that had this value at some time, oldest first."""
        return list(self._ids.get(_normal(value), ()))

    def clear(self) -> None:
        """Forget everything."""
        self._ids.clear()


def _normal(value: object) -> str:
    return str(value).casefold()


class Books:
    """The shared state of all resources over all accounts."""

    def __init__(self, settings: FreshBooksSettings, storage: Storage, clock: Clock) -> None:
        self.settings = settings
        self.clock = clock
        self.storage = storage
        self.ledger = Ledger(storage)
        self.outbox = Outbox(storage, clock)
        self.accounts = {account.account_id: account for account in settings.accounts}
        self._committed: Callable[[], None] = lambda: None
        self._depth = 0

    def now(self) -> datetime:
        """The sandbox's present moment, in UTC."""
        return self.clock.now()

    def table(self, name: str) -> Table:
        """A durable table."""
        return self.storage.table(name)

    def next_id(self, kind: str, first: int) -> int:
        """A new id; never one that was given before, not even after a reset."""
        return self.storage.counter(f"id/{kind}", first)

    def emit(self, account_id: str, event: str, object_id: object) -> None:
        """Queue an event for every verified callback that listens to it."""
        self.outbox.add_event(self.accounts[account_id], event, str(object_id))

    @contextmanager
    def change(self) -> Iterator[None]:
        """One business change: documents, postings and queued events together, then delivery.

        A change inside another one joins it.
        """
        self._depth += 1
        try:
            with self.storage.transaction():
                yield
        finally:
            self._depth -= 1
        if self._depth == 0:
            self._committed()

    def on_commit(self, call: Callable[[], None]) -> None:
        """Let `call` know after every change."""
        self._committed = call


def business_of(account: FreshBooksAccount) -> Row:
    """The business as identities show it."""
    return {
        "id": account.business_id,
        "business_uuid": account.business_uuid,
        "name": f"Business {account.business_id}",
        "account_id": account.account_id,
        "date_format": "mm/dd/yyyy",
        "address": {"id": account.business_id, "street": "", "city": "", "country": "US"},
        "phone_number": None,
        "business_clients": [],
    }
