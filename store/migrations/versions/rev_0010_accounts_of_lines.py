"""The account of a staged line, for control totals by account."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    column = sa.Column[str]("account", sa.String(), nullable=False, server_default="")
    op.add_column("tieout_lines", column)


def downgrade() -> None:
    raise NotImplementedError("the schema only moves forward: restore the backup instead")
