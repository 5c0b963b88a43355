"""Claims of several expenses: their parts, and what people answered about them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "claim_parts",
        *(sa.Column(n, sa.String(), nullable=False) for n in ("connection", "claim", "source_id")),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("told", sa.Boolean(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("connection", "claim", "source_id", name=op.f("pk_claim_parts")),
    )
    name = op.f("ix_claim_parts_connection_source_id")
    op.create_index(name, "claim_parts", ["connection", "source_id"])
    op.create_table(
        "claim_reviews",
        *(sa.Column(n, sa.String(), nullable=False) for n in ("connection", "claim")),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("connection", "claim", name=op.f("pk_claim_reviews")),
    )


def downgrade() -> None:
    raise NotImplementedError("the schema only moves forward: restore the backup instead")
