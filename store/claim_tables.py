"""The tables of claims: the expenses of one person and period that are approved together."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Index, Integer, LargeBinary, Table

from store.columns import Clear
from store.schema import EncryptedColumn, metadata

claim_parts = Table(
    "claim_parts",
    metadata,
    Column("connection", Clear, primary_key=True),
    Column("claim", Clear, primary_key=True),
    Column("source_id", Clear, primary_key=True),
    Column("state", Clear, nullable=False),
    Column("told", Boolean, nullable=False),
    Column("content", LargeBinary, nullable=False),
    Index(None, "connection", "source_id"),
)

claim_reviews = Table(
    "claim_reviews",
    metadata,
    Column("connection", Clear, primary_key=True),
    Column("claim", Clear, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("content", LargeBinary, nullable=False),
)

CLAIM_PART = EncryptedColumn(claim_parts, "content", ("connection", "claim", "source_id"))
CLAIM_REVIEW = EncryptedColumn(claim_reviews, "content", ("connection", "claim"))
