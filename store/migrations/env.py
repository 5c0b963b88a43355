"""Runs the revisions on the connection that the caller opened and locked (store/upgrade.py)."""

from __future__ import annotations

from alembic import context
from sqlalchemy import Connection

from store.migrate import VERSION_TABLE
from store.tables import metadata


def _run() -> None:
    connection: Connection | None = context.config.attributes.get("connection")
    if connection is None:
        raise RuntimeError("migrations run inside the store only: open it with migrations allowed")
    context.configure(
        connection=connection,
        target_metadata=metadata,
        version_table=VERSION_TABLE,
        render_as_batch=connection.dialect.name == "sqlite",
    )
    with context.begin_transaction():
        context.run_migrations()


_run()
