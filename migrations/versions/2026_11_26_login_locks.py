"""Locks of logins after failures, of the password and of the code apart."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True).with_variant(sa.DateTime(), "sqlite")
COUNTS = ("lock_count", "code_fail_count", "code_lock_count")
MOMENTS = ("locked_until", "code_locked_until")


def upgrade() -> None:
    # Not in a batch, and with a default that stays: SQLite would copy the table of all logins.
    for name in COUNTS:
        op.add_column("ab_user", sa.Column(name, sa.Integer(), nullable=False, server_default="0"))
    for name in MOMENTS:
        op.add_column("ab_user", sa.Column(name, MOMENT, nullable=True))


def downgrade() -> None:
    for name in (*MOMENTS, *COUNTS):
        op.drop_column("ab_user", name)
