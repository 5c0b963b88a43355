"""What a target said it created and does not show is remembered with its send."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("postings", sa.Column[str]("send_acknowledged", sa.String()))


def downgrade() -> None:
    raise NotImplementedError("the schema only moves forward: restore the backup instead")
