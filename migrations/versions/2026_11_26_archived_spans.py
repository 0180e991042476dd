"""Keep from when to when a cloud account was archived, so that restoring one charges no month in between."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0099"
down_revision = "0098"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("cloud_accounts") as batch:
        batch.add_column(sa.Column("archived_spans", sa.JSON(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("cloud_accounts") as batch:
        batch.drop_column("archived_spans")
