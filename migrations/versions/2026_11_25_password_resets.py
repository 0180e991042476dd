"""Links that set a new password."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Not in a batch, and a unique index instead of a constraint: SQLite would copy the table of all logins.
    op.add_column("ab_user", sa.Column("reset_hash", sa.String(length=64), nullable=True))
    op.add_column(
        "ab_user",
        sa.Column(
            "reset_expires_at",
            sa.DateTime(timezone=True).with_variant(sa.DateTime(), "sqlite"),
            nullable=True,
        ),
    )
    op.create_index("ix_ab_user_reset_hash", "ab_user", ["reset_hash"], unique=True)


def downgrade() -> None:
    op.drop_index("ix_ab_user_reset_hash", table_name="ab_user")
    op.drop_column("ab_user", "reset_expires_at")
    op.drop_column("ab_user", "reset_hash")
