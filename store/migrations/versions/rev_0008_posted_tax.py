"""The tax and the document date of a posting stand beside its amount, for the tie-out."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("postings", sa.Column[int]("tax_millionths", sa.BigInteger()))
    op.add_column("postings", sa.Column[int]("document_day", sa.Integer()))


def downgrade() -> None:
    raise NotImplementedError("the schema only moves forward: restore the backup instead")
