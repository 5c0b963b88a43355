"""What a sweep remembers: versions it handed over, how far it came, what was told of trouble."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _sightings()
    _watermarks()
    _alerts()


def downgrade() -> None:
    raise NotImplementedError("the schema only moves forward: restore the backup instead")


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.String(), nullable=False)


def _moment(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _sightings() -> None:
    op.create_table(
        "sightings",
        _text("connection"),
        _text("kind"),
        _text("source_id"),
        _text("looked"),
        _text("handed"),
        _moment("at"),
        sa.PrimaryKeyConstraint("connection", "kind", "source_id", name="pk_sightings"),
    )
    op.create_index("ix_sightings_connection_at", "sightings", ["connection", "at"])


def _watermarks() -> None:
    op.create_table(
        "watermarks",
        _text("connection"),
        _text("name"),
        _moment("at"),
        sa.PrimaryKeyConstraint("connection", "name", name="pk_watermarks"),
    )


def _alerts() -> None:
    op.create_table(
        "alerts",
        _text("connection"),
        _text("channel"),
        _text("cause"),
        _moment("first_at"),
        _moment("seen_at"),
        _moment("told_at"),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("connection", "channel", "cause", name="pk_alerts"),
    )
