"""Keep which exchange rates a statement lacked, so that the list can lead to them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0098"
down_revision = "0097"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("billing_outcomes") as batch:
        batch.add_column(sa.Column("missing_rates", sa.JSON(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("billing_outcomes") as batch:
        batch.drop_column("missing_rates")
