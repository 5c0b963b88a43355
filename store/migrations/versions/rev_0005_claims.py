"""What was claimed: the expenses, so that the same one is recognised when it comes again."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_TEXTS = (
    "connection",
    "source_id",
    "person",
    "day",
    "category",
    "vendor_digest",
    "currency",
    "receipt_reference",
    "receipt_digest",
    "receipt_kind",
)


def upgrade() -> None:
    op.create_table(
        "claims",
        *(sa.Column(name, sa.String(), nullable=False) for name in _TEXTS),
        sa.Column("amount_millionths", sa.BigInteger(), nullable=False),
        sa.Column("receipt_size", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("connection", "source_id", name=op.f("pk_claims")),
    )
    for columns in (("connection", "person", "day"), ("connection", "receipt_digest")):
        op.create_index(op.f("ix_claims_" + "_".join(columns)), "claims", list(columns))


def downgrade() -> None:
    raise NotImplementedError("the schema only moves forward: restore the backup instead")
