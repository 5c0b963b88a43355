"""One company: its tables, its day and who is working in it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sandbox.clock import Clock
from sandbox.nav.database import Database, Records
from sandbox.nav.schema import Row
from sandbox.nav.tables import TABLES
from sandbox.nav.values import stamp
from sandbox.storage import Storage


class Company:
    """The books of one company; `user` is who the present call was made by."""

    def __init__(self, name: str, storage: Storage, clock: Clock) -> None:
        self.name = name
        self.database = Database(storage, name, TABLES.values())
        self.user = ""
        self._clock = clock

    def __getitem__(self, table: str) -> Records:
        return self.database[table]

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing."""
        with self.database.transaction():
            yield

    def today(self) -> str:
        """The work date: the calendar day in UTC, ISO."""
        return self._clock.now().date().isoformat()

    def now(self) -> str:
        """The present moment in UTC, ISO with milliseconds."""
        return stamp(self._clock.now())

    @property
    def ledger_setup(self) -> Row:
        """General Ledger Setup, a table of one record."""
        return self["General Ledger Setup"].require("")

    @property
    def sales_setup(self) -> Row:
        """Sales & Receivables Setup, a table of one record."""
        return self["Sales & Receivables Setup"].require("")

    @property
    def purchase_setup(self) -> Row:
        """Purchases & Payables Setup, a table of one record."""
        return self["Purchases & Payables Setup"].require("")

    @property
    def local_currency(self) -> str:
        """The ISO code of the currency that a blank currency code means."""
        return str(self.ledger_setup["LCY_Code"])
