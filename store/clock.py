"""The clock that all processes of one database share, in microseconds since 1970."""

from __future__ import annotations

import time

from sqlalchemy import BigInteger, ColumnElement, cast, func, literal

from store.engine import Database

MICROS = 1_000_000


def now_micros(database: Database) -> ColumnElement[int]:
    """The server's clock where there is a server, so that workers on several machines agree.
    All users of a SQLite file share the clock of their machine."""
    if database.is_sqlite:
        return literal(time.time_ns() // 1000, BigInteger)
    return cast(func.extract("epoch", func.clock_timestamp()) * MICROS, BigInteger)
