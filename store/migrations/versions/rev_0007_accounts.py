"""Accounts of the sign-in provider are bound to persons."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    subject = sa.Column[str]("subject", sa.String(), nullable=False, server_default="")
    op.add_column("persons", subject)


def downgrade() -> None:
    raise NotImplementedError("the schema only moves forward: restore the backup instead")
