"""The first schema: documents, postings, references, secrets, leases."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    _documents()
    _postings()
    _target_numbers()
    _cross_references()
    _secrets()
    _callbacks()
    _shared_by_processes()


def downgrade() -> None:
    raise NotImplementedError("the schema only moves forward: restore the backup instead")


def _text(name: str, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.String(), nullable=nullable)


def _moment(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _number(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), nullable=False)


def _encrypted(name: str, *, nullable: bool = False) -> sa.Column[bytes]:
    return sa.Column(name, sa.LargeBinary(), nullable=nullable)


def _amount() -> tuple[sa.Column[int], sa.Column[str]]:
    return sa.Column("amount_millionths", sa.BigInteger()), _text("currency", nullable=True)


def _create(table: str, key: tuple[str, ...], *parts: sa.schema.SchemaItem) -> None:
    op.create_table(table, *parts, sa.PrimaryKeyConstraint(*key, name=f"pk_{table}"))


def _index(table: str, *columns: str) -> None:
    op.create_index(f"ix_{table}_{'_'.join(columns)}", table, list(columns))


def _documents() -> None:
    _create(
        "documents",
        ("connection", "kind", "source_id"),
        _text("connection"),
        _text("kind"),
        _text("source_id"),
        _text("source_number"),
        _text("party_id"),
        _text("parent_id"),
        _text("state"),
        *_amount(),
        _number("generation"),
        _text("fingerprint"),
        _text("target_number"),
        _text("target_party"),
        _number("reversed_count"),
        _text("hold_cause", nullable=True),
        _text("hold_class", nullable=True),
        _moment("held_since", nullable=True),
        _encrypted("details", nullable=True),
        sa.Column("closed", sa.Boolean(), nullable=False),
        _moment("received_at"),
        _moment("updated_at"),
        _number("version"),
    )
    _index("documents", "connection", "kind", "parent_id")
    _index("documents", "connection", "source_number")
    _index("documents", "connection", "target_number")
    _index("documents", "connection", "party_id")
    _index("documents", "state", "held_since")
    _index("documents", "connection", "received_at")


def _postings() -> None:
    identity = ("connection", "kind", "source_id", "generation")
    _create(
        "postings",
        ("key",),
        _text("key"),
        _text("connection"),
        _text("kind"),
        _text("source_id"),
        _number("generation"),
        _text("state"),
        _text("number"),
        *_amount(),
        _encrypted("record", nullable=True),
        _text("send_id", nullable=True),
        _text("send_operation", nullable=True),
        _moment("send_at", nullable=True),
        _moment("send_deadline", nullable=True),
        _moment("in_doubt_since", nullable=True),
        _number("version"),
        sa.UniqueConstraint(*identity, name=f"uq_postings_{'_'.join(identity)}"),
    )


def _target_numbers() -> None:
    _create(
        "target_numbers",
        ("connection", "target_kind", "number"),
        _text("connection"),
        _text("target_kind"),
        _text("number"),
        _text("kind"),
        _text("source_id"),
        _text("key", nullable=True),
    )


def _cross_references() -> None:
    _create(
        "cross_references",
        ("connection", "kind", "source_id"),
        _text("connection"),
        _text("kind"),
        _text("source_id"),
        _text("source_number"),
        _text("target_number"),
    )
    _index("cross_references", "connection", "kind", "target_number")


def _secrets() -> None:
    _create(
        "tokens",
        ("connection",),
        _text("connection"),
        _encrypted("content", nullable=True),
        _text("refresh_digest", nullable=True),
        _moment("refresh_since", nullable=True),
    )
    _create(
        "credentials",
        ("connection", "name"),
        _text("connection"),
        _text("name"),
        _encrypted("secret"),
    )
    _create("key_checks", ("name",), _text("name"), _encrypted("content"))


def _callbacks() -> None:
    _create(
        "callbacks",
        ("connection", "callback_id", "digest"),
        _text("connection"),
        _text("callback_id"),
        _text("digest"),
        _text("event"),
        _text("uri"),
        _encrypted("verifier"),
        sa.Column("pending", sa.Boolean(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        _moment("since"),
    )


def _shared_by_processes() -> None:
    _create(
        "leases",
        ("name",),
        _text("name"),
        _text("holder"),
        sa.Column("expires_micros", sa.BigInteger(), nullable=False),
    )
    _create(
        "rates",
        ("name",),
        _text("name"),
        sa.Column("horizon_micros", sa.BigInteger(), nullable=False),
    )
