"""What of a customer's difference no listed break explains stands beside the movements."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    column = sa.Column[int]("unexplained", sa.BigInteger(), nullable=False, server_default="0")
    op.add_column("tieout_movements", column)


def downgrade() -> None:
    raise NotImplementedError("the schema only moves forward: restore the backup instead")
