"""Carry out the revisions that a database lacks, with Alembic."""

from __future__ import annotations

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection

from store.migrate import MIGRATIONS

_CONNECTION = "connection"


def script_config() -> Config:
    """The configuration of the packaged migrations, for use from Python."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    return config


def to_newest(connection: Connection) -> None:
    """Bring the database of an open transaction to the newest revision."""
    config = script_config()
    config.attributes[_CONNECTION] = connection
    command.upgrade(config, "head")
