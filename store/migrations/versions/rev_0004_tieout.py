"""The tie-out: staged lines, breaks, movements, sign-offs; and the audit journal."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _runs()
    _lines()
    _breaks()
    _movements()
    _sign_offs()
    _audit()


def downgrade() -> None:
    raise NotImplementedError("the schema only moves forward: restore the backup instead")


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.String(), nullable=False)


def _ordered(name: str) -> sa.Column[str]:
    """Ordered by code points in both databases."""
    kind = sa.String().with_variant(sa.String(collation="C"), "postgresql")
    return sa.Column(name, kind, nullable=False)


def _number(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), nullable=False)


def _big(name: str, *, nullable: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), nullable=nullable)


def _moment(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _index(table: str, *columns: str) -> None:
    op.create_index(f"ix_{table}_{'_'.join(columns)}", table, list(columns))


def _runs() -> None:
    op.create_table(
        "tieout_runs",
        sa.Column("run", sa.Integer(), nullable=False, autoincrement=True),
        _text("connection"),
        _text("period"),
        _text("workflow_run"),
        _moment("started_at"),
        _moment("finished_at", nullable=True),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("run", name="pk_tieout_runs"),
    )
    _index("tieout_runs", "connection", "period", "run")


def _lines() -> None:
    op.create_table(
        "tieout_lines",
        sa.Column("run", sa.Integer(), nullable=False, autoincrement=False),
        _text("side"),
        _ordered("match"),
        _ordered("entry"),
        _text("kind"),
        _text("currency"),
        _big("amount"),
        _big("tax", nullable=True),
        _number("day"),
        _text("party"),
        _text("applied"),
        _big("rate", nullable=True),
        _big("open", nullable=True),
        _number("posted"),
        _text("number"),
        _text("reference"),
        _big("base", nullable=True),
        _number("generation"),
        _number("marks"),
        _big("changed"),
        sa.PrimaryKeyConstraint("run", "side", "match", "entry", name="pk_tieout_lines"),
    )


def _breaks() -> None:
    names = ("type", "kind", "state", "match", "parent")
    op.create_table(
        "tieout_breaks",
        _text("connection"),
        _text("period"),
        _ordered("break_id"),
        _number("run"),
        *(_text(name) for name in names),
        _ordered("place"),
        _text("cause"),
        _text("currency"),
        _big("amount"),
        _big("difference"),
        _moment("first_seen"),
        _moment("last_seen"),
        _moment("closed_at", nullable=True),
        sa.Column("content", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("connection", "period", "break_id", name="pk_tieout_breaks"),
    )
    _index("tieout_breaks", "connection", "period", "state", "type")
    _index("tieout_breaks", "connection", "period", "type", "place")
    _index("tieout_breaks", "connection", "period", "match")


def _movements() -> None:
    names = ("opening", "invoices", "credits", "receipts", "adjustments")
    op.create_table(
        "tieout_movements",
        sa.Column("run", sa.Integer(), nullable=False, autoincrement=False),
        _text("party"),
        _text("currency"),
        *(_big(f"{side}_{name}") for side in ("source", "target") for name in names),
        sa.Column("differs", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("run", "party", "currency", name="pk_tieout_movements"),
    )
    _index("tieout_movements", "run", "differs")


def _sign_offs() -> None:
    op.create_table(
        "sign_offs",
        _text("connection"),
        _text("period"),
        sa.Column("number", sa.Integer(), nullable=False, autoincrement=False),
        _text("state"),
        _text("digest"),
        _moment("at"),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("connection", "period", "number", name="pk_sign_offs"),
    )


def _audit() -> None:
    op.create_table(
        "audit_entries",
        _text("connection"),
        sa.Column("seq", sa.Integer(), nullable=False, autoincrement=False),
        _text("kind"),
        _text("source_id"),
        _moment("at"),
        _text("what"),
        _text("hash"),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("words", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("connection", "seq", name="pk_audit_entries"),
    )
    _index("audit_entries", "connection", "kind", "source_id")
    op.create_table(
        "audit_heads",
        _text("connection"),
        _number("entries"),
        _text("hash"),
        sa.Column("seal", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("connection", name="pk_audit_heads"),
    )
