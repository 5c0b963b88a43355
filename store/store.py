"""The store of one installation, opened once per process."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from types import TracebackType
from typing import Self

from sqlalchemy import select

from store import key_check
from store.accounted import Accounted
from store.address import Address
from store.alerts import Alerts
from store.audit import Audit
from store.breaks import Breaks
from store.callbacks import Callbacks
from store.cipher import Cipher
from store.claims import Claims
from store.conservation import Conservation
from store.credentials import Credentials
from store.documents import Documents
from store.engine import Database, connect
from store.expense_claims import ExpenseClaims
from store.explaining import Explanations
from store.forgetting import Forgetting
from store.known import KnownDocuments
from store.leases import Leases
from store.lines import Lines
from store.migrate import bring_up_to_date
from store.outcomes import Outcomes
from store.persons import Persons
from store.postings import Postings
from store.rates import Rates
from store.references import References
from store.runs import Runs
from store.sightings import Sightings
from store.sign_offs import SignOffs
from store.tieout_figures import TieOutFigures
from store.tokens import TokenVault
from store.unreferenced import MissingReferences
from store.waiting import Waiting
from store.watermarks import Watermarks


def utc_now() -> datetime:
    return datetime.now(UTC)


class Store:
    """Everything that is remembered outside of the workflow histories and the two systems.

    Build it with `open`. Belongs to the event loop it was opened in.
    """

    def __init__(
        self, database: Database, cipher: Cipher, now: Callable[[], datetime] = utc_now
    ) -> None:
        self._database = database
        self._cipher = cipher
        self._now = now
        self.audit = Audit(database, cipher, now)
        self.documents = Documents(database, cipher, now, self.audit)
        self.postings = Postings(database, cipher)
        self.references = References(database)
        self.credentials = Credentials(database, cipher)
        self.callbacks = Callbacks(database, cipher, now)
        self.persons = Persons(database, cipher, now)
        self.forgetting = Forgetting(database, self.audit)
        self.leases = Leases(database)
        self.rates = Rates(database)
        self.conservation = Conservation(database)
        self.accounted = Accounted(database)
        self.sightings = Sightings(database, now)
        self.watermarks = Watermarks(database)
        self.waiting = Waiting(database)
        self.outcomes = Outcomes(database)
        self.alerts = Alerts(database)
        self.claims = Claims(database)
        self.expense_claims = ExpenseClaims(database, cipher)
        self.unreferenced = MissingReferences(database, self.references, self.audit)
        self.runs = Runs(database, now)
        self.lines = Lines(database)
        self.explanations = Explanations(database, self.runs)
        self.known = KnownDocuments(database)
        self.breaks = Breaks(database, cipher, now, self.audit)
        self.figures = TieOutFigures(database)
        self.sign_offs = SignOffs(database, cipher, self.audit)

    @classmethod
    async def open(
        cls,
        url: str,
        cipher: Cipher,
        *,
        migrate: bool = False,
        synchronous: str | None = None,
        now: Callable[[], datetime] = utc_now,
    ) -> Self:
        """Reach the database, check that its schema and its keys are ours.

        `migrate` brings an empty or older database up to date, once among all that start
        together. `synchronous` NORMAL (also `?synchronous=NORMAL` in the URL) is faster and may
        lose the last commits of a SQLite file in a power cut: for throw-away data only.

        Raises BadStoreUrl, StoreUnavailable, StoreDamaged, NewerDatabase, OlderDatabase,
        UnknownKey, WrongKey.
        """
        database = await connect(Address.parse(url, synchronous))
        try:
            await bring_up_to_date(database, migrate=migrate)
            await key_check.check(database, cipher)
        except BaseException:
            await database.close()
            raise
        return cls(database, cipher, now)

    def tokens(self, connection: str) -> TokenVault:
        """The tokens of one connection, shared by all workers."""
        return TokenVault(self._database, self._cipher, self.leases, connection, self._now)

    async def ping(self) -> None:
        """Touch the database; StoreUnavailable or StoreDamaged when it does not answer."""
        await self._database.row(select(1))

    async def close(self) -> None:
        """Let go of the database. Nothing of the store may be used afterwards."""
        await self._database.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()
