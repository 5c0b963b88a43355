"""INSERT ... ON CONFLICT, which both databases know and SQLAlchemy spells per database."""

from __future__ import annotations

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql, sqlite

from store.engine import Database


def upsert(database: Database, table: Table) -> sqlite.Insert | postgresql.Insert:
    """An insert that can say what happens when the row exists."""
    return sqlite.insert(table) if database.is_sqlite else postgresql.insert(table)
