"""The tables of a company, as far as web services see them (NAV 2018 lengths)."""

from __future__ import annotations

from sandbox.nav.schema import Table
from sandbox.nav.tables.banks import BANK_TABLES
from sandbox.nav.tables.finance import FINANCE_TABLES
from sandbox.nav.tables.groups import GROUP_TABLES
from sandbox.nav.tables.journals import JOURNAL_TABLES
from sandbox.nav.tables.ledgers import LEDGER_TABLES
from sandbox.nav.tables.parties import PARTY_TABLES
from sandbox.nav.tables.posted import POSTED_TABLES
from sandbox.nav.tables.purchases import PURCHASE_TABLES
from sandbox.nav.tables.sales import SALES_TABLES

BOOKS: tuple[Table, ...] = (
    *PARTY_TABLES,
    *SALES_TABLES,
    *POSTED_TABLES,
    *PURCHASE_TABLES,
    *JOURNAL_TABLES,
    *LEDGER_TABLES,
)
"""What a reset empties."""

SETUP: tuple[Table, ...] = (*FINANCE_TABLES, *GROUP_TABLES, *BANK_TABLES)
"""What a new company is born with."""

TABLES: dict[str, Table] = {table.name: table for table in (*BOOKS, *SETUP)}

__all__ = ["BOOKS", "SETUP", "TABLES"]
