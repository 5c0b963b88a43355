"""The code behind a table, and its default: nothing happens."""

from __future__ import annotations

from sandbox.nav.company import Company
from sandbox.nav.schema import Row


class Trigger:
    """Code that runs when records of a table change; a `row` given to it is a working copy."""

    def new(self, company: Company, row: Row) -> None:
        """Defaults of a record that a page begins (OnNewRecord)."""

    def validate(self, company: Company, row: Row, name: str, old: object) -> None:
        """After field `name` was set (OnValidate)."""

    def insert(self, company: Company, row: Row) -> None:
        """Before the record is inserted (OnInsert)."""

    def modify(self, company: Company, before: Row, row: Row) -> None:
        """Before the record is changed (OnModify)."""

    def delete(self, company: Company, row: Row) -> None:
        """Before the record is deleted (OnDelete)."""
