"""What all tables share: one catalogue, and the mark of a column that is encrypted."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import MetaData, Table

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    }
)


@dataclass(frozen=True)
class EncryptedColumn:
    """A column whose content is encrypted, bound to the row that `identity` names."""

    table: Table
    name: str
    identity: tuple[str, ...]

    def context(self, values: Sequence[str | int]) -> str:
        """What the content is bound to, so that it cannot be moved to another row or column."""
        return json.dumps([self.table.name, self.name, *values])

    def __str__(self) -> str:
        return f"{self.table.name}.{self.name}"
