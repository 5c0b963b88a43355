"""The tables, and which of their columns are encrypted.

In clear stand ids, numbers, kinds, states, cause codes, amounts, currencies and moments: what is
searched, sorted or summed. Everything that names a person, tells a reason or opens a door is
encrypted, bound to its own row. The tables of the tie-out and of the audit
journal, which is written in the same transaction as what it records, are in `store.tieout_tables`.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    LargeBinary,
    Table,
    UniqueConstraint,
)

from store.claim_tables import CLAIM_PART, CLAIM_REVIEW
from store.columns import Clear, Moment
from store.schema import EncryptedColumn as EncryptedColumn
from store.schema import metadata as metadata
from store.tieout_tables import (
    AUDIT_CONTENT,
    AUDIT_SEAL,
    AUDIT_WORDS,
    BREAK_WORDS,
    SIGN_OFF_CONTENT,
)

documents = Table(
    "documents",
    metadata,
    Column("connection", Clear, primary_key=True),
    Column("kind", Clear, primary_key=True),
    Column("source_id", Clear, primary_key=True),
    Column("source_number", Clear, nullable=False),
    Column("party_id", Clear, nullable=False),
    Column("parent_id", Clear, nullable=False),
    Column("state", Clear, nullable=False),
    Column("amount_millionths", BigInteger),
    Column("currency", Clear),
    Column("generation", Integer, nullable=False),
    Column("fingerprint", Clear, nullable=False),
    Column("target_number", Clear, nullable=False),
    Column("target_party", Clear, nullable=False),
    Column("reversed_count", Integer, nullable=False),
    Column("hold_cause", Clear),
    Column("hold_class", Clear),
    Column("held_since", Moment),
    Column("details", LargeBinary),
    Column("closed", Boolean, nullable=False),
    Column("received_at", Moment, nullable=False),
    Column("updated_at", Moment, nullable=False),
    Column("version", Integer, nullable=False),
    Index(None, "connection", "kind", "parent_id"),
    Index(None, "connection", "source_number"),
    Index(None, "connection", "target_number"),
    Index(None, "connection", "party_id"),
    Index(None, "state", "held_since"),
    Index(None, "connection", "received_at"),
)

postings = Table(
    "postings",
    metadata,
    Column("key", Clear, primary_key=True),
    Column("connection", Clear, nullable=False),
    Column("kind", Clear, nullable=False),
    Column("source_id", Clear, nullable=False),
    Column("generation", Integer, nullable=False),
    Column("state", Clear, nullable=False),
    Column("number", Clear, nullable=False),
    Column("amount_millionths", BigInteger),
    Column("currency", Clear),
    Column("tax_millionths", BigInteger),
    Column("document_day", Integer),
    Column("record", LargeBinary),
    Column("forgotten", Boolean, nullable=False),
    Column("send_id", Clear),
    Column("send_operation", Clear),
    Column("send_at", Moment),
    Column("send_deadline", Moment),
    Column("send_acknowledged", Clear),
    Column("in_doubt_since", Moment),
    Column("version", Integer, nullable=False),
    UniqueConstraint("connection", "kind", "source_id", "generation"),
)

target_numbers = Table(
    "target_numbers",
    metadata,
    Column("connection", Clear, primary_key=True),
    Column("target_kind", Clear, primary_key=True),
    Column("number", Clear, primary_key=True),
    Column("kind", Clear, nullable=False),
    Column("source_id", Clear, nullable=False),
    Column("key", Clear),
)

cross_references = Table(
    "cross_references",
    metadata,
    Column("connection", Clear, primary_key=True),
    Column("kind", Clear, primary_key=True),
    Column("source_id", Clear, primary_key=True),
    Column("source_number", Clear, nullable=False),
    Column("target_number", Clear, nullable=False),
    Index(None, "connection", "kind", "target_number"),
)

tokens = Table(
    "tokens",
    metadata,
    Column("connection", Clear, primary_key=True),
    Column("content", LargeBinary),
    Column("refresh_digest", Clear),
    Column("refresh_since", Moment),
)

credentials = Table(
    "credentials",
    metadata,
    Column("connection", Clear, primary_key=True),
    Column("name", Clear, primary_key=True),
    Column("secret", LargeBinary, nullable=False),
)

callbacks = Table(
    "callbacks",
    metadata,
    Column("connection", Clear, primary_key=True),
    Column("callback_id", Clear, primary_key=True),
    Column("digest", Clear, primary_key=True),
    Column("event", Clear, nullable=False),
    Column("uri", Clear, nullable=False),
    Column("verifier", LargeBinary, nullable=False),
    Column("pending", Boolean, nullable=False),
    Column("active", Boolean, nullable=False),
    Column("since", Moment, nullable=False),
)

persons = Table(
    "persons",
    metadata,
    Column("person_id", Clear, primary_key=True),
    Column("name", LargeBinary, nullable=False),
    Column("role", Clear, nullable=False),
    Column("digest", Clear, nullable=False),
    Column("subject", Clear, nullable=False),
    Column("since", Moment, nullable=False),
    Column("revoked_at", Moment),
)

sightings = Table(
    "sightings",
    metadata,
    Column("connection", Clear, primary_key=True),
    Column("kind", Clear, primary_key=True),
    Column("source_id", Clear, primary_key=True),
    Column("looked", Clear, nullable=False),
    Column("handed", Clear, nullable=False),
    Column("at", Moment, nullable=False),
    Index(None, "connection", "at"),
)

watermarks = Table(
    "watermarks",
    metadata,
    Column("connection", Clear, primary_key=True),
    Column("name", Clear, primary_key=True),
    Column("at", Moment, nullable=False),
)

alerts = Table(
    "alerts",
    metadata,
    Column("connection", Clear, primary_key=True),
    Column("channel", Clear, primary_key=True),
    Column("cause", Clear, primary_key=True),
    Column("first_at", Moment, nullable=False),
    Column("seen_at", Moment, nullable=False),
    Column("told_at", Moment, nullable=False),
    Column("times", Integer, nullable=False),
    Column("number", Integer, nullable=False),
)

leases = Table(
    "leases",
    metadata,
    Column("name", Clear, primary_key=True),
    Column("holder", Clear, nullable=False),
    Column("expires_micros", BigInteger, nullable=False),
)

rates = Table(
    "rates",
    metadata,
    Column("name", Clear, primary_key=True),
    Column("horizon_micros", BigInteger, nullable=False),
)

key_checks = Table(
    "key_checks",
    metadata,
    Column("name", Clear, primary_key=True),
    Column("content", LargeBinary, nullable=False),
)


DOCUMENT_DETAILS = EncryptedColumn(documents, "details", ("connection", "kind", "source_id"))
POSTING_RECORD = EncryptedColumn(postings, "record", ("key",))
TOKEN_CONTENT = EncryptedColumn(tokens, "content", ("connection",))
CREDENTIAL_SECRET = EncryptedColumn(credentials, "secret", ("connection", "name"))
CALLBACK_VERIFIER = EncryptedColumn(callbacks, "verifier", ("connection", "callback_id", "digest"))
PERSON_NAME = EncryptedColumn(persons, "name", ("person_id",))
KEY_CHECK = EncryptedColumn(key_checks, "content", ("name",))

ENCRYPTED = (
    DOCUMENT_DETAILS,
    POSTING_RECORD,
    TOKEN_CONTENT,
    CREDENTIAL_SECRET,
    CALLBACK_VERIFIER,
    PERSON_NAME,
    CLAIM_PART,
    CLAIM_REVIEW,
    KEY_CHECK,
    BREAK_WORDS,
    SIGN_OFF_CONTENT,
    AUDIT_CONTENT,
    AUDIT_WORDS,
    AUDIT_SEAL,
)
