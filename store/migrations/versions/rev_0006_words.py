"""What people say about a break is encrypted, and a record that was forgotten is still ours."""

from __future__ import annotations

import json

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_IN_CLEAR = ("how", "proposer", "proof")
_BREAKS = sa.table(
    "tieout_breaks",
    *(sa.column(n) for n in ("connection", "period", "break_id", "state", "content")),
)


def upgrade() -> None:
    op.add_column("tieout_breaks", sa.Column("words", sa.LargeBinary()))
    op.add_column(
        "postings",
        sa.Column("forgotten", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
    _take_out_of_the_clear()


def _take_out_of_the_clear() -> None:
    """Keys are not at hand here, so the words go: they are in the audit journal too, and a
    proposal is made again."""
    connection, c = op.get_bind(), _BREAKS.c
    for row in connection.execute(sa.select(_BREAKS)).all():
        content = json.loads(row.content)
        if not any(content.get(name) for name in _IN_CLEAR):
            continue
        kept = {name: value for name, value in content.items() if name not in _IN_CLEAR}
        same = sa.and_(
            c.connection == row.connection, c.period == row.period, c.break_id == row.break_id
        )
        state = "open" if row.state == "proposed" else row.state
        connection.execute(
            _BREAKS.update().where(same).values(content=json.dumps(kept), state=state)
        )


def downgrade() -> None:
    raise NotImplementedError("the schema only moves forward: restore the backup instead")
