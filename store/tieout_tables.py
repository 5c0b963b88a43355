"""The tables of the tie-out and of the audit journal.

Amounts are whole millionths, days are ordinals, as `documents.ledger` makes them: what is staged
is written and read by the million. What people say about a break is encrypted.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
)

from store.columns import Clear, Moment, Ordered
from store.schema import EncryptedColumn, metadata

tieout_runs = Table(
    "tieout_runs",
    metadata,
    Column("run", Integer, primary_key=True, autoincrement=True),
    Column("connection", Clear, nullable=False),
    Column("period", Clear, nullable=False),
    Column("workflow_run", Clear, nullable=False),
    Column("started_at", Moment, nullable=False),
    Column("finished_at", Moment),
    Column("summary", Text, nullable=False),
    Index(None, "connection", "period", "run"),
)

tieout_lines = Table(
    "tieout_lines",
    metadata,
    Column("run", Integer, primary_key=True, autoincrement=False),
    Column("side", String, primary_key=True),
    Column("match", Ordered, primary_key=True),
    Column("entry", Ordered, primary_key=True),
    Column("kind", String, nullable=False),
    Column("currency", String, nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("tax", BigInteger),
    Column("day", Integer, nullable=False),
    Column("party", String, nullable=False),
    Column("applied", String, nullable=False),
    Column("rate", BigInteger),
    Column("open", BigInteger),
    Column("posted", Integer, nullable=False),
    Column("number", String, nullable=False),
    Column("reference", String, nullable=False),
    Column("base", BigInteger),
    Column("generation", Integer, nullable=False),
    Column("marks", Integer, nullable=False),
    Column("changed", BigInteger, nullable=False),
    Column("account", String, nullable=False, server_default=""),
)
"""The staged lines of a run, both sides; from `match` on they are `documents.ledger.BookRow`."""

tieout_breaks = Table(
    "tieout_breaks",
    metadata,
    Column("connection", Clear, primary_key=True),
    Column("period", Clear, primary_key=True),
    Column("break_id", Ordered, primary_key=True),
    Column("run", Integer, nullable=False),
    Column("type", Clear, nullable=False),
    Column("kind", Clear, nullable=False),
    Column("state", Clear, nullable=False),
    Column("match", Clear, nullable=False),
    Column("parent", Clear, nullable=False),
    Column("place", Ordered, nullable=False),
    Column("cause", Clear, nullable=False),
    Column("currency", Clear, nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("difference", BigInteger, nullable=False),
    Column("first_seen", Moment, nullable=False),
    Column("last_seen", Moment, nullable=False),
    Column("closed_at", Moment),
    Column("content", Text, nullable=False),
    Column("words", LargeBinary),
    Index(None, "connection", "period", "state", "type"),
    Index(None, "connection", "period", "type", "place"),
    Index(None, "connection", "period", "match"),
)

tieout_movements = Table(
    "tieout_movements",
    metadata,
    Column("run", Integer, primary_key=True, autoincrement=False),
    Column("party", Clear, primary_key=True),
    Column("currency", Clear, primary_key=True),
    *(
        Column(f"{side}_{name}", BigInteger, nullable=False)
        for side in ("source", "target")
        for name in ("opening", "invoices", "credits", "receipts", "adjustments")
    ),
    Column("differs", Boolean, nullable=False),
    Column("unexplained", BigInteger, nullable=False, server_default="0"),
    Index(None, "run", "differs"),
)

sign_offs = Table(
    "sign_offs",
    metadata,
    Column("connection", Clear, primary_key=True),
    Column("period", Clear, primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("state", Clear, nullable=False),
    Column("digest", Clear, nullable=False),
    Column("at", Moment, nullable=False),
    Column("content", LargeBinary, nullable=False),
)

audit_entries = Table(
    "audit_entries",
    metadata,
    Column("connection", Clear, primary_key=True),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("kind", Clear, nullable=False),
    Column("source_id", Clear, nullable=False),
    Column("at", Moment, nullable=False),
    Column("what", Clear, nullable=False),
    Column("hash", Clear, nullable=False),
    Column("content", LargeBinary, nullable=False),
    Column("words", LargeBinary),
    Index(None, "connection", "kind", "source_id"),
)

audit_heads = Table(
    "audit_heads",
    metadata,
    Column("connection", Clear, primary_key=True),
    Column("entries", Integer, nullable=False),
    Column("hash", Clear, nullable=False),
    Column("seal", LargeBinary, nullable=False),
)

BREAK_WORDS = EncryptedColumn(tieout_breaks, "words", ("connection", "period", "break_id"))
SIGN_OFF_CONTENT = EncryptedColumn(sign_offs, "content", ("connection", "period", "number"))
AUDIT_CONTENT = EncryptedColumn(audit_entries, "content", ("connection", "seq"))
AUDIT_WORDS = EncryptedColumn(audit_entries, "words", ("connection", "seq"))
AUDIT_SEAL = EncryptedColumn(audit_heads, "seal", ("connection",))
