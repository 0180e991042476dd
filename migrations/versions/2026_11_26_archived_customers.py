"""Keep the day on which a customer was archived: later months have no statement."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0093"
down_revision = "0092"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("customers", sa.Column("archived_on", sa.Date(), nullable=True))
    op.execute(
        "UPDATE customers SET archived_on = CAST(updated_at AS DATE) WHERE status = 'archived'"
        if op.get_bind().dialect.name == "postgresql"
        else "UPDATE customers SET archived_on = date(updated_at) WHERE status = 'archived'"
    )


def downgrade() -> None:
    op.drop_column("customers", "archived_on")
